"""Leaves on the GPU, in the simulator: heads alone have values."""

import numpy as np
from gpu_layouts import MIXED
from simulator import planes_of, simulated


def test_cells_that_are_no_heads_hold_0():
    """Of a leaf of several cells one has a value; without noise at the others they stay 0."""
    found = simulated()
    for name in ("private-grey", "earlier-batch", "exact-ygo"):
        case = MIXED[name]
        cell = case.plan().planes[0].cell
        levels, values = found[f"{name}/leaves"], planes_of(found, name)[0]
        y, x = np.indices(levels.shape[-2:])
        sides = (256 >> levels.astype(np.int64)) // cell
        heads = (y % sides == 0) & (x % sides == 0)
        assert not heads.all()
        assert not values[~heads].any()
        assert (values[heads] != 0).mean() > 0.9
