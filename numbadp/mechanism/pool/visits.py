"""Heat maps: how many different visitors were in every cell, exactly.

Statement.  For neighbours of which one has one track more, at most U of whose cells count, the
  counts change by at most L1 = U, L2 = sqrt(U), Linf = 1.
Proof sketch.
  (1) A track adds 1 to each of its first U different cells and nothing else: what it has been to is
      kept by track, and later cells are dropped.
  (2) Which cells of a track count depends on its own points alone, so no other count moves.
  (3) Points outside of the picture, and such as are no numbers, belong to no cell.
A visitor is a track.  Whose track breaks is counted as two, and is covered as each of them.
Assumes.  One visitor has one name, and no two visitors share one.
Tested by tests/mechanism/pool/test_visits.py
"""

from dataclasses import replace

import numpy as np

from numbadp.checks import power_of_two, whole_number
from numbadp.errors import ArrayTypeError, ShapeError
from numbadp.mechanism.draining import traceless
from numbadp.mechanism.pool.images import MOST_CELL, checked_shape
from numbadp.mechanism.pool.planning import budget_of, guarantee_for, plan_stages
from numbadp.mechanism.pool.pool import Pool
from numbadp.mechanism.pool.quota import Quota
from numbadp.plan.pooled import VISITS, PoolPlan

_MOST_CELLS = 2**20


class VisitPool(Pool):
    """Counts of every cell; made by `Pool.visits`."""

    def __init__(self, shape, cell, most, epsilon, delta, ledger):
        shape = checked_shape(shape)
        if len(shape) != 2:
            raise ShapeError("the shape of a heat map is (H, W). Leave the channels out.")
        cell = power_of_two("cell", cell, MOST_CELL)
        most = whole_number("most", most, _MOST_CELLS, "Pass the cells of one visitor that count.")
        budget = budget_of(epsilon, delta)
        rows, columns = -(-shape[0] // cell), -(-shape[1] // cell)
        most = min(most, rows * columns)
        plan = PoolPlan(VISITS, shape, cell, (), most=most)
        plan = replace(plan, stages=plan_stages(plan.parts, budget))
        super().__init__(plan, guarantee_for(plan.stages, budget, plan.units[0], most), ledger)
        self._names = Quota(1)  # for its check of names alone
        self._rows: dict = {}
        self._counts = np.zeros(rows * columns, np.int64)
        self._cells, self._used = np.zeros((0, most), np.int64), np.zeros(0, np.int64)

    def add(self, points, track) -> None:
        """Count points of tracks; they are not kept, only which cells each track has been to.

        Parameters
        ----------
        points : array_like of float or int, shape (n, 2)
            x and y in pixels, in the order in which they were seen.
        track : array_like of int or str, shape (n,)
            Whose point each is.

        Raises
        ------
        ArrayTypeError, ShapeError
            If they do not fit; nothing is added then.
        PoolError
            If the pool was released.
        """
        from numbadp.mechanism.kernels.pool_cpu import add_visits

        cells = self._cells_of(points)
        names = np.atleast_1d(np.asarray(track))
        if names.shape != cells.shape:
            raise ShapeError(f"{len(cells)} points need as many tracks; got shape {names.shape}.")
        names = self._names.checked(names)
        with self._alone():
            rows = self._rows_of(names)
            traceless(add_visits)(
                cells, rows, self._plan.most, self._cells, self._used, self._counts
            )

    def _cells_of(self, points) -> np.ndarray:
        """Number of each point's cell, -1 outside (step 3)."""
        array = np.asarray(points)
        if array.dtype.kind not in "iuf":
            raise ArrayTypeError(f"points must be numbers; got {array.dtype}.")
        if array.ndim != 2 or array.shape[1] != 2:
            raise ShapeError(f"points must have the shape (n, 2), x and y; got {array.shape}.")
        height, width = self._plan.shape
        x, y = array.T.astype(np.float64)
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        x, y = (np.where(inside, part, 0).astype(np.int64) for part in (x, y))
        cells = (y // self._plan.cell) * self._plan.grid[1] + x // self._plan.cell
        return np.where(inside, cells, -1)

    def _rows_of(self, names: np.ndarray) -> np.ndarray:
        """Row of each point's track; new tracks get new rows."""
        known, which = np.unique(names, return_inverse=True)
        rows = np.array(
            [self._rows.setdefault(name, len(self._rows)) for name in known.tolist()], np.int64
        )
        if len(self._rows) > len(self._used):
            extra = max(2 * len(self._rows), 64) - len(self._used)
            more = np.zeros((extra, self._plan.most), np.int64)
            old = self._cells, self._used
            self._cells = np.concatenate([self._cells, more])
            self._used = np.concatenate([self._used, np.zeros(extra, np.int64)])
            for array in old:
                array.fill(0)
        return rows[which]

    def _exact(self, own):
        counts = own.zeros(self._plan.grid, np.int64)
        counts[:] = self._counts.reshape(self._plan.grid)
        return (counts,)

    def _forget(self) -> None:
        for array in (self._cells, self._used, self._counts):
            array.fill(0)
        self._rows.clear()
