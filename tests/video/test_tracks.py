"""Boxes over time: no frame between two findings is bare."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from numbadp.errors import OptionError
from numbadp.video.options import VideoOptions
from numbadp.video.tracks import (
    Tracks,
    _area,
    boxed,
    checked,
    cut,
    overlap,
    tracks_for,
    widened,
)


def run(found, frames, **options):
    """Boxes of frames of which some have findings."""
    chosen = VideoOptions(epsilon=1, boxes=lambda n: found.get(n, []), grow=0, **options)
    film = [SimpleNamespace(pixels=np.zeros((100, 200), np.uint8)) for _ in range(frames)]
    pairs = list(boxed(film, chosen))
    assert [frame for frame, _ in pairs] == film
    return [boxes for _, boxes in pairs]


def test_a_box_is_held_after_it_was_last_found():
    boxes = run({2: [(10, 10, 20, 20)]}, 10, hold=3)
    assert [len(b) for b in boxes] == [0, 0, 1, 1, 1, 1, 0, 0, 0, 0]


def test_frames_between_two_findings_are_covered_on_the_way():
    boxes = run({0: [(10, 10, 30, 30)], 4: [(18, 10, 38, 30)]}, 5, hold=6)
    for k in range(1, 4):
        assert (10, 10, 30, 30) in boxes[k]  # held
        assert (10 + 2 * k, 10, 30 + 2 * k, 30) in boxes[k]  # between


def test_two_things_are_two_tracks():
    found = {k: [(10 + k, 10, 30 + k, 30), (100 - k, 50, 120 - k, 70)] for k in (0, 3)}
    boxes = run(found, 4, hold=5)
    assert (11, 10, 31, 30) in boxes[1]
    assert (99, 50, 119, 70) in boxes[1]


def test_boxes_grow_and_stay_inside():
    assert widened((10, 10, 20, 30), Fraction(1, 10)) == (9, 8, 21, 32)
    assert cut(widened((-5, 90, 5, 110), Fraction(1)), (100, 100)) == (0, 70, 15, 100)
    assert cut((200, 0, 210, 10), (100, 100)) is None


def trembling(number, speed=0):
    """What a detector finds of one thing of 40 x 50 pixels."""
    shake = [(number * k) % 5 - 2 for k in (2, 3, 7, 11)]
    left = 60 + speed * number
    return left + shake[0], 20 + shake[1], left + 40 + shake[2], 70 + shake[3]


@pytest.mark.parametrize(("speed", "places"), [(0, 1), (2, 6)])
def test_what_covers_a_trembling_thing_stays_or_keeps_its_size(speed, places):
    """And holds all of the grown box, in every frame."""
    tracks, covers = Tracks(3, Fraction(3, 10), Fraction(1, 10)), []
    for k in range(30):
        box = trembling(k, speed)
        tracks.add(k, [box])
        (cover,) = tracks.at(k, (400, 200))
        needed = cut(widened(box, Fraction(3, 10)), (400, 200))
        assert overlap(cover, needed) * _area(cover) >= _area(needed) - 1e-6
        assert _area(cover) <= 2 * _area(needed)
        covers.append(cover)
    assert len(set(covers)) <= 30 * speed / 2 / 4 + places
    sizes = [(c[2] - c[0], c[3] - c[1]) for c in covers]
    assert len(set(sizes)) <= 3


def test_a_cover_that_is_too_large_or_too_small_is_made_anew():
    tracks = Tracks(3, Fraction(0), Fraction(1, 10))
    for k, side in enumerate((20, 60, 20)):
        tracks.add(k, [(100 - side, 100 - side, 100 + side, 100 + side)])
        (cover,) = tracks.at(k, (400, 400))
        most = side + -(-2 * side // 10)
        assert cover == (100 - most, 100 - most, 100 + most, 100 + most)


def test_boxes_that_are_given_are_taken_as_they_are():
    cases = [({"boxes": list}, 16), ({"detect": list}, 20), ({"detect": list, "grow": 0}, 10)]
    for options, width in cases:
        tracks = tracks_for(VideoOptions(epsilon=1, **options))
        tracks.add(0, [(10, 10, 20, 20)])
        (box,) = tracks.at(0, (99, 99))
        assert box[2] - box[0] == width


def test_overlap():
    assert overlap((0, 0, 10, 10), (0, 0, 10, 10)) == 1
    assert overlap((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 10, 10), (10, 0, 20, 10)) == 0


def test_boxes_of_detectors_are_rounded_outwards():
    assert checked([(1.2, 2.7, 3.1, 4.0, 0.9), (5, 5, 5, 9)]) == [(1, 2, 4, 4)]
    with pytest.raises(OptionError, match="boxes must be"):
        checked([("a", 1, 2, 3)])


def test_memory_stays_bounded():
    tracks = Tracks(4, Fraction(0))
    for k in range(1000):
        tracks.add(k, [(k % 90, 0, k % 90 + 10, 10)])
        tracks.at(k, (100, 100))
    assert len(tracks._tracks) < 50
    assert len(tracks._at) < 10
