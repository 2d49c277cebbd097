"""Numbers of boxes are exact, and refused where they make no sense."""

from fractions import Fraction

import pytest

from numbadp.cli.boxes.shapes import (
    BoxError,
    Number,
    around,
    centred,
    circle,
    corners,
    exact,
    sized,
    turned,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3, 3), (-7, -7), (Number("0.1"), Fraction(1, 10)), (Number(" 1e2 "), 100),
     (Number("-.5"), Fraction(-1, 2)), (Number("5."), 5), (Number("1E-2"), Fraction(1, 100))],
)  # fmt: skip
def test_numbers_are_exact(value, expected):
    assert exact(value) == expected


@pytest.mark.parametrize(
    "value",
    [True, None, "3", 1.5, [], Number("NaN"), Number("Infinity"), Number("-inf"), Number(""),
     Number("."), Number("1e999999999"), Number("0x10"), Number("1_0"), Number("9" * 99)],
)  # fmt: skip
def test_what_is_no_finite_number_is_refused(value):
    with pytest.raises(BoxError, match="no finite number"):
        exact(value)


def test_every_way_to_write_a_box():
    words = [Number("10.5"), 4, 20, Number("8.25")]
    assert corners(words) == (Fraction(21, 2), 4, 20, Fraction(33, 4))
    assert sized(words) == (Fraction(21, 2), 4, Fraction(61, 2), Fraction(49, 4))
    assert centred([10, 4, 20, 8]) == (0, 0, 20, 8)
    assert around([(3, 9), (1, 5), (2, 7)]) == (1, 5, 3, 9)
    assert circle([(10, 10), (13, 14)]) == (5, 5, 15, 15)
    box = tuple(map(Fraction, (0, 0, 4, 2)))
    assert turned(box, 0) == turned(box, 360) == box
    left, top, right, bottom = map(float, turned(box, Number("90.0")))
    assert (left, top, right, bottom) == pytest.approx((1, -1, 3, 3))


@pytest.mark.parametrize(
    ("make", "box"),
    [
        (corners, [5, 0, 5, 9]), (corners, [0, 9, 5, 9]), (corners, [5, 5, 1, 1]),
        (corners, [1, 2, 3]), (corners, [1, 2, 3, 4, 5]), (corners, "1,2,3,4"), (corners, None),
        (corners, [1, 2, Number("NaN"), 4]), (corners, [0, 0, True, 4]),
        (sized, [0, 0, 0, 5]), (sized, [0, 0, 5, -1]), (sized, [0, 0, Number("inf"), 1]),
        (centred, [0, 0, 0, 1]), (centred, [0, 0, 1, -1]),
        (around, [(1, 1)]), (around, [(1, 1), (1, 9)]), (around, [1, 2]), (around, [(1, 2, 3)]),
        (around, []), (circle, [(1, 1), (1, 1)]), (circle, [(1, 1)]),
    ],
)  # fmt: skip
def test_boxes_that_make_no_sense(make, box):
    with pytest.raises(BoxError):
        make(box)


@pytest.mark.parametrize("value", [10**9 + 1, -(10**400), Number("1e99"), Number("-1e10")])
@pytest.mark.parametrize("make", [corners, sized, centred, lambda b: circle([b[:2], b[2:]])])
def test_numbers_beyond_any_picture(make, value):
    for at in range(4):
        box = [1, 2, 3, 4]
        box[at] = value
        with pytest.raises(BoxError, match="far outside"):
            make(box)
