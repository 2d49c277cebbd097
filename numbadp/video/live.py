"""Live streams: the newest frame only, a budget for any window of time, and reconnecting.

A thread decodes and keeps the newest frame.  What it overwrites was never measured: it costs
nothing, and a ledger lets it pass.  Frames that a window's budget has no room for are not measured
either; the last filtered picture stands for them.  Times are the stream's own, never going back,
also over reconnections, where a gap counts as no time at all: so no window can hold more.
"""

import time as clock
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from numbadp.accounting.ledger.windows import TimeWindow
from numbadp.compute.forks import ForkSafeLock
from numbadp.errors import BudgetError, OptionError, VideoError
from numbadp.video.addresses import device_of
from numbadp.video.frames import VideoFrame
from numbadp.video.library import load_av
from numbadp.video.looking import check_stream
from numbadp.video.measuring import Measurer
from numbadp.video.options import VideoOptions
from numbadp.video.reading import Frame, Reader, Trouble, open_video, shown_name
from numbadp.video.tracks import checked, tracks_for

_TICK = Fraction(1, 90_000)
_FIRST_WAIT, _LONGEST_WAIT = 0.2, 10.0  # seconds between tries, doubled each time
_PATIENCE = 10.0  # seconds that opening and reading may take
_LOOK = 0.2  # seconds after which one who waits looks whether there is still a reader
_LOW_DELAY = {"fflags": "nobuffer", "flags": "low_delay"}


def open_live(source: str):
    """Open a stream or a device and choose its video stream.

    Parameters
    ----------
    source : str
        An address, or a device as `numbadp.video.addresses.device_of` takes it.

    Returns
    -------
    container, stream
        PyAV's.

    Raises
    ------
    VideoError
        If it cannot be opened, has no video, or is a device that this PyAV knows nothing of.
    """
    delay = dict(_LOW_DELAY)
    if source.startswith("rtsp"):
        delay["rtsp_transport"] = "tcp"
    settings: dict[str, Any] = {"timeout": (_PATIENCE, _PATIENCE), "options": delay}
    kind, name = device_of(source) or (None, source)
    if kind is not None and kind not in load_av().formats_available:
        raise VideoError(
            f"{source}: this PyAV was built without {kind}. Pass it through a pipe: ffmpeg "
            f"-f {kind} -i {name} -f nut - | numbadp pixelize - -o ..."
        )
    return open_video(name, format=kind, **settings)


@dataclass
class Counts:
    """What became of a stream's frames.

    Attributes
    ----------
    overwritten : int
        Decoded, never measured: a newer one had come.
    refused : int
        Never measured: a window's budget had no room.
    connections : int
        How often the stream was opened.
    """

    overwritten: int = 0
    refused: int = 0
    connections: int = 0


class Newest:
    """A thread that reads a stream for ever and keeps the newest frame.

    Parameters
    ----------
    source : str
        An address.
    options : VideoOptions
        With ``channels`` and ``retries``.
    """

    def __init__(self, source: str, options: VideoOptions):
        self._source, self._options = source, options
        self._lock = ForkSafeLock()
        self._news: SimpleQueue[None] = SimpleQueue()  # something for each frame that waits
        self._frame: tuple[Frame, Fraction] | None = None
        self._error: VideoError | None = None
        self._stopped = self._over = False
        self._base = Fraction(0)
        self._last: int | None = None
        self.counts, self.trouble = Counts(), Trouble()
        self.waiting = 0  # frames overwritten since the last one was taken
        self._thread = Thread(target=self._run, name="numbadp-live", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def take(self) -> tuple[Frame, Fraction, int] | None:
        """Wait for a frame that is newer than the last one taken.

        Returns
        -------
        tuple or None
            Frame, its time in seconds, and how many were overwritten before it; None at the end.

        Raises
        ------
        VideoError
            If the stream could never be opened.
        """
        over = False
        while not over:
            with suppress(Empty):
                self._news.get(timeout=_LOOK)
            over = self._over or not self._thread.is_alive()  # a forked child has no reader
            with self._lock:
                if self._frame is not None:
                    (frame, seconds), self._frame = self._frame, None
                    overwritten, self.waiting = self.waiting, 0
                    return frame, seconds, overwritten
        if self._error is not None and not self.counts.connections:
            raise self._error
        return None

    def stop(self) -> None:
        """End the thread; what it holds is let go."""
        self._stopped = True
        with self._lock:
            self._over, self._frame = True, None
        self._news.put(None)

    def _run(self) -> None:
        wait, tries = _FIRST_WAIT, 0
        while not self._stopped:
            before = self.counts.connections
            try:
                self._read_once()
            except VideoError as error:
                self._error = error
            if self.counts.connections > before:
                wait, tries = _FIRST_WAIT, 0
            tries += 1
            if self._stopped or tries > self._options.retries:
                break
            clock.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)
        self._over = True
        self._news.put(None)

    def _read_once(self) -> None:
        container, stream = open_live(self._source)
        with container:
            stream.thread_type = "SLICE"  # threads that work ahead would delay
            reader = Reader(
                container, stream, self._options.channels == "grey", shown_name(self._source)
            )
            self.trouble, self._last = reader.trouble, None
            first = True
            for frame in reader.frames():
                if first:
                    self.counts.connections += 1
                    first = False
                self._keep(frame, stream.time_base)
                if self._stopped:
                    return

    def _keep(self, frame: Frame, tick: Fraction) -> None:
        if self._last is not None:
            self._base += max(Fraction(0), (frame.time - self._last) * tick)
        self._last = frame.time
        with self._lock:
            overwritten = self._frame is not None
            if overwritten:
                self.waiting += 1
                self.counts.overwritten += 1
            self._frame = frame, self._base
        if not overwritten:
            self._news.put(None)


