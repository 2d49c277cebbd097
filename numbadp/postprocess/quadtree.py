"""The free quadtree: merge what the released picture shows as plain.

Four siblings merge, from the sub-cells up, iff in every plane the largest and smallest value
inside differ by at most a quarter of that plane's noise scale.  A leaf's value is the mean of its
sub-cells.  Level 0 is a tile of 32 x 32 sub-cells, level 5 a sub-cell.
"""

from dataclasses import dataclass

import numpy as np

from numbadp.layout import MERGES, TILE
from numbadp.plan import Plan
from numbadp.postprocess.colour import plane_kind, plane_shifts
from numbadp.postprocess.reconstruct import UNITS, noise_level
from numbadp.workers import drain

_WORK = 64  # bytes a sub-cell, to weigh the stage


@dataclass(frozen=True, eq=False)
class Quadtree:
    """Leaves of a mosaic, on the grid of its finest cells.

    Attributes
    ----------
    cell : int
        Side of the finest leaf, in pixels.
    levels : ndarray of uint8, shape (rows, columns) or (N, rows, columns)
        Level of the leaf that holds each finest cell: 0 for a tile of 32 x 32 finest cells, one
        more for every halving, 5 for a single one.
    colors : ndarray of uint8, shape (rows, columns[, C]) or (N, rows, columns, C)
        Colour of that leaf.
    shape : tuple of int
        Shape of the picture.
    """

    cell: int
    levels: np.ndarray
    colors: np.ndarray
    shape: tuple[int, ...]

    def __len__(self) -> int:
        """Number of leaves."""
        return int(self._starts().sum())

    def draw(self) -> np.ndarray:
        """Paint the mosaic with the borders of its leaves.

        Returns
        -------
        ndarray of uint8
            A picture of `shape`; the first row and column of pixels of every leaf are darkened,
            or lightened where the leaf is dark.
        """
        from numbadp.postprocess.paint import paint_flat

        picture = paint_flat(_batched(self.colors, self.shape), self.cell, self.shape)
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
        levels = self.levels.reshape(-1, *self.levels.shape[-2:])
        side = (1 << (MERGES - levels.astype(np.int64))) * self.cell
        side = side.repeat(self.cell, axis=1).repeat(self.cell, axis=2)[:, :height, :width]
        y, x = np.indices((height, width))
        return (y % side == 0) | (x % side == 0)


def build_quadtree(plan: Plan, grids: tuple[np.ndarray, ...]) -> Quadtree:
    """Cut the denoised planes of a release into leaves.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    grids : tuple of ndarray of int16, shape (N, rows, columns)
        The planes in 1/64 grey level.

    Returns
    -------
    Quadtree
        With read-only arrays.
    """
    from numbadp.postprocess.kernels.quadtree_cpu import quadtree_cpu

    levels = np.empty(grids[0].shape, np.uint8)
    colours = np.empty((*grids[0].shape, plan.channels), np.uint8)
    tile_rows = -(-levels.shape[1] // TILE)
    drain(
        quadtree_cpu, plan.batch * tile_rows, _WORK * levels.size, plane_kind(plan), grids,
        plane_shifts(plan), _thresholds(plan), levels, colours,
    )  # fmt: skip
    if len(plan.shape) < 4:
        levels, colours = levels[0], colours[0]
    if len(plan.shape) == 2:
        colours = colours[:, :, 0]
    for array in (levels, colours):
        array.flags.writeable = False
    return Quadtree(plan.planes[0].subcell, levels, colours, plan.shape)


def _thresholds(plan: Plan) -> np.ndarray:
    """A quarter of each plane's noise scale, in 1/64 grey level, rounded down."""
    return np.array([int(UNITS * noise_level(p) / 4) for p in plan.planes], np.int64)


def _batch_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """N, H, W, C of any shape of a picture."""
    if len(shape) == 4:
        return shape
    return (1, *shape) if len(shape) == 3 else (1, *shape, 1)


def _batched(colours: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Colours as [N, rows, columns, C]."""
    batch, _, _, channels = _batch_shape(shape)
    return colours.reshape(batch, *colours.shape[-3 + (len(shape) == 2) :][:2], channels)
