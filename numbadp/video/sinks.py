"""Where frames go: a video, a folder of pictures, or a file of releases."""

from pathlib import Path

from numbadp.errors import VideoError
from numbadp.parts import PartFile
from numbadp.video.addresses import is_numbered, page_of
from numbadp.video.behind import Behind
from numbadp.video.frames import Clip, VideoFrame
from numbadp.video.library import in_one_line
from numbadp.video.live import LiveClip
from numbadp.video.options import VideoOptions
from numbadp.video.serving import PageSink
from numbadp.video.tracks import may_miss
from numbadp.video.writing import Writer

RELEASES = ".dpz"


def sink_for(target, clip: Clip | LiveClip, options: VideoOptions, status):
    """Choose where frames go, by the target's name.

    Parameters
    ----------
    target : Path, str or binary file
        The target; text is the address of a page.
    clip : Clip
        Whose frames they are.
    options : VideoOptions
        What is asked for.
    status : os.stat_result or None
        Of the source.

    Returns
    -------
    object
        A context with ``sound``, ``take(frame)`` and ``finish()``; ``behind`` are the frames taken
        that may not be written yet.
    """
    page = page_of(target)
    if page is not None:
        return PageSink(page, options, "as it comes" if clip.facts is None else "by its times")
    if not hasattr(target, "write"):
        if target.suffix.lower() == RELEASES:
            return ReleaseSink(target, clip, options)
        if is_numbered(target):
            return PictureSink(target, options, status)
    return VideoSink(target, clip, options, status)


class VideoSink:
    """A video file, opened at its first frame; one frame is coded while the next is measured.

    Parameters
    ----------
    target : Path or binary file
        Where to.
    clip : Clip
        Whose frames they are.
    options : VideoOptions
        What is asked for.
    status : os.stat_result or None
        Of the source.
    """

    behind = 1

    def __init__(self, target, clip: Clip | LiveClip, options: VideoOptions, status):
        self._target, self._clip, self._options, self._status = target, clip, options, status
        self._coding = Behind()
        if not hasattr(target, "write"):
            _check_place(target, options.force)
        self._writer: Writer | None = None
        self._waiting: list = []
        self.sound = self._copy if options.audio == "copy" else None

    def take(self, frame: VideoFrame) -> None:
        """Paint and encode a frame, after the one before and while the caller goes on.

        Parameters
        ----------
        frame : VideoFrame
            The next one.

        Raises
        ------
        VideoError
            What became of the one before.
        """
        release = frame.release
        if self._writer is None:
            sound = self._clip.sound()
            self._writer = Writer(
                self._target, release.shape, frame.tick, self._clip.rate, frame.colour,
                self._options, sound[0] if sound else None, self._status,
            )  # fmt: skip
        self._coding.do(_encode, self._writer, self._heard(), frame, self._options.style)

    def _copy(self, packet, offset) -> None:
        self._waiting.append((packet, offset))

    def finish(self) -> None:
        """Move the file to its place; nothing is there where no frame came."""
        if self._writer is not None:
            self._coding.settle()
            _copy_all(self._writer, self._heard())
            self._writer.finish()

    def _heard(self) -> list:
        """Packets of sound that came before the frame that is taken."""
        heard, self._waiting = self._waiting, []
        return heard

    def __enter__(self):
        return self

    def __exit__(self, *exception) -> None:
        try:
            self._coding.close()  # nobody writes to what is closed
        finally:
            if self._writer is not None:
                self._writer.__exit__(*exception)


def _encode(writer: Writer, sound: list, frame: VideoFrame, style: str) -> None:
    _copy_all(writer, sound)
    writer.show(frame.release, style, frame.time, frame.lasts)


def _copy_all(writer: Writer, sound: list) -> None:
    for packet, offset in sound:
        writer.copy(packet, offset)


class PictureSink:
    """A folder of numbered pictures.

    Parameters
    ----------
    target : Path
        The folder.
    options : VideoOptions
        What is asked for.
    status : os.stat_result or None
        Of the source: no picture is open to more users.
    """

    sound, behind = None, 0

    def __init__(self, target: Path, options: VideoOptions, status):
        self._folder, self._options, self._status = target, options, status
        with in_one_line(str(target)):
            target.mkdir(parents=True, exist_ok=True)
        if not options.force and any(target.glob("[0-9]*.png")):
            raise VideoError(f"{target} holds numbered pictures already; pass --force")

    def take(self, frame: VideoFrame) -> None:
        """Paint a frame and write it.

        Parameters
        ----------
        frame : VideoFrame
            The next one.
        """
        self.write(frame.number, frame.release.render(self._options.style))

    def write(self, number: int, pixels) -> None:
        """Write a painted frame.

        Parameters
        ----------
        number : int
            Of the frame, which gives its name.
        pixels : ndarray of uint8
            H x W or H x W x 3.
        """
        from PIL import Image

        place, force = self._folder / f"{number:06d}.png", self._options.force
        with in_one_line(str(place)), PartFile(place, force, source=self._status) as part:
            Image.fromarray(pixels).save(part.stream, format="PNG", compress_level=1)
            part.finish()

    def finish(self) -> None:
        """Nothing is left to do: every picture is whole."""

    def __enter__(self):
        return self

    def __exit__(self, *exception) -> None:
        pass


class ReleaseSink:
    """A file of releases, from which any style and filter can be painted later.

    Parameters
    ----------
    target : Path
        Where to.
    clip : Clip
        Whose frames they are.
    options : VideoOptions
        What is asked for.
    """

    sound, behind = None, 0

    def __init__(self, target: Path, clip: Clip | LiveClip, options: VideoOptions):
        from numbadp.release.clips import ClipWriter

        _check_place(target, options.force)
        if options.on_none == "copy" and may_miss(options):
            raise VideoError(
                "a file of releases cannot hold frames that are not measured: "
                "pass on_none='whole' or 'fail'"
            )
        self._writer = ClipWriter(target, tick=clip.tick, force=options.force)

    def take(self, frame: VideoFrame) -> None:
        """Store what was measured.

        Parameters
        ----------
        frame : VideoFrame
            The next one.
        """
        self._writer.append(frame.measured, frame.time, frame.lasts)

    def finish(self) -> None:
        """Close the file: what was appended is there already."""
        self._writer.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception) -> None:
        self._writer.close()


def _check_place(target: Path, force: bool) -> None:
    if target.exists() and not force:
        raise VideoError(f"{target} exists already; pass --force to replace it")