class LiveClip:
    """A live stream on its way through the mechanism; see `numbadp.video.frames.Clip`.

    Parameters
    ----------
    source : str
        An address.
    options : VideoOptions
        What is asked for.

    Attributes
    ----------
    epsilon : Fraction
        Of one frame.
    measurer : Measurer
        What measures.
    trouble : Trouble
        What went wrong so far.
    counts : Counts
        What became of the frames.

    Raises
    ------
    OptionError
        If an option makes no sense for a stream.
    """

    facts = promise = times = None
    looks_first = False
    tick, rate = _TICK, Fraction(25)

    def __init__(self, source: str, options: VideoOptions):
        if options.clip_epsilon is not None or options.exposure != 1:
            raise OptionError("a live stream takes epsilon or window_epsilon, and no exposure.")
        check_stream(options)
        if options.begins is None:  # another run of this stream goes on after this one
            options = replace(options, begins=Fraction(clock.time_ns(), 10**9))
        self.source, self.options, self.name = source, options, source
        self._window: TimeWindow | None = None
        self.epsilon = options.epsilon
        if options.window_epsilon is not None:
            if options.max_fps is None:
                raise OptionError("with window_epsilon a stream needs max_fps, such as 30.")
            self._window = TimeWindow(options.window_epsilon, options.window)
            self.epsilon = options.window_epsilon / -(-(options.max_fps * options.window) // 1)
        self.measurer = Measurer(options, self.epsilon, options.ledger)
        if callable(options.boxes):
            raise OptionError("a live stream has fixed boxes, or a detector.")
        self._tracks, self._looked_at = tracks_for(options), 0
        self._newest = Newest(source, options)

    @property
    def trouble(self) -> Trouble:
        """What went wrong so far."""
        return self._newest.trouble

    @property
    def counts(self) -> Counts:
        """What became of the frames."""
        return self._newest.counts

    def look(self) -> None:
        """Do nothing: a stream cannot be looked at before."""

    def sound(self) -> list:
        """No sound: it is never copied from a live stream."""
        return []

    def frames(self, sound=None) -> Iterator[VideoFrame]:
        """Measure the newest frame, again and again.

        Parameters
        ----------
        sound : None
            Of no effect.

        Yields
        ------
        VideoFrame
            Where a window's budget refused a frame, the last one with its new time.

        Raises
        ------
        VideoError
            If the stream could never be opened.
        BudgetError, LedgerError
            If the ledger refuses.
        """
        options, shown = self.options, None
        self._newest.start()
        try:
            number, end = 0, options.end
            while (taken := self._newest.take()) is not None:
                frame, seconds, overwritten = taken
                if end is not None and seconds >= end:
                    return
                if overwritten and options.ledger is not None:
                    options.ledger.skip(overwritten)
                time = round(seconds / _TICK)
                shown = self._measured(frame, seconds, shown)
                if shown is None:
                    continue
                measured, release = shown
                yield VideoFrame(number, time, 0, _TICK, measured, release, frame.colour)
                number += 1
        finally:
            self._newest.stop()

    def _measured(self, frame: Frame, seconds: Fraction, shown):
        """What is measured and shown; what was shown last where there is no budget."""
        if self._window is not None:
            try:
                self._window.charge(seconds, self.epsilon)
            except BudgetError:
                self.counts.refused += 1
                if self.options.ledger is not None:
                    self.options.ledger.skip()
                return shown
        boxes = self._boxes(frame) if self.options.boxed else None
        ledger = self.options.ledger
        try:
            return self.measurer.measure(frame.pixels, boxes, seconds)
        except BudgetError:
            if ledger is None or ledger.seconds is None:
                raise
            self.counts.refused += 1  # its window has room again when time has passed
            return shown

    def _boxes(self, frame: Frame) -> list:
        """Boxes of a frame, with those that are held; what comes later cannot be waited for."""
        options, number = self.options, self._looked_at
        found = options.boxes if options.detect is None else options.detect(frame.pixels)
        self._tracks.add(number, checked(found))
        self._looked_at += 1
        return self._tracks.at(number, frame.pixels.shape[1::-1])


__all__ = ["Counts", "LiveClip", "Newest"]
