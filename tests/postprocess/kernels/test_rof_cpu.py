"""The primal-dual iteration with a quadratic data term equals a plain one in NumPy."""

import numpy as np
import pytest

from numbadp.postprocess.kernels.rof_cpu import rof_cpu


def plain(seen, pull, iterations):
    """Return the iterate of the same steps in double precision."""
    u, bar = seen.copy(), seen.copy()
    p, q = np.zeros_like(seen), np.zeros_like(seen)
    for _ in range(iterations):
        p += np.diff(bar, axis=1, append=bar[:, -1:])
        q += np.diff(bar, axis=0, append=bar[-1:])
        size = np.maximum(1, np.hypot(p, q))
        p, q = p / size, q / size
        slope = np.diff(p, axis=1, prepend=0) + np.diff(q, axis=0, prepend=0)
        new = (u + slope / 8 + pull / 8 * seen) / (1 + pull / 8)
        bar, u = 2 * new - u, new
    return u


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (9, 14)])
def test_iterates_equal_numpy(shape):
    """Several planes, any shape, thirty steps: equal to 1e-4."""
    rng = np.random.default_rng(5)
    seen = rng.normal(0, 3, (2, *shape))
    pull = rng.uniform(0.5, 2, (2, *shape))
    planes = seen.astype(np.float32)
    rof_cpu(np.zeros(1, np.int64), 2, planes, pull.astype(np.float32), 30)
    for found, y, w in zip(planes, seen, pull, strict=True):
        np.testing.assert_allclose(found, plain(y, w, 30), atol=1e-4)
