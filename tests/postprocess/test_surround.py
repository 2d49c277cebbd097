"""The inside of a region, guessed from its rim."""

import numpy as np
import pytest
from oracles import surround as oracle

from numbadp.postprocess.surround import fill_inside

from .mixed import BY_ID, worked


@pytest.mark.parametrize("name", ["region-grey", "region-ygo", "region-spots", "region-cell-1"])
def test_the_guess_equals_the_reference(name):
    """Cell by cell in plain floats.  Oracle: tests/oracles/surround.py."""
    parts = worked(name)[0]
    plan, mask = parts.plan, parts.plan.region.mask
    picture = parts.picture.reshape(plan.height, plan.width, -1)
    for plane in plan.planes:
        grid = -(-plan.height // plane.subcell), -(-plan.width // plane.subcell)
        found = fill_inside(plane, picture, mask, (0, 0), grid)
        np.testing.assert_array_equal(found, oracle.guess(plane, picture, mask))


def test_nothing_inside_is_looked_at_and_nothing_around_gives_nothing():
    plan = BY_ID["region-ygo"].plan()
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (50, 47, 3), np.uint8)
    other = picture.copy()
    other[plan.region.mask] = 77
    found = [
        fill_inside(plan.planes[0], p, plan.region.mask, (0, 0), (25, 24)) for p in (picture, other)
    ]
    np.testing.assert_array_equal(*found)
    assert fill_inside(plan.planes[0], picture, np.ones((50, 47), bool), (0, 0), (25, 24)) is None


def test_a_ramp_goes_on_inside():
    """A box on a linear shade is filled by nearly that shade, with a grid of its own."""
    plane = BY_ID["region-grey"].plan().planes[0]
    y, x = np.mgrid[:120, :140]
    picture = (40 + x).astype(np.uint8)[..., None]
    inside = np.zeros((120, 140), bool)
    inside[37:75, 41:90] = True
    s = plane.subcell
    grid = -(-38 // s), -(-49 // s)
    found = fill_inside(plane, picture, inside, (37, 41), grid) / 64
    truth = 40 + 41 + s * np.arange(grid[1]) + (s - 1) / 2
    assert abs(found - truth).mean() < 4
