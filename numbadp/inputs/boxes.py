"""Boxes as detectors give them, in whole pixels: every pixel that a box touches is inside."""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor

import numpy as np

from numbadp.checks import one_of, shown
from numbadp.errors import LayoutError, OptionError, OptionTypeError
from numbadp.inputs.kinds import is_torch
from numbadp.plan.region import are_corners

BOX_FORMATS = ("xyxy", "xywh", "cxcywh")
_FAR = 2**31
_MORE = "Pass the first four columns, as by boxes[:, :4]; scores are not boxes"
_FOUR = "a box has four numbers"


def check_format(box_format) -> str:
    """Refuse what is none of `BOX_FORMATS`.

    Parameters
    ----------
    box_format : str
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
    return one_of("box_format", box_format, BOX_FORMATS)


def plain_boxes(boxes, box_format: str = "xyxy"):
    """Take boxes of any library, for one picture or for each of a batch.

    Parameters
    ----------
    boxes : array_like, tensor, detections, or None
        N x 4 numbers, ints or floats, in pixels: lists, NumPy, PyTorch (on any device),
        torchvision's ``BoundingBoxes`` (whose own format counts), objects with ``xyxy``
        (supervision) or ``boxes`` (ours).  Or one of these a picture.
    box_format : {"xyxy", "xywh", "cxcywh"}, default "xyxy"
        What the four numbers are: corners, corner and size, or centre and size.

    Returns
    -------
    list of list of int, or list of these, or None
        Left, top, right, bottom, right and bottom excluded, rounded outwards; what is in plain
        integers already comes back as it was given.

    Raises
    ------
    OptionTypeError, OptionError, LayoutError
        If they are no boxes.
    """
    check_format(box_format)
    if boxes is None or (box_format == "xyxy" and _plain(boxes)):
        return boxes
    boxes, box_format = _opened(boxes, box_format)
    _check_list(boxes)
    if _nested(boxes):
        return [_of_one(*_opened(own, box_format)) for own in boxes]
    return _of_one(boxes, box_format)


def _plain(boxes) -> bool:
    """Whether these are corners in plain integers, which plans check by themselves."""
    if isinstance(boxes, np.ndarray):
        return boxes.dtype.kind in "iu" and boxes.ndim == 2 and boxes.shape[1] == 4
    return type(boxes) in (list, tuple) and are_corners(boxes)


def _opened(boxes, box_format: str):
    """Numbers out of what detectors wrap them in, and the format that these say themselves."""
    own = getattr(boxes, "format", None)
    if own is not None and is_torch(boxes):
        found = str(getattr(own, "value", own)).lower()
        if found not in BOX_FORMATS:
            raise OptionError(
                f"boxes of the format {found!r} are not taken. Convert them to one of "
                f"{BOX_FORMATS}."
            )
        return boxes.detach().cpu().numpy(), found
    for name in ("xyxy", "boxes"):
        inside = getattr(boxes, name, None)
        if inside is not None and not callable(inside):
            return _opened(inside, "xyxy")
    if is_torch(boxes):
        tensor = boxes.detach().cpu()
        return (
            tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor
        ).numpy(), box_format
    return boxes, box_format


def _nested(boxes) -> bool:
    """Whether boxes are given picture by picture: the first one that is not empty tells."""
    if isinstance(boxes, np.ndarray):
        return boxes.ndim == 3
    for own in boxes:
        numbers, _ = _opened(own, "xyxy")
        if isinstance(numbers, np.ndarray):
            return numbers.ndim == 2
        if not _is_list(numbers):
            return False
        if len(numbers):
            return _is_list(numbers[0])
    return len(boxes) > 0


def _is_list(numbers) -> bool:
    """Whether there are several; a number of NumPy or PyTorch is none, though it has a length."""
    plain = hasattr(numbers, "__len__") and not isinstance(numbers, (str, bytes, Mapping))
    return plain and getattr(numbers, "ndim", 1) > 0


def _check_list(boxes) -> None:
    if isinstance(boxes, Mapping):
        raise OptionTypeError(
            f"boxes must be a list of boxes; got {shown(boxes)}. Pass what it holds, as by "
            "found['boxes']."
        )
    if not _is_list(boxes):
        raise OptionTypeError(f"boxes must be a list of boxes; got {shown(boxes)}.")


def _of_one(boxes, box_format: str) -> list[list[int]]:
    _check_list(boxes)
    if not len(boxes):
        return []
    if isinstance(boxes, np.ndarray):
        _check_array(boxes)
        rows = boxes.tolist()
    else:
        rows = [_row(box) for box in boxes]
    return [_outwards(row, box_format) for row in rows]


def _check_array(boxes: np.ndarray) -> None:
    if boxes.dtype.kind not in "iuf":
        raise OptionTypeError(f"boxes must be numbers; got an array of {boxes.dtype}.")
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        more = f" {_MORE}." if boxes.ndim == 2 and boxes.shape[1] in (5, 6) else ""
        more = " Pass boxes[None] for one box." if boxes.shape == (4,) else more
        raise LayoutError(f"boxes must have the shape (N, 4); got {boxes.shape}.{more}")


def _row(box) -> list:
    if not _is_list(box):
        raise OptionTypeError(
            f"{_FOUR}; got {shown(box)}. Pass a list of boxes, also where there is only one."
        )
    if is_torch(box):
        box = box.detach().cpu()
    numbers = box.tolist() if hasattr(box, "tolist") else list(box)
    if len(numbers) != 4:
        more = f" {_MORE}." if len(numbers) in (5, 6) else ""
        raise LayoutError(f"{_FOUR}; got {len(numbers)}.{more}")
    return numbers


def _outwards(row: list, box_format: str) -> list[int]:
    """Exact numbers first, so that no rounding of a sum moves an edge inwards."""
    box = [_exact(number, row) for number in row]
    if box_format != "xyxy":
        x, y, width, height = box
        if width <= 0 or height <= 0:
            raise LayoutError(f"width and height of a box must be above 0; got {_shown(row)}.")
        if box_format == "cxcywh":
            x, y = x - Fraction(width) / 2, y - Fraction(height) / 2
        box = [x, y, x + width, y + height]
    left, top, right, bottom = box
    if left >= right or top >= bottom:
        raise LayoutError(
            f"a box must have left < right and top < bottom; got {_shown(row)}. If these are a "
            "corner and a size, pass box_format='xywh'."
        )
    if any(side != floor(side) for side in box) and all(-1 <= side <= 2 for side in box):
        raise LayoutError(
            f"box {_shown(row)} looks like shares of the picture; boxes count pixels. Multiply by "
            "its width and height."
        )
    return [floor(left), floor(top), ceil(right), ceil(bottom)]


def _exact(number, row) -> int | Fraction:
    if hasattr(number, "item"):  # a scalar of NumPy or PyTorch
        number = number.item()
    exact: int | Fraction
    if type(number) is int:
        exact = number
    elif isinstance(number, (bool, str, bytes)) or number is None:
        raise OptionTypeError(f"a box must be four numbers; got {_shown(row)}.")
    else:
        try:
            exact = Fraction(number)
        except (TypeError, ValueError):
            raise OptionTypeError(
                f"a box must be four finite numbers; got {_shown(row)}."
            ) from None
        except OverflowError:
            raise LayoutError(f"a box must be four finite numbers; got {_shown(row)}.") from None
    if not -_FAR < exact < _FAR:
        raise LayoutError(f"box {_shown(row)} lies far outside of any picture.")
    return exact


def _shown(row: list) -> str:
    return shown(tuple(row)).removesuffix(" (tuple)")
