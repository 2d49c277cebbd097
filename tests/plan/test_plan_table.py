"""A plan as a table: paid splits, public leaves, regions, and what is not private."""

import numpy as np
import pytest

from numbadp.mechanism.planning import build_plan
from numbadp.plan.layout import Layout

COLOUR = (300, 400, 3)


def lines_of(**options):
    """Return a plan and the lines of its table."""
    plan = build_plan(COLOUR, epsilon=1, **options)
    return plan, str(plan).splitlines()


def test_sizes_are_width_first():
    """Of the picture and of every grid, as everywhere a person reads one."""
    _, lines = lines_of(layout="uniform", cell=16)
    assert lines[0].startswith("plan for 400 x 300, RGB: ")
    assert [line.split()[3] for line in lines[2:5]] == ["25x19", "13x10", "7x5"]
    plan = build_plan((4, 30, 50, 1), epsilon=1)
    assert str(plan).startswith("plan for 4 pictures of 50 x 30, grey: ")


def test_paid_splits_have_a_line_each():
    """Side, grid, sensitivity and what it spends alone, coarsest first, after the planes."""
    plan, lines = lines_of(layout="private")
    assert len(lines) == 2 + 3 + len(plan.split_levels) + 1
    for line, level in zip(lines[5:], plan.split_levels, strict=False):
        words = line.split()
        assert words[:3] == ["split", "1,2,1", str(level.side)]
        assert words[3:5] == [f"{level.grid[1]}x{level.grid[0]}", str(level.sensitivity)]
        assert float(words[-1]) == pytest.approx(float(level.epsilon_alone), rel=1e-3)
    assert lines[-1].startswith("at most ")
    assert "jointly exactly epsilon = 1" in lines[-1]


def test_unpaid_splits_are_called_not_private():
    """The sides, the score, and that epsilon covers the values alone."""
    plan, lines = lines_of(layout="exact")
    assert lines[-1].startswith("NOT PRIVATE: squares of ")
    assert all(str(side) in lines[-1] for side in plan.splits.sides)
    assert "variance of the picture itself, unpaid" in lines[-1]


def test_public_leaves_and_regions_are_named():
    """The layout and the region are in the footer; a plain plan has neither."""
    mask = np.zeros(COLOUR[:2], bool)
    mask[:3, :7] = True
    plan, lines = lines_of(layout=Layout.zones(COLOUR, [], default=16), mask=mask)
    assert lines[-2] == f"leaves: {plan.leaves}"
    assert lines[-1].endswith("<Region: 21 pixels of 400 x 300>")
    _, plain = lines_of()
    assert len(plain) == 2 + 3 + 1
    assert not plain[-1].startswith("at most")
