"""The free quadtree: merge what the released picture shows as plain.

Four siblings merge, from the sub-cells up, iff in every plane the largest and smallest value
inside differ by at most a quarter of that plane's noise scale.  A leaf's value is the mean of its
sub-cells.  Level 0 is a tile of 32 x 32 sub-cells, level 5 a sub-cell.
"""

from functools import lru_cache

import numpy as np

from numbadp.compute.workers import drain
from numbadp.plan import Plan, PlanePlan
from numbadp.plan.grid import MAX_LEAF, MERGES
from numbadp.plan.islands import START
from numbadp.plan.region import Region
from numbadp.postprocess.colour import plane_kind, plane_shifts
from numbadp.postprocess.islands import island_tables
from numbadp.postprocess.paint import (
    island_picture,
    paint_flat,
    paint_islands,
    show_outside,
)
from numbadp.postprocess.reconstruct import UNITS, level_on, reference_cell

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
    def region(self) -> Region | None:
        """The pixels that the leaves show; None for all."""
        return self._region

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

    @property
    def packed(self) -> np.ndarray:
        """The same in one number, red in the lowest byte, uint32 [rows, columns] or [N, ...]."""
        return self._packed if len(self._shape) == 4 else self._packed[0]

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

    @property
    def fits_planes(self) -> bool:
        """Whether `paint_planes` can: one whole picture in colour, its finest side even."""
        one = len(self._shape) == 3 and self._shape[2] == 3 and self._region is None
        return one and self._cell % 2 == 0

    def paint_planes(self, standard: int, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> None:
        """Paint every leaf into the planes of a video; see `numbadp.postprocess.yuv`.

        Parameters
        ----------
        standard : {601, 709}
            ITU-R's number of how colours are mixed.
        y, u, v : ndarray of uint8
            Luma, and the two differences of colour at half the size.
        """
        from numbadp.postprocess.yuv import paint_planes

        paint_planes(self.packed, self._cell, standard, y, u, v)

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


class IslandTrees:
    """Leaves of the mosaics of islands, each on a grid of its own.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    levels : ndarray of uint8, shape (sub-cells,)
        Levels of all finest sub-cells, those of one island after those of the one before.
    packed : ndarray of uint32, shape (sub-cells,)
        Colours, red in the lowest byte.
    background : ndarray of uint8, optional
        The picture as given outside of the islands.
    """

    def __init__(
        self, plan: Plan, levels: np.ndarray, packed: np.ndarray, background: np.ndarray | None
    ):
        self._plan, self._levels, self._packed = plan, levels, packed
        self._background = background

    @property
    def cell(self) -> int:
        """Side of the finest leaf, in pixels."""
        return self._plan.planes[0].subcell

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the picture."""
        return self._plan.shape

    @property
    def levels(self) -> np.ndarray:
        """Level of the leaf of every finest sub-cell, uint8 [sub-cells], island after island."""
        return self._levels

    @property
    def sides(self) -> np.ndarray:
        """Narrowest leaf that touches each square of `cell` pixels of the picture's own grid.

        int64 [N, rows, columns], in pixels; 256, the widest of a layout, where there is none.
        """
        height, width = _batch_shape(self.shape)[1:3]
        grid = _batch_shape(self.shape)[0], -(-height // self.cell), -(-width // self.cell)
        found = np.full(grid, MAX_LEAF, np.int64)
        for (n, left, top, right, bottom), tree in self.islands:
            sides = np.minimum(self.cell << (MERGES - tree._levels[0].astype(np.int64)), MAX_LEAF)
            rows, columns = (np.arange(a, b, self.cell) for a, b in ((top, bottom), (left, right)))
            ends = (np.minimum(rows + self.cell, bottom), np.minimum(columns + self.cell, right))
            for y in (rows, ends[0] - 1):
                for x in (columns, ends[1] - 1):
                    at = np.ix_(y // self.cell, x // self.cell)
                    np.minimum.at(found[n], at, sides)
        return found

    @property
    def islands(self) -> tuple[tuple[tuple[int, ...], Quadtree], ...]:
        """Every island: (picture, left, top, right, bottom) in pixels, and its quadtree."""
        where, found = island_tables(self._plan), []
        channels = self.shape[2:] if len(self.shape) < 4 else self.shape[3:]
        for spot in where.subs.tolist():
            picture, top, left, height, width, at, start = spot[: START + 1]
            grid = 1, -(-height // self.cell), -(-width // self.cell)
            cells = slice(start, start + grid[1] * grid[2])
            region = None
            if at >= 0:
                own = where.masks[at : at + height * width].view(bool)
                region = Region(own.reshape(height, width))
            tree = Quadtree(
                self.cell, (height, width, *channels), self._levels[cells].reshape(grid),
                self._packed[cells].reshape(grid), region,
            )  # fmt: skip
            found.append(((picture, left, top, left + width, top + height), tree))
        return tuple(found)

    def paint(self, out: np.ndarray | None = None) -> np.ndarray:
        """Paint every leaf flat in its colour, and what is outside of the region as it was given.

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
        picture = island_picture(self.shape, out, self._background)
        self.paint_inside(picture)
        return picture

    def paint_inside(self, picture: np.ndarray) -> None:
        """Paint the islands alone.

        Parameters
        ----------
        picture : ndarray of uint8
            Writable, C-contiguous, of the picture's shape.
        """
        where = island_tables(self._plan)
        paint_islands(self._packed, self.cell, where, where.subcell_rows, picture)

    def __len__(self) -> int:
        """Number of leaves."""
        return sum(len(tree) for _, tree in self.islands)

    def draw(self) -> np.ndarray:
        """Paint the mosaic with the borders of its leaves, as `Quadtree.draw` does.

        Returns
        -------
        ndarray of uint8
            A picture of `shape`; outside of the region nothing is drawn, and it is black where
            nothing was kept of it.
        """
        given = None if self._background is not None else np.zeros(self.shape, np.uint8)
        picture = self.paint(given)
        each = picture.reshape(_batch_shape(self.shape))
        for (n, left, top, right, bottom), tree in self.islands:
            drawn = tree.draw().reshape(bottom - top, right - left, -1)
            inside = True if tree.region is None else tree.region.mask[..., None]
            np.copyto(each[n, top:bottom, left:right], drawn, where=inside)
        return picture


def build_quadtree(
    plan: Plan,
    grids: tuple[np.ndarray, ...],
    background: np.ndarray | None = None,
    thresholds: np.ndarray | None = None,
) -> Quadtree | IslandTrees:
    """Cut the denoised planes of a release into leaves.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    grids : tuple of ndarray of int16, shape (N, rows, columns) or (1, sub-cells)
        The planes in 1/64 grey level, as `reconstruct` makes them.
    background : ndarray of uint8, optional
        With a region: the picture as given outside of it.
    thresholds : ndarray of int64, shape (planes,), optional
        Ranges within which siblings merge, in 1/64 grey level; by default the plan's.

    Returns
    -------
    Quadtree or IslandTrees
        With read-only arrays.
    """
    from numbadp.postprocess.kernels.quadtree_cpu import quadtree_cpu

    where, side = island_tables(plan), plan.planes[0].subcell
    levels, packed = np.empty(grids[0].size, np.uint8), np.empty(grids[0].size, np.uint32)
    most = -(-where.widest // side)
    drain(
        quadtree_cpu, len(where.strips), _COST * levels.size, plane_kind(plan),
        tuple(grid.reshape(1, -1) for grid in grids), plane_shifts(plan),
        merge_thresholds(plan) if thresholds is None else thresholds,
        where.subs, side, most, where.strips, levels, packed,
    )  # fmt: skip
    for array in (levels, packed):
        array.flags.writeable = False
    if plan.anchor == "islands":
        return IslandTrees(plan, levels, packed, background)
    shape = grids[0].shape
    return Quadtree(
        side, plan.shape, levels.reshape(shape), packed.reshape(shape), plan.region, background
    )


@lru_cache(maxsize=32)
def merge_thresholds(plan: Plan, wider: tuple[int, ...] = ()) -> np.ndarray:
    """Ranges within which siblings merge.

    Parameters
    ----------
    plan : Plan
        The plan.
    wider : tuple of int
        Numbers of planes that were filtered: their edges and shades are steeper again.

    Returns
    -------
    ndarray of int64, shape (planes,)
        A quarter of each plane's noise scale, five eighths of the wider ones', in 1/64 grey level,
        rounded down: then there are about as many leaves as without filters.
    """
    cells = tuple(reference_cell(plan, plane) for plane in plan.planes)
    return _thresholds_of(cells, plan.planes, wider)


@lru_cache(maxsize=32)
def _thresholds_of(
    cells: tuple[int, ...], planes: tuple[PlanePlan, ...], wider: tuple[int, ...]
) -> np.ndarray:
    levels = [level_on(cell, plane) for cell, plane in zip(cells, planes, strict=True)]
    eighths = [5 if k in wider else 2 for k in range(len(planes))]
    found = [int(UNITS * n * level / 8) for n, level in zip(eighths, levels, strict=True)]
    return np.array(found, np.int64)


def _batch_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """N, H, W, C of any shape of a picture."""
    if len(shape) == 4:
        return shape
    return (1, *shape) if len(shape) == 3 else (1, *shape, 1)
