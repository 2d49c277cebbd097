"""What is agreed when a ledger is opened."""

from fractions import Fraction

import pytest

from numbadp.accounting.ledger.account import Account
from numbadp.accounting.ledger.pooled import PIXELS, PoolAccount
from numbadp.accounting.ledger.terms import counted, of_unit, terms_of
from numbadp.accounting.ledger.timed import TimedAccount
from numbadp.errors import NumbadpError, OptionError


def test_a_window_of_frames_or_of_time():
    assert terms_of("1/2", None, 16, "one") == Account(Fraction(1, 2), None, 16)
    assert terms_of(2, 30, 9, "each") == Account(Fraction(2), 30, 9, regions="each")
    timed = TimedAccount(Fraction(2), None, 16, seconds=Fraction(1, 2))
    assert terms_of(2, "500ms", 16, "one") == timed


@pytest.mark.parametrize("window", [0, -1, 1.5, "0s", "1/0", "x", True])
def test_what_is_no_window(window):
    with pytest.raises(NumbadpError, match="window must"):
        terms_of(1, window, 16, "one")


def test_units_have_no_window():
    plain = terms_of(2, None, 16, "one")
    assert of_unit(plain, PIXELS, 0) is plain
    assert isinstance(of_unit(plain, "image", "1e-6"), PoolAccount)
    with pytest.raises(OptionError, match="tracks delta"):
        of_unit(plain, PIXELS, "1e-6")
    for window in (3, "1s"):
        with pytest.raises(OptionError, match="are for pixels"):
            of_unit(terms_of(2, window, 16, "one"), "image", 0)


def test_counts():
    assert counted("m", 3) == 3
    with pytest.raises(OptionError, match="m must be"):
        counted("m", 0)
