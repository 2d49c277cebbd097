"""One frame after the other: measured with the grid of the moment, then filtered."""

import warnings
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from numbadp.accounting.guarantee import guarantee_of
from numbadp.errors import PictureWarning, VideoError
from numbadp.mechanism import pixelize
from numbadp.release.temporal import TemporalFilter
from numbadp.video.grids import Grids
from numbadp.video.looking import ADVICE
from numbadp.video.options import VideoOptions


@dataclass(frozen=True)
class Bare:
    """A frame without boxes: shown as it is, and **not protected**.

    Attributes
    ----------
    pixels : ndarray of uint8
        The frame.
    """

    pixels: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the frame."""
        return self.pixels.shape

    def render(self, style: str = "mosaic") -> np.ndarray:
        """Show the frame.

        Parameters
        ----------
        style : str
            Of no effect.

        Returns
        -------
        ndarray of uint8
            The pixels.
        """
        return self.pixels


class Measurer:
    """Measures the frames of one video.

    Parameters
    ----------
    options : VideoOptions
        What is asked for.
    epsilon : Fraction
        Of one frame.
    each : Ledger, optional
        Charged frame by frame, where they cannot be counted before.

    Attributes
    ----------
    bare : int
        Frames that were shown as they are.
    frames : int
        Frames measured, those of an exposure one by one.
    """

    def __init__(self, options: VideoOptions, epsilon, each=None):
        self._options = options
        self._plan: dict[str, Any] = {
            "epsilon": epsilon, "m": options.m, "cell": options.cell, "planes": options.planes,
            "layout": options.layout,
        }  # fmt: skip
        self._grids: dict[tuple, Grids] = {}
        self._filter = TemporalFilter() if options.steady == "on" else None
        timed = options.ledger is not None and options.ledger.seconds is not None
        self._timed = options.ledger if timed else None
        self._begins = options.begins or Fraction(0)
        if each is not None and not timed:
            self._plan["ledger"] = each
        self._charged = options.ledger is None or (each is not None and not timed)
        self.bare = self.frames = 0

    def charge(self, shape, times, exposure: int) -> None:
        """Charge all frames of a clip at once, before the first is measured.

        Parameters
        ----------
        shape : tuple of int
            Of a frame.
        times : list of Fraction
            When each is shown, in seconds after the first.
        exposure : int
            Frames that are measured as one.

        Raises
        ------
        BudgetError, LedgerError
            If the ledger refuses; nothing is charged then.
        """
        if self._charged:
            return
        one = guarantee_of(self._of(shape, exposure).coarse.plan)
        count = -(-len(times) // exposure)
        if self._timed is None:
            self._options.ledger.charge(one.compose(count))
        else:  # an exposure that is not full is charged as if it were
            padded = [*times, *times[-1:] * (count * exposure - len(times))]
            self._timed.charge(one.compose(count), at=[self._begins + time for time in padded])
        self._charged = True

    @property
    def filter(self) -> TemporalFilter | None:
        """What makes frames steady, if anything does."""
        return self._filter

    def measure(self, pixels: np.ndarray, boxes=None, time: Fraction = Fraction(0)):
        """Measure a frame.

        Parameters
        ----------
        pixels : ndarray of uint8
            H x W or H x W x 3.
        boxes : list of tuple, optional
            The pixels to measure; all by default.
        time : Fraction, optional
            When it is shown, in seconds after the first.

        Returns
        -------
        measured : Release or Bare
            What crossed the border.
        shown : Release, SteadyRelease or Bare
            What is painted.

        Raises
        ------
        VideoError
            If there is no box, and the options do not say what then.
        BudgetError, LedgerError
            If the ledger refuses.
        """
        if boxes is not None:
            return self._within(pixels, boxes, time)
        grids = self._of(pixels.shape, 1)
        self._charge_each(grids, [time])
        self.frames += 1
        return self._filtered(grids.current(pixels), grids)

    def expose(self, frames: list, times: list[Fraction]):
        """Measure several frames as one.

        Parameters
        ----------
        frames : list of ndarray of uint8
            Of one shape.
        times : list of Fraction
            When each is shown, in seconds after the first of all.

        Returns
        -------
        measured, shown
            As `measure`.
        """
        if len(frames) == 1:
            return self.measure(frames[0], None, times[0])
        grids = self._of(frames[0].shape, len(frames))
        self._charge_each(grids, times)
        self.frames += len(frames)
        return self._filtered(grids.current(np.stack(frames)), grids)

    def _charge_each(self, grids: Grids, times: list[Fraction]) -> None:
        """Charge a ledger of time for frames that were not charged before."""
        if self._timed is not None and not self._charged:
            at = [self._begins + time for time in times]
            self._timed.charge(guarantee_of(grids.current.plan), at=at)

    def _filtered(self, release, grids: Grids):
        if self._filter is None:
            return release, release
        shown = self._filter.steady(release)
        grids.look(self._filter)
        return release, shown

    def _of(self, shape, exposure: int) -> Grids:
        """The grids of frames of this shape; those before are forgotten."""
        key = (*shape, exposure)
        if key not in self._grids:
            more: dict[str, Any] = {} if exposure == 1 else {"exposure": exposure}
            if self._filter is None:
                more["choice"] = "coarse"
            self._grids = {key: Grids(shape, **self._plan, **more)}
        return self._grids[key]

    def _within(self, pixels: np.ndarray, boxes, time: Fraction):
        options = self._options
        if not boxes and options.on_none == "copy":
            self.bare += 1
            bare = Bare(pixels)
            return bare, bare
        if not boxes and options.on_none == "fail":
            raise VideoError(f"a frame has no box: {ADVICE}")
        ledger = None if self._charged else options.ledger
        if self._timed is not None and ledger is not None:
            ledger = ledger.at(self._begins + time)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PictureWarning)
            release = pixelize(pixels, boxes=boxes or None, ledger=ledger, **self._plan)
        self.frames += 1
        return release, release if self._filter is None else self._filter.steady(release)
