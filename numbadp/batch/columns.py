"""Batches as engines make them: lists, columns of a batch, single rows, data frames.

Conventions, of which no library is imported: Ray Data's ``map_batches`` passes dictionaries of
NumPy arrays (or data frames) and wants the same back; ``datasets.map`` dictionaries of lists, or
one row; Dask's ``map_partitions`` iterables or data frames; everything else lists.
"""

import os
from collections.abc import Mapping

import numpy as np

from numbadp.checks import shown
from numbadp.errors import OptionError, OptionTypeError

_CONTENTS = ("bytes", "image")  # columns that hold a picture itself
_NAMES = ("path", "id")


def is_table(batch) -> bool:
    """Tell whether a batch has columns.

    Parameters
    ----------
    batch : object
        As an engine passed it.

    Returns
    -------
    bool
        True for dictionaries and data frames.
    """
    return isinstance(batch, Mapping) or (hasattr(batch, "assign") and hasattr(batch, "columns"))


def with_columns(batch, make):
    """Add columns to a batch, in its own form.

    Parameters
    ----------
    batch : Mapping or data frame
        As of `is_table`.
    make : callable
        From a dictionary of lists to a dictionary of new lists.

    Returns
    -------
    dict or data frame
        A new one; new columns are arrays where the old ones are.

    Raises
    ------
    NumbadpError
        As `make`.
    """
    if not isinstance(batch, Mapping):
        return batch.assign(**make({name: list(batch[name]) for name in batch.columns}))
    first = next((batch[name] for name in (*_NAMES, *_CONTENTS) if name in batch), None)
    if isinstance(first, (str, os.PathLike)):  # one row
        new = make({name: [value] for name, value in batch.items()})
        return {**batch, **{name: values[0] for name, values in new.items()}}
    new = make(batch)
    if isinstance(first, np.ndarray):
        new = {name: _array_of(values) for name, values in new.items()}
    return {**batch, **new}


def read_columns(columns: Mapping, id_of) -> tuple[list, list[str]]:
    """Take inputs and ids from columns.

    Parameters
    ----------
    columns : Mapping
        From names to sequences: ``"path"``, or ``"bytes"`` or ``"image"`` beside ``"path"`` or
        ``"id"``.
    id_of : callable
        From a path to its id.

    Returns
    -------
    tuple of list and list of str
        Inputs, and the id of each.

    Raises
    ------
    OptionError
        If there are no such columns.
    """
    contents = [name for name in (*_CONTENTS, "path") if name in columns]
    if not contents or not any(name in columns for name in _NAMES):
        raise OptionError(
            'a batch needs the column "path", or "bytes" or "image" beside "id"; got '
            f"{', '.join(map(str, columns)) or 'none'}."
        )
    if "id" in columns:
        return list(columns[contents[0]]), list(map(str, columns["id"]))
    return list(columns[contents[0]]), [id_of(path) for path in columns["path"]]


def read_list(batch, ids) -> tuple[list, list]:
    """Take inputs and ids from a list.

    Parameters
    ----------
    batch : iterable
        Inputs; the bytes of one file, or one array of numbers, are one input.
    ids : str, iterable of str, or None
        One for each.

    Returns
    -------
    tuple of list and list
        Inputs, and the id of each or None.

    Raises
    ------
    OptionTypeError, OptionError
        If it is no list, or has another number of ids.
    """
    numbers = isinstance(batch, np.ndarray) and batch.dtype.kind not in "OSU"
    if numbers or isinstance(batch, (bytes, bytearray, memoryview)) or hasattr(batch, "getexif"):
        batch = [batch]
    try:
        contents = list(batch)
    except TypeError:
        raise OptionTypeError(
            "a batch must be a path, a list, a dictionary of columns or a data frame; got "
            f"{shown(batch)}."
        ) from None
    ids = [ids] if isinstance(ids, str) else ids
    ids = [None] * len(contents) if ids is None else list(ids)
    if len(ids) != len(contents):
        raise OptionError(f"{len(contents)} inputs have {len(ids)} ids. Pass one for each.")
    return contents, ids


def _array_of(values: list) -> np.ndarray:
    found = np.empty(len(values), object)
    found[:] = values
    return found
