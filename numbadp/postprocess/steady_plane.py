"""One plane of the temporal filter: its state on a grid of cells, and the kernels' calls.

For every cell two estimates are kept, a slow one (the background) and a fast one, each with its
variance; what moves shows the fast one.  See `numbadp.release.temporal`.
"""

from typing import NamedTuple

import numpy as np

from numbadp.compute.lanes import LANES
from numbadp.plan import Plan, PlanePlan
from numbadp.plan.grid import cell_shares
from numbadp.postprocess.reconstruct import FINEST_NOISE, subgrid


class Pace(NamedTuple):
    """How often the denoiser iterates a frame.

    Attributes
    ----------
    iterations, more : int
        Usually, and how many more where cells begin anew.
    fresh, young : float32
        Shares of a frame's variance above which cells begin anew, and above which they have not
        settled yet.
    phases : int
        What has settled is drawn again every so many frames, sixteen rows of cells at a time.
    unit : {"rows", "blocks"}
        What iterates together: rows of cells, or sixteen cells of one.
    """

    iterations: int
    more: int
    fresh: np.float32
    young: np.float32
    phases: int
    unit: str


# From nothing; and from the last picture, up to version 1 of the drawings, in version 2, and from
# version 3 on, where what has settled is drawn less often: its noise changes over 40 frames.
COLD = Pace(40, 0, np.float32(-1), np.float32(-1), 1, "rows")
BY_ROWS = Pace(8, 14, np.float32(0.9), np.float32(-1), 1, "rows")
BY_BLOCKS = Pace(8, 10, np.float32(0.4), np.float32(1 / 24), 4, "blocks")
BY_TURNS = BY_BLOCKS._replace(phases=6)
DETAIL = np.float32(400)  # variance of what a finer grid may show beside a coarser one
_X, _P, _F, _PF, _SHOWN, _NOISE = range(6)
_LIGHT, _CHI = 2, 40.0  # of `told`: the gain of a change of light; what is one


