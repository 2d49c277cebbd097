"""Writing a video: new streams, no metadata, exact times, tagged colours, whole or not at all."""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import numpy as np

from numbadp.errors import VideoError
from numbadp.parts import PartFile
from numbadp.video.library import in_one_line, load_av

FORMATS = {
    ".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm",
    ".avi": "avi", ".ts": "mpegts", ".nut": "nut",
}  # fmt: skip
# Codec: pixel format in colour, the option that sets quality and its usual value, further options.
CODECS = {
    # No frame is coded after a later one: mp4 says how long a film lasts in the order of coding.
    "libx264": ("yuv420p", ("crf", 23), {"preset": "veryfast", "bf": "0"}),
    "libx265": ("yuv420p", ("crf", 28), {"preset": "veryfast", "x265-params": "log-level=error"}),
    "libsvtav1": ("yuv420p", ("crf", 35), {"preset": "10"}),
    "libvpx-vp9": ("yuv420p", ("crf", 32), {"b": "0", "deadline": "realtime", "cpu-used": "6"}),
    "ffv1": ("yuv420p", None, {"level": "3", "slicecrc": "1"}),
    "mpeg4": ("yuv420p", ("qscale", 4), {}),
    "mjpeg": ("yuvj420p", ("qscale", 4), {}),
}
_HD = 720  # rows from which colours are ITU 709 by custom
_601, _709 = 5, 1
_FULL, _LIMITED = 2, 1
_UNKNOWN = 2


def codec_for(target, codec: str | None) -> str:
    """Codec of an output.

    Parameters
    ----------
    target : str or os.PathLike
        Its name.
    codec : str or None
        As asked for.

    Returns
    -------
    str
        The codec asked for, or the usual one of the container.

    Raises
    ------
    VideoError
        If it is none of `CODECS`.
    """
    if codec is None:
        return "libvpx-vp9" if Path(str(target)).suffix.lower() == ".webm" else "libx264"
    if codec not in CODECS:
        raise VideoError(f"codec must be one of {', '.join(CODECS)}; got {codec}.")
    return codec


