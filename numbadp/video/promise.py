"""What a video costs: a frame, any second, the clip, a person; said before it is measured."""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numbadp.accounting.ledger.balance import shown_number
from numbadp.errors import OptionError

PERSON, SECONDS_IN_VIEW = 100, 10  # side in pixels, and for how long
DELTA = 1e-6
_HOPELESS = 10  # epsilon above which nothing is protected, in the words of the text
_STEPS = 10**6  # a frame's epsilon is rounded down to a multiple of 1 over this
_ON_NONE = {
    "copy": "Frames without a box are shown as they are: NOT PROTECTED.",
    "whole": "Frames without a box are covered as a whole.",
}
_SLACK = 1 + 1e-6  # for the rounding of logarithms


@dataclass(frozen=True)
class Promise:
    """What is promised for all frames of a video together.

    Attributes
    ----------
    name : str
        Of the video.
    epsilon : Fraction
        Of one frame.
    m : int
        Pixels that may change in each frame.
    frames : int
        Frames that are measured.
    in_second : int
        Most of them in any half-open second.
    seconds : Fraction
        From the first to the end of the last.
    width, height : int
        Of a frame.
    covered : str
        What of a frame is covered, where that is not all.
    steady : str
        ``"on"`` where frames are filtered.
    on_none : str
        What becomes of frames without a box, where there may be such.
    """

    name: str
    epsilon: Fraction
    m: int
    frames: int
    in_second: int
    seconds: Fraction
    width: int
    height: int
    covered: str = ""
    steady: str = "on"
    on_none: str = ""

    @property
    def clip(self) -> Fraction:
        """Epsilon of the whole clip."""
        return self.epsilon * self.frames

    @property
    def second(self) -> Fraction:
        """Epsilon of any second."""
        return self.epsilon * self.in_second

    def person(self, side: int = PERSON, seconds: int = SECONDS_IN_VIEW) -> Fraction:
        """Epsilon of somebody in view.

        Parameters
        ----------
        side : int
            Side of a square that holds them, in pixels.
        seconds : int
            How long they are in view.

        Returns
        -------
        Fraction
            For a change of all their pixels in all these frames.
        """
        pixels = min(side * side, self.width * self.height)
        frames = min(self.frames, self.in_second * seconds)
        return self.epsilon * frames * Fraction(max(pixels, self.m), self.m)

    def lines(self) -> list[str]:
        """The promise, in lines.

        Returns
        -------
        list of str
            A frame, any second, the clip, a person, what is not covered.
        """
        number, person = shown_number, self.person()
        where = f" of {self.covered}" if self.covered else ""
        clip = f"epsilon = {number(self.clip)}"
        better = clip_epsilon(self.epsilon, self.frames, DELTA)
        if better < 0.99 * self.clip:
            clip += f"; or {better:.3g} with delta = {DELTA:g}"
        found = [
            f"{self.name}: {_count(self.frames, 'frame')}, {float(self.seconds):.3g} s, "
            f"{self.width} x {self.height}. m = {self.m} pixels{where}.",
            f"One frame:       epsilon = {number(self.epsilon)}.",
            f"Any second:      at most {_count(self.in_second, 'frame')}, epsilon = "
            f"{number(self.second)} (the same pixels changed in all of them).",
            f"Whole clip:      {clip}.",
            f"A person of {PERSON} x {PERSON} pixels, {SECONDS_IN_VIEW} s in view: epsilon = "
            f"{number(person)}{': no protection' if person > _HOPELESS else ''}.",
        ]
        if self.steady == "on":
            found.append(
                "Filtered over time: this uses released numbers only and costs nothing; anybody "
                "could do it to the unfiltered video."
            )
        found += [_ON_NONE[self.on_none]] if self.on_none in _ON_NONE else []
        return [
            *found,
            "Neighbours are decoded frames: one changed pixel of a scene may change many of these, "
            "and in several frames.",
            "Not covered: sound, times and sizes of frames, which frames are missing.",
        ]

    def __str__(self) -> str:
        """The lines."""
        return "\n".join(self.lines())


def clip_epsilon(epsilon: Fraction, frames: int, delta: float) -> float:
    """Epsilon of many frames together at a delta: each counts as the worst of its epsilon.

    Parameters
    ----------
    epsilon : Fraction
        Of one frame.
    frames : int
        How many.
    delta : float
        Above 0.

    Returns
    -------
    float
        At most frames * epsilon; an upper bound up to the rounding of logarithms, which is allowed
        for.

    References
    ----------
    .. [1] Kairouz, Oh, Viswanath, "The composition theorem for differential privacy", ICML 2015.
    """
    one = float(epsilon)
    if frames * one > 1e6 or frames > 10**7:
        return frames * one
    wins = np.arange(frames + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, frames + 1)))])
    likely = -math.log1p(math.exp(-one))
    chances = logs[-1] - logs - logs[::-1] + wins * likely + (frames - wins) * (likely - one)
    losses = (2 * wins - frames) * one

    def excess(total: float) -> float:
        beyond = losses > total
        gained = -np.expm1(total - losses[beyond])
        return float(np.sum(np.exp(chances[beyond]) * gained)) * _SLACK

    low, high = 0.0, frames * one
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if excess(middle) <= delta else (middle, high)
    return high


def frame_epsilon_of_clip(total: Fraction, frames: int, delta: float | None) -> Fraction:
    """Largest epsilon a frame so that a clip keeps its own.

    Parameters
    ----------
    total : Fraction
        Epsilon of the clip.
    frames : int
        How many frames are measured.
    delta : float or None
        Delta of the clip, None for 0.

    Returns
    -------
    Fraction
        Rounded down.

    Raises
    ------
    OptionError
        If nothing is left, or delta is none.
    """
    exact = total / frames
    if delta is None:
        return exact
    if not 0 < delta < 1:
        raise OptionError(f"delta must lie between 0 and 1; got {delta!r}. Pass 1e-6.")
    low, high = 0, int(total * _STEPS) + 1
    while high - low > 1:
        middle = (low + high) // 2
        fits = clip_epsilon(Fraction(middle, _STEPS), frames, delta) <= total
        low, high = (middle, high) if fits else (low, middle)
    found = max(Fraction(low, _STEPS), exact)
    if not found:
        raise OptionError("the clip's epsilon leaves nothing for a frame. Pass a larger one.")
    return found


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
