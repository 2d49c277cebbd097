"""Reading a video: opened, described without decoding, decoded with damage counted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from numbadp.errors import VideoError
from numbadp.video.facts import Facts
from numbadp.video.library import in_one_line, load_av

PICTURES = ("image2", "image2pipe", "ico", "tiff_pipe")
_PQ, _HLG = 16, 18
_GREY_IN_FRONT = ("yuv4", "yuvj4", "yuva4", "nv12", "nv21", "nv16", "nv24", "gray")


@dataclass(frozen=True)
class Frame:
    """One decoded frame, upright.

    Attributes
    ----------
    pixels : ndarray of uint8
        H x W, or H x W x 3.
    time : int
        When it is shown, in ticks of the stream.
    lasts : int
        How long, in ticks; 0 if that is not known.
    colour : tuple of int
        FFmpeg's numbers of matrix, primaries, transfer and range.
    """

    pixels: np.ndarray
    time: int
    lasts: int
    colour: tuple[int, int, int, int]


@dataclass
class Trouble:
    """What went wrong while reading.

    Attributes
    ----------
    damaged : int
        Packets that could not be decoded.
    corrupt : int
        Frames that the decoder calls corrupt; they are frames all the same.
    untimed : int
        Frames left out because they have no time of their own.
    ended : str
        Why reading ended early; empty if it did not.
    notes : list of str
        What a user should know.
    """

    damaged: int = 0
    corrupt: int = 0
    untimed: int = 0
    ended: str = ""
    notes: list[str] = field(default_factory=list)

    def note(self, line: str) -> None:
        """Remember a line once.

        Parameters
        ----------
        line : str
            For the user.
        """
        if line not in self.notes:
            self.notes.append(line)


def open_video(place, **settings):
    """Open a container and choose its video stream.

    Parameters
    ----------
    place : str, os.PathLike or binary file
        A file, an address, or an open file.
    **settings
        Of ``av.open``.

    Returns
    -------
    container, stream
        PyAV's.

    Raises
    ------
    VideoError
        If it cannot be opened, has no video, or is a picture.
    """
    av = load_av()
    name = shown_name(place)
    source = place if hasattr(place, "read") else str(place)
    with in_one_line(name):
        container = av.open(source, **settings)
    kind = container.format.name
    if kind in PICTURES or (kind.endswith("_pipe") and kind != "yuv4mpegpipe"):
        container.close()
        raise VideoError(f"{name}: this is a picture, not a video, whatever its name. Rename it.")
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return container, stream
    container.close()
    raise VideoError(f"{name}: there is no video in it")


def shown_name(place) -> str:
    """Name of a source for messages.

    Parameters
    ----------
    place : str, os.PathLike or binary file
        A source.

    Returns
    -------
    str
        Its name.
    """
    return str(getattr(place, "name", place)) if hasattr(place, "read") else str(place)


def describe(place, **settings) -> Facts:
    """Read all packets of a video and decode none.

    Parameters
    ----------
    place : str or os.PathLike
        A file.
    **settings
        Of ``av.open``.

    Returns
    -------
    Facts
        The facts.

    Raises
    ------
    VideoError
        If it cannot be opened or holds no frame.
    """
    container, stream = open_video(place, **settings)
    with container:
        times, last = _times_of(container, stream)
        if not times:
            raise VideoError(f"{shown_name(place)}: there is no frame in it")
        context = stream.codec_context
        dropped = [s.type for s in container.streams if s is not stream and s.type != "audio"]
        return Facts(
            container.format.name, context.name, context.width, context.height,
            rate_of(stream), stream.time_base, tuple(sorted(times)), last, stream.frames,
            _lasts(container, stream), tuple(dropped),
        )  # fmt: skip


def rate_of(stream) -> Fraction:
    """Frames a second, on average, as far as a stream says.

    Parameters
    ----------
    stream : av.VideoStream
        The stream.

    Returns
    -------
    Fraction
        25 where it does not say.
    """
    return Fraction(stream.average_rate or stream.guessed_rate or stream.base_rate or 25)


def _times_of(container, stream) -> tuple[set[int], int]:
    av = load_av()
    times: set[int] = set()
    last, last_time, missing = 0, None, 0
    try:
        for packet in container.demux(stream):
            if not packet.size:
                continue
            time = packet.pts if packet.pts is not None else packet.dts
            if time is None:
                time, missing = missing, missing + 1
            times.add(time)
            if last_time is None or time >= last_time:
                last, last_time = packet.duration or 0, time
    except av.error.FFmpegError:  # a cut file: what was there counts
        pass
    return times, last


def _lasts(container, stream) -> Fraction | None:
    if stream.duration:
        return stream.duration * stream.time_base
    if container.duration and len(container.streams) == 1:
        return Fraction(container.duration, 1_000_000)
    return None


class Reader:
    """Decodes one video, frame by frame, whatever is damaged in it.

    Parameters
    ----------
    container, stream
        Of `open_video`.
    grey : bool
        Whether frames are their luma alone.
    name : str
        For messages.
    """

    def __init__(self, container, stream, grey: bool, name: str):
        self._container, self._stream, self._name = container, stream, name
        self._pixels = _luma if grey else _colours
        self.trouble = Trouble()
        self._shape: tuple[int, ...] | None = None
        self._last: int | None = None

    def frames(self, others=()) -> Iterator:
        """Decode.

        Parameters
        ----------
        others : sequence of streams
            Their packets are yielded as they are.

        Yields
        ------
        Frame or av.Packet
            In the file's order.
        """
        av = load_av()
        packets = self._container.demux(self._stream, *others)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.error.FFmpegError as error:
                if not isinstance(error, av.error.EOFError):
                    self.trouble.ended = f"reading ended early: {error.strerror}"
                return
            if packet.stream is not self._stream:
                if packet.dts is not None:
                    yield packet
                continue
            for decoded in self._decode(packet):
                frame = self._take(decoded)
                if frame is not None:
                    yield frame

    def _decode(self, packet):
        av = load_av()
        try:
            return packet.decode()
        except av.error.EOFError:
            return []
        except av.error.FFmpegError:
            self.trouble.damaged += 1
            return []

    def _take(self, decoded) -> Frame | None:
        trouble = self.trouble
        trouble.corrupt += bool(decoded.is_corrupt)
        time = decoded.pts if decoded.pts is not None else decoded.dts
        if time is None:
            time = 0 if self._last is None else self._last + _period(self._stream)
        if self._last is not None and time <= self._last:
            trouble.untimed += 1
            return None
        self._last = time
        if decoded.color_trc in (_PQ, _HLG):
            trouble.note("HDR (PQ or HLG) is not tone-mapped: colours will look pale")
        if decoded.format.components[0].bits > 8:
            trouble.note("more than 8 bits a channel: measured with 8")
        pixels = self._pixels(decoded)
        if decoded.interlaced_frame:
            trouble.note("interlaced: the second field is left out and the lines doubled")
            pixels = np.repeat(pixels[::2], 2, axis=0)[: pixels.shape[0]]
        turns = round(decoded.rotation / 90) % 4
        if turns:
            trouble.note(f"turned by {90 * turns} degrees, as the file says")
            pixels = np.ascontiguousarray(np.rot90(pixels, turns))
        self._check_size(pixels.shape)
        colour = (
            int(decoded.colorspace), int(decoded.color_primaries), int(decoded.color_trc),
            int(decoded.color_range),
        )  # fmt: skip
        return Frame(pixels, time, decoded.duration or 0, colour)

    def _check_size(self, shape: tuple[int, ...]) -> None:
        if self._shape is None:
            self._shape = shape
        elif shape != self._shape:
            was, now = self._shape, shape
            raise VideoError(
                f"{self._name}: the size of its frames changes from {was[1]} x {was[0]} to "
                f"{now[1]} x {now[0]}. Cut it there with --end and --start."
            )


def _period(stream) -> int:
    return max(1, round(1 / (rate_of(stream) * stream.time_base)))


def _colours(frame) -> np.ndarray:
    return frame.to_ndarray(format="rgb24")


def _luma(frame) -> np.ndarray:
    """The Y plane as it is, or what FFmpeg makes of formats that have none of 8 bits."""
    plain = frame.format.name.startswith(_GREY_IN_FRONT) and frame.format.components[0].bits == 8
    if not plain:
        frame = frame.reformat(format="yuv420p")
    plane = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[: frame.height, : frame.width].copy()