class SteadyPlane:
    """State of one plane.

    Parameters
    ----------
    plan : Plan
        How frames are measured.
    plane : PlanePlan
        The plane.
    pace : Pace
        How often the denoiser iterates.
    counts : ndarray of int64, shape (rows, columns), optional
        Pixels that are measured in each cell, where it is not all of them; sums are those of full
        cells all the same (steady_masks.py).

    Attributes
    ----------
    turns : ndarray of uint8, shape (rows, blocks)
        Iterations of the last frame, by blocks of sixteen cells of a row; where there were none,
        the frame is drawn as the one before.
    filtered : ndarray of int16, shape (1, rows, columns)
        Room for the visible sub-cells of one frame after the other.
    """

    def __init__(
        self, plan: Plan, plane: PlanePlan, pace: Pace = BY_BLOCKS, counts: np.ndarray | None = None
    ):
        rows, columns = self.grid = plane.grid
        self.cell, self.visible = plane.cell, subgrid(plan, plane)
        self.low, self.high = np.float32(plane.low), np.float32(plane.high)
        self._gains, self.v = _tables(plan, plane)
        if counts is not None:
            levels = float(plane.scale / plane.divisor) / np.maximum(counts, 1)
            self.v[:] = 2 * np.maximum(levels, float(FINEST_NOISE)) ** 2
        self.grids = (
            *(np.zeros(self.grid, np.float32) for _ in range(6)),
            np.zeros((rows + 4, columns + 4), np.float32),
            np.zeros((rows + 4, columns + 4), np.float32),
        )
        self._marks = (
            np.zeros(self.grid, np.uint8),
            *(np.zeros((rows + 2, columns + 2), np.uint8) for _ in range(3)),
            np.zeros(self.grid, np.uint8),
            np.zeros(columns, np.uint8),
            np.zeros(columns, np.uint8),
        )
        self._rows = tuple(np.zeros(columns + 4, np.float32) for _ in range(4))
        self._columns = np.zeros(columns), np.zeros(columns)
        self._tiles = np.zeros((-(-rows // 16), -(-columns // 16)), np.uint8)
        self._limits = _limits(self.v)
        self._forced = np.zeros(self.grid, np.uint8)
        self._y, self._a = np.zeros(self.grid, np.float32), np.zeros(self.grid, np.float32)
        self._fits = np.zeros((14, columns))
        self.told = np.array([0.0, 0.0, 0.0, 0.0, 1.0])
        pitch = (columns // LANES + 1) * LANES
        self._state = np.zeros((23, rows + 2, pitch), np.float32)
        self.pace, self._frames, self._cold = pace, 0, True
        self._drawn, self.filtered = (np.zeros((1, *self.visible), np.int16) for _ in range(2))
        self._busy, self._new, self.turns = (
            np.zeros((rows, -(-columns // LANES)), np.uint8) for _ in range(3)
        )

    @property
    def moving(self) -> np.ndarray:
        """1 where a cell moves, uint8 [rows, columns]."""
        return self._marks[1][1:-1, 1:-1]

    @property
    def shown(self) -> np.ndarray:
        """Filtered means of cells, in grey levels."""
        return self.grids[_SHOWN]

    @property
    def noise(self) -> np.ndarray:
        """Their variances."""
        return self.grids[_NOISE]

    def start(self, sums: np.ndarray) -> None:
        """Take the first frame.

        Parameters
        ----------
        sums : ndarray of int64, shape (cells,)
            Noisy sums.
        """
        from numbadp.postprocess.kernels.steady_cpu import restart_cpu

        restart_cpu(sums, self._gains, self.v, self.grids, self._marks, self._y, self.told)
        self._cold = True

    def lead(self, sums: np.ndarray) -> None:
        """Take a frame of the plane that the others follow.

        Parameters
        ----------
        sums : ndarray of int64, shape (cells,)
            Noisy sums.
        """
        from numbadp.postprocess.kernels.steady_cpu import lead_cpu

        lead_cpu(
            sums, self._gains, self.v, self.grids, self._marks, self._rows, *self._columns,
            self._tiles, self._limits, self._forced, self._y, self._a, self._fits, self.told,
        )  # fmt: skip
        self._cold |= bool(self.told[0])

    def follow(self, sums: np.ndarray, leader: "SteadyPlane") -> None:
        """Take a frame; what moves in the leading plane moves here.

        Parameters
        ----------
        sums : ndarray of int64, shape (cells,)
            Noisy sums.
        leader : SteadyPlane
            After this frame; its cells are as large, or smaller by a power of two.
        """
        from numbadp.postprocess.kernels.steady_cpu import follow_cpu

        if leader.told[0]:
            self.start(sums)
            return
        pooled(leader.moving, self.cell // leader.cell, self._forced)
        follow_cpu(
            sums, self._gains, self.v, self.grids, self._marks, self._rows, *self._columns,
            self._tiles, self._limits, self._forced, self._y, self.told,
        )  # fmt: skip

    def denoised(self) -> np.ndarray:
        """Denoise what is shown.

        Returns
        -------
        ndarray of int16, shape (1, rows, columns)
            Visible sub-cells in 1/64 grey level; the next frame is drawn over them.
        """
        out = self._drawn
        if self.cell == 1:  # noise is far below a grey level where cells are pixels
            np.rint(np.clip(self.shown, self.low, self.high) * 64, out=out[0], casting="unsafe")
            return out
        from numbadp.postprocess.kernels.steady_denoise_cpu import deal_turns_cpu, denoise_cpu

        pace = COLD if self._cold else self.pace
        phases = 1 if self.told[_LIGHT] > _CHI else pace.phases  # new light is everywhere at once
        deal_turns_cpu(
            self.noise, self.v, pace.fresh, pace.young, pace.unit == "rows", pace.iterations,
            pace.more, self._frames % phases, phases, self._new, self._busy, self.turns,
        )  # fmt: skip
        denoise_cpu(
            self.shown, self.noise, self.v, pace.fresh, self.low, self.high, self.turns,
            pace.iterations + pace.more, self._state, out[0],
        )  # fmt: skip
        self._frames += 1
        self._cold = False
        return out

    def take_over(self, before: "SteadyPlane") -> bool:
        """Continue the state of another grid.

        Parameters
        ----------
        before : SteadyPlane
            Of the same plane, with cells twice or half as wide, or as wide.

        Returns
        -------
        bool
            False where that cannot be.
        """
        x, p, f, pf = before.grids[:4]
        marks = before._marks[0], before.moving
        if before.cell == 2 * self.cell:
            values, pick = _repeated, _repeated
        elif self.cell == 2 * before.cell:
            values, pick = _halved, _picked
        elif self.cell == before.cell:
            values, pick = _same, _same
        else:
            return False
        scale, add = terms_over(before.cell, self.cell)
        for new, old in ((_X, x), (_F, f)):
            self.grids[new][:] = values(old, self.grid)
        for new, old in ((_P, p), (_PF, pf)):
            widened = scale * values(old, self.grid) + add
            self.grids[new][:] = np.minimum(widened, self.v)
        self._marks[0][:] = pick(marks[0], self.grid)
        self.moving[:] = pick(marks[1], self.grid)
        self._cold = True
        return True


def terms_over(before: int, cell: int) -> tuple[np.float32, np.float32]:
    """Take variances from a grid to another.

    Parameters
    ----------
    before, cell : int
        Sides of their cells: the same, or one twice the other.

    Returns
    -------
    tuple of float32
        What a variance is multiplied by, and what is added.
    """
    scale = np.float32(0.25 if cell > before else 1)
    return scale, DETAIL if cell < before else np.float32(0)


def pooled(marks: np.ndarray, side: int, out: np.ndarray) -> None:
    """Mark the blocks of `side` x `side` cells in which one is marked.

    Parameters
    ----------
    marks : ndarray of uint8, shape (rows, columns)
        Marks of cells.
    side : int
        Cells of a block, a power of two.
    out : ndarray of uint8
        Marks of blocks, ragged ones included.
    """
    rows, columns = out.shape
    padded = np.zeros((rows * side, columns * side), np.uint8)
    padded[: marks.shape[0], : marks.shape[1]] = marks
    down = padded.reshape(rows, side, columns * side).max(1)
    down.reshape(rows, columns, side).max(2, out=out)


def _tables(plan: Plan, plane: PlanePlan) -> tuple[np.ndarray, np.ndarray]:
    """Gains [last row?][last column?] from sums to grey levels, and variances of all cells."""
    shares = cell_shares(plan.height, plan.width, plane.cell)
    pixels = [[plane.divisor * plane.cell**2 * share for share in row] for row in shares]
    gains = np.array([[float(1 / count) for count in row] for row in pixels])
    levels = [[float(max(plane.scale / n, FINEST_NOISE)) for n in row] for row in pixels]
    v = np.full(plane.grid, np.float32(2 * levels[0][0] ** 2))
    v[:, -1] = 2 * levels[0][1] ** 2
    v[-1] = 2 * levels[1][0] ** 2
    v[-1, -1] = 2 * levels[1][1] ** 2
    return gains, v


def _limits(v: np.ndarray) -> np.ndarray:
    from numbadp.postprocess.kernels.steady_cpu import limits_cpu

    variances = np.zeros((v.shape[0] + 4, v.shape[1] + 4), np.float32)
    variances[2:-2, 2:-2] = 2 * v
    limits = np.zeros((3, *v.shape), np.float32)
    limits_cpu(variances, limits)
    return limits


def _same(old: np.ndarray, grid) -> np.ndarray:
    return old


def _repeated(old: np.ndarray, grid) -> np.ndarray:
    return old.repeat(2, 0).repeat(2, 1)[: grid[0], : grid[1]]


def _picked(old: np.ndarray, grid) -> np.ndarray:
    return old[::2, ::2]


def _halved(old: np.ndarray, grid) -> np.ndarray:
    odd = 2 * grid[0] - old.shape[0], 2 * grid[1] - old.shape[1]
    padded = np.pad(old, ((0, odd[0]), (0, odd[1])), mode="edge")
    a, b, c, d = (padded[i::2, j::2].astype(np.float64) for i in (0, 1) for j in (0, 1))
    return (((a + b) + (c + d)) * 0.25).astype(np.float32)
