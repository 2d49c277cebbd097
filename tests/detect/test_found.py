"""Boxes that mean one thing become one; boxes grow by a share of their own sides."""

import numpy as np
import pytest

from numbadp.detect.found import Found, merge, number_between
from numbadp.errors import OptionError, OptionTypeError


def test_the_surest_of_boxes_of_one_thing_stays():
    boxes = np.array([[0, 0, 10, 10], [1, 1, 11, 11], [20, 0, 30, 10]], float)
    found = merge(boxes, np.array([0.6, 0.9, 0.7]))
    np.testing.assert_array_equal(found.boxes, boxes[[1, 2]])
    np.testing.assert_array_equal(found.scores, [0.9, 0.7])
    assert len(found) == 2 and "2 boxes" in repr(found)


def test_a_part_inside_of_another_box_is_no_thing_of_its_own():
    found = merge(np.array([[0, 0, 100, 100], [10, 10, 40, 40]], float), np.array([0.9, 0.8]))
    assert len(found) == 1


def test_neighbours_that_overlap_a_little_stay_two():
    assert len(merge(np.array([[0, 0, 10, 10], [7, 0, 17, 10]], float), np.array([0.9, 0.8]))) == 2


def test_nothing_merges_to_nothing():
    found = merge(np.zeros((0, 4)), np.zeros(0))
    assert found.boxes.shape == (0, 4) and found.scores.shape == (0,)
    assert found.grown(0.3).boxes.shape == (0, 4)


def test_each_side_moves_outwards_by_its_share():
    found = Found(np.array([[10.0, 20, 30, 60]]), np.ones(1)).grown(0.25)
    np.testing.assert_array_equal(found.boxes, [[5, 10, 35, 70]])


@pytest.mark.parametrize("share", [-0.1, 11, float("nan")])
def test_a_share_that_shrinks_or_explodes_is_refused(share):
    with pytest.raises(OptionError, match="share must be from 0 to 10"):
        Found(np.zeros((0, 4)), np.zeros(0)).grown(share)


@pytest.mark.parametrize("value", [None, [1], object()])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(OptionTypeError, match="threshold must be a number"):
        number_between("threshold", value, 0, 1)
