"""What can be asked for a video, checked once, before anything is opened."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from numbadp.checks import LARGEST_COUNT, finite, positive, seconds_of, shown, whole_number
from numbadp.errors import OptionError
from numbadp.plan.epsilon import exact_epsilon

_SIZE = re.compile(r"[1-9]\d{0,4}x[1-9]\d{0,4}")
_MOST_GROWTH = 10
_MOST_HELD = 1000  # frames: so many wait in memory
_CHOICES = {
    "steady": ("on", "off"),
    "channels": ("colour", "grey"),
    "audio": ("drop", "copy"),
    "on_none": ("fail", "copy", "whole"),
    "style": ("mosaic", "smooth", "cells"),
}


@dataclass(frozen=True)
class VideoOptions:
    """Options of `numbadp.video.pixelize_video` and `numbadp.video.releases`.

    Exactly one of `epsilon`, `window_epsilon` and `clip_epsilon` is given.

    Attributes
    ----------
    epsilon : number or str, optional
        Privacy loss of one frame.
    window_epsilon : number or str, optional
        Of the frames of any `window` together.
    window : number or str, default "1s"
        Length of that window: seconds, or ``"500ms"``.
    clip_epsilon : number or str, optional
        Of all frames together.
    delta : float, optional
        With `clip_epsilon`: delta of the clip; each frame then gets more.
    m : int, default 16
        Pixels that may change in each frame.
    cell, planes, layout : optional
        As of `numbadp.Pixelizer`.
    exposure : int or str, default 1
        Frames that are measured as one: ``2``, or ``"0.2s"``.
    channels : {"colour", "grey"}
        Grey is the luma of the video.
    steady : {"on", "off"}
        Whether frames are filtered over time, for nothing.
    style : {"mosaic", "smooth", "cells"}
        How frames are painted.
    start, end : number or str, optional
        Seconds, or ``"1:30"``; the end is excluded.
    fps : number or str, optional
        Most frames a second: others are left out and not measured.
    max_fps : number or str, optional
        Of a stream, whose frames cannot be counted before: with `window_epsilon`, what the window
        is shared out by; frames that come faster are left out.
    audio : {"drop", "copy"}
        Sound is not protected.
    codec, quality, preset : optional
        Of the output: see `numbadp.video.writing.CODECS`.
    format : str, optional
        Container of an output, or of a source, without a name.
    size : str, optional
        ``"640x480"``: the source is a raw stream of such frames, 24-bit RGB, `fps` a second.
    boxes : sequence or callable, optional
        Boxes (left, top, right, bottom) for all frames, or a callable from the number of a frame to
        its boxes.
    detect : callable, optional
        From a frame's array to its boxes.
    on_none : {"fail", "copy", "whole"}
        With boxes, a frame without one: an error, before anything is measured; shown as it is and
        not protected; or covered as a whole.  A stream cannot be looked at before, so ``"fail"``
        is refused there unless all frames have the same boxes.
    hold : int, default 8
        Frames that a box is kept for after it was last found, and over which it is interpolated.
    grow : Fraction or float, default 3/10
        Part of its size by which a box of `boxes` or `detect` grows on every side, 0 to 10; what
        `detect` finds is covered up to a third more, so that its cover can stay in its place.
    retries : int, default 5
        How often a live stream is opened again, ever more slowly, before it counts as ended.
    ledger : Ledger, optional
        Charged for all frames at once, before the first is measured; frame by frame for streams
        and boxes.
    begins : number or str, optional
        With a ledger whose window is a time: its time of the first frame, in seconds; 0 for a file,
        and what the clock says for a live stream.
    force : bool, default False
        Whether an existing file may be replaced.
    """

    epsilon: Any = None
    window_epsilon: Any = None
    window: Any = "1s"
    clip_epsilon: Any = None
    delta: float | None = None
    m: int = 16
    cell: Any = "auto"
    planes: str = "auto"
    layout: Any = "free"
    exposure: Any = 1
    channels: str = "colour"
    steady: str = "on"
    style: str = "mosaic"
    start: Any = None
    end: Any = None
    fps: Any = None
    max_fps: Any = None
    audio: str = "drop"
    codec: str | None = None
    quality: int | None = None
    preset: str | None = None
    format: str | None = None
    size: str | None = None
    boxes: Any = None
    detect: Callable | None = None
    on_none: str = "fail"
    hold: int = 8
    grow: Any = Fraction(3, 10)  # as pictures: a face is wider than what detectors call one
    retries: int = 5
    ledger: Any = None
    begins: Any = None
    force: bool = False

    def __post_init__(self):
        asked = [self.epsilon, self.window_epsilon, self.clip_epsilon]
        if sum(value is not None for value in asked) != 1:
            raise OptionError(
                "give exactly one of epsilon (a frame), window_epsilon (any window) and "
                "clip_epsilon (the whole clip)."
            )
        if self.delta is not None and self.clip_epsilon is None:
            raise OptionError("delta belongs to clip_epsilon. Leave it out, or give that.")
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            if not isinstance(value, str) or value not in choices:
                raise OptionError(f"{name} must be one of {choices}; got {shown(value)}.")
        self._set("m", whole_number("m", self.m, LARGEST_COUNT, "Pass m=16, the usual choice."))
        for name in ("epsilon", "window_epsilon", "clip_epsilon"):
            if getattr(self, name) is not None:
                self._set(name, exact_epsilon(getattr(self, name)))
        for name in ("start", "end", "window", "begins"):
            if getattr(self, name) is not None:
                self._set(name, seconds_of(name, getattr(self, name)))
        for name in ("fps", "max_fps"):
            if getattr(self, name) is not None:
                self._set(name, positive(name, getattr(self, name)))
        self._set("grow", finite("grow", self.grow))
        if not 0 <= self.grow <= _MOST_GROWTH:  # a box that shrinks would leave its rim bare
            raise OptionError(f"grow must be from 0 to {_MOST_GROWTH}; got {shown(self.grow)}.")
        for name, most in (("hold", _MOST_HELD), ("retries", LARGEST_COUNT)):
            if getattr(self, name) != 0:
                advice = "Pass 0 or more."
                self._set(name, whole_number(name, getattr(self, name), most, advice))
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise OptionError(f"the end must come after the start; got {self.start}, {self.end}.")
        if self.size is not None and (self.fps is None or not _SIZE.fullmatch(str(self.size))):
            raise OptionError(f"size must be such as 640x480, with fps; got {shown(self.size)}.")
        if self.boxes is not None and self.detect is not None:
            raise OptionError("give boxes or detect, not both.")

    def _set(self, name: str, value) -> None:
        object.__setattr__(self, name, value)

    @property
    def boxed(self) -> bool:
        """Whether boxes are measured in place of whole frames."""
        return self.boxes is not None or self.detect is not None

    def exposure_at(self, rate: Fraction) -> int:
        """Frames of an exposure.

        Parameters
        ----------
        rate : Fraction
            Frames a second.

        Returns
        -------
        int
            At least 1.
        """
        if isinstance(self.exposure, str) and self.exposure.endswith("s"):
            return max(1, round(seconds_of("exposure", self.exposure) * rate))
        value = int(self.exposure) if isinstance(self.exposure, str) else self.exposure
        return whole_number("exposure", value, 1 << 16, "Pass 1, 2 or '0.2s'.")
