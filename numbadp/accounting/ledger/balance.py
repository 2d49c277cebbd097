"""What a ledger says of itself: a snapshot of its state, as frozen exact numbers."""

from dataclasses import dataclass
from fractions import Fraction

from numbadp.numbers import few_digits, power_above
from numbadp.plan.coverage import Coverage


@dataclass(frozen=True)
class Balance:
    """State of a ledger at one moment, for neighbours of `m` pixels.

    Neighbours are two sequences of pictures, each of which differs in at most `m` pixels; with a
    region in `covers` these lie inside it, and with regions "each" inside that picture's own
    region.  One picture that was released under several regions is then covered in their
    intersection alone, which may be empty.

    Attributes
    ----------
    epsilon : Fraction
        The budget.
    window : int or None
        Number of consecutive frames that it holds for; None for all releases together.
    m : int
        Number of pixels that a neighbour may change.
    spent : Fraction
        What counts against the next release: everything, or the last window - 1 frames.
    total : Fraction
        What all releases cost together.
    tau : Fraction
        Total variation of all releases together.
    delta : Fraction
        Delta of all releases together, the sum of theirs, at most 1.
    releases : int
        Pictures released.
    frames : int
        Pictures released and frames skipped.
    regions : {"one", "each"}
        Whether all releases cover the same pixels, or each its own picture's region.
    covers : Coverage or None
        With "one": which pixels all releases cover; None while there are none.
    different : int
        With "each": how many different regions were charged, the whole picture as one of them;
        256 stands for any number from there on.
    seconds : Fraction or None
        Length of the window of time that it holds for; then `spent` is what counted at the latest
        time.
    """

    epsilon: Fraction
    window: int | None
    m: int
    spent: Fraction
    total: Fraction
    tau: Fraction
    delta: Fraction
    releases: int
    frames: int
    regions: str = "one"
    covers: Coverage | None = None
    different: int = 0
    seconds: Fraction | None = None

    @property
    def remaining(self) -> Fraction:
        """What the next release may cost; never negative."""
        return max(self.epsilon - self.spent, Fraction(0))

    def __str__(self) -> str:
        """One paragraph."""
        pixels = "1 pixel" if self.m == 1 else f"{self.m} pixels"
        scope = "over all releases together"
        if self.window:
            scope = f"over any {self.window} consecutive frames"
        if self.seconds:
            scope = f"over any {shown_seconds(self.seconds)}"
        done = "1 release" if self.releases == 1 else f"{self.releases} releases"
        return (
            f"At most epsilon = {shown_number(self.epsilon)} {scope}, for pictures that differ in "
            f"at most {pixels} each{self._where}: {shown_number(self.spent)} spent, "
            f"{shown_number(self.remaining)} left for the next; {done} so far, in all epsilon = "
            f"{shown_number(self.total)}, tau <= {power_above(self.tau)} (delta <= "
            f"{power_above(self.delta)}).{_nothing_left(self.delta)}"
        )

    @property
    def _where(self) -> str:
        """Where these pixels lie."""
        if self.regions == "each":
            number = "256 or more" if self.different >= 256 else str(self.different)
            what = "region" if self.different == 1 else "regions"
            return (
                ", all of them inside that picture's own region (of a picture that was released "
                f"under several regions: inside all of these; {number} different {what} so far)"
            )
        if self.covers is None or self.covers.whole:
            return ""
        if not self.covers.known:
            return ", all of them inside every region that was charged (an older file names none)"
        return f", all of them inside {self.covers}"


def _nothing_left(delta: Fraction) -> str:
    if delta < 1:
        return ""
    return " No (epsilon, delta) guarantee is left: at so large an epsilon delta is 1."


def shown_number(value: Fraction) -> str:
    """Write an exact number for people: in full when short, else about so much.

    Parameters
    ----------
    value : Fraction
        Any.

    Returns
    -------
    str
        Such as ``"1/3"`` or ``"about 0.1"``.
    """
    if max(abs(value.numerator), value.denominator) < 10**6:
        return str(value)
    try:
        return f"about {float(value):.6g}"
    except OverflowError:
        return "more than 1e308"


def shown_seconds(seconds: Fraction) -> str:
    """Write the length of a window of time.

    Parameters
    ----------
    seconds : Fraction
        Positive.

    Returns
    -------
    str
        Such as ``"1 s"``.
    """
    return f"{shown_number(seconds)} s"


def exact_number(value: Fraction) -> str:
    """Write an exact number for people who compare: all of it, a power of two as such.

    Parameters
    ----------
    value : Fraction
        Positive.

    Returns
    -------
    str
        Such as ``"1/36028797018963968 (about 2.78e-17)"``; only about so much where it is long.
    """
    about = f"about {few_digits(value, 3)}"
    text = str(value)
    return about if len(text) > 60 else text if len(text) < 8 else f"{text} ({about})"


def shown_terms(terms) -> str:
    """Write what was agreed when a ledger was opened, for people.

    Parameters
    ----------
    terms : Account
        Of the ledger.

    Returns
    -------
    str
        Budget, window, m, and regions where they are not one.
    """
    if not hasattr(terms, "m"):  # an account of units
        return str(terms)
    return f"epsilon={shown_number(terms.epsilon)}, {_plain_terms(terms)}"


def exact_terms(terms) -> str:
    """Write the same where it is compared: 0.1 and 1/10 look alike when rounded.

    Parameters
    ----------
    terms : Account
        Of the ledger.

    Returns
    -------
    str
        Budget, window, m, and regions where they are not one.
    """
    if not hasattr(terms, "m"):
        return str(terms)
    return f"epsilon={exact_number(terms.epsilon)}, {_plain_terms(terms)}"


def _plain_terms(terms) -> str:
    regions = "" if terms.regions == "one" else f", regions={terms.regions!r}"
    seconds = getattr(terms, "seconds", None)
    window = terms.window if seconds is None else repr(f"{seconds}s")
    return f"window={window}, m={terms.m}{regions}"
