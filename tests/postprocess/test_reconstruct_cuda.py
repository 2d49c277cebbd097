"""Parts of a batch, tiles and blocks of the reconstruction on the GPU."""

import numpy as np
import pytest
from cases import BY_ID, fixed_key
from gpu_child import ITERATIONS, STYLES
from simulator import run_python, simulated

from numbadp.mechanism import _pixelize
from postprocess.painted import fewer_iterations


@pytest.mark.parametrize("style", STYLES)
def test_a_batch_in_parts_gives_the_same_pictures(style):
    """One picture's state at a time, and fewer blocks in y than pictures."""
    case = BY_ID["batch-grey"]
    with fewer_iterations(ITERATIONS):
        expected = _pixelize(case.image(), case.plan(), fixed_key()).render(style)
    np.testing.assert_array_equal(simulated()[f"strided/{style}"], expected)


def test_tiles_cover_every_plane_once():
    run_python(
        "from postprocess.releases import TABLE\n"
        "from numbadp.postprocess.kernels import reconstruct_cuda as k\n"
        "from numbadp.postprocess.reconstruct_cuda import geometry_of\n"
        "for case in TABLE:\n"
        "    rows, tiles, blocks = geometry_of(case.plan(), 24, 16)\n"
        "    ends = [*rows[1:, k.FIRST_TILE], tiles]\n"
        "    for row, end in zip(rows, ends):\n"
        "        down, rest = divmod(end - row[k.FIRST_TILE], row[k.TILES_ACROSS])\n"
        "        assert rest == 0 and 0 <= row[k.TILES_ACROSS] * 24 - row[k.WIDTH] < 24\n"
        "        assert 0 <= down * 16 - row[k.ROWS] < 16\n"
    )
