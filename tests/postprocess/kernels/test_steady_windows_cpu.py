"""Windows over deviations: cropped at the rim, compared squared."""

import numpy as np
from oracles.steady import box, grown

from numbadp.postprocess.kernels.steady_windows_cpu import grow, mark_jumps, window_limits


def framed(a, margin=2):
    return np.ascontiguousarray(np.pad(a, margin).astype(a.dtype))


def test_marks_are_those_of_plain_windows():
    generator = np.random.default_rng(2)
    d = generator.normal(0, 3, (11, 17)).astype(np.float32)
    v = generator.uniform(0.5, 2, d.shape).astype(np.float32)
    limits = np.zeros((3, *d.shape), np.float32)
    window_limits(framed(v), limits)
    own, wide = (np.zeros((13, 19), np.uint8) for _ in range(2))
    rows = [np.zeros(21, np.float32) for _ in range(2)]
    mark_jumps(framed(d), limits, *rows, own, wide)
    single = (d * d > 49 * v) | (box(d, 3) ** 2 > 12.25 * box(v, 3))
    np.testing.assert_array_equal(own[1:-1, 1:-1] > 0, single)
    five = box(d, 5) ** 2 > 12.25 * box(v, 5)
    np.testing.assert_array_equal(wide[1:-1, 1:-1] > 0, five)
    assert single.any()
    assert five.any()


def test_marks_grow_by_one():
    marks = np.zeros((6, 7), np.uint8)
    marks[1:-1, 1:-1] = np.random.default_rng(3).random((4, 5)) > 0.8
    found = np.zeros((4, 5), np.uint8)
    for i in range(4):
        grow(marks, i, found[i])
    np.testing.assert_array_equal(found > 0, grown(marks[1:-1, 1:-1]))
