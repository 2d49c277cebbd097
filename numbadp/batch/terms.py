"""What a release was asked for, as plain text that two asks can be compared by.

The terms of a release are its options as they were given, not what they came to for one picture: so
a worker compares them before it opens the picture.  All of them are public.
"""

import hashlib

import numpy as np

from numbadp.checks import shown
from numbadp.errors import OptionError, OptionTypeError
from numbadp.inputs import plain_boxes
from numbadp.mechanism.choices import as_layout
from numbadp.plan.layout import Layout
from numbadp.plan.rules import ExactLayout, PrivateLayout

# Options of `numbadp.pixelize` that a batch takes beside epsilon, m and ledger.
OPTIONS = {"cell": "auto", "layout": "free", "planes": "auto", "boxes": None, "rim": "coded"}
_NOT_PART = ("backend",)  # every backend draws the same noise for the same key
_SHORT = 200  # letters that are kept as they are


def checked_options(options) -> dict:
    """Take further options of `numbadp.pixelize`.

    Parameters
    ----------
    options : mapping or None
        From names to values.

    Returns
    -------
    dict
        All options, those that were not given at their defaults.

    Raises
    ------
    OptionTypeError, OptionError
        If it is no mapping, or a name is unknown.
    """
    known = {**OPTIONS, "backend": "auto"}
    if options is None:
        return known
    try:
        given = dict(options)
    except (TypeError, ValueError):
        raise OptionTypeError(
            f"options must be a dictionary; got {shown(options)}. Pass {{'layout': 'uniform'}}."
        ) from None
    unknown = [str(name) for name in given if name not in known]
    if unknown:
        raise OptionError(
            f"options has {', '.join(unknown)}; known are {', '.join(known)}. Epsilon, m and "
            "ledger are arguments of their own."
        )
    whole = {**known, **given}
    return {
        **whole, "layout": as_layout(whole["layout"]), "boxes": plain_boxes(whole["boxes"])
    }  # fmt: skip


def terms_of(epsilon, m: int, options: dict, detect: str | None) -> dict:
    """Write down what releases are asked for.

    Parameters
    ----------
    epsilon : Fraction
        Privacy loss of a picture.
    m : int
        Number of pixels that a neighbour may change.
    options : dict
        As of `checked_options`.
    detect : str or None
        Name of what finds boxes.

    Returns
    -------
    dict
        From names to texts.
    """
    terms = {"epsilon": str(epsilon), "m": str(m)}
    for name, value in options.items():
        if name not in _NOT_PART:
            terms[name] = _brief(_TEXTS.get(name, str)(value))
    return {**terms, "detect": _brief(str(detect))}


def difference(stored: dict, asked: dict) -> str:
    """Say how two terms differ.

    Parameters
    ----------
    stored, asked : dict
        As of `terms_of`; the first may come from a file.

    Returns
    -------
    str
        For example ``"epsilon 1, not 2"``; empty if they are equal.
    """
    names = [name for name in {**asked, **stored} if stored.get(name) != asked.get(name)]
    return ", ".join(
        f"{str(name)[:_SHORT]} {str(stored.get(name))[:_SHORT]}, not {asked.get(name)}"
        for name in names
    )


def _layout_text(layout) -> str:
    if isinstance(layout, (str, PrivateLayout, ExactLayout)):
        return str(layout)
    if not isinstance(layout, Layout):
        return type(layout).__name__  # planning refuses it
    digest = hashlib.sha256(repr((layout.kind, layout.shape, layout.cell)).encode())
    if layout.levels is not None:
        digest.update(layout.levels.tobytes())
    digest.update(repr(layout.guarantee).encode())
    return f"{layout.kind} leaves {digest.hexdigest()}"


def _boxes_text(boxes) -> str:
    if boxes is None:
        return "None"
    try:  # an array's own text leaves out its middle
        return str(np.asarray(boxes).tolist())
    except ValueError:  # planning refuses them
        return type(boxes).__name__


_TEXTS = {"layout": _layout_text, "boxes": _boxes_text}


def _brief(text: str) -> str:
    if len(text) <= _SHORT:
        return text
    return f"{text[:40]}... {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
