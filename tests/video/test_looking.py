"""Boxes of all frames before the first is measured, and streams that have no before."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from numbadp.errors import OptionError, VideoError
from numbadp.video.looking import Looked, check_stream
from numbadp.video.options import VideoOptions

BOX = (8, 8, 24, 24)


def film(times):
    return [SimpleNamespace(time=t, pixels=np.zeros((48, 64), np.uint8)) for t in times]


def looked(found, times=range(0, 60, 10)):
    options = VideoOptions(epsilon=1, boxes=lambda n: found.get(n, []), hold=1, grow=0)
    return Looked(film(times), options, Fraction(1, 10), "a.mkv")


def test_frames_keep_the_boxes_that_were_found_at_their_times():
    found = looked({0: [BOX], 2: [BOX], 4: [(9, 8, 25, 24)]})
    boxes = [boxes for _, boxes in found.boxed(film(range(0, 60, 10)))]
    last = (9, 8, 25, 24)
    assert boxes == [[BOX], [BOX], [BOX], [BOX, (8, 8, 25, 24)], [last], [last]]


def test_a_frame_without_a_box_is_an_error_that_tells_where():
    with pytest.raises(VideoError, match=r"a\.mkv: .* 2 of 6, the first after 4 s\. Nothing was"):
        looked({0: [BOX], 2: [BOX]})
    with pytest.raises(
        VideoError, match=r"--on-none whole\) covers all .* copy\) shows it as it is"
    ):
        looked({})


def test_a_frame_that_was_not_there_is_not_measured():
    found = looked({k: [BOX] for k in range(6)})
    with pytest.raises(VideoError, match="it changed while it was read"):
        list(found.boxed(film([0, 10, 15])))


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        ({"detect": list}, True), ({"boxes": list}, True), ({"boxes": [BOX]}, False), ({}, False),
        ({"detect": list, "on_none": "whole"}, False), ({"boxes": list, "on_none": "copy"}, False),
    ],
)  # fmt: skip
def test_streams_that_may_miss_a_box_are_told_what_then(options, refused):
    chosen = VideoOptions(epsilon=1, **options)
    if not refused:
        check_stream(chosen)
        return
    with pytest.raises(OptionError, match="cannot be looked at before"):
        check_stream(chosen)
