"""Rows of sub-cells in vectors: what the scalar loops give, bit for bit, and nothing beside it."""

import numpy as np
import pytest

from numbadp.compute.jit import jit
from numbadp.compute.lanes import LANES, pointer_to
from numbadp.postprocess.kernels.reconstruct_leaves_cpu import shrink
from numbadp.postprocess.kernels.reconstruct_leaves_row import move_lanes, step_lanes

F = np.float32
FIRST = 5  # what is worked on begins here, at no round address


@jit
def run_step(bar, below, across, down, above, value, moved, last, ascent, descent):
    """Step the sub-cells from FIRST on."""
    return step_lanes(
        pointer_to(bar, FIRST), pointer_to(below, FIRST), pointer_to(across, FIRST),
        pointer_to(down, FIRST), pointer_to(above, FIRST), pointer_to(value, FIRST),
        pointer_to(moved, FIRST), last, ascent, descent,
    )  # fmt: skip


@jit
def run_move(moved, wide, value, bar):
    """Step the sub-cells from FIRST on."""
    move_lanes(
        pointer_to(moved, FIRST), pointer_to(wide, FIRST), pointer_to(value, FIRST),
        pointer_to(bar, FIRST),
    )  # fmt: skip


def rows(count, seed, width=LANES):
    """Return rows of numbers of all sizes, some of them equal."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(0, 1, (count, width + 2 * FIRST)) * 10.0 ** rng.integers(-3, 4, (count, 1))
    return list(np.where(rng.random(numbers.shape) < 0.2, 0, numbers).astype(F))


def check(found, before, expected):
    """Compare the bits of what was worked on, and what lies around it with what was there."""
    inside = slice(FIRST, FIRST + len(expected))
    expected = np.array(expected, F)
    np.testing.assert_array_equal(found[inside].view(np.int32), expected.view(np.int32))
    np.testing.assert_array_equal(np.delete(found, inside), np.delete(before, inside))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("last", [LANES - 1, LANES, 2 * LANES - 1, 2 * LANES, 3 * LANES + 7])
def test_steps(last, seed):
    """Duals, projected, then their divergence; whole vectors alone.  Oracle: the scalar bodies."""
    bar, below, across, down, above, value, moved = rows(7, seed, 4 * LANES)
    p, q, out = across.copy(), down.copy(), moved.copy()
    count = run_step(bar, below, p, q, above, value, out, last, F(0.5), F(0.25))
    assert count == last // LANES * LANES
    duals, wanted, left = [], [], F(0)
    for x in range(FIRST, FIRST + count):
        across_x = across[x] + (bar[x + 1] - bar[x]) * F(0.5)
        duals.append(shrink(across_x, down[x] + (below[x] - bar[x]) * F(0.5)))
        slope = (duals[-1][0] - left) + (duals[-1][1] - above[x])
        wanted.append(value[x] + F(slope) * F(0.25))
        left = F(duals[-1][0])
    check(p, across, [F(dual[0]) for dual in duals])
    check(q, down, [F(dual[1]) for dual in duals])
    check(out, moved, wanted)


@pytest.mark.parametrize("seed", range(20))
def test_moves(seed):
    """The pull and the extrapolation.  Oracle: NumPy in float32."""
    moved, wide, value, bar = rows(4, seed)
    new, ahead, x = value.copy(), bar.copy(), np.arange(FIRST, FIRST + LANES)
    run_move(moved, wide, new, ahead)
    expected = moved[x] - wide[x]
    check(new, value, expected)
    check(ahead, bar, (expected + expected) - value[x])
