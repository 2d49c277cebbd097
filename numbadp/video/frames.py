"""A video's frames as releases, in order: planned from public facts, then measured one by one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from numbadp.accounting.ledger.windows import TimeWindow
from numbadp.errors import OptionError, VideoError
from numbadp.video.facts import Facts, Selection, most_in_window
from numbadp.video.looking import Looked, check_stream
from numbadp.video.measuring import Measurer
from numbadp.video.options import VideoOptions
from numbadp.video.promise import Promise, frame_epsilon_of_clip
from numbadp.video.reading import Frame, Reader, describe, open_video, rate_of, shown_name
from numbadp.video.tracks import boxed, may_miss

_EARLY = Fraction(1, 2)  # seconds that a file may end before its header says so


@dataclass(frozen=True)
class VideoFrame:
    """A frame that was measured.

    Attributes
    ----------
    number : int
        From 0, of those measured.
    time, lasts : int
        When and how long it is shown, in ticks after the first; 0 for not known.
    tick : Fraction
        Seconds of a tick.
    measured : Release
        What crossed the border; a frame without boxes is `numbadp.video.measuring.Bare`.
    release : Release or SteadyRelease
        What to render: filtered, where that is asked for.
    colour : tuple of int
        FFmpeg's numbers of matrix, primaries, transfer and range of the source.
    """

    number: int
    time: int
    lasts: int
    tick: Fraction
    measured: Any
    release: Any
    colour: tuple[int, int, int, int]

    @property
    def seconds(self) -> Fraction:
        """When it is shown, after the first frame of the video."""
        return self.time * self.tick


class Clip:
    """One video on its way through the mechanism.

    Parameters
    ----------
    source : str, os.PathLike or binary file
        A file is counted first, without decoding it; anything else is taken as it comes.
    options : VideoOptions
        What is asked for.

    Attributes
    ----------
    facts : Facts or None
        Of a file.
    promise : Promise or None
        Of a file.
    epsilon : Fraction
        Of one frame.
    measurer : Measurer
        What measures.
    trouble : Trouble
        What went wrong so far.

    Raises
    ------
    VideoError, OptionError
        Before anything is decoded.
    """

    def __init__(self, source, options: VideoOptions):
        self.source, self.options, self.name = source, options, shown_name(source)
        self._selection = Selection(options.start, options.end, options.fps)
        self.facts: Facts | None = None
        self.promise: Promise | None = None
        self._window: TimeWindow | None = None
        self.times: list[int] | None
        if _is_file(source):
            self.facts = facts = describe(source)
            self.times = times = self._selection.times(facts)
            if not times:
                raise VideoError(f"{self.name}: there is no frame between start and end")
            # Files whose frames are stored in another order than shown may give wrong durations.
            self._next = dict(pairwise(times))
            self.epsilon = self._frame_epsilon(facts, times)
            self.promise = self._promise(facts, times)
        else:
            check_stream(options)
            self.times, self._next = None, {}
            self.epsilon = self._stream_epsilon()
        if options.window_epsilon is not None:
            self._window = TimeWindow(options.window_epsilon, options.window)
        self._container, self._stream = open_video(source, **settings_of(source, options))
        self._stream.thread_type = "AUTO"
        self._reader = Reader(self._container, self._stream, options.channels == "grey", self.name)
        # What cannot be counted before is charged frame by frame.
        self.measurer = Measurer(options, self.epsilon, None if self.facts else options.ledger)
        self.trouble = self._reader.trouble
        self._exposure = options.exposure_at(self.rate)
        if self._exposure > 1 and options.boxed:
            raise OptionError("boxes and exposure do not go together.")
        self._looked: Looked | None = None

    @property
    def looks_first(self) -> bool:
        """Whether the file is read to look for boxes before it is read to measure."""
        there = self.facts is not None
        return there and self.options.on_none == "fail" and may_miss(self.options)

    def look(self) -> None:
        """Find the boxes of all frames of a file, where a frame without one is an error.

        Raises
        ------
        VideoError
            If there is such a frame; nothing was measured or spent then.
        """
        options = self.options
        if not self.looks_first:
            return
        again = Clip(self.source, replace(options, ledger=None))
        try:
            self._looked = Looked(again._kept(None), options, self.tick, self.name)
        except BaseException:
            self.close()
            raise
        finally:
            again.close()

    def close(self) -> None:
        """Let the source go."""
        self._container.close()

    @property
    def tick(self) -> Fraction:
        """Seconds of a tick."""
        return self._stream.time_base

    @property
    def rate(self) -> Fraction:
        """Frames a second of what comes out, on average."""
        rate = rate_of(self._stream)
        return min(rate, self.options.fps) if self.options.fps else rate

    def sound(self) -> list:
        """Streams of sound; empty if they are dropped.

        Returns
        -------
        list
            The first, if it is asked for.
        """
        return list(self._container.streams.audio[:1]) if self.options.audio == "copy" else []

    def _frame_epsilon(self, facts: Facts, times: list[int]) -> Fraction:
        options = self.options
        if options.window_epsilon is not None:
            most = most_in_window(times, options.window / facts.tick)
            return options.window_epsilon / most
        if options.clip_epsilon is not None:
            return frame_epsilon_of_clip(options.clip_epsilon, len(times), options.delta)
        return options.epsilon

    def _stream_epsilon(self) -> Fraction:
        options = self.options
        if options.clip_epsilon is not None:
            raise OptionError("a stream's frames cannot be counted before. Give epsilon a frame.")
        if options.window_epsilon is None:
            return options.epsilon
        if options.max_fps is None:
            raise OptionError("with window_epsilon a stream needs max_fps, such as 30.")
        return options.window_epsilon / max(1, -(-(options.max_fps * options.window) // 1))

    def _promise(self, facts: Facts, times: list[int]) -> Promise:
        length = (times[-1] - times[0] + facts.last) * facts.tick
        return Promise(
            self.name, self.epsilon, self.options.m, len(times),
            most_in_window(times, 1 / facts.tick), length, facts.width, facts.height,
            "its boxes" if self.options.boxed else "", self.options.steady,
            self.options.on_none if may_miss(self.options) else "",
        )  # fmt: skip

    def frames(self, sound: Callable | None = None) -> Iterator[VideoFrame]:
        """Measure.

        Parameters
        ----------
        sound : callable, optional
            Takes packets of sound, with the seconds by which the video is earlier.

        Yields
        ------
        VideoFrame
            In order.
        """
        try:
            if self._looked is None:
                self.look()
            waiting: list[Frame] = []
            number = 0
            for frame, boxes in self._boxed(self._kept(sound)):
                if number == 0 and not waiting and self.times is not None and boxes is None:
                    times = [self._since(time) for time in self.times]
                    self.measurer.charge(frame.pixels.shape, times, self._exposure)
                waiting.append(frame)
                if len(waiting) < self._exposure:
                    continue
                yield self._measured(number, waiting, boxes)
                waiting, number = [], number + 1
            if waiting:
                yield self._measured(number, waiting, None)
            self._check_end()
        finally:
            self.close()

    def _boxed(self, frames) -> Iterator[tuple]:
        if self._looked is not None:
            return self._looked.boxed(frames)
        return boxed(frames, self.options)

    def _since(self, time: int) -> Fraction:
        """Seconds after the first frame of the video that is measured."""
        return (time - self._first) * self.tick

    def _measured(self, number: int, frames: list[Frame], boxes) -> VideoFrame:
        pixels = [frame.pixels for frame in frames]
        times = [self._since(frame.time) for frame in frames]
        if boxes is None:
            measured, shown = self.measurer.expose(pixels, times)
        else:
            measured, shown = self.measurer.measure(pixels[0], boxes, times[0])
        first, last = frames[0], frames[-1]
        end = self._next.get(last.time, last.time + last.lasts)
        lasts = max(0, end - first.time)
        return VideoFrame(
            number, first.time - self._first, lasts, self.tick, measured, shown, first.colour
        )

    def _kept(self, sound) -> Iterator[Frame]:
        """Decoded frames that are to be measured."""
        keeps, self._first, done = None, 0, 0
        waiting: list[tuple] = []
        self._seen = None
        for item in self._reader.frames(self.sound()):
            if not isinstance(item, Frame):
                if sound is not None:
                    waiting = self._pass_on(sound, [*waiting, item], keeps)
                continue
            if keeps is None:
                first = self.facts.times[0] if self.facts else item.time
                keeps = self._selection.picker(self.tick, first)
                offset = (self.options.start or 0) / self.tick
                self._first = first + round(offset)
                if first < 0:
                    self.trouble.note("times begin below 0: moved to begin at 0")
            self._seen = item.time + item.lasts
            end = self.options.end
            if end is not None and (item.time - first) * self.tick >= end:
                break
            if not keeps(item.time):
                continue
            if self.times is not None and done == len(self.times):
                self.trouble.ended = "there are more frames than were counted; they are left out"
                break
            if self._window is not None:
                if not self._window.fits(item.time * self.tick, self.epsilon):
                    self.trouble.untimed += 1
                    continue
                self._window.charge(item.time * self.tick, self.epsilon)
            done += 1
            yield item
        self._pass_on(sound, waiting, keeps)
        self._done = done

    def _pass_on(self, sound, packets: list, keeps) -> list:
        """Hand packets of sound on as soon as it is known when the video begins."""
        if keeps is None:
            return packets
        offset = self._first * self.tick
        start, end = self.options.start or 0, self.options.end
        for packet in packets:
            time = packet.dts * packet.time_base - offset
            if (time >= 0 or not start) and (end is None or time < end - start):
                sound(packet, offset)
        return []

    def _check_end(self) -> None:
        """Notice a file that ends before its header says."""
        facts, trouble = self.facts, self.trouble
        if facts is None or trouble.ended or self.options.end is not None:
            return
        missing = facts.promised - len(facts.times) if "mp4" in facts.kind else 0
        if missing > 0:  # AVI counts gaps too
            trouble.ended = f"the file is cut: {missing} of {facts.promised} frames are missing"
        elif facts.lasts and self._seen is not None:
            there = (self._seen - facts.times[0]) * facts.tick
            if facts.lasts - there > max(_EARLY, 2 / facts.rate):
                trouble.ended = (
                    f"the file is cut: {float(there):.3g} of {float(facts.lasts):.3g} s are there"
                )


def releases(source, **options) -> Iterator[VideoFrame]:
    """Release a video frame by frame, for a loop of one's own.

    Parameters
    ----------
    source : str, os.PathLike or binary file
        A video file, an address that FFmpeg opens, or an open file.
    **options
        Of `VideoOptions`.

    Yields
    ------
    VideoFrame
        With ``release``, which renders, and ``seconds``.

    Raises
    ------
    VideoError, OptionError, EpsilonError
        Before anything is measured; or at a frame that cannot be.

    Examples
    --------
    >>> for frame in releases("street.mp4", epsilon=1, end=2):  # doctest: +SKIP
    ...     show(frame.release.render("smooth"), frame.seconds)
    """
    from numbadp.video.addresses import is_live
    from numbadp.video.live import LiveClip

    kind = LiveClip if is_live(source) else Clip
    yield from kind(source, VideoOptions(**options)).frames()


def settings_of(source, options: VideoOptions) -> dict:
    """How FFmpeg is to open a source.

    Parameters
    ----------
    source : str, os.PathLike or binary file
        The source.
    options : VideoOptions
        What is asked for.

    Returns
    -------
    dict
        Of ``av.open``; empty for a file, which tells itself what it is.
    """
    if options.size is not None:
        raw = {"video_size": options.size, "framerate": str(options.fps), "pixel_format": "rgb24"}
        return {"format": "rawvideo", "options": raw}
    return {}


def _is_file(source) -> bool:
    return not hasattr(source, "read") and Path(source).is_file()
