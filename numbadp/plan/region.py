"""Public regions: the pixels that are measured and replaced; others are returned as they are."""

import hashlib
from collections.abc import Sequence
from itertools import chain
from typing import overload

import numpy as np

from numbadp.checks import shown
from numbadp.compute.backend import lives_on_gpu
from numbadp.errors import LayoutError, OptionTypeError
from numbadp.numbers import size_text
from numbadp.plan.coverage import Coverage
from numbadp.plan.grid import checked_box
from numbadp.plan.islands import (
    HEIGHT,
    MASK,
    PICTURE,
    WIDTH,
    Parts,
    cropped_mask,
    parts_of_boxes,
    parts_of_mask,
)
from numbadp.plan.keeping import kept

_MAX_SIDE = 2**31
_NO_PARTS = Parts(np.zeros((0, MASK + 1), np.int64), np.zeros(0, np.uint8))


class Region:
    """Which pixels a release covers, as islands.

    Attributes
    ----------
    size : tuple of int
        Height and width of a picture, in pixels.
    parts : numbadp.plan.islands.Parts
        Its islands, read-only: those of one picture, or of all, where each has its own.
    each : int
        Number of pictures that have islands of their own; 0 where all have the same.
    pixels : int
        Number of pixels covered; of the picture with most, where each has its own.

    Parameters
    ----------
    mask : ndarray of bool, shape (H, W) or (N, H, W)
        True where pixels are measured and replaced.
    """

    size: tuple[int, int]
    parts: Parts
    each: int
    pixels: int
    _mask: np.ndarray
    _digest: str

    def __init__(self, mask: np.ndarray):
        if mask.flags.writeable:
            mask = mask.copy()
            mask.flags.writeable = False
        pictures = mask if mask.ndim == 3 else mask[None]
        parts = [parts_of_mask(one) if one.any() else _NO_PARTS for one in pictures]
        self._keep(mask.shape[-2:], parts, mask.ndim == 3)
        self.__dict__["_mask"] = mask

    @classmethod
    def _of_parts(cls, size: tuple[int, int], parts: list[Parts], each: bool) -> "Region":
        region = cls.__new__(cls)
        region._keep(size, parts, each)
        return region

    def _keep(self, size: tuple[int, int], parts: list[Parts], each: bool) -> None:
        pixels = max(map(_count, parts))
        joined = _joined(parts) if each else parts[0]
        for table in joined:
            table.flags.writeable = False
        self.__dict__.update(
            size=tuple(size), parts=joined, each=len(parts) if each else 0, pixels=pixels
        )

    def __setattr__(self, name, value):
        """Refuse to be changed."""
        raise AttributeError("a region does not change")

    @property
    def mask(self) -> np.ndarray:
        """True where pixels are measured and replaced, (H, W) or (N, H, W); read-only."""
        # Made on first use, without a lock, which a forked child would inherit held: two threads
        # may make the same one.
        if "_mask" not in self.__dict__:
            self.__dict__["_mask"] = self._drawn()
        return self.__dict__["_mask"]

    @property
    def digest(self) -> str:
        """SHA-256 of the mask, a bit a pixel, row by row, the highest bit of a byte first."""
        if "_digest" not in self.__dict__:
            bits = np.packbits(self.mask).tobytes()
            self.__dict__["_digest"] = hashlib.sha256(bits).hexdigest()
        return self.__dict__["_digest"]

    def spots(self, pictures: int) -> np.ndarray:
        """Islands of a batch.

        Parameters
        ----------
        pictures : int
            How many pictures it has.

        Returns
        -------
        ndarray of int64, shape (islands, 6)
            Columns PICTURE to MASK, those of one picture after those of the one before.
        """
        spots = self.parts.spots
        if self.each or pictures == 1:
            return spots
        spots = np.tile(spots, (pictures, 1))
        spots[:, PICTURE] = np.arange(pictures).repeat(len(self.parts.spots))
        return spots

    def __eq__(self, other) -> bool:
        """Whether both cover the same pixels: islands follow from these alone."""
        return (
            isinstance(other, Region)
            and (self.size, self.each) == (other.size, other.each)
            and all(map(np.array_equal, self.parts, other.parts))
        )

    def __hash__(self) -> int:
        """Hash of what is compared, less the masks."""
        return self._hash

    @kept
    def _hash(self) -> int:
        return hash((self.size, self.each, self.pixels, self.parts.spots.tobytes()))

    def __reduce__(self):
        """Pickle the mask; reading it back freezes it again."""
        return Region, (self.mask,)

    def __repr__(self) -> str:
        """Public facts in one line."""
        most = f"at most {self.pixels}" if self.each else f"{self.pixels}"
        return f"<Region: {most} pixels of {size_text(self.size)}>"

    @property
    def coverage(self) -> Coverage:
        """The same pixels as a promise names them."""
        if self.pixels == self.size[0] * self.size[1] and not self.each:
            return Coverage.of_picture(*self.size)  # no pixel is shown as it is
        return Coverage(self.size, self.pixels, self)

    def _drawn(self) -> np.ndarray:
        masks = np.zeros((max(self.each, 1), *self.size), bool)
        for picture, top, left, height, width, at in self.parts.spots.tolist():
            target = masks[picture, top : top + height, left : left + width]
            if at < 0:
                target[...] = True
            else:
                own = self.parts.masks[at : at + height * width]
                target |= own.reshape(height, width).view(bool)
        masks.flags.writeable = False
        return masks if self.each else masks[0]


