"""Terms: equal where the same was asked for, different wherever the release would be."""

from fractions import Fraction

import numpy as np
import pytest

import numbadp
from numbadp.batch.terms import checked_options, difference, terms_of
from numbadp.errors import NumbadpError, OptionError, OptionTypeError


def terms(epsilon=1, m=16, detect=None, **options):
    """Terms of some options."""
    return terms_of(Fraction(epsilon), m, checked_options(options), detect)


ZONES = numbadp.Layout.zones((40, 50), [((0, 0, 20, 20), 4)], default=16)
OTHER = numbadp.Layout.zones((40, 50), [((0, 0, 20, 40), 4)], default=16)
ASKS = [
    terms(),
    terms(2),
    terms(m=17),
    terms(detect="faces"),
    terms(cell=8),
    terms(layout="uniform"),
    terms(layout=ZONES),
    terms(layout=OTHER),
    terms(layout=numbadp.PrivateLayout(share="1/4")),
    terms(layout=numbadp.PrivateLayout(share="1/5")),
    terms(planes="rgb"),
    terms(boxes=[(0, 0, 4, 4)]),
    terms(boxes=[(0, 0, 4, 5)]),
    terms(boxes=[(k, k, k + 4, k + 4) for k in range(100)]),
    terms(boxes=[(k, k, k + 4, k + 4) for k in range(99)] + [(99, 99, 103, 104)]),
    terms(rim="exact"),
    terms(boxes=np.arange(8000).reshape(-1, 4)),
    terms(boxes=np.arange(8000).reshape(-1, 4) + np.eye(2000, 4, -900, dtype=int)),
]


def test_every_option_that_changes_a_release_is_in_the_terms():
    """No two of these asks are the same, and each is told by name."""
    for number, first in enumerate(ASKS):
        for other in ASKS[number + 1 :]:
            assert difference(first, other)
    assert difference(terms(), terms(2)) == "epsilon 1, not 2"


def test_the_same_ask_has_the_same_terms():
    """However it was written; where it is computed does not matter; leaves by their contents."""
    again = numbadp.Layout.zones((40, 50), [((0, 0, 20, 20), 4)], default=16)
    assert not difference(terms(layout=ZONES), terms(layout=again))
    assert terms(backend="cpu") == terms() and terms(layout="free") == terms()


def test_leaves_of_a_release_are_those_of_its_layout():
    """A release given as layout is another ask than another release."""
    picture = np.zeros((40, 50), np.uint8)
    other = np.kron(np.eye(5, dtype=np.uint8) * 255, np.ones((8, 10), np.uint8))
    one, two = (numbadp.pixelize(p, epsilon=100, m=1) for p in (picture, other))
    assert terms(layout=one) != terms(layout=two)
    assert terms(layout=one) == terms(layout=one)


def test_unknown_options_are_refused():
    """Epsilon has an argument of its own."""
    with pytest.raises(OptionError, match="epsilon; known are cell"):
        checked_options({"epsilon": 2})
    with pytest.raises(OptionTypeError, match="dictionary"):
        checked_options(7)
    assert checked_options(None)["rim"] == "coded"


def test_boxes_of_any_library_are_the_same_terms():
    """Shares of a pixel are whole ones; what are no boxes is told before any picture is opened."""
    asked = terms(boxes=[(0, 0, 5, 4)])
    assert asked == terms(boxes=np.array([[0.5, 0.0, 4.2, 4.0]]))
    with pytest.raises(NumbadpError, match="four numbers"):
        terms(boxes=[(0, 0, 4, 4, 0.9)])
