"""Sixteen sub-cells at a time: what the scalar loops give, bit for bit, and nothing beside it."""

import numpy as np
import pytest

from numbadp.jit import jit
from numbadp.lanes import LANES, pointer_to
from numbadp.postprocess.kernels.reconstruct_leaves_cpu import shrink
from numbadp.postprocess.kernels.reconstruct_leaves_row import dual_lanes, move_lanes, primal_lanes

F = np.float32
FIRST = 5  # what is worked on begins here, at no round address


@jit
def run_dual(bar, below, across, down, ascent):
    """Step the sub-cells from FIRST on."""
    dual_lanes(
        pointer_to(bar, FIRST), pointer_to(below, FIRST), pointer_to(across, FIRST),
        pointer_to(down, FIRST), ascent,
    )  # fmt: skip


@jit
def run_primal(value, across, down, above, descent, moved):
    """Step the sub-cells from FIRST on."""
    primal_lanes(
        pointer_to(value, FIRST), pointer_to(across, FIRST), pointer_to(down, FIRST),
        pointer_to(above, FIRST), descent, pointer_to(moved, FIRST),
    )  # fmt: skip


@jit
def run_move(moved, wide, value, bar):
    """Step the sub-cells from FIRST on."""
    move_lanes(
        pointer_to(moved, FIRST), pointer_to(wide, FIRST), pointer_to(value, FIRST),
        pointer_to(bar, FIRST),
    )  # fmt: skip


def rows(count, seed):
    """Return rows of numbers of all sizes, some of them equal."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(0, 1, (count, LANES + 2 * FIRST)) * 10.0 ** rng.integers(-3, 4, (count, 1))
    return list(np.where(rng.random(numbers.shape) < 0.2, 0, numbers).astype(F))


def check(found, before, expected):
    """Compare the sixteen, and what lies around them with what was there."""
    inside = slice(FIRST, FIRST + LANES)
    np.testing.assert_array_equal(found[inside].view(np.int32), expected.view(np.int32))
    np.testing.assert_array_equal(np.delete(found, inside), np.delete(before, inside))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("step", [F(1), F(0.5), F(0.125)])
def test_duals(step, seed):
    """Differences to the right and below, projected.  Oracle: the scalar body."""
    bar, below, across, down = rows(4, seed)
    p, q = across.copy(), down.copy()
    run_dual(bar, below, p, q, step)
    both = [
        shrink(across[x] + (bar[x + 1] - bar[x]) * step, down[x] + (below[x] - bar[x]) * step)
        for x in range(FIRST, FIRST + LANES)
    ]
    for found, before, wanted in zip((p, q), (across, down), zip(*both, strict=True), strict=True):
        check(found, before, np.array(wanted, F))


@pytest.mark.parametrize("seed", range(20))
def test_values(seed):
    """The divergence, to the left and above.  Oracle: NumPy in float32."""
    value, across, down, above, moved = rows(5, seed)
    found, x = moved.copy(), np.arange(FIRST, FIRST + LANES)
    run_primal(value, across, down, above, F(0.25), found)
    slope = (across[x] - across[x - 1]) + (down[x] - above[x])
    check(found, moved, value[x] + slope * F(0.25))


@pytest.mark.parametrize("seed", range(20))
def test_moves(seed):
    """The pull and the extrapolation.  Oracle: NumPy in float32."""
    moved, wide, value, bar = rows(4, seed)
    new, ahead, x = value.copy(), bar.copy(), np.arange(FIRST, FIRST + LANES)
    run_move(moved, wide, new, ahead)
    expected = moved[x] - wide[x]
    check(new, value, expected)
    check(ahead, bar, (expected + expected) - value[x])