@overload
def build_region(
    size: tuple[int, ...], boxes: None, mask: None, pictures: int | None = None
) -> None: ...
@overload
def build_region(
    size: tuple[int, ...], boxes: object, mask: object, pictures: int | None = None
) -> Region: ...
def build_region(size, boxes, mask, pictures=None):
    """Check and freeze the region of a plan.

    Parameters
    ----------
    size : tuple of int
        Height and width of the picture, in pixels.
    boxes : sequence of (left, top, right, bottom), or None
        In pixels, right and bottom excluded; they may overlap and reach over the edge.  Of a batch
        also one such sequence a picture, some of them empty.
    mask : ndarray of bool, shape (H, W), or None
        True where pixels are to be measured and replaced.
    pictures : int, optional
        Number of pictures of a batch.

    Returns
    -------
    Region or None
        None where the whole picture is covered.

    Raises
    ------
    OptionTypeError
        If an argument has the wrong type, or both are given.
    LayoutError
        If they do not describe pixels of this picture.
    """
    if boxes is None and mask is None:
        return None
    if boxes is not None and mask is not None:
        raise OptionTypeError("boxes and mask exclude each other. Pass one of them.")
    if mask is not None:
        return _of_mask(size, _checked_mask(size, mask))
    if _nested(boxes):
        return _of_each(size, boxes, pictures)
    found = _checked_boxes(size, boxes)
    if not len(found):
        _refuse_empty(size)
    return Region._of_parts(size, [parts_of_boxes(size, found)], each=False)


def _refuse_empty(size: tuple[int, int]):
    raise LayoutError(
        f"the region has no pixel of a picture of {size[1]} x {size[0]}. Pass boxes in the "
        "picture, or leave such a picture as it is."
    )


def _count(parts: Parts) -> int:
    """Pixels of a picture's islands."""
    spots = parts.spots
    boxes = spots[spots[:, MASK] < 0]
    masked = np.count_nonzero(parts.masks.view(bool))  # which counts bytes much slower
    return int((boxes[:, HEIGHT] * boxes[:, WIDTH]).sum()) + int(masked)


def _joined(parts: list[Parts]) -> Parts:
    """Islands of a batch whose pictures have their own."""
    tables, at = [], 0
    for n, (spots, masks) in enumerate(parts):
        spots = spots.copy()
        spots[:, PICTURE] = n
        spots[:, MASK] += np.where(spots[:, MASK] < 0, 0, at)
        tables.append(spots)
        at += masks.size
    return Parts(np.concatenate(tables), np.concatenate([masks for _, masks in parts]))


def _nested(boxes) -> bool:
    """Whether boxes are given picture by picture: the first element that is not empty tells."""
    if not isinstance(boxes, (list, tuple)):
        return isinstance(boxes, np.ndarray) and boxes.ndim == 3
    for element in boxes:
        if isinstance(element, np.ndarray):
            return element.ndim == 2
        if not isinstance(element, (list, tuple)):
            return False
        if len(element):
            return isinstance(element[0], (list, tuple, np.ndarray))
    return len(boxes) > 0


def _of_each(size: tuple[int, int], boxes, pictures: int | None) -> Region:
    if pictures is None:
        raise LayoutError(
            "boxes are given picture by picture, as of a batch; got one picture. Pass its list of "
            "boxes alone."
        )
    if len(boxes) != pictures:
        raise LayoutError(
            f"boxes are given for {len(boxes)} pictures of a batch of {pictures}. Pass one list a "
            "picture, an empty one where nothing is to be covered."
        )
    found = [_checked_boxes(size, own) for own in boxes]
    if not any(map(len, found)):
        _refuse_empty(size)
    parts = [parts_of_boxes(size, own) if len(own) else _NO_PARTS for own in found]
    return Region._of_parts(size, parts, each=True)


