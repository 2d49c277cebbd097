"""The loss of one changed pixel: the vertices of the cube are enough, and are reached."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from numbadp.accounting.loss import worst_loss

COEFFICIENTS = st.integers(-4, 4)
FORMS = st.lists(st.tuples(*[COEFFICIENTS] * 3), min_size=1, max_size=4)


@given(FORMS, st.data())
def test_no_change_of_a_pixel_costs_more(forms, data):
    """Any forms and scales, any change inside the cube, its vertices included."""
    scales = [Fraction(data.draw(st.integers(1, 99))) for _ in forms]
    most = worst_loss(forms, scales)
    changes = data.draw(st.lists(st.tuples(*[st.integers(-255, 255)] * 3), max_size=20))
    for change in [*changes, *np.ndindex(2, 2, 2)]:
        cost = sum(
            abs(sum(a * d for a, d in zip(form, change, strict=True))) / scale
            for form, scale in zip(forms, scales, strict=True)
        )
        assert cost <= most


def test_known_losses():
    """The recipes of grey, R G B and Y g o, and a paid split, by hand."""
    assert worst_loss([(1,)], [255]) == 1
    assert worst_loss([(1, 0, 0), (0, 1, 0), (0, 0, 1)], [765] * 3) == 1
    ygo = [(1, 2, 1), (-1, 2, -1), (1, 0, -1)]
    assert worst_loss(ygo, [4 * 255, 10 * 255, Fraction(20, 3) * 255]) == 1
    assert worst_loss([*ygo, (1, 2, 1)], [1020, 2550, 1700, 1020]) == 2
