"""An untouched picture stands for a release, shares nothing with it and cannot be changed."""

from fractions import Fraction

import numpy as np
import pytest

from numbadp.accounting.guarantee import Guarantee
from numbadp.checks import STYLES
from numbadp.errors import OptionError
from numbadp.inputs import Home
from numbadp.plan.region import Region
from numbadp.release import Untouched


@pytest.fixture
def copy():
    picture = np.full((4, 6, 3), 7, np.uint8)
    picture.flags.writeable = False
    covers = Region(np.zeros((4, 6), bool)).coverage
    guarantee = Guarantee(Fraction(0), Fraction(0), 16, 3, (), covers=covers)
    return Untouched(picture.shape, guarantee, picture)


def test_every_view_is_the_picture(copy):
    for style in STYLES:
        assert (copy.render(style) == 7).all()
    assert (np.asarray(copy) == 7).all() and copy.to_pil().getpixel((0, 0)) == (7, 7, 7)
    copy.render()[...] = 0
    assert (copy.background == 7).all()


def test_it_is_handed_out_as_it_was_given(copy):
    first = Untouched(copy.shape, copy.guarantee, copy.background, Home(first=True))
    assert first.render().shape == (3, 4, 6)
    assert first.to_pil().size == (6, 4)


def test_it_takes_what_a_release_takes_and_refuses_the_same(copy):
    """Code that renders what a detector found runs where nothing was found."""
    for options in ({"style": "blocks", "side": 3}, {"effort": "best"}, {"version": 0}):
        assert (copy.render(**options) == 7).all()
        assert copy.to_pil(**options).getpixel((0, 0)) == (7, 7, 7)
    for options in ({"style": "oil"}, {"side": 3}, {"effort": "x"}, {"upsampler": max}):
        with pytest.raises(OptionError):
            copy.render(**options)
