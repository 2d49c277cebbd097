"""Public regions: the pixels that are measured and replaced; others are returned as they are."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from numbadp.checks import shown
from numbadp.compute.backend import lives_on_gpu
from numbadp.errors import LayoutError, OptionTypeError
from numbadp.plan.coverage import Coverage
from numbadp.plan.grid import checked_box


@dataclass(frozen=True, eq=False)
class Region:
    """Which pixels a release covers.

    Attributes
    ----------
    mask : ndarray of bool, shape (H, W)
        True where pixels are measured and replaced; read-only.
    pixels : int
        Number of pixels covered.
    digest : str
        SHA-256 of the mask, a bit a pixel, row by row, the highest bit of a byte first.
    """

    mask: np.ndarray
    pixels: int = field(init=False)
    digest: str = field(init=False)

    def __post_init__(self):
        """Keep a mask that nobody can change, and what follows from it.

        At once: the lock of a property that is computed later would stay held in a forked child.
        """
        mask = self.mask
        if mask.flags.writeable:
            mask = mask.copy()
            mask.flags.writeable = False
        digest = hashlib.sha256(np.packbits(mask).tobytes()).hexdigest()
        self.__dict__.update(mask=mask, pixels=int(np.count_nonzero(mask)), digest=digest)

    def __eq__(self, other) -> bool:
        """Whether both cover the same pixels."""
        return isinstance(other, Region) and self._facts == other._facts

    def __hash__(self) -> int:
        """Hash of what is compared."""
        return hash(self._facts)

    def __reduce__(self):
        """Pickle the mask; reading it back freezes it again."""
        return _frozen, (self.mask,)

    def __repr__(self) -> str:
        """Public facts in one line."""
        height, width = self.mask.shape
        return f"<Region: {self.pixels} pixels of {height}x{width}>"

    @property
    def coverage(self) -> Coverage:
        """The same pixels as a promise names them."""
        if self.pixels == self.mask.size:  # no pixel is shown as it is
            return Coverage.of_picture(*self.mask.shape)
        return Coverage(self.mask.shape, self.pixels, self.digest)

    @property
    def _facts(self):
        return self.mask.shape, self.digest


def build_region(size: tuple[int, int], boxes, mask) -> Region | None:
    """Check and freeze the region of a plan.

    Parameters
    ----------
    size : tuple of int
        Height and width of the picture, in pixels.
    boxes : sequence of (left, top, right, bottom), or None
        In pixels, right and bottom excluded; they may overlap and reach over the edge.
    mask : ndarray of bool, shape (H, W), or None
        True where pixels are to be measured and replaced.

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
    covered = _from_boxes(size, boxes) if mask is None else _from_mask(size, mask)
    if not covered.any():
        raise LayoutError(
            f"the region has no pixel of a picture of {size[1]} x {size[0]}. Pass boxes in the "
            "picture, or leave such a picture as it is."
        )
    return _frozen(covered)


def _frozen(covered: np.ndarray) -> Region:
    covered.flags.writeable = False
    return Region(covered)


def _from_boxes(size: tuple[int, int], boxes) -> np.ndarray:
    if not isinstance(boxes, (Sequence, np.ndarray)) or isinstance(boxes, str):
        raise OptionTypeError(f"boxes must be a list of boxes; got {shown(boxes)}.")
    covered = np.zeros(size, bool)
    for box in boxes:
        left, top, right, bottom = checked_box(box)
        inside = covered[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
        if not inside.size:  # boxes of another size of picture would leave what they mean bare
            raise LayoutError(
                f"box {left, top, right, bottom} has no pixel of a picture of {size[1]} x "
                f"{size[0]}. Leave it out if that is meant."
            )
        inside[...] = True
    return covered


def _from_mask(size: tuple[int, int], mask) -> np.ndarray:
    if not hasattr(mask, "dtype") or mask.dtype != np.bool_:
        kind = getattr(mask, "dtype", type(mask).__name__)
        raise OptionTypeError(f"mask must be a bool array of shape {size}; got {kind}.")
    if tuple(mask.shape) != size:
        raise LayoutError(f"mask must be a bool array of shape {size}; got {mask.shape}.")
    if lives_on_gpu(mask):
        raise OptionTypeError(
            f"mask must be in host memory; got a {type(mask).__name__} on a GPU. It is public and "
            "small: copy it, as by mask.get() or mask.cpu().numpy()."
        )
    return np.array(mask)  # a copy: the caller may go on changing theirs


def measured_counts(size: tuple[int, int], cell: int, region: Region | None) -> np.ndarray:
    """Measured pixels of every cell of a grid.

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
