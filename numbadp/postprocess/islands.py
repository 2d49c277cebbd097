"""Where the islands of a plan lie, in the form that kernels take; a whole picture is one island."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from numbadp.plan import Plan
from numbadp.plan.grid import TILE
from numbadp.plan.islands import HEIGHT, WIDTH, deal_out, place_cells
from numbadp.postprocess.kernels.paint_body import SMOOTH_BAND

_SHELF = 256  # columns of cells, margins included, that small islands share
_ROOM = 1024  # finest sub-cells that small islands of an item have, roughly
NO_MASKS = np.zeros(0, np.uint8)
NO_MASKS.flags.writeable = False


@dataclass(frozen=True)
class IslandTables:
    """Islands, their cells and their sub-cells.

    Attributes
    ----------
    islands, subs : ndarray of int64, shape (islands, COLUMNS)
        As in `numbadp.plan.islands`, with the starts of cells and those of sub-cells.
    masks : ndarray of uint8
        Masks of islands that are no boxes.
    subcells : tuple of int
        Sub-cells of every plane.
    pixels : int
        Pixels of the islands' boxes.
    order, shelves : ndarray of int64, shapes (islands,) and (shelves, 2)
        Islands that are denoised side by side, as they have equally many rows: shelf s has those
        from ``order[shelves[s, 0]]`` to the one before ``order[shelves[s, 1]]``.
    strips, cell_rows, subcell_rows, bands : ndarray of int64, shape (items, 4)
        Work items (`numbadp.plan.islands.deal_out`) by rows of tiles, by rows of finest cells and
        sub-cells, and by `SMOOTH_BAND` rows of pixels.
    """

    islands: np.ndarray
    subs: np.ndarray
    masks: np.ndarray
    subcells: tuple[int, ...]
    pixels: int
    order: np.ndarray
    shelves: np.ndarray
    strips: np.ndarray
    cell_rows: np.ndarray
    subcell_rows: np.ndarray
    bands: np.ndarray


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
    heights, widths = spots[:, HEIGHT], spots[:, WIDTH]
    rows = -(-heights // finest.subcell)
    sizes = rows * -(-widths // finest.subcell)
    room = _ROOM if plan.anchor == "islands" else 0
    order, shelves = _shelves(-(-heights // finest.cell), -(-widths // finest.cell), room)
    return IslandTables(
        islands, subs, plan.region.parts.masks if plan.anchor == "islands" else NO_MASKS,
        tuple(stops[-1, : len(plan.planes)].tolist()), int((heights * widths).sum()), order,
        shelves,
        strips=deal_out(sizes, -(-rows // TILE), room),
        cell_rows=deal_out(sizes, -(-heights // finest.cell), room),
        subcell_rows=deal_out(sizes, rows, room),
        bands=deal_out(sizes, -(-heights // SMOOTH_BAND), room),
    )  # fmt: skip


def _shelves(rows: np.ndarray, columns: np.ndarray, room: int) -> tuple[np.ndarray, np.ndarray]:
    """Islands of equally many rows side by side, few enough to keep their state in a near cache."""
    order = np.argsort(rows, kind="stable") if room else np.arange(len(rows))
    turn = np.cumsum(columns[order] + 1) // (_SHELF if room else 1)
    again = (rows[order][1:] != rows[order][:-1]) | (turn[1:] != turn[:-1])
    begins = np.flatnonzero(np.concatenate(([True], again)))
    shelves = np.stack([begins, np.append(begins[1:], len(order))], axis=1)
    for table in (order, shelves):
        table.flags.writeable = False
    return order, shelves
