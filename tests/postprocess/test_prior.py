"""The prior's numbers: plausible, and one for every size of cell."""

import pytest

from numbadp.plan.grid import MAX_CELL
from numbadp.postprocess import prior


@pytest.mark.parametrize("kind", ["luma", "g", "o"])
def test_wide_cells_vary_less(kind):
    """One number for every cell from 1 to 1024 pixels, falling: means of means vary less."""
    found = prior.SIGNAL[kind]
    assert 1 << (len(found) - 1) == MAX_CELL
    assert list(found) == sorted(found, reverse=True) and min(found) > 0
    assert all(inside[kind] < found[0] for inside in prior.INSIDE.values())
    assert 0 < prior.LEFT[kind] < 0.1


def test_colours_are_expected_to_be_grey():
    for middle in prior.MIDDLE.values():
        assert middle["g"][0] == middle["o"][0] == 0
        assert 64 < middle["luma"][0] < 192
