"""Frames measured one by one: what is charged, what is bare."""

from fractions import Fraction

import numpy as np
import pytest

import numbadp
from numbadp.video.measuring import Bare, Measurer
from numbadp.video.options import VideoOptions

FRAME = np.zeros((48, 64), np.uint8)


def measurer(**options):
    chosen = VideoOptions(epsilon=1, **options)
    return Measurer(chosen, chosen.epsilon)


def test_every_frame_is_a_release_and_filtered_ones_are_shown():
    for steady, kind in (("on", "SteadyRelease"), ("off", "Release")):
        one = measurer(steady=steady)
        measured, shown = one.measure(FRAME)
        assert type(measured).__name__ == "Release"
        assert type(shown).__name__ == kind
        assert measured.guarantee.epsilon == 1
        assert one.frames == 1


def test_a_clip_is_charged_at_once():
    ledger = numbadp.Ledger(epsilon=5)
    one = measurer(ledger=ledger)
    one.charge(FRAME.shape, list(range(4)), 1)
    assert ledger.remaining == 1
    for _ in range(4):
        one.measure(FRAME)
    assert ledger.remaining == 1
    with pytest.raises(numbadp.BudgetError):
        measurer(ledger=ledger).charge(FRAME.shape, list(range(4)), 1)
    assert ledger.remaining == 1


def test_frames_without_boxes():
    one = measurer(boxes=[], on_none="copy")
    measured, shown = one.measure(FRAME, [])
    assert isinstance(measured, Bare)
    assert shown.render("smooth") is FRAME
    assert (one.bare, one.frames) == (1, 0)
    whole, _ = measurer(boxes=[], on_none="whole").measure(FRAME, [])
    assert whole.guarantee.covers.whole
    with pytest.raises(numbadp.VideoError, match="a frame has no box"):
        measurer(boxes=[], on_none="fail").measure(FRAME, [])


def test_boxes_are_charged_frame_by_frame():
    ledger = numbadp.Ledger(epsilon=3, regions="each")
    one = measurer(ledger=ledger)
    for k in range(2):
        release, _ = one.measure(FRAME, [(k, 0, k + 20, 20)])
        assert not release.guarantee.covers.whole
    assert ledger.remaining == Fraction(1)


def test_a_ledger_of_time_is_charged_at_the_frames_times():
    """A clip at once, an exposure for each of its frames, boxes and streams one by one."""
    thirds = [Fraction(k, 3) for k in range(7)]
    ledger = numbadp.Ledger(epsilon=3, window="1s")
    one = measurer(ledger=ledger, begins=100)
    one.charge(FRAME.shape, thirds, 1)
    assert (ledger.spent, ledger.balance().releases) == (3, 7)
    one.measure(FRAME, None, thirds[0])
    assert ledger.balance().releases == 7
    with pytest.raises(numbadp.BudgetError, match="time went back"):
        measurer(ledger=ledger, begins=101).charge(FRAME.shape, thirds, 1)
    with pytest.raises(numbadp.BudgetError, match="would pass 3 in 1 s"):
        measurer(ledger=ledger, begins=102).charge(FRAME.shape, thirds, 1)
    measurer(ledger=ledger, begins=103).charge(FRAME.shape, thirds[:6], 3)
    assert ledger.balance().releases == 13
    with pytest.raises(numbadp.BudgetError, match="would pass"):  # 3 exposures, the last one full
        measurer(ledger=ledger, begins=105).charge(FRAME.shape, thirds, 3)

    ledger = numbadp.Ledger(epsilon=3, window="1s", regions="each")
    options = VideoOptions(epsilon=1, ledger=ledger)
    stream = Measurer(options, options.epsilon, ledger)
    stream.expose([FRAME] * 3, thirds[:3])
    stream.measure(FRAME, None, thirds[3])
    with pytest.raises(numbadp.BudgetError, match="would pass"):
        stream.measure(FRAME, None, thirds[3])
    boxed = measurer(ledger=ledger)
    boxed.measure(FRAME, [(0, 0, 9, 9)], thirds[4])
    with pytest.raises(numbadp.BudgetError, match="would pass"):
        boxed.measure(FRAME, [(0, 0, 9, 9)], thirds[4])
    assert ledger.balance().releases == 5
