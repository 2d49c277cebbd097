"""Public facts: which frames are measured, and most of them in any window."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from numbadp.video.facts import Selection, most_in_window


@given(st.lists(st.integers(0, 60), min_size=1, max_size=30), st.integers(1, 25))
def test_most_frames_in_any_window(times, length):
    """Oracle: all half-open windows that begin anywhere on a finer grid."""
    times = sorted(times)
    windows = (
        sum(2 * start <= 4 * time < 2 * start + 4 * length for time in times)
        for start in range(-2, 130)
    )
    assert most_in_window(times, length) == max(windows)


def test_no_frame_is_no_frame():
    assert most_in_window([], 5) == 0


def kept(times, tick=Fraction(1, 100), **options):
    picker = Selection(**options).picker(tick, times[0])
    return [time for time in times if picker(time)]


def test_start_end_and_rate_choose_by_times_alone():
    times = list(range(7, 207, 4))  # 25 a second, from 0.07 s
    assert kept(times) == times
    assert kept(times, start=Fraction(1)) == [t for t in times if t - 7 >= 100]
    assert kept(times, end=Fraction(1)) == [t for t in times if t - 7 < 100]
    slow = kept(times, rate=Fraction(5))
    assert len(slow) == 10
    assert most_in_window(slow, 100) <= 6
    assert slow[0] == 7
