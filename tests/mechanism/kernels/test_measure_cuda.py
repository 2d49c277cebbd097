"""Unit sums on the GPU, in the simulator."""

import numpy as np
import pytest
from cases import assert_same, fixed_key
from gpu_child import LAYOUT_PLAN, WIDE, memory_layouts
from simulator import planes_of, simulated

from numbadp.mechanism import _pixelize


@pytest.mark.parametrize("case", WIDE, ids=lambda case: case.id)
def test_rows_read_sixteen_bytes_at_a_time_give_the_same_bits(case):
    """Every unit from 1 to 16 pixels, cells above, grey and interleaved colour.  Oracle: CPU."""
    expected = _pixelize(case.image(), case.plan(), fixed_key()).values
    assert_same(planes_of(simulated(), case.id), expected)


@pytest.mark.parametrize("name", memory_layouts()[1])
def test_strides_do_not_matter(name):
    """Planes, padded rows, every other pixel, negative steps, transposed memory: same bits."""
    image, _ = memory_layouts()
    expected = _pixelize(image, LAYOUT_PLAN.plan(), fixed_key()).values
    assert_same(planes_of(simulated(), f"layout-{name}"), expected)


def test_the_layouts_take_all_kernels():
    """Power: the views above need the kernels for planes, interleaved rows, and bytes."""
    layouts = memory_layouts()[1]
    steps = {name: view.strides for name, view in layouts.items()}
    assert steps["planes"][1:] == (1, 18 * 32) and steps["padded-rows"] == (144, 3, 1)
    assert steps["every-other"][1] == 6 and min(steps["upside-down"]) < 0
    assert all(np.array_equal(view, memory_layouts()[0]) for view in layouts.values())
