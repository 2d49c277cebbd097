"""Boxes of every library become whole pixels, outwards; what is no box is told, never left bare."""

from fractions import Fraction
from math import ceil, floor
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbadp.errors import LayoutError, OptionError, OptionTypeError
from numbadp.inputs import plain_boxes

FLOATS = [[10.2, 20.8, 30.1, 40.9]]
OUTWARDS = [[10, 20, 31, 41]]


@pytest.mark.parametrize(
    "boxes",
    [
        FLOATS,
        [tuple(FLOATS[0])],
        np.array(FLOATS),
        np.array(FLOATS, np.float32),
        [np.array(FLOATS[0])],
        [[np.float64(side) for side in FLOATS[0]]],
        [[Fraction(side) for side in FLOATS[0]]],
        SimpleNamespace(xyxy=np.array(FLOATS)),
        SimpleNamespace(boxes=np.array(FLOATS), scores=np.ones(1)),
    ],
)
def test_floats_are_rounded_outwards(boxes):
    assert plain_boxes(boxes) == OUTWARDS


def test_tensors_and_their_own_formats():
    torch = pytest.importorskip("torch", exc_type=ImportError)
    assert plain_boxes(torch.tensor(FLOATS)) == OUTWARDS
    assert plain_boxes([torch.tensor(FLOATS[0])]) == OUTWARDS
    assert plain_boxes(torch.tensor([[1, 2, 3, 4]])) == [[1, 2, 3, 4]]
    assert plain_boxes(torch.tensor(FLOATS, dtype=torch.bfloat16))[0][0] <= 10
    assert plain_boxes(torch.zeros((0, 4))) == []
    assert plain_boxes([[torch.tensor(10.2), 20.8, 30.1, np.array(40.9)]]) == OUTWARDS
    assert plain_boxes(torch.tensor(FLOATS, requires_grad=True)) == OUTWARDS

    class Boxes(torch.Tensor):
        format = SimpleNamespace(value="CXCYWH")

    own = torch.tensor([[15.0, 25.0, 10.0, 10.0]]).as_subclass(Boxes)
    assert plain_boxes(own) == [[10, 20, 20, 30]]
    Boxes.format = SimpleNamespace(value="XYXYXYXY")
    with pytest.raises(OptionError, match="'xyxyxyxy' are not taken"):
        plain_boxes(own)


def test_the_order_of_bytes_does_not_matter():
    assert plain_boxes(np.array(FLOATS, ">f8")) == OUTWARDS
    assert plain_boxes(np.array([[1, 2, 3, 4]], ">i2")).tolist() == [[1, 2, 3, 4]]


def test_plain_integers_pass_as_they_are():
    for boxes in (None, [], [(1, 2, 3, 4)], np.array([[1, 2, 3, 4]])):
        assert plain_boxes(boxes) is boxes


@pytest.mark.parametrize("empty", [np.zeros((0, 4)), np.zeros(0), [], (), np.zeros((0, 4), int)])
def test_empty_detections_are_no_box(empty):
    assert len(plain_boxes(empty)) == 0


@pytest.mark.parametrize(
    ("box_format", "box"),
    [("xyxy", [10, 20, 30, 60]), ("xywh", [10, 20, 20, 40]), ("cxcywh", [20, 40, 20, 40])],
)
def test_formats(box_format, box):
    assert plain_boxes([box], box_format) == [[10, 20, 30, 60]]
    assert plain_boxes(np.array([box], float), box_format) == [[10, 20, 30, 60]]


@given(
    st.sampled_from(["xyxy", "xywh", "cxcywh"]),
    st.lists(st.floats(-500, 500), min_size=2, max_size=2),
    st.lists(st.floats(2.5, 900), min_size=2, max_size=2),
)
def test_no_pixel_that_a_box_touches_is_left_out(box_format, corner, size):
    x, y, width, height = map(Fraction, (*corner, *size))
    if box_format == "xyxy":
        given_box = [*corner, float(x + width), float(y + height)]
        x, y, right, bottom = map(Fraction, given_box)
    else:
        given_box = [*corner, *size]
        if box_format == "cxcywh":
            x, y = x - width / 2, y - height / 2
        right, bottom = x + width, y + height
    found = plain_boxes(np.array([given_box]), box_format)
    assert found == [[floor(x), floor(y), ceil(right), ceil(bottom)]]


def test_boxes_for_each_picture_of_a_batch():
    batch = [np.array(FLOATS), np.zeros((0, 4)), [[1, 2, 3, 4]]]
    assert plain_boxes(batch) == [OUTWARDS, [], [[1, 2, 3, 4]]]
    assert plain_boxes([[], []]) == [[], []]
    assert plain_boxes(np.array([FLOATS, FLOATS])) == [OUTWARDS, OUTWARDS]


@pytest.mark.parametrize(
    ("boxes", "error", "message"),
    [
        ([[0.1, 0.2, 0.5, 0.9]], LayoutError, "shares of the picture"),
        ([[1, 2, float("nan"), 4]], OptionTypeError, "finite"),
        ([[1, 2, float("inf"), 4]], LayoutError, "finite"),
        ([[1.5, 2, 1e300, 4]], LayoutError, "far outside"),
        ([[30.5, 2, 10, 4]], LayoutError, "box_format='xywh'"),
        ([[1.0, 2, 3]], LayoutError, "four numbers; got 3"),
        (np.ones((2, 5)), LayoutError, r"boxes\[:, :4\]"),
        ([[1.0, 2, 3, 4, 0.9]], LayoutError, r"boxes\[:, :4\]"),
        (np.ones(4), LayoutError, r"shape \(N, 4\)"),
        (np.array([["a"] * 4]), OptionTypeError, "must be numbers"),
        ([[1, 2, "3", 4]], OptionTypeError, "four numbers"),
        ([[1, 2, True, 4]], OptionTypeError, "four numbers"),
        (["abcd"], OptionTypeError, "four numbers"),
        ({"boxes": [[1, 2, 3, 4]]}, OptionTypeError, r"found\['boxes'\]"),
        ([1.5, 2, 3, 4], OptionTypeError, "only one"),
        ("boxes", OptionTypeError, "list of boxes"),
        (7, OptionTypeError, "list of boxes"),
    ],
)
def test_what_is_no_box_is_told(boxes, error, message):
    with pytest.raises(error, match=message):
        plain_boxes(boxes)


@pytest.mark.parametrize("box", [[1, 2, 0, 4], [1, 2, 3, -4]])
def test_sizes_are_above_zero(box):
    with pytest.raises(LayoutError, match="above 0"):
        plain_boxes([box], "xywh")


def test_an_unknown_format_is_refused():
    with pytest.raises(OptionError, match="box_format must be one of"):
        plain_boxes([], "yolo")
    with pytest.raises(OptionTypeError, match="box_format"):
        plain_boxes([], 4)