class Writer:
    """One output video; leaving its block without `finish` leaves nothing.

    Parameters
    ----------
    target : Path or binary file
        Where to.
    shape : tuple of int
        H x W or H x W x 3 of the frames.
    tick : Fraction
        Unit of their times.
    rate : Fraction
        Frames a second, on average.
    colour : tuple of int
        FFmpeg's numbers of matrix, primaries, transfer and range of the source.
    options : VideoOptions
        Codec, quality, preset, format and what may be replaced.
    audio : av.AudioStream, optional
        To be copied.
    source : os.stat_result, optional
        Status of the source: the output is not open to more users.

    Raises
    ------
    VideoError
        If it cannot be made.
    """

    def __init__(self, target, shape, tick, rate, colour, options, audio=None, source=None):
        self._name = str(getattr(target, "name", target))
        self._shape, self._tick = shape, tick
        self._part = None
        if not hasattr(target, "write"):
            with in_one_line(self._name):
                target.parent.mkdir(parents=True, exist_ok=True)
                self._part = PartFile(target, options.force, source=source)
        try:
            self._open(target, rate, colour, options, audio)
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def _open(self, target, rate, colour, options, audio) -> None:
        av = load_av()
        kind = options.format or FORMATS.get(Path(self._name).suffix.lower(), "nut")
        place = target if self._part is None else str(self._part.path)
        settings = {"fflags": "+bitexact"}
        if kind in ("mp4", "mov") and self._part is not None:
            settings["movflags"] = "+faststart"
        with in_one_line(self._name):
            self._container = av.open(place, "w", format=kind, container_options=settings)
            self._stream = self._add_video(rate, colour, options)
            self._audio = None if audio is None else self._container.add_stream_from_template(audio)
            self._container.start_encoding()

    def _add_video(self, rate, colour, options):
        av = load_av()
        name = codec_for(self._name, options.codec)
        pixel_format, quality, extra = CODECS[name]
        extra = dict(extra)
        if options.preset is not None:
            extra["preset"] = options.preset
        if quality is not None:
            key, usual = quality
            extra[key] = str(usual if options.quality is None else options.quality)
        stream = self._container.add_stream(name, rate=rate, options=extra)
        height, width = self._shape[:2]
        context = stream.codec_context
        context.width, context.height = width + width % 2, height + height % 2
        context.pix_fmt = pixel_format
        context.time_base = self._tick
        context.flags |= av.codec.context.Flags.frame_duration
        self._matrix, self._full = _matrix_of(colour, self._shape), colour[3] == _FULL
        context.colorspace = self._matrix
        context.color_range = _FULL if self._full and len(self._shape) == 2 else _LIMITED
        for key, value in zip(("color_primaries", "color_trc"), colour[1:3], strict=True):
            if value not in (0, _UNKNOWN):
                setattr(context, key, value)
        return stream

    def write(self, picture: np.ndarray, time: int, lasts: int) -> None:
        """Encode a frame.

        Parameters
        ----------
        picture : ndarray of uint8
            Of the frames' shape.
        time, lasts : int
            When and how long it is shown, in ticks; 0 for not known.
        """
        self._encode(
            self._grey(picture) if picture.ndim == 2 else self._colour(picture), time, lasts
        )

    def show(self, release, style: str, time: int, lasts: int) -> None:
        """Encode a release, a mosaic without a picture in between where its leaves allow that.

        Parameters
        ----------
        release : Release or what renders like one
            The frame.
        style : {"mosaic", "smooth", "cells"}
            How it is painted.
        time, lasts : int
            As of `write`.
        """
        context = self._stream.codec_context
        if style == "mosaic" and context.pix_fmt == "yuv420p" and _is_free(release):
            tree = release.quadtree()
            if tree.fits_planes:
                frame = mosaic_frame(tree, context.width, context.height, self._matrix)
                self._encode(frame, time, lasts)
                return
        self.write(release.render(style), time, lasts)

    def _encode(self, frame, time: int, lasts: int) -> None:
        frame.pts, frame.time_base = time, self._tick
        if lasts:
            frame.duration = lasts
        with in_one_line(self._name):
            for packet in self._stream.encode(frame):
                self._container.mux(packet)

    def _grey(self, picture: np.ndarray):
        """A frame whose Y plane is the picture."""
        av = load_av()
        context = self._stream.codec_context
        frame = av.VideoFrame(context.width, context.height, context.pix_fmt)
        plane = frame.planes[0]
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        height, width = picture.shape
        rows[:height, :width] = picture
        rows[height : context.height, :width] = picture[-1]
        rows[: context.height, width : context.width] = rows[: context.height, width - 1 : width]
        for chroma in frame.planes[1:]:
            np.frombuffer(chroma, np.uint8)[:] = 128
        frame.color_range, frame.colorspace = context.color_range, self._matrix
        return frame

    def _colour(self, picture: np.ndarray):
        av = load_av()
        height, width = picture.shape[:2]
        if height % 2 or width % 2:
            picture = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        context = self._stream.codec_context
        return frame.reformat(
            format=context.pix_fmt, dst_colorspace=self._matrix, dst_color_range=_LIMITED
        )

    def copy(self, packet, offset: Fraction) -> None:
        """Copy a packet of sound.

        Parameters
        ----------
        packet : av.Packet
            As read.
        offset : Fraction
            Seconds by which it is earlier.
        """
        shift = round(offset / packet.time_base)
        packet.pts = None if packet.pts is None else packet.pts - shift
        packet.dts = None if packet.dts is None else packet.dts - shift
        packet.stream = self._audio
        with in_one_line(self._name):
            self._container.mux(packet)

    def finish(self) -> None:
        """Write what is left and move the file to its place.

        Raises
        ------
        VideoError
            If that fails.
        """
        with in_one_line(self._name):
            for packet in self._stream.encode(None):
                self._container.mux(packet)
            self._close()
            if self._part is not None:
                self._part.finish()

    def _close(self) -> None:
        container, self._container = getattr(self, "_container", None), None
        if container is not None:
            container.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception) -> None:
        with suppress(Exception):  # the error that led here is the one to be told
            self._close()
        if self._part is not None:
            self._part.__exit__()


def _is_free(release) -> bool:
    """Whether a mosaic is the quadtree's leaves and nothing else."""
    plan = getattr(release, "plan", None)
    return plan is not None and plan.layout == "free" and plan.region is None and not plan.mixed


def mosaic_frame(tree, width: int, height: int, matrix: int):
    """A mosaic as a frame for a codec, without a picture in between.

    Parameters
    ----------
    tree : Quadtree
        One that ``fits_planes``.
    width, height : int
        Of the frame, even.
    matrix : int
        FFmpeg's number: 1 for ITU 709.

    Returns
    -------
    av.VideoFrame
        YUV 4:2:0 of limited range.
    """
    frame = load_av().VideoFrame(width, height, "yuv420p")
    planes = [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
        for plane in frame.planes
    ]
    tree.paint_planes(709 if matrix == _709 else 601, *planes)
    frame.color_range, frame.colorspace = _LIMITED, matrix
    return frame


def _matrix_of(colour, shape: tuple[int, ...]) -> int:
    """Matrix of the output: the source's, or the custom for its size."""
    if colour[0] in (_601, _709, 6) and len(shape) == 2:
        return colour[0]
    return _709 if shape[0] >= _HD else _601
