"""Where the islands of a plan lie, in the form that kernels take; a whole picture is one island."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from numbadp.plan import Plan
from numbadp.plan.grid import TILE
from numbadp.plan.islands import HEIGHT, WIDTH, deal_out, place_cells
from numbadp.plan.keeping import Keeping, kept
from numbadp.postprocess.kernels.paint_body import SMOOTH_BAND

_SHELF = 256  # columns of cells, margins included, that small islands share
_ROOM = 1024  # finest sub-cells that small islands of an item have, roughly
NO_MASKS = np.zeros(0, np.uint8)
NO_MASKS.flags.writeable = False


@dataclass(frozen=True)
class IslandTables(Keeping):
    """Islands, their cells and their sub-cells.

    Attributes
    ----------
    islands, subs : ndarray of int64, shape (islands, COLUMNS)
        As in `numbadp.plan.islands`, with the starts of cells and those of sub-cells.
    masks : ndarray of uint8
        Masks of islands that are no boxes.
    subcells : tuple of int
        Sub-cells of every plane.
    finest : tuple of int
        Sides of the finest cells and sub-cells, in pixels.
    room : int
        Finest sub-cells that small islands of an item have, roughly; 0 for whole pictures.
    """

    islands: np.ndarray
    subs: np.ndarray
    masks: np.ndarray
    subcells: tuple[int, ...]
    finest: tuple[int, int]
    room: int

    # What follows is asked for by some styles alone.

    @kept
    def pixels(self) -> int:
        """Pixels of the islands' boxes."""
        return int((self.subs[:, HEIGHT] * self.subs[:, WIDTH]).sum())

    @kept
    def widest(self) -> int:
        """Columns of pixels of the widest island."""
        return int(self.subs[:, WIDTH].max())

    @property
    def order(self) -> np.ndarray:
        """Islands, int64 [islands]: those that are denoised side by side follow each other."""
        return self._side_by_side[0]

    @property
    def shelves(self) -> np.ndarray:
        """Those that are: of equally many rows, int64 [shelves, 2].

        Shelf s has the islands from ``order[shelves[s, 0]]`` to the one before
        ``order[shelves[s, 1]]``.
        """
        return self._side_by_side[1]

    @kept
    def _side_by_side(self) -> tuple[np.ndarray, np.ndarray]:
        sides = -(-self.subs[:, HEIGHT : WIDTH + 1] // self.finest[0])
        return _shelves(sides[:, 0], sides[:, 1], self.room)

    @kept
    def strips(self) -> np.ndarray:
        """Work items (`numbadp.plan.islands.deal_out`) by rows of tiles."""
        return self._dealt(TILE * self.finest[1])

    @kept
    def cell_rows(self) -> np.ndarray:
        """The same by rows of finest cells."""
        return self._dealt(self.finest[0])

    @kept
    def subcell_rows(self) -> np.ndarray:
        """The same by rows of finest sub-cells."""
        return self._dealt(self.finest[1])

    @kept
    def bands(self) -> np.ndarray:
        """The same by `SMOOTH_BAND` rows of pixels."""
        return self._dealt(SMOOTH_BAND)

    def _dealt(self, rows: int) -> np.ndarray:
        return deal_out(self._sizes, -(-self.subs[:, HEIGHT] // rows), self.room)

    @kept
    def _sizes(self) -> np.ndarray:
        sides = -(-self.subs[:, HEIGHT : WIDTH + 1] // self.finest[1])
        return sides[:, 0] * sides[:, 1]


@lru_cache(maxsize=32)
def island_tables(plan: Plan) -> IslandTables:
    """Tables of a plan's islands.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    IslandTables
        Read-only arrays.
    """
    spots, finest = plan.spots, plan.planes[0]
    islands, _ = place_cells(spots, [plane.cell for plane in plan.planes])
    subs, stops = place_cells(spots, [plane.subcell for plane in plan.planes])
    return IslandTables(
        islands, subs, plan.covered.parts.masks if plan.anchor == "islands" else NO_MASKS,
        tuple(stops[-1, : len(plan.planes)].tolist()), (finest.cell, finest.subcell),
        _ROOM if plan.anchor == "islands" else 0,
    )  # fmt: skip


def _shelves(rows: np.ndarray, columns: np.ndarray, room: int) -> tuple[np.ndarray, np.ndarray]:
    """Islands of equally many rows side by side, few enough to keep their state in a near cache."""
    order = rows.argsort(kind="stable") if room else np.arange(len(rows))
    ordered = rows[order]
    turn = (columns[order] + 1).cumsum() // (_SHELF if room else 1)
    begins = np.ones(len(rows), bool)
    np.logical_or(ordered[1:] != ordered[:-1], turn[1:] != turn[:-1], out=begins[1:])
    shelves = np.empty((np.count_nonzero(begins), 2), np.int64)
    shelves[:, 0] = begins.nonzero()[0]
    shelves[:-1, 1], shelves[-1, 1] = shelves[1:, 0], len(rows)
    for table in (order, shelves):
        table.flags.writeable = False
    return order, shelves
