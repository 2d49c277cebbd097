"""A callable for every engine: batches of pictures in, what the store holds for them out."""

import os
import warnings
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

from numbadp.accounting.ledger import Ledger
from numbadp.accounting.ledger.charging import check_ledger
from numbadp.batch.boxes import detector_name
from numbadp.batch.columns import is_table, read_columns, read_list, with_columns
from numbadp.batch.identity import checked_id
from numbadp.batch.measuring import Ask, Outcome, do_input, paint
from numbadp.batch.store import Store
from numbadp.batch.terms import checked_options, terms_of
from numbadp.checks import shown
from numbadp.errors import BatchError, NumbadpError, OptionError, OptionTypeError, PictureWarning
from numbadp.inputs import check_on_none
from numbadp.mechanism import Pixelizer
from numbadp.pictures import MAX_PIXELS
from numbadp.plan.epsilon import exact_epsilon
from numbadp.release.views import check_drawing

_KEPT = 32  # Pixelizers, one a shape
_SHOWN = 3  # failures that a message names


@dataclass(eq=False, repr=False)
class Pixelize:
    """Releases pictures once each, whoever calls it how often.

    It can be pickled, imports no engine, and builds its Pixelizers in the process that uses them.
    Call it with

    - a path of a picture or a video: gives the path of its release, of a video that of the clip of
      all its frames;
    - a list, or any other iterable, of paths: a list of paths (``concurrent.futures``, Dask's
      ``bag.map_partitions``, a DataLoader's ``collate_fn``);
    - a list of pictures (bytes of files, arrays, PIL images) with ``ids=``;
    - a dictionary of columns with ``"path"``, or with ``"bytes"`` or ``"image"`` beside ``"path"``
      or ``"id"``: the dictionary with the new column ``"release"`` (Ray Data's ``map_batches``,
      ``datasets.map``); a row of single values likewise;
    - a data frame with such columns (Dask's and pandas' frames): a data frame.

    With a style the releases are painted as well: PNG files as bytes in place of paths, or in the
    column ``"picture"``; MP4 files of videos.

    Parameters
    ----------
    epsilon : int, str, Fraction, Decimal or float
        Privacy loss of one picture, or of one frame of a video.
    m : int, default 16
        Number of pixels that a neighbour may change.
    store : Store
        Where releases are published; a picture that has one is not measured again.
    style : {None, "mosaic", "smooth", "blocks", "cells"}, default None
        What to paint.
    effort : {"default", "best", "tv"}
        Work that goes into painting it, as for `Release.render`.
    detect : str or callable, optional
        What finds the boxes to cover, from an array; ``"faces"`` needs the extra ``faces``.
    on_none : {"fail", "whole"}
        What becomes of a picture, or a frame, in which it finds nothing.
    ledger : Ledger, optional
        In a file; charged by this process at every try that measures, of a video for all frames at
        once: never too little, and too much by the tries that died.  To charge a job once an input,
        charge it where it is driven (`numbadp.batch.charging`).
    options : dict, optional
        Further options of `numbadp.pixelize`: cell, layout, planes, boxes, rim, backend.
    max_pixels : int
        Refuse larger pictures before they are decoded.

    Raises
    ------
    NumbadpError
        If an option makes no sense.

    Warns
    -----
    PictureWarning
        Where a file says what changes what is measured, as `numbadp.pixelize` does.

    Examples
    --------
    >>> import numbadp
    >>> pixelize = numbadp.batch.Pixelize(epsilon=1, m=16, store=numbadp.Store("releases"))
    >>> pixelize([])
    []
    """

    epsilon: Any
    m: int = 16
    _: KW_ONLY
    store: Store = None  # type: ignore[assignment]  # refused below, with the reason
    style: str | None = None
    effort: str = "default"
    detect: Any = None
    on_none: str = "fail"
    ledger: Ledger | None = None
    options: Any = None
    max_pixels: int = MAX_PIXELS

    def __post_init__(self):
        _check_store(self.store)
        check_drawing("mosaic" if self.style is None else self.style, self.effort)
        check_ledger(self.ledger)
        self.options = checked_options(self.options)
        _check_on_none(self.on_none)
        found_by = detector_name(self.detect, self.on_none)
        boxes, rim = self.options["boxes"], self.options["rim"]
        if self.detect is not None and boxes is not None:
            raise OptionError("boxes and detect exclude each other. Pass one of them.")
        self.epsilon = exact_epsilon(self.epsilon)
        self._kept: dict = {}
        plan = self.pixelizer((1, 1), None, None).plan  # any shape shows what is wrong
        self.m = plan.m
        terms = terms_of(self.epsilon, self.m, self.options, found_by)
        self._asked = Ask(terms, self.detect, boxes, rim, self.max_pixels, self)

    def __call__(self, batch, ids=None):
        """Release what has no release yet, and say where all releases are.

        Parameters
        ----------
        batch : path, iterable, mapping of columns, or data frame
            As above.
        ids : iterable of str, optional
            Ids of a list; paths have their own.

        Returns
        -------
        str, bytes, list, dict or data frame
            As above.

        Raises
        ------
        BatchError
            If some inputs failed; all others are done, and in the store.
        NumbadpError
            If a single input failed, or the batch makes no sense.
        """
        if isinstance(batch, (str, os.PathLike)):
            return self._given(self.do(batch, None if ids is None else ids))
        if is_table(batch):
            return with_columns(batch, self._of_columns)
        return [self._given(outcome) for outcome in self._all(*read_list(batch, ids))]

    def do(self, content, identity: str | None = None, detect=None) -> Outcome:
        """Release one input, unless it has a release.

        Parameters
        ----------
        content : path, bytes, ndarray or PIL.Image.Image
            The input.
        identity : str, optional
            Its id; by default that of its path.
        detect : str or callable, optional
            What finds the boxes of this one, in place of those of the whole batch.

        Returns
        -------
        Outcome
            What the store holds, and what this try took.

        Raises
        ------
        NumbadpError
            If it cannot be read or measured, or a ledger or the store refuses.
        """
        if identity is None:
            if not isinstance(content, (str, os.PathLike)):
                raise OptionError(
                    "what is no path needs an id, by which it is known again. Pass ids=, or a "
                    'batch with the column "id".'
                )
            identity = self.store.id_of(content)
        return do_input(checked_id(identity), content, self._ask(detect), self.store)

    def _ask(self, detect) -> Ask:
        if detect is None:
            return self._asked
        options = {**self.options, "boxes": None}
        found_by = detector_name(detect, self.on_none)
        terms = terms_of(self.epsilon, self.m, options, found_by)
        return self._asked._replace(terms=terms, detect=detect, boxes=None)

    def pixelizer(self, shape: tuple[int, ...], boxes, mask) -> Pixelizer:
        """Plan for pictures of a shape, kept unless they have boxes of their own.

        Parameters
        ----------
        shape : tuple of int
            H x W or H x W x C.
        boxes, mask
            As for `numbadp.pixelize`.

        Returns
        -------
        Pixelizer
            Charges the ledger.
        """
        plain = boxes is None and mask is None
        kept = self._kept.get(shape) if plain else None
        if kept is not None:
            return kept
        options = {name: self.options[name] for name in ("cell", "layout", "planes", "backend")}
        made = Pixelizer(
            shape, epsilon=self.epsilon, m=self.m, boxes=boxes, mask=mask, ledger=self.ledger,
            **options,
        )  # fmt: skip
        if plain:
            if len(self._kept) >= _KEPT:
                self._kept = {}
            self._kept[shape] = made
        return made

    def _given(self, outcome: Outcome):
        for note in outcome.notes:
            warnings.warn(f"{outcome.id}: {note}.", PictureWarning, stacklevel=3)
        if self.style is None:
            return outcome.path
        return paint(self.store.get(outcome.id), self.style, self.effort)

    def _all(self, contents: list, ids: list) -> list[Outcome]:
        """Do every input, then tell of those that failed."""
        done, failures = [], []
        for content, identity in zip(contents, ids, strict=True):
            try:
                done.append(self.do(content, identity))
            except (NumbadpError, MemoryError) as error:
                failures.append((_named(content, identity), str(error) or "not enough memory"))
        if failures:
            lines = "; ".join(f"{name}: {reason}" for name, reason in failures[:_SHOWN])
            more = f"; and {len(failures) - _SHOWN} more" if len(failures) > _SHOWN else ""
            raise BatchError(
                f"{len(failures)} of {len(contents)} inputs failed, the others are in the store: "
                f"{lines}{more}",
                tuple(failures),
            )
        return done

    def _of_columns(self, columns: Mapping) -> dict[str, list]:
        """New columns of a batch."""
        contents, ids = read_columns(columns, self.store.id_of)
        done = self._all(contents, ids)
        given = [self._given(outcome) for outcome in done]
        new = {"release": [outcome.path for outcome in done]}
        return new if self.style is None else {**new, "picture": given}

    def __repr__(self) -> str:
        """What it releases, and where to."""
        return f"<Pixelize: epsilon = {self.epsilon}, m = {self.m}, into {self.store!r}>"

    def __getstate__(self) -> dict:
        return {**self.__dict__, "_kept": {}}


def _check_on_none(on_none) -> None:
    if check_on_none(on_none) == "copy":
        raise OptionError(
            "a picture that is merely copied has no release, and a store holds releases alone. "
            "Pass on_none='whole' or 'fail', or copy such pictures by numbadp.pixelize."
        )


def _check_store(store) -> None:
    if store is None:
        raise OptionError(
            "a batch needs a store: engines run tasks again, and every try would spend epsilon. "
            "Pass store=numbadp.Store('releases'); for a single release there is numbadp.pixelize."
        )
    if not isinstance(store, Store):
        raise OptionTypeError(f"store must be a numbadp.Store; got {shown(store)}.")


def _named(content, identity) -> str:
    name = content if identity is None else identity
    return str(name) if isinstance(name, (str, os.PathLike)) else type(content).__name__
