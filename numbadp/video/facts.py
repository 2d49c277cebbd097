"""What a video's container tells without decoding: times of frames, sizes, colours.

All of it is public: `numbadp` protects pixels, not how many frames there are and when.
"""

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Facts:
    """Public facts of one video stream.

    Attributes
    ----------
    kind : str
        Name of the container's format.
    codec : str
        Name of the codec.
    width, height : int
        Of the decoded frames, before they are turned.
    rate : Fraction
        Frames a second, on average.
    tick : Fraction
        Unit of `times`, in seconds.
    times : tuple of int
        When each packet's frame is shown, in ticks, increasing.
    last : int
        How long the last one is shown, in ticks; 0 if that is not known.
    promised : int
        Frames that the header says there are; 0 if it does not say.
    lasts : Fraction or None
        Seconds that the header says the stream lasts.
    dropped : tuple of str
        Streams that are not copied.
    """

    kind: str
    codec: str
    width: int
    height: int
    rate: Fraction
    tick: Fraction
    times: tuple[int, ...]
    last: int
    promised: int
    lasts: Fraction | None
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class Selection:
    """Which frames are measured, by their times alone.

    Attributes
    ----------
    start, end : Fraction or None
        In seconds after the first frame; the end is excluded.
    rate : Fraction or None
        Most frames a second: of those in one period the first is kept.
    """

    start: Fraction | None = None
    end: Fraction | None = None
    rate: Fraction | None = None

    def picker(self, tick: Fraction, first: int):
        """Make a function that tells, frame by frame in order, whether one is kept.

        Parameters
        ----------
        tick : Fraction
            Unit of the times.
        first : int
            Time of the first frame.

        Returns
        -------
        callable
            From a time in ticks to True or False.
        """
        last: list[int] = []

        def keeps(time: int) -> bool:
            seconds = (time - first) * tick
            if self.start is not None and seconds < self.start:
                return False
            if self.end is not None and seconds >= self.end:
                return False
            if self.rate is None:
                return True
            slot = int(seconds * self.rate // 1)
            if last and last[0] == slot:
                return False
            last[:] = [slot]
            return True

        return keeps

    def times(self, facts: Facts) -> list[int]:
        """Times of the frames that are kept.

        Parameters
        ----------
        facts : Facts
            The video.

        Returns
        -------
        list of int
            In ticks.
        """
        if not facts.times:
            return []
        keeps = self.picker(facts.tick, facts.times[0])
        return [time for time in facts.times if keeps(time)]


def most_in_window(times, length) -> int:
    """Most times in any half-open window.

    Parameters
    ----------
    times : sequence of Fraction or int
        Increasing.
    length : Fraction or int
        Of the window, in the same unit.

    Returns
    -------
    int
        At least 1 if there is a time.
    """
    return max(
        (bisect_left(times, time + length, lo=k) - k for k, time in enumerate(times)), default=0
    )
