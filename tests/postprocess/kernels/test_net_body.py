"""Integers around a net, against plain Python's."""

import numpy as np

from numbadp.postprocess.kernels.net_body import build_added, build_base, build_mixed

mixed, added, base = (build(lambda f: f) for build in (build_mixed, build_added, build_base))


def test_partial_cells_lie_between_their_own_mean_and_their_neighbours():
    for own, whole in ((0, 64), (-(2**20), 2**20), (500, 500)):
        assert mixed(own, whole, 4096) == own and mixed(own, whole, 0) == whole
        between = mixed(own, whole, 1024)
        assert between == whole + ((own - whole) * 1024 + 2048 >> 12)


def test_what_is_added_is_rounded_half_up_and_clipped():
    for total, shift in ((2**23, 4), (-(2**23), 4), (7, -2), (5, 1), (-5, 1), (12345, 9)):
        value = total << -shift if shift <= 0 else (total + (1 << shift - 1)) >> shift
        value = min(max(value, -(2**15)), 2**15)
        wanted = min(max(1000 + ((value * 20000 + 2**12) >> 13), 0), 16320)
        arguments = map(np.int64, (1000, total, shift, 20000, 13, 0, 16320))
        assert added(*arguments) == wanted


def test_interpolation_keeps_constants_and_ramps():
    assert base(*map(np.int64, (77, 77, 77, 77))) == 77
    assert base(*map(np.int64, (160, 0, 160, 0))) == 120
