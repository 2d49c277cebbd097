"""Boxes and masks of a call, and what becomes of a picture in which nothing was found."""

import numpy as np

from numbadp.checks import one_of
from numbadp.errors import LayoutError, OptionTypeError
from numbadp.inputs.boxes import plain_boxes
from numbadp.inputs.masks import plain_mask

ON_NONE = ("fail", "copy", "whole")
_EVERYTHING = (0, 0, 2**30, 2**30)
_REMEDY = (
    "If that is meant, on_none='whole' covers all of the picture and on_none='copy' shows it as it "
    "is; whatever a detector missed is shown then"
)


def check_on_none(on_none) -> str:
    """Refuse what is none of `ON_NONE`.

    Parameters
    ----------
    on_none : str
        As given by the caller.

    Returns
    -------
    str
        The same.

    Raises
    ------
    OptionTypeError, OptionError
        If it is something else.
    """
    return one_of("on_none", on_none, ON_NONE)


def take_region(boxes, mask, box_format: str = "xyxy", on_none: str = "fail"):
    """Take the region of a call.

    Parameters
    ----------
    boxes, mask, box_format
        As for `plain_boxes` and `plain_mask`.
    on_none : {"fail", "copy", "whole"}, default "fail"
        What becomes of a picture without a box: an error, nothing, or all of it is covered.

    Returns
    -------
    boxes, mask
        As plans take them; both None for the whole picture.
    bare : bool
        Whether nothing is to be covered, and that is allowed.

    Raises
    ------
    OptionTypeError, OptionError, LayoutError
        If they are no region, or an empty one is not allowed.
    """
    check_on_none(on_none)
    boxes, mask = plain_boxes(boxes, box_format), plain_mask(mask)
    if boxes is not None and mask is not None:
        raise OptionTypeError("boxes and mask exclude each other. Pass one of them.")
    if _is_each(boxes):
        return _each(boxes, on_none), None, on_none == "copy" and not any(map(len, boxes))
    empty = (boxes is not None and len(boxes) == 0) or (mask is not None and not np.any(mask))
    if not empty:
        return boxes, mask, False
    if on_none == "fail":
        raise LayoutError(f"the region has no pixel: nothing would be covered. {_REMEDY}.")
    return None, None, on_none == "copy"


def _is_each(boxes) -> bool:
    """Whether plain boxes are given picture by picture."""
    if not isinstance(boxes, list) or not boxes:
        return False
    filled = next((own for own in boxes if len(own)), None)
    return filled is None or isinstance(filled[0], (list, tuple, np.ndarray))


def _each(boxes: list, on_none: str) -> list | None:
    bare = sum(not len(own) for own in boxes)
    if bare == len(boxes) and on_none == "whole":
        return None
    if bare and on_none == "fail":
        raise LayoutError(f"the region has no pixel in {bare} of {len(boxes)} pictures. {_REMEDY}.")
    return [own or [_EVERYTHING] for own in boxes] if on_none == "whole" else boxes
