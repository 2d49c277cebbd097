"""`guide` and `refine` on the GPU: the same numbers."""

from functools import lru_cache

import numpy as np

from numbadp.compute.device import empty, table
from numbadp.compute.gpu import configured
from numbadp.compute.streams import let_go
from numbadp.plan import Plan
from numbadp.postprocess.filters_cuda import residues_on_device
from numbadp.postprocess.guide import coarser, finer_plan, guide_tables, guided
from numbadp.postprocess.kernels import guide_cuda as kernels
from numbadp.postprocess.kernels.guide_body import (
    FAR,
    FAR_REST,
    FLOOR,
    HIGH,
    LOW,
    NEAR,
    NEAR_REST,
    SHIFT,
)
from numbadp.postprocess.reconstruct import subgrid


def guide_on_device(plan: Plan, values, grids, stream, device: int):
    """Queue `numbadp.postprocess.guide.guide`.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    values : device array of int64, flat
        Noisy sums, one [N, cells down, cells across] after another.
    grids : device array of int16, flat
        The denoised planes, one [N, rows, columns] after another.
    stream : object
        Where to queue.
    device : int
        Number of the current device.

    Returns
    -------
    device array of int16, flat
        New planes.
    """
    return _Guide(plan, values, grids, stream, device).run(guided(plan), plan)


def refine_on_device(plan: Plan, values, grids, stream, device: int):
    """Queue `numbadp.postprocess.guide.refine`.

    Parameters
    ----------
    plan, values, stream, device
        As in `guide_on_device`.
    grids : device array of int16, flat
        What that returned.

    Returns
    -------
    device array of int16, flat
        The planes of `finer_plan`.
    """
    return _Guide(plan, values, grids, stream, device).run(coarser(plan), finer_plan(plan))


class _Guide:
    """What one release's launches share."""

    def __init__(self, plan: Plan, values, grids, stream, device: int):
        self.plan, self.grids, self.stream, self.device = plan, grids, stream, device
        self.rest = residues_on_device(plan, values, grids, guided(plan), stream, device)

    def run(self, chosen: tuple[int, ...], target: Plan):
        """Planes as `target` has them: the chosen ones follow luma, others are copied."""
        starts, size = _starts(target)
        out = empty(size, np.int16, self.stream)
        for k in range(len(target.planes)):
            if k in chosen:
                self._follow(k, target is not self.plan, starts[k], out)
            else:
                count = starts[k + 1] - starts[k]
                self._launch(kernels.copy_cuda, count)(
                    self.grids, _starts(self.plan)[0][k], count, out, starts[k]
                )
        let_go(self.stream, self.grids, self.rest)
        return out

    def _follow(self, k: int, far: bool, start: int, out) -> None:
        plan, numbers = self.plan, guide_tables(self.plan)[k].tolist()
        size, starts = subgrid(plan, plan.planes[k]), _starts(plan)[0]
        around, at, own = self.grids, 0, subgrid(plan, plan.planes[0])
        for _ in range(numbers[SHIFT]):
            around, at, own = self._halved(around, at, own), 0, half(own)
        cells = self._halved(around, at, own)
        slopes = self._slopes(k, cells, self._halved(self.grids, starts[k], size), numbers, far)
        if far:
            side, finest = 1 << numbers[SHIFT], subgrid(plan, plan.planes[0])
            sides = (side, size, starts[k]), (2 * side, half(size), 0), (side, size, at)
            luma, means, size = self.grids, around, finest
        else:
            sides = (1, size, starts[k]), (2, half(size), 0), (2, half(size), 0)
            luma, means = around, cells
        ranges = 0, 0, 0, numbers[LOW], numbers[HIGH]
        self._launch(kernels.guide_cuda, plan.batch * size[0] * size[1])(
            self.grids, slopes, means, luma, plan.batch,
            _numbers((*size, start, 0, 0), self.device), _numbers(ranges, self.device),
            _sides(sides, plan.batch, self.device), out,
        )  # fmt: skip
        let_go(self.stream, slopes, means, luma, cells)

    def _slopes(self, k: int, luma, own, numbers: list[int], far: bool):
        plan = self.plan
        size = plan.planes[k].grid
        rest = plan.batch * sum(plane.grid[0] * plane.grid[1] for plane in plan.planes[:k])
        gains = (FAR, FAR_REST) if far else (NEAR, NEAR_REST)
        row = *(numbers[at] for at in gains), numbers[FLOOR], 0, 0
        slopes = empty(plan.batch * size[0] * size[1], np.int16, self.stream)
        self._launch(kernels.slopes_cuda, slopes.size)(
            luma, own, self.rest, plan.batch, _numbers((*size, 0, 0, rest), self.device),
            _numbers(row, self.device), slopes,
        )  # fmt: skip
        let_go(self.stream, luma, own)
        return slopes

    def _halved(self, source, start: int, size: tuple[int, int]):
        down, across = half(size)
        found = empty(self.plan.batch * down * across, np.int16, self.stream)
        self._launch(kernels.halve_cuda, found.size)(source, start, *size, self.plan.batch, found)
        return found

    def _launch(self, kernel, threads: int):
        return configured(kernel, -(-threads // kernels.THREADS), kernels.THREADS, self.stream)


def half(size: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of means of 2 x 2 values."""
    return (size[0] + 1) >> 1, (size[1] + 1) >> 1


@lru_cache(maxsize=32)
def _starts(plan: Plan) -> tuple[tuple[int, ...], int]:
    """Where the planes of all pictures begin, with the end; and their size."""
    sizes = [plan.batch * down * across for down, across in (subgrid(plan, p) for p in plan.planes)]
    return (0, *np.cumsum(sizes).tolist()), sum(sizes)


@lru_cache(maxsize=256)
def _numbers(row: tuple[int, ...], device: int):
    return table(np.array(row, np.int64))


@lru_cache(maxsize=64)
def _sides(rows, batch: int, device: int):
    """Rows of `smooth_at`, which counts starts for one picture."""
    found = [
        [side, (2 * side).bit_length() - 1, *size, start // batch] for side, size, start in rows
    ]
    return table(np.array(found, np.int64))
