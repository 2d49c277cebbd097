"""Layouts: leaves of mixed size over a grid of base cells.

A `Layout` is a quadtree over a grid of base cells.  Level 0 is a tile of 256 x 256 pixels, one more
for every halving, so a leaf at level k is 256 >> k pixels wide; leaves lie at multiples of their
side and are cut at the right and bottom edge of the picture.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from numbadp.checks import power_of_two
from numbadp.errors import LayoutError
from numbadp.numbers import size_text
from numbadp.plan.grid import (
    MAX_CELL,
    MAX_LEAF,
    MERGES,
    all_in_squares,
    grid_shape,
    level_of,
    picture_size,
)
from numbadp.plan.zones import levels_for, zone_levels


@dataclass(frozen=True, eq=False)
class Layout:
    """The published cells of a release: one fixed grid, or leaves of mixed size on it.

    Make one with `Layout.uniform`, `Layout.zones` or `Layout.from_release`.

    Attributes
    ----------
    kind : str
        ``"free"``, ``"uniform"``, ``"zones"``, ``"release"``, ``"private"`` or ``"exact"``.
    shape : tuple of int
        Height and width of the picture, in pixels.
    cell : int
        Side of the finest measured cell, in pixels: the base cell of the grid.
    levels : ndarray of uint8, shape (rows, columns) or (N, rows, columns), or None
        Level of the leaf that holds each base cell; None where every base cell is a leaf.
    guarantee : numbadp.Guarantee or None
        What the release promises that the levels belong to or were read from; None for levels that
        were chosen without any picture.
    """

    kind: str
    shape: tuple[int, int]
    cell: int
    levels: np.ndarray | None = None
    guarantee: Any = None  # the room above makes it

    @classmethod
    def uniform(cls, shape, cell: int) -> "Layout":
        """Cells of one size.

        Parameters
        ----------
        shape : sequence of int
            The picture's: H x W, H x W x C or N x H x W x C.
        cell : int
            Side of a cell, a power of two from 1 to 256, in pixels.

        Returns
        -------
        Layout
            Without levels.

        Raises
        ------
        ShapeError, OptionTypeError, OptionError
            If an argument makes no sense.
        """
        return cls("uniform", picture_size(shape), power_of_two("cell", cell, MAX_LEAF))

    @classmethod
    def zones(cls, shape, zones, *, default: int) -> "Layout":
        """Public zones with cells of their own, chosen without looking at the picture.

        A base cell takes the size of the last zone that touches it.  A square of the quadtree
        stays whole iff none of its base cells asks for less, so fine zones are kept exactly and
        coarse ones give way along their borders.

        Parameters
        ----------
        shape : sequence of int
            The picture's: H x W, H x W x C or N x H x W x C.
        zones : sequence of ((left, top, right, bottom), cell)
            Boxes in pixels, right and bottom excluded, in order; parts outside the picture are
            ignored.
        default : int
            Side of a cell outside of all zones, a power of two from 1 to 256, in pixels.

        Returns
        -------
        Layout
            Its base cell is the smallest of all sizes.

        Raises
        ------
        ShapeError, LayoutError, OptionTypeError, OptionError
            If an argument makes no sense.
        """
        size = picture_size(shape)
        cell, levels = zone_levels(size, zones, default)
        return build_layout("zones", size, cell, levels)

    @classmethod
    def from_release(cls, release) -> "Layout":
        """Leaves of a release's mosaic, for the next picture of the same place.

        Parameters
        ----------
        release : Release
            An earlier release; of a batch every picture keeps its own leaves.

        Returns
        -------
        Layout
            With the release's guarantee; leaves above 256 pixels are quartered.  Leaves of islands
            (`numbadp.plan.islands`) become the coarsest on the grid of the picture that are nowhere
            wider than any of theirs.
        """
        tree = release.quadtree()
        if release.plan.anchor == "islands":
            return cls._from_islands(release, tree)
        sides = tree.cell << (MERGES - tree.levels.astype(np.int64))
        size, cell = release.layout.shape, min(tree.cell, MAX_LEAF)
        rows, columns = grid_shape(size[0], size[1], cell)
        sides = sides.repeat(tree.cell // cell, -2).repeat(tree.cell // cell, -1)
        levels = level_of(np.minimum(sides[..., :rows, :columns], MAX_LEAF))
        layout = build_layout("release", size, cell, levels)
        return replace(layout, guarantee=release.guarantee)

    @classmethod
    def _from_islands(cls, release, tree) -> "Layout":
        cell = min(tree.cell, MAX_LEAF)
        levels = np.stack([levels_for(wanted, cell) for wanted in tree.sides])
        levels = levels if len(release.shape) == 4 else levels[0]
        layout = build_layout("release", release.layout.shape, cell, levels)
        return replace(layout, guarantee=release.guarantee)

    @property
    def sides(self) -> np.ndarray:
        """Side in pixels of the leaf that holds each base cell, int64."""
        if self.levels is None:
            return np.full(grid_shape(*self.shape, self.cell), self.cell, np.int64)
        return MAX_LEAF >> self.levels.astype(np.int64)

    def __len__(self) -> int:
        """Number of leaves, of all pictures together."""
        return int(self._heads(self.cell).sum())

    def on_cells(self, cell: int) -> "Layout":
        """The same leaves over base cells of another size; finer leaves are clamped to it.

        Parameters
        ----------
        cell : int
            Side of the new base cells, a power of two from 1 to 256, in pixels.

        Returns
        -------
        Layout
            Every leaf at least `cell` wide.
        """
        cell = power_of_two("cell", cell, MAX_LEAF)
        if cell == self.cell:
            return self
        sides = np.maximum(self.sides, cell)
        factor = max(cell // self.cell, 1)
        sides = sides[..., ::factor, ::factor]
        if cell < self.cell:
            rows, columns = grid_shape(*self.shape, cell)
            sides = sides.repeat(self.cell // cell, -2).repeat(self.cell // cell, -1)
            sides = sides[..., :rows, :columns]
        levels = _frozen(level_of(sides))
        return replace(self, cell=cell, levels=levels)

    def draw(self) -> np.ndarray:
        """Draw the leaves: the finer, the darker, with their borders.

        Returns
        -------
        ndarray of uint8, shape (H, W) or (N, H, W)
            A grey picture.
        """
        height, width = self.shape
        sides = self.sides.repeat(self.cell, -2).repeat(self.cell, -1)[..., :height, :width]
        y, x = np.indices(self.shape)
        border = (y % sides == 0) | (x % sides == 0)
        shades = 95 + 20 * np.log2(sides).astype(np.uint8)
        return np.where(border, np.uint8(40), shades).astype(np.uint8)

    def __eq__(self, other) -> bool:
        """Whether both publish the same cells from the same source."""
        if not isinstance(other, Layout):
            return NotImplemented
        return self._facts() == other._facts()

    def __hash__(self) -> int:
        """Hash of what is compared, less the levels."""
        return hash((self.kind, self.shape, self.cell))

    def __reduce__(self):
        """Pickle the levels; reading them back checks and freezes again."""
        parts = (self.kind, self.shape, self.cell, self.levels)
        return _restored, (*parts, self.guarantee)

    def __repr__(self) -> str:
        """Public facts in one line."""
        return (
            f"<Layout of a picture of {size_text(self.shape)}: {self.kind!r}, {len(self)} leaves, "
            f"cell {self.cell}>"
        )

    def _facts(self):
        levels = None if self.levels is None else (self.levels.shape, self.levels.tobytes())
        # Equal promises of two releases are two promises: a cached plan must not mix them up.
        source = "" if self.guarantee is None else self.guarantee.id
        return self.kind, self.shape, self.cell, levels, self.guarantee, source

    def _heads(self, cell: int) -> np.ndarray:
        """True at the first base cell of every leaf."""
        sides = self.sides
        y, x = np.indices(sides.shape[-2:]) * cell
        return (y % sides == 0) & (x % sides == 0)


def build_layout(kind: str, shape: tuple[int, int], cell: int, levels: np.ndarray) -> Layout:
    """Check and freeze a layout of mixed leaves.

    Parameters
    ----------
    kind : str
        As in `Layout`.
    shape : tuple of int
        Height and width of the picture, in pixels.
    cell : int
        Side of a base cell, in pixels.
    levels : ndarray of uint8, shape (rows, columns) or (N, rows, columns)
        Level of the leaf that holds each base cell.

    Returns
    -------
    Layout
        With read-only levels.

    Raises
    ------
    LayoutError
        If the leaves are no aligned squares that cover the picture once.
    """
    grid = grid_shape(*shape, cell)
    if levels.dtype != np.uint8 or levels.ndim not in (2, 3) or levels.shape[-2:] != grid:
        raise LayoutError(
            f"levels must be uint8 of shape {grid} or (N, *{grid}); got {levels.dtype} of shape "
            f"{levels.shape}."
        )
    finest = level_of(np.array(cell))
    whole = levels <= finest
    for level in range(int(finest)):
        span = (MAX_LEAF >> level) // cell
        here = levels == level
        whole &= ~here | all_in_squares(here, span)
    if not whole.all():
        raise LayoutError(
            f"leaves must be aligned squares of {cell} to {MAX_LEAF} pixels, each whole. "
            "Use Layout.zones or Layout.from_release."
        )
    return Layout(kind, shape, cell, _frozen(levels))


def checked_layout(layout: Layout) -> Layout:
    """Check and freeze a layout from anywhere, one that a caller put together by hand too.

    Parameters
    ----------
    layout : Layout
        A layout.

    Returns
    -------
    Layout
        The same, with read-only levels of its own.

    Raises
    ------
    LayoutError, ShapeError, OptionTypeError, OptionError
        If the leaves are no aligned squares that cover the picture once, or a cell is none that
        can be measured exactly.
    """
    most = MAX_CELL if layout.levels is None else MAX_LEAF
    power_of_two("the layout's cell", layout.cell, most)
    picture_size(layout.shape)
    if layout.levels is None:
        return layout
    parts = (layout.kind, layout.shape, layout.cell, layout.levels)
    return replace(build_layout(*parts), guarantee=layout.guarantee)


def _restored(*parts) -> Layout:
    return checked_layout(Layout(*parts))


def _frozen(levels: np.ndarray) -> np.ndarray:
    own = np.ascontiguousarray(levels, np.uint8).copy()
    own.flags.writeable = False
    return own
