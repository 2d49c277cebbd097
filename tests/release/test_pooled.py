"""Releases over many pictures: frozen values, shapes, names, and the calls that draw them."""

import numpy as np
import pytest

from numbadp import Pool, errors
from numbadp.release.pooled import build_pool_release

POOL = Pool.images((9, 6), classes=3, epsilon=1, cell=4)
POOL.add(np.full((60, 9, 6), 90, np.uint8), np.arange(60) % 3)
RELEASE = POOL.release()


def test_shapes():
    """Pictures a class, noisy sums a cell, one count a class."""
    assert RELEASE.shape == RELEASE.render().shape == (3, 9, 6)
    assert RELEASE.values[0].shape == (3, 3, 2, 1)
    assert RELEASE.counts.shape == (3,)
    assert RELEASE.means("cells").shape == (3, 3, 2, 1)
    assert RELEASE.deviation == RELEASE.plan.stages[0].law.deviation


def test_values_are_frozen():
    """Nobody changes a release."""
    for value in RELEASE.values:
        with pytest.raises(ValueError, match="read-only"):
            value[0] = 0


def test_values_must_fit_the_plan():
    """Other shapes or dtypes are refused."""
    for values in ((RELEASE.values[0],), tuple(v.astype(float) for v in RELEASE.values)):
        with pytest.raises(errors.ShapeError, match="values"):
            build_pool_release(RELEASE.plan, RELEASE.guarantee, values)


def test_its_name_tells_public_facts():
    """Kind, size, epsilon and unit."""
    assert repr(RELEASE) == "<PoolRelease of images of 6 x 9: epsilon = 1, one image>"
