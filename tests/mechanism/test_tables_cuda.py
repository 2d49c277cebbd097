"""A plan's tables for the GPU."""

from cases import every_case
from simulator import run_python

from numbadp.mechanism.noise import noise_tables


@every_case
def test_units_hold_every_sum(case):
    """A unit's form fits int32, cells are whole numbers of units, words have at most 15 cuts."""
    plan = case.plan()
    unit = min(plan.planes[0].cell, 16)
    for plane in plan.planes:
        assert plane.cell % unit == 0
        assert sum(map(abs, plane.form)) * 255 * unit**2 < 2**31
    assert all(bits.max() <= 4 for bits in noise_tables(plan).bits)


CHECKS = """
import numpy as np
from cases import CASES
from numbadp.mechanism.kernels import noise_cuda as k
from numbadp.mechanism.noise import noise_tables
from numbadp.mechanism.tables_cuda import geometry_of, short_tables

for case in CASES:
    plan = case.plan()
    noise = noise_tables(plan)
    tops, widths = short_tables(noise.cuts, noise.bits)
    tops = tops.reshape(len(plan.planes), 16, k.CUTS)
    for own, row, cuts, bits in zip(tops, widths, noise.cuts, noise.bits, strict=True):
        assert row.tolist() == [2, *bits.tolist()] + [0] * (15 - bits.size)
        high = [int(c) >> 32 for c in cuts[0]]
        listed = [int(x) for slot, w in zip(own, row) for x in slot[1 : 1 << w]]
        assert listed == [*high[:2], 0, *high[2:]]
    rows = geometry_of(plan, min(plan.planes[0].cell, 16))
    cells = rows[:, k.CELLS]
    assert (rows[:, k.VALUES_START] == plan.batch * (np.cumsum(cells) - cells)).all()
    assert (np.diff(rows[:, k.FIRST_BLOCK]) == -(-cells[:-1] // k.THREADS)).all()
    assert rows[:, k.TAG].tolist() == noise.tags.tolist()
    assert ((rows[:, k.BLOCKS] == 2) == (rows[:, k.WORDS] > 7)).all()
"""


def test_the_short_tables_say_what_the_scalar_ones_say():
    """High halves of all cuts in order, digits of every slot, cells, blocks and tags."""
    run_python(CHECKS)
