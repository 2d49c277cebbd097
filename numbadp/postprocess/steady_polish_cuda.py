"""`polish_steadied` on the GPU: the same numbers, four launches a plane."""

import numpy as np

from numbadp.compute.device import empty, table
from numbadp.plan import Plan
from numbadp.postprocess.drawing import Drawing
from numbadp.postprocess.kernels import steady_polish_cuda as kernels
from numbadp.postprocess.kernels.polish_body import HIDDEN, INPUTS
from numbadp.postprocess.steady_filters import is_filtered
from numbadp.postprocess.steady_filters_cuda import DeviceFilter, DeviceGiver
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


class DevicePolish(DeviceGiver):
    """Polishes a plane that `steady_polish.is_polished` names."""

    def __init__(self, plan: Plan, number: int, stream):
        super().__init__(plan, number, stream)
        plane, nets = plan.planes[number], steady_nets()
        self._edges = table(steady_edges())
        self._places, self._gains = map(table, steady_units(plane))
        self._first, self._second = (
            table(weights.astype(np.int32)) for weights in (nets.first, nets.second)
        )
        self._rests, self._settled = table(nets.rests), table(nets.settled)
        self._inputs = empty((*plane.grid, INPUTS), np.int16, stream)
        self._hidden = empty((*plane.grid, HIDDEN), np.int16, stream)

    def _give(self, noise, grid, turns) -> None:
        size = self._residues.size
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
