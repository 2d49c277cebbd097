"""Frames of the temporal filter: how they are drawn, and within how much of their noise they merge."""

import numpy as np
import pytest

import numbadp
from numbadp.mechanism.planning import build_plan
from numbadp.postprocess.drawing import choose_drawing
from numbadp.release.temporal_frames import Drawn, SteadyRelease, merge_rule, pixels_of


@pytest.mark.parametrize(
    ("how", "epsilon", "wanted"),
    [
        ((), 1, (4, 2.5)),
        (("tv",), 1, (1, 1.0)),
        (("default", 1), 1, (1, 1.0)),
        ((), 10**6, (4, 1.0)),
    ],
)
def test_ranges_are_wider_where_filters_made_edges_steep(how, epsilon, wanted):
    """And the usual noise is that of some cells there."""
    plan = build_plan((100, 131), epsilon=epsilon, m=16, cell=8)
    assert merge_rule(plan.planes[0], choose_drawing(*how)) == wanted


def test_units_are_pixels_in_units_of_a_sum():
    plan = build_plan((13, 21, 3), epsilon=1, m=16, cell=8)
    luma = plan.planes[0]
    rows, columns = np.array([8, 5]), np.array([8, 8, 5])
    np.testing.assert_array_equal(pixels_of(plan)[0], luma.divisor * np.outer(rows, columns))


def test_a_frame_is_what_was_drawn():
    """Sums follow from the means that are shown, flat cells from those."""
    release = numbadp.pixelize(np.zeros((16, 16), np.uint8), epsilon=1, m=1, cell=8)
    drawn = Drawn((np.full((2, 2), 7.25, np.float32),), (np.zeros((1, 4, 4), np.int16),),
                  np.array([3]))  # fmt: skip
    frame = SteadyRelease(release, drawn)
    assert (frame.values[0] == 7.25 * 64).all() and (frame.render("cells") == 7).all()
    assert not frame.render("smooth").any() and frame.to_host() is frame
    assert frame.guarantee is release.guarantee and "SteadyRelease" in repr(frame)
