"""Boxes of one picture: rounded outwards, refused where they cannot be meant for it."""

import pytest

from numbadp.cli.boxes.entry import Entry
from numbadp.cli.boxes.shapes import BoxError, Number, centred, corners, sized


def test_rounding_goes_outwards_and_shares_are_of_the_picture():
    entry = Entry("a")
    entry.add(corners, [Number("1.9"), Number("-2.1"), Number("5.1"), 7])
    assert entry.pixels(60, 40) == [(1, -3, 6, 7)]
    share = Entry("a", relative=True)
    share.add(centred, [Number("0.5"), Number("0.5"), Number("0.2"), Number("0.1")])
    assert share.pixels(60, 40) == [(24, 18, 36, 22)]  # floats would give 23 or 37


def test_shares_of_six_decimals_do_not_move_the_edges_of_pixels():
    """Every box of a large picture comes back; what is not on an edge is rounded outwards."""
    width, height = 1920, 1080
    for left, top, right, bottom in [(7, 11, 13, 17), (640, 359, 1919, 1079), (0, 0, 1, 1)]:
        entry = Entry("a", relative=True)
        shares = [(left + right) / 2 / width, (top + bottom) / 2 / height,
                  (right - left) / width, (bottom - top) / height]  # fmt: skip
        entry.add(centred, [Number(f"{share:.6f}") for share in shares])
        assert entry.pixels(width, height) == [(left, top, right, bottom)]
    entry = Entry("a", relative=True)
    entry.add(centred, [Number(x) for x in ("0.5", "0.5", "0.10001", "0.10001")])
    assert entry.pixels(1000, 1000) == [(449, 449, 551, 551)]


def test_the_first_fault_stays_and_nothing_is_covered():
    entry = Entry("a")
    entry.add(corners, [0, 0, 5, 5])
    entry.add(corners, [0, 0, 0, 5])
    entry.add(corners, "x")
    with pytest.raises(BoxError, match="left < right"):
        entry.pixels(60, 40)


def test_shares_taken_for_pixels_are_noticed():
    """They would cover one pixel and leave the rest bare."""
    entry = Entry("a")
    entry.add(corners, [Number("0.1"), Number("0.2"), Number("0.5"), Number("0.9")])
    with pytest.raises(BoxError, match="looks like shares"):
        entry.pixels(60, 40)
    whole = Entry("a")
    whole.add(corners, [0, 0, 1, 1])
    assert whole.pixels(60, 40) == [(0, 0, 1, 1)]


@pytest.mark.parametrize(
    ("make", "words"),
    [(corners, "0.4 0.2 1.02 0.8"), (corners, "-0.01 0.2 0.5 0.8"), (corners, "0.0 0.0 1.0 1.0"),
     (corners, "0 0 1.0 1"), (sized, "0.0 0.0 1.0 1.0"), (sized, "0.5 0.5 1 1"),
     (corners, "-1 0 1e0 2"), (corners, "0. 0 1 1"), (corners, "-0.25 -0.1 1.5 1.25")],
)  # fmt: skip
def test_shares_that_cross_the_rim_and_whole_ones_are_shares_too(make, words):
    """A point tells: whole pixels are written without, boxes of a few pixels are no faces."""
    entry = Entry("a")
    entry.add(make, [Number(w) if not w.lstrip("-").isdigit() else int(w) for w in words.split()])
    with pytest.raises(BoxError, match="looks like shares"):
        entry.pixels(60, 40)


def test_small_boxes_of_pixels_are_boxes():
    """Whole numbers, as text or not; numbers with a point that reach farther; scores beside."""
    for written in (
        [-1, -1, 2, 2],
        list(map(Number, "0011")),
        [Number("0.0"), 0, Number("2.5"), 9],
    ):
        entry = Entry("a")
        entry.add(corners, written)
        assert len(entry.pixels(60, 40)) == 1
    entry.add(lambda item: corners(item["bbox"]), {"bbox": [0, 0, 1, 1], "score": Number("0.9")})
    assert entry.pixels(60, 40)[1:] == [(0, 0, 1, 1)]


def test_a_picture_of_another_size_is_another_picture():
    """Boxes of the picture as it is stored are for another one than is shown."""
    entry = Entry("a")
    entry.add(corners, [0, 0, 5, 5])
    entry.announce(Number("40"), 60)
    with pytest.raises(BoxError, match="40 x 60.*60 x 40"):
        entry.pixels(60, 40)
    assert entry.pixels(40, 60) == [(0, 0, 5, 5)]
    entry.announce(None, 3)
    entry.announce("x", 3)
    with pytest.raises(BoxError, match="width and height of the picture"):
        entry.pixels(40, 60)
