"""`filter_steadied` on the GPU: the same numbers, two launches a plane."""

import numpy as np

from numbadp.compute.device import clear, empty, table
from numbadp.compute.gpu import configured
from numbadp.plan import Plan
from numbadp.postprocess.kernels import steady_cuda as cells
from numbadp.postprocess.kernels import steady_filter_cuda as kernels
from numbadp.postprocess.kernels.filter_body import COLUMNS, ROWS
from numbadp.postprocess.shrink import kind_of
from numbadp.postprocess.steady_filters import steady_numbers, steady_weights


class DeviceGiver:
    """Gives back what total variation took from a plane of steadied frames that was drawn anew.

    Parameters
    ----------
    plan : Plan
        How frames are measured.
    number : int
        Of the plane.
    stream : object
        Where to queue.
    """

    def __init__(self, plan: Plan, number: int, stream):
        grid, numbers = plan.planes[number].grid, steady_numbers(plan)[number]
        self._stream, self._numbers = stream, table(numbers)
        self._residues = empty(grid[0] * grid[1], np.int32, stream)
        self._out = empty(int(numbers[ROWS] * numbers[COLUMNS]), np.int16, stream)
        clear(self._out, stream)

    def filtered(self, shown, noise, grid, turns):
        """Give back to a frame.

        Parameters
        ----------
        shown, noise : device array of float32, shape (cells down, cells across)
            Means of cells in grey levels, and their variances.
        grid : device array of int16, flat
            The plane as total variation leaves it, in 1/64 grey level.
        turns : device array of uint8, shape (cells down, blocks)
            0 where a block of sixteen cells of a row was not drawn anew.

        Returns
        -------
        device array of int16, flat
            The plane, over which the next frame is drawn.
        """
        self._by(
            self._residues.size, kernels.steady_residues_cuda, shown, grid, self._numbers,
            self._residues,
        )  # fmt: skip
        self._give(noise, grid, turns)
        return self._out

    def _give(self, noise, grid, turns) -> None:
        raise NotImplementedError

    def _by(self, items: int, kernel, *arguments) -> None:
        configured(kernel, -(-items // cells.THREADS), cells.THREADS, self._stream)(*arguments)


class DeviceFilter(DeviceGiver):
    """Filters a plane that `steady_filters.is_filtered` names."""

    def __init__(self, plan: Plan, number: int, stream):
        super().__init__(plan, number, stream)
        self._edges, self._weights = map(table, steady_weights(kind_of(plan.planes[number])))

    def _give(self, noise, grid, turns) -> None:
        self._by(
            self._out.size, kernels.steady_filter_cuda, noise, grid, self._residues, self._numbers,
            self._edges, self._weights, turns, self._out,
        )  # fmt: skip
