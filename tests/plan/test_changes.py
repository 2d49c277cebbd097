"""What one unit changes, in numbers that can be counted by hand; neighbours are in tests/mechanism."""

from numbadp.plan.changes import COUNTS_CHANGE, sums_change, visits_change, votes_change
from numbadp.plan.laws import Change


def test_an_image_changes_all_its_cells():
    """Three pixels by five in cells of two: six cells of 4, 4, 2, 2, 2, 1 pixels."""
    assert sums_change((3, 5), 2) == Change(255 * 15, 255**2 * (16 + 16 + 4 + 4 + 4 + 1), 255 * 4)
    assert sums_change((3, 5, 3), 2).total == 3 * sums_change((3, 5), 2).total
    assert Change(1, 1, 1) == COUNTS_CHANGE


def test_an_event_touches_the_cells_that_its_box_can():
    """A box of 3 x 6 pixels lies on 2 x 3 cells of four at most, and on no more than there are."""
    assert votes_change((64, 64), 4, (5, 6, 3)) == Change(2 * 5 * 6, 2 * 25 * 6, 5)
    assert votes_change((4, 64, 3), 4, (5, 1, 90)) == Change(2 * 5 * 3, 2 * 25 * 3, 5)


def test_a_visitor_adds_one_to_his_cells():
    """At most so many of them."""
    assert visits_change(40) == Change(40, 40, 1)
