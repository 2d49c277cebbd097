"""Cells of four doubles: each operation to the bits of NumPy's, which makes them one by one."""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.compute.lanes import pointer_to
from numbadp.postprocess.kernels.surround_quad import (
    WIDE,
    copy_quad,
    mean_around,
    mean_of,
    quarter_way,
)


@jit
def steps(flat, pitch):
    cells = pointer_to(flat, 0)
    copy_quad(cells, 1, 20)
    mean_around(cells, 8, pitch, 21)
    quarter_way(cells, 3, 9, 22)
    mean_of(cells, 4, 5, 6, 7, 3.0, 23)


def test_every_step_has_its_own_bits_and_writes_one_cell():
    """Sums in pairs, above and below first; all four planes; no other cell changes."""
    rng = np.random.default_rng(8)
    cells = rng.normal(size=(25, WIDE)) * 10.0 ** rng.integers(-3, 4, (25, WIDE))
    found = cells.copy()
    steps(found.reshape(-1), 5)
    wanted = cells.copy()
    wanted[20] = cells[1]
    wanted[21] = ((cells[3] + cells[13]) + (cells[7] + cells[9])) / 4
    wanted[22] = (3 * cells[3] + cells[9]) / 4
    wanted[23] = ((cells[4] + cells[5]) + (cells[6] + cells[7])) / 3
    np.testing.assert_array_equal(found, wanted)