def _checked_boxes(size: tuple[int, int], boxes) -> np.ndarray:
    """Boxes cut at the edges of the picture, int64 [boxes, 4]."""
    if not isinstance(boxes, (Sequence, np.ndarray)) or isinstance(boxes, str):
        raise OptionTypeError(f"boxes must be a list of boxes; got {shown(boxes)}.")
    if not len(boxes):
        return np.zeros((0, 4), np.int64)
    found = _plain_boxes(boxes)
    if found is None:
        found = np.array([checked_box(box) for box in boxes], np.int64)
    cut = np.minimum(np.maximum(found, 0), np.array([size[1], size[0]] * 2))
    empty = (cut[:, :2] >= cut[:, 2:]).any(axis=1)
    if empty.any():  # boxes of another size of picture would leave what they mean bare
        box = tuple(found[int(empty.argmax())].tolist())
        checked_box(box)
        raise LayoutError(
            f"box {box} has no pixel of a picture of {size[1]} x {size[0]}. Leave it out if that "
            "is meant."
        )
    return cut


def _plain_boxes(boxes) -> np.ndarray | None:
    """Many boxes at once, where nothing about them can be wrong; else they are told one by one."""
    if isinstance(boxes, np.ndarray):
        plain = boxes.dtype.kind in "iu" and boxes.dtype != np.uint64
        plain = plain and boxes.ndim == 2 and boxes.shape[1] == 4
        return boxes.astype(np.int64) if plain and _in_order(boxes) else None
    if not are_corners(boxes):
        return None
    try:
        found = np.array(boxes, np.int64)
    except OverflowError:
        return None
    return found if _in_order(found) else None


def are_corners(boxes) -> bool:
    """Whether these are lists or tuples of four plain integers each.

    Parameters
    ----------
    boxes : list or tuple
        Of anything.

    Returns
    -------
    bool
        True of an empty one.
    """
    return (
        {*map(type, boxes)} <= {list, tuple}
        and {*map(len, boxes)} <= {4}
        and {*map(type, chain.from_iterable(boxes))} <= {int}
    )


def _in_order(boxes: np.ndarray) -> bool:
    small = boxes.min() > -_MAX_SIDE and boxes.max() < _MAX_SIDE
    return bool(small and (boxes[:, :2] < boxes[:, 2:]).all())


def _checked_mask(size: tuple[int, int], mask) -> np.ndarray:
    if not hasattr(mask, "dtype") or mask.dtype != np.bool_:
        kind = getattr(mask, "dtype", type(mask).__name__)
        raise OptionTypeError(f"mask must be a bool array of shape {size}; got {kind}.")
    if tuple(mask.shape) != size:
        raise LayoutError(
            f"mask must have the picture's height and width, {size}; got {tuple(mask.shape)}."
        )
    if lives_on_gpu(mask):
        raise OptionTypeError(
            f"mask must be in host memory; got a {type(mask).__name__} on a GPU. It is public and "
            "small: copy it, as by mask.get() or mask.cpu().numpy()."
        )
    return np.asarray(mask)


def _of_mask(size: tuple[int, int], mask: np.ndarray) -> Region:
    """The region of a mask, which its caller may go on changing.

    All that counts is in one copy, of no more than its bounding box; the whole is drawn again when
    somebody asks for it.
    """
    if not mask.any():
        _refuse_empty(size)
    top, left, window = cropped_mask(mask)
    covered = np.array(window)
    if not covered.any():
        _refuse_empty(size)
    parts = parts_of_mask(covered, size, (top, left))
    return Region._of_parts(size, [parts], each=False)


def measured_counts(size: tuple[int, int], cell: int, region: Region | None) -> np.ndarray:
    """Measured pixels of every cell of a grid over the whole picture.

    Parameters
    ----------
    size : tuple of int
        Height and width of the picture, in pixels.
    cell : int
        Side of a cell, in pixels.
    region : Region or None
        What is measured; None for all.

    Returns
    -------
    ndarray of int64, shape (cells,)
        Row by row; partial cells have their true pixels.
    """
    rows, columns = (np.arange(0, side, cell) for side in size)
    if region is None:
        heights, widths = (
            np.diff(np.append(starts, side))
            for starts, side in zip((rows, columns), size, strict=True)
        )
        return np.outer(heights, widths).astype(np.int64).ravel()
    down = np.add.reduceat(region.mask, rows, axis=0, dtype=np.int64)
    return np.add.reduceat(down, columns, axis=1).ravel()
