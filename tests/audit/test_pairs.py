"""Neighbours: alike in shape, different in at most m pixels, in the places that they name."""

import numpy as np
import pytest
from cases import ExpectFail, failing

import numbadp
from numbadp.audit.pairs import Pair, neighbour_pairs


@pytest.mark.parametrize("shape", [(8, 8), (11, 9, 1), (11, 9, 3), (1, 1), (4, 30, 3)])
@pytest.mark.parametrize(("m", "cell"), [(1, 8), (5, 4), (16, 4), (1000, 2)])
def test_pairs_are_neighbours(shape, m, cell):
    """At most m pixels differ, in all channels, by 255; the control differs in none."""
    pairs = neighbour_pairs(shape, m=m, cell=cell)
    assert len({pair.name for pair in pairs}) == len(pairs)
    for pair in pairs:
        assert pair.first.shape == pair.second.shape == shape
        changed = np.abs(pair.first.astype(int) - pair.second).reshape(*shape[:2], -1)
        assert set(np.unique(changed)) <= {0, 255}
        assert (changed.min(axis=2) == changed.max(axis=2)).all()
        assert (changed.any(axis=2).sum() == 0) == (pair.kind == "control")
        assert changed.any(axis=2).sum() <= m


def changed_cells(pair, cell):
    """Return the cells that a pair touches."""
    at = np.argwhere((pair.first != pair.second).any(axis=2))
    return {(y // cell, x // cell) for y, x in at.tolist()}


def test_pairs_lie_where_they_say():
    """One cell, every cell, the cut cells, the meeting of four: counted by hand."""
    pairs = {pair.kind: pair for pair in neighbour_pairs((11, 9, 1), m=9, cell=4)}
    assert changed_cells(pairs["cell"], 4) == changed_cells(pairs["corner"], 4) == {(0, 0)}
    assert len(changed_cells(pairs["spread"], 4)) == 9
    assert all(y == 2 or x == 2 for y, x in changed_cells(pairs["partial"], 4))
    assert changed_cells(pairs["straddling"], 4) == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_every_vertex_of_the_colour_cube_is_tried():
    """Up to sign the changes of a pixel are the four vertices."""
    pairs = neighbour_pairs((8, 8, 3), m=1, cell=8)
    found = set()
    for pair in pairs:
        change = np.sign(pair.second.astype(int) - pair.first)[0, 0]
        if change.any():
            found.add(tuple((change * change[1]).tolist()))
    assert found == {(1, 1, 1), (1, 1, -1), (-1, 1, 1), (-1, 1, -1)}


@failing(
    ExpectFail("m", ((4, 4), 0, 2), numbadp.OptionError, "m = 0"),
    ExpectFail("cell", ((4, 4), 1, 0), numbadp.OptionError, "cell = 0"),
    ExpectFail("empty", ((0, 4), 1, 2), numbadp.OptionError, r"\(0, 4\)"),
    ExpectFail("batch", ((2, 4, 4, 1), 1, 2), numbadp.OptionError, "2, 4, 4, 1"),
)
def test_refuses(bad):
    """Shapes and numbers that have no neighbours are refused."""
    shape, m, cell = bad.given
    with pytest.raises(bad.error, match=bad.match):
        neighbour_pairs(shape, m=m, cell=cell)


def test_a_pair_is_alike():
    """Images of different shapes are no neighbours."""
    with pytest.raises(numbadp.OptionError, match="alike"):
        Pair("odd", np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8))
