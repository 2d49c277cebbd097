"""Boxes of all frames, found before the first is measured, where a frame without one is an error.

A file is read twice then: once to look, which spends nothing, and once to measure.  So a missed
frame neither shows what it should hide nor costs what was measured before it.  A stream can be read
once: whoever has boxes that may be missing there says beforehand what becomes of such a frame.
"""

from numbadp.errors import OptionError, VideoError
from numbadp.video.tracks import boxed, may_miss

ADVICE = (
    "on_none='whole' (--on-none whole) covers all of such a frame, and on_none='copy' (--on-none "
    "copy) shows it as it is, not protected"
)


def check_stream(options) -> None:
    """Refuse a stream whose frames may have no box, unless it is said what then.

    Parameters
    ----------
    options : VideoOptions
        What is asked for.

    Raises
    ------
    OptionError
        If frames without a box would be errors, at a moment that nobody knows.
    """
    if options.on_none == "fail" and may_miss(options):
        raise OptionError(
            f"a stream cannot be looked at before, and a frame may have no box: {ADVICE}."
        )


class Looked:
    """Boxes of the frames of a file, by their times.

    Parameters
    ----------
    frames : iterable of Frame
        Of the file, in order.
    options : VideoOptions
        With ``boxes`` or ``detect``, ``hold`` and ``grow``.
    tick : Fraction
        Seconds of a tick.
    name : str
        Of the file.

    Raises
    ------
    VideoError
        If a frame has no box; nothing was measured then.
    """

    def __init__(self, frames, options, tick, name: str):
        self._name = name
        self._boxes = {frame.time: boxes for frame, boxes in boxed(frames, options)}
        bare = [time for time, boxes in self._boxes.items() if not boxes]
        if bare:
            first = float((bare[0] - next(iter(self._boxes))) * tick)
            raise VideoError(
                f"{name}: frames without a box: {len(bare)} of {len(self._boxes)}, the first after "
                f"{first:.3g} s. Nothing was measured or spent; {ADVICE}"
            )

    def boxed(self, frames):
        """Frames with their boxes.

        Parameters
        ----------
        frames : iterable of Frame
            Of the same file.

        Yields
        ------
        tuple
            Frame and list of boxes.

        Raises
        ------
        VideoError
            If a frame was not there before.
        """
        for frame in frames:
            boxes = self._boxes.pop(frame.time, None)
            if boxes is None:
                raise VideoError(f"{self._name}: it changed while it was read")
            yield frame, boxes
