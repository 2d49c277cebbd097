"""What finds boxes in a picture, by name or as a callable; no guarantee covers that looking."""

from importlib import import_module

from numbadp.checks import shown
from numbadp.errors import NumbadpError, OptionError, OptionTypeError, PictureError
from numbadp.inputs import plain_boxes

# Names, and where they lead: imported by the worker that uses them first.
_KNOWN = {"faces": ("numbadp.detect", "faces", "faces")}


def detector_name(detect, on_none: str = "fail") -> str | None:
    """Name what finds boxes, for the terms of a release.

    Parameters
    ----------
    detect : str, callable or None
        As `Pixelize` takes it.
    on_none : {"fail", "whole"}
        What becomes of a picture in which it finds nothing.

    Returns
    -------
    str or None
        None without one; with what it calls itself (``name``), such as a threshold.

    Raises
    ------
    OptionTypeError, OptionError
        If it is neither a known name nor a callable.
    """
    if detect is None:
        return None
    if isinstance(detect, str):
        if detect not in _KNOWN:
            raise OptionError(
                f"detect must be {' or '.join(_KNOWN)}, or a callable; got {shown(detect)}."
            )
        return detect + _or_else(on_none)
    if not callable(detect):
        raise OptionTypeError(
            f"detect must be a name or a callable that takes an array and gives boxes; got "
            f"{shown(detect)}."
        )
    kind = type(detect)
    named = detect if hasattr(detect, "__qualname__") else kind
    own = getattr(detect, "name", None)
    ending = f" {own}" if isinstance(own, str) else ""
    return f"{named.__module__}.{named.__qualname__}{ending}{_or_else(on_none)}"


def _or_else(on_none: str) -> str:
    return "" if on_none == "fail" else f", else {on_none}"


def find_boxes(detect, array, on_none: str = "fail") -> list[tuple[int, ...]] | None:
    """Find the boxes of a picture.

    Parameters
    ----------
    detect : str or callable
        As of `detector_name`; gives boxes in pixels, of any kind that `numbadp.pixelize` takes, or
        something with ``boxes``.
    array : ndarray of uint8
        The picture, H x W or H x W x C.
    on_none : {"fail", "whole"}
        What becomes of a picture in which there is none.

    Returns
    -------
    list of (left, top, right, bottom), or None
        In pixels, at least one; shares of a pixel are whole ones.  None for all of the picture.

    Raises
    ------
    PictureError
        If it fails; or if there is none, so that nothing of the picture would be protected.
    NumbadpError
        If what it gives are no boxes, or the name needs a package that is not installed.
    """
    boxes = boxes_or_none(detect, array)
    if not boxes and on_none == "fail":
        raise PictureError(
            "nothing was found in it, so nothing of it would be protected; cover all of such "
            "pictures (on_none='whole', --on-none whole), or give the boxes"
        )
    return boxes or None


def boxes_or_none(detect, array) -> list[tuple[int, ...]]:
    """Look for boxes, of which there may be none.

    Parameters
    ----------
    detect, array
        As for `find_boxes`.

    Returns
    -------
    list of (left, top, right, bottom)
        As there, or empty.

    Raises
    ------
    PictureError, NumbadpError
        As there, if it fails or gives no boxes.
    """
    finder = _resolved(detect) if isinstance(detect, str) else detect
    view = array.view()
    view.flags.writeable = False  # what is measured is what was decoded
    try:
        found = plain_boxes(finder(view))
        return [] if found is None else [tuple(map(int, box)) for box in found]
    except NumbadpError:
        raise
    except Exception as error:  # a callable of the user's
        raise PictureError(
            f"the detector failed: {type(error).__name__}: {str(error)[:200]}"
        ) from error


def _resolved(name: str):
    module, attribute, extra = _KNOWN[name]
    try:
        return getattr(import_module(module), attribute)
    except ImportError as error:
        raise OptionError(
            f"detect={name!r} is not installed ({error}): pip install 'numbadp[{extra}]'."
        ) from None
