"""The free quadtree: merge what the released picture shows as plain.

Four siblings merge, from the sub-cells up, iff in every plane the largest and smallest value
inside differ by at most a quarter of that plane's noise scale.  A leaf's value is the mean of its
sub-cells.  Level 0 is a tile of 32 x 32 sub-cells, level 5 a sub-cell.
"""

import numpy as np

from numbadp.compute.workers import drain
from numbadp.plan import Plan
from numbadp.plan.grid import MERGES, TILE
from numbadp.plan.region import Region
from numbadp.postprocess.colour import plane_kind, plane_shifts
from numbadp.postprocess.paint import paint_flat, show_outside
from numbadp.postprocess.reconstruct import UNITS, reference_level

_COST = 5  # ns a sub-cell on one core, roughly: decides how many threads pay off


class Quadtree:
    """Leaves of a mosaic, on the grid of its finest cells.

    Parameters
    ----------
    cell : int
        Side of the finest leaf, in pixels.
    shape : tuple of int
        Shape of the picture.
    levels : ndarray of uint8, shape (N, rows, columns)
        Levels.
    packed : ndarray of uint32, shape (N, rows, columns)
        Colours, red in the lowest byte.
    region : Region, optional
        The pixels that the leaves show; all by default.
    background : ndarray of uint8, optional
        With a region: the picture as given outside of it.
    """

    def __init__(
        self,
        cell: int,
        shape: tuple[int, ...],
        levels: np.ndarray,
        packed: np.ndarray,
        region: Region | None = None,
        background: np.ndarray | None = None,
    ):
        self._cell, self._shape, self._levels, self._packed = cell, shape, levels, packed
        self._region, self._background = region, background

    @property
    def cell(self) -> int:
        """Side of the finest leaf, in pixels."""
        return self._cell

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the picture."""
        return self._shape

    @property
    def levels(self) -> np.ndarray:
        """Level of the leaf that holds each finest cell, uint8 [rows, columns] or [N, ...].

        0 for a tile of 32 x 32 finest cells, one more for every halving, 5 for a single one.
        """
        return self._levels if len(self._shape) == 4 else self._levels[0]

    @property
    def colors(self) -> np.ndarray:
        """Colour of that leaf, uint8 [rows, columns], [rows, columns, C] or [N, ..., C]."""
        channels = _batch_shape(self._shape)[3]
        shifts = np.arange(0, 8 * channels, 8, dtype=np.uint32)
        colours = (self._packed[..., None] >> shifts).astype(np.uint8)
        if len(self._shape) == 4:
            return colours
        return colours[0] if len(self._shape) == 3 else colours[0, :, :, 0]

    def paint(self, out: np.ndarray | None = None) -> np.ndarray:
        """Paint every leaf flat in its colour, and what is outside of a region as it was given.

        Parameters
        ----------
        out : ndarray of uint8, optional
            Writable, C-contiguous, of the picture's shape.

        Returns
        -------
        ndarray of uint8
            The mosaic.

        Raises
        ------
        OutputError
            If `out` cannot take the picture.
        """
        picture = paint_flat(self._packed, self._cell, self._shape, out)
        show_outside(picture, self._region, self._background)
        return picture

    def __len__(self) -> int:
        """Number of leaves."""
        return int(self._starts().sum())

    def draw(self) -> np.ndarray:
        """Paint the mosaic with the borders of its leaves.

        Returns
        -------
        ndarray of uint8
            A picture of `shape`; the first row and column of pixels of every leaf are darkened,
            or lightened where the leaf is dark.  Outside of a region nothing is drawn.
        """
        picture = self.paint()
        pixels = picture.reshape(*_batch_shape(self.shape))
        border = self._borders()
        inside = pixels[border]
        dark = inside.mean(axis=-1, keepdims=True) < 96
        pixels[border] = np.where(dark, inside + (255 - inside) // 3, inside // 3 * 2)
        return picture

    def _starts(self) -> np.ndarray:
        """True at the first finest cell of every leaf."""
        side = 1 << (MERGES - self.levels.astype(np.int64))
        y, x = np.indices(self.levels.shape[-2:])
        return (y % side == 0) & (x % side == 0)

    def _borders(self) -> np.ndarray:
        """True at the first row and column of pixels of every leaf, [N, H, W]."""
        _, height, width, _ = _batch_shape(self.shape)
        side = (1 << (MERGES - self._levels.astype(np.int64))) * self.cell
        side = side.repeat(self.cell, axis=1).repeat(self.cell, axis=2)[:, :height, :width]
        y, x = np.indices((height, width))
        borders = (y % side == 0) | (x % side == 0)
        return borders if self._region is None else borders & self._region.mask


def build_quadtree(
    plan: Plan, grids: tuple[np.ndarray, ...], background: np.ndarray | None = None
) -> Quadtree:
    """Cut the denoised planes of a release into leaves.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    grids : tuple of ndarray of int16, shape (N, rows, columns)
        The planes in 1/64 grey level.
    background : ndarray of uint8, optional
        With a region: the picture as given outside of it.

    Returns
    -------
    Quadtree
        With read-only arrays.
    """
    from numbadp.postprocess.kernels.quadtree_cpu import quadtree_cpu

    levels = np.empty(grids[0].shape, np.uint8)
    packed = np.empty(grids[0].shape, np.uint32)
    tile_rows = -(-levels.shape[1] // TILE)
    drain(
        quadtree_cpu, plan.batch * tile_rows, _COST * levels.size, plane_kind(plan), grids,
        plane_shifts(plan), _thresholds(plan), levels, packed,
    )  # fmt: skip
    for array in (levels, packed):
        array.flags.writeable = False
    return Quadtree(plan.planes[0].subcell, plan.shape, levels, packed, plan.region, background)


def _thresholds(plan: Plan) -> np.ndarray:
    """A quarter of each plane's noise scale, in 1/64 grey level, rounded down."""
    return np.array([int(UNITS * reference_level(plan, p) / 4) for p in plan.planes], np.int64)


def _batch_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """N, H, W, C of any shape of a picture."""
    if len(shape) == 4:
        return shape
    return (1, *shape) if len(shape) == 3 else (1, *shape, 1)
