"""What finds boxes: named, called once with the picture, and never silent about finding none."""

import functools
import sys
import types

import numpy as np
import pytest

from numbadp.batch.boxes import boxes_or_none, detector_name, find_boxes
from numbadp.errors import NumbadpError, OptionError, OptionTypeError, PictureError


def everything(array):
    """One box."""
    return [(0, 0, array.shape[1], array.shape[0])]


class Finder:
    """A finder with state."""

    def __call__(self, array):
        return types.SimpleNamespace(boxes=np.array([[1.5, 2.0, 2.5, 3.1]]), scores=[1.0])


def test_finders_have_names():
    """Those that the terms of a release know them by."""
    assert detector_name(None) is None and detector_name("faces") == "faces"
    assert detector_name(everything).endswith("test_boxes.everything")
    assert detector_name(Finder()).endswith("test_boxes.Finder")
    assert detector_name(functools.partial(everything)) == "functools.partial"


def test_what_is_no_finder_is_refused():
    """With what to pass."""
    with pytest.raises(OptionError, match="faces, or a callable"):
        detector_name("cats")
    with pytest.raises(OptionTypeError, match="a name or a callable"):
        detector_name(7)


def test_boxes_come_as_lists_or_with_scores():
    """And the picture cannot be changed on the way."""
    picture = np.zeros((4, 6), np.uint8)
    assert find_boxes(everything, picture) == [(0, 0, 6, 4)]
    assert find_boxes(Finder(), picture) == [(1, 2, 3, 4)]
    with pytest.raises(PictureError, match="read-only"):
        find_boxes(lambda array: array.fill(1), picture)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([(0.1, 0.1, 0.9, 0.9)], "shares of the picture"),
        ([(float("nan"), 0, 4, 4)], "finite"),
        (np.ones((1, 5)), "first four columns"),
        ([(4.0, 4.0, 1.0, 1.0)], "left < right"),
    ],
    ids=["shares", "nan", "scores", "size"],
)
def test_what_are_no_boxes_in_pixels_is_refused(found, words):
    """Shares that were taken for pixels would cover one of these, and leave the face bare."""
    with pytest.raises(NumbadpError, match=words):
        find_boxes(lambda array: found, np.zeros((4, 6), np.uint8))


def test_a_finder_that_breaks_fails_its_picture_alone():
    """Whatever it raises; what it says of itself passes as it is."""

    def broken(array):
        raise KeyError("lost")

    with pytest.raises(PictureError, match="detector failed: KeyError: 'lost'"):
        find_boxes(broken, np.zeros((4, 6), np.uint8))


def test_finding_nothing_is_no_permission():
    """Nothing of the picture would be protected."""
    with pytest.raises(PictureError, match="nothing was found"):
        find_boxes(lambda array: np.zeros((0, 4)), np.zeros((4, 6), np.uint8))


def test_finding_nothing_may_mean_all_of_it():
    """Where that was asked for, which the terms say; what is found stays what it is."""
    assert find_boxes(lambda array: [], np.zeros((4, 6), np.uint8), "whole") is None
    assert find_boxes(lambda array: None, np.zeros((4, 6), np.uint8), "whole") is None
    assert find_boxes(everything, np.zeros((4, 6), np.uint8), "whole") == [(0, 0, 6, 4)]
    assert boxes_or_none(lambda array: [], np.zeros((4, 6), np.uint8)) == []
    assert detector_name("faces", "whole") == "faces, else whole"
    assert detector_name(None, "whole") is None


def test_a_name_is_resolved_where_it_is_used(monkeypatch):
    """By the worker; what is not installed is told with its extra."""
    module = types.ModuleType("numbadp.detect")
    module.faces = everything
    monkeypatch.setitem(sys.modules, "numbadp.detect", module)
    assert find_boxes("faces", np.zeros((4, 6), np.uint8)) == [(0, 0, 6, 4)]
    monkeypatch.setitem(sys.modules, "numbadp.detect", None)
    with pytest.raises(OptionError, match=r"numbadp\[faces\]"):
        find_boxes("faces", np.zeros((4, 6), np.uint8))
