"""`polish_steadied` on the GPU: the same numbers, four launches a plane."""

import numpy as np

from numbadp.compute.device import clear, empty, table
from numbadp.compute.gpu import configured
from numbadp.plan import Plan
from numbadp.postprocess.drawing import Drawing
from numbadp.postprocess.kernels import steady_cuda as cells
from numbadp.postprocess.kernels import steady_polish_cuda as kernels
from numbadp.postprocess.kernels.filter_body import COLUMNS, ROWS
from numbadp.postprocess.kernels.polish_body import HIDDEN, INPUTS
from numbadp.postprocess.kernels.steady_filter_cuda import steady_residues_cuda
from numbadp.postprocess.steady_filters import is_filtered, steady_numbers
from numbadp.postprocess.steady_filters_cuda import DeviceFilter
from numbadp.postprocess.steady_polish import is_polished, steady_edges, steady_nets, steady_units


def giver_back(plan: Plan, number: int, drawing: Drawing, stream):
    """Choose what gives back what total variation took from a plane of steadied frames.

    Parameters
    ----------
    plan : Plan
        How frames are measured.
    number : int
        Of the plane.
    drawing : Drawing
        How frames are drawn.
    stream : object
        Where to queue.

    Returns
    -------
    DevicePolish, DeviceFilter or None
        None where nothing is given back.
    """
    plane = plan.planes[number]
    if is_polished(plane, drawing):
        return DevicePolish(plan, number, stream)
    if drawing.filters and is_filtered(plane):
        return DeviceFilter(plan, number, stream)
    return None


class DevicePolish:
    """Polishes one plane of steadied frames, where they were drawn anew.

    Parameters
    ----------
    plan : Plan
        How frames are measured.
    number : int
        Of a plane that `steady_polish.is_polished` names.
    stream : object
        Where to queue.
    """

    def __init__(self, plan: Plan, number: int, stream):
        plane, numbers, nets = plan.planes[number], steady_numbers(plan)[number], steady_nets()
        self._stream, self._numbers, self._edges = stream, table(numbers), table(steady_edges())
        self._places, self._gains = map(table, steady_units(plane))
        self._first, self._second = (
            table(weights.astype(np.int32)) for weights in (nets.first, nets.second)
        )
        self._rests, self._settled = table(nets.rests), table(nets.settled)
        size = plane.grid[0] * plane.grid[1]
        self._residues = empty(size, np.int32, stream)
        self._inputs = empty((*plane.grid, INPUTS), np.int16, stream)
        self._hidden = empty((*plane.grid, HIDDEN), np.int16, stream)
        self._out = empty(int(numbers[ROWS] * numbers[COLUMNS]), np.int16, stream)
        clear(self._out, stream)

    def filtered(self, shown, noise, grid, turns):
        """Polish a frame.

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
        size = self._residues.size
        self._by(size, steady_residues_cuda, shown, grid, self._numbers, self._residues)
        self._by(
            size, kernels.steady_inputs_cuda, grid, self._residues, self._numbers, self._places,
            self._gains, self._inputs,
        )  # fmt: skip
        self._by(
            size * HIDDEN, kernels.steady_hidden_cuda, noise, self._inputs, self._gains,
            self._edges, self._first, self._rests, turns, self._hidden,
        )  # fmt: skip
        self._by(
            self._out.size, kernels.steady_polish_cuda, noise, grid, self._hidden, self._numbers,
            self._edges, self._second, self._settled, turns, self._out,
        )  # fmt: skip
        return self._out

    def _by(self, items: int, kernel, *arguments) -> None:
        configured(kernel, -(-items // cells.THREADS), cells.THREADS, self._stream)(*arguments)
