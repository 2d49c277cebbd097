"""A video as one input: its frames measured into one clip, which is published once.

Statement.  As for a picture (store.py): of an input there is at most one clip that anybody can ever
  see, with all of its frames, and always the same.
Proof sketch.
  (1) Frames are counted, and boxes are looked for in all of them, before the first is measured.  So
      room for the largest clip is set aside then, what fails for want of boxes or budget fails
      then, and whether a try fails does not depend on its noise.
  (2) Frames are appended to a draft, which nobody sees and which goes with the try that dies; it
      takes the input's name in the same step as a picture's release (folder.py, objects.py).
  (3) Whole frames are charged all at once, before the first is measured; frames with boxes one by
      one, once it is known that the budget reaches for all of them.
Assumes.  The file does not change meanwhile; where a decoder finds boxes is not covered.
Tested by tests/batch/test_films.py
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import NamedTuple

from numbadp.accounting.guarantee import Guarantee, guarantee_of
from numbadp.batch.boxes import boxes_or_none
from numbadp.batch.identity import is_url
from numbadp.batch.inputs import status_of
from numbadp.batch.stages import Clock, room_of
from numbadp.batch.store import Store, record_of
from numbadp.errors import PictureError, StoreError, VideoError
from numbadp.plan.rules import ExactLayout
from numbadp.release.clips import A_FRAME, BEFORE, ClipWriter
from numbadp.video.frames import Clip
from numbadp.video.grids import Grids
from numbadp.video.options import VideoOptions
from numbadp.video.painting import render_video
from numbadp.video.reading import Reader, describe, open_video
from numbadp.video.tracks import boxed

_STYLES = ("mosaic", "smooth", "cells")


class Film(NamedTuple):
    """A video before anything of it is measured.

    Attributes
    ----------
    path : str
        The file.
    frames : int
        How many it has.
    shape : tuple of int
        H x W x 3 of each, upright.
    boxes : list of list of tuple, or None
        Boxes of each; None: all of it is covered.
    """

    path: str
    frames: int
    shape: tuple[int, ...]
    boxes: list | None


def measure_film(content, ask, store: Store, identity: str):
    """Give a video its one clip.

    Parameters
    ----------
    content : str or os.PathLike
        The file.
    ask : Ask
        What is asked for.
    store : Store
        Where releases are.
    identity : str
        Its id.

    Returns
    -------
    path : str
        Path or URL of the clip that the store holds.
    fresh : bool
        Whether this try published it.
    seconds : dict of str to float
        What each stage took.
    notes : tuple of str
        What a user may not expect.
    frames : int
        Frames measured.

    Raises
    ------
    VideoError, PictureError
        If it cannot be read or is none that a job takes; nothing has been measured then.
    NumbadpError
        If a ledger or the store refuses.
    """
    clock, asked = Clock(), ask.planner
    with clock("detect"):
        film = look_through(content, asked, ask.detect, ask.boxes)
    _check_budget(film, asked)
    with store.reserve(_room(film, asked), status_of(film.path)) as draft:
        clip = Clip(film.path, _options(asked, boxes=_by_number(film.boxes), hold=0, grow=0))
        writer = ClipWriter(draft.stream, clip.tick, record=record_of(identity, ask.terms))
        for frame in _timed(clip.frames(), clock):
            with clock("encode"), _told(store):
                writer.append(frame.measured, frame.time, frame.lasts)
        if not clip.measurer.frames:
            raise VideoError(f"{film.path}: none of its frames could be decoded")
        with clock("publish"):
            path, fresh = draft(identity, ask.terms)
    return path, fresh, clock.seconds, _notes(clip), clip.measurer.frames


def _timed(frames: Iterator, clock: Clock) -> Iterator:
    """Frames, with the time that each takes to come; ended with whoever takes them."""
    try:
        while True:
            with clock("frames"):
                frame = next(frames, None)
            if frame is None:
                return
            yield frame
    finally:
        frames.close()  # type: ignore[attr-defined]


def promise_of_film(content, asked, boxes=None) -> Guarantee:
    """Say what all frames of a video together would promise; they are counted, and one is decoded.

    Parameters
    ----------
    content : str or os.PathLike
        The file.
    asked : Pixelize
        What is asked for; without a detector.
    boxes : sequence of tuple, optional
        Boxes of all frames.

    Returns
    -------
    Guarantee
        Of the whole clip.

    Raises
    ------
    VideoError, PictureError
        If it cannot be read, is no file whose frames can be counted, or is none that a job takes.
    """
    return _promise(look_through(content, asked, None, boxes), asked)


def look_through(content, asked, detect, boxes) -> Film:
    """Count a video's frames, and find the boxes of each where that is asked for.

    Parameters
    ----------
    content : str or os.PathLike
        The file.
    asked : Pixelize
        What is asked for.
    detect : str, callable or None
        What finds boxes.
    boxes : sequence of tuple, or None
        Boxes of all frames, without it.

    Returns
    -------
    Film
        Nothing of it is measured.

    Raises
    ------
    VideoError, PictureError
        As `measure_film`; if nothing is found in a frame, unless that is to be covered as a whole.
    """
    path = os.fspath(content)
    if is_url(path):
        raise VideoError(
            f"{path}: a job takes videos as files: the frames of a stream cannot be counted, nor "
            "room be made for them, before they are measured. Fetch it, or run it without --engine"
        )
    facts = describe(path)
    pixels = facts.width * facts.height
    if pixels > asked.max_pixels:
        raise PictureError(
            f"{facts.width} x {facts.height} pixels are more than the limit of "
            f"{asked.max_pixels}; if you trust the file, pass --max-pixels {pixels}"
        )
    more, finder = {}, detect
    if hasattr(detect, "ungrown"):  # boxes of a video grow once, with their tracks
        more, finder = {"grow": detect.grow}, detect.ungrown()
    looking = finder and (lambda array: boxes_or_none(finder, array))
    options = _options(asked, boxes=boxes, detect=looking, **more)
    frames, shape, found = len(facts.times), None, []
    container, stream = open_video(path)
    with container:
        stream.thread_type = "AUTO"
        for frame, own in boxed(Reader(container, stream, False, path).frames(), options):
            shape = frame.pixels.shape
            found.append(own)
            if detect is None:  # the first tells all
                break
    if shape is None:
        raise VideoError(f"{path}: none of its frames could be decoded")
    if found[0] is None:
        return Film(path, frames, shape, None)
    found = found if detect is not None else found * frames
    bare = sum(not own for own in found)
    if bare and asked.on_none == "fail":
        raise PictureError(
            f"nothing was found in {bare} of its {len(found)} frames, so nothing of these would be "
            "protected; --on-none whole (on_none='whole') covers all of them"
        )
    return Film(path, frames, shape, found)


def check_drawing_of_film(style: str | None, effort: str = "default") -> None:
    """Refuse a drawing that videos are not made in, before anything is spent.

    Parameters
    ----------
    style : str or None
        How it is to be painted, if at all.
    effort : str
        Work that goes into it.

    Raises
    ------
    VideoError
        With what there is.
    """
    if style is not None and (style not in _STYLES or effort != "default"):
        raise VideoError(
            f"a video is painted in the styles {', '.join(_STYLES)} with the usual effort; got "
            f"style {style!r}, effort {effort!r}"
        )


def paint_film(clip, style: str) -> bytes:
    """Paint a clip as an MP4 file.

    Parameters
    ----------
    clip : numbadp.video.Clip
        It is closed.
    style : str
        As for `numbadp.video.render_video`.

    Returns
    -------
    bytes
        The file.
    """
    stream = BytesIO()
    render_video(clip, stream, style=style, format="mp4")
    return stream.getvalue()


def _options(asked, **more) -> VideoOptions:
    """What a batch asks for, as options of videos; what they have not is refused."""
    own = asked.options
    if own["layout"] == "exact" or isinstance(own["layout"], ExactLayout):
        raise VideoError("layout 'exact' is not private, and videos are not made of it")
    if own["backend"] != "auto":
        raise VideoError("videos have no backend to choose. Leave it out")
    if own["rim"] != "coded":
        raise VideoError("videos have no rim to choose. Leave it out")
    plan = {name: own[name] for name in ("cell", "layout", "planes")}
    # Boxes that there are none of were refused before, unless all is to be covered then.
    return VideoOptions(
        epsilon=asked.epsilon, m=asked.m, ledger=asked.ledger, on_none="whole", **plan, **more
    )


def _by_number(boxes: list | None):
    """Boxes of frames by their numbers; of one that was not counted there are none."""
    if boxes is None:
        return None
    return lambda number: boxes[number] if number < len(boxes) else []


def _grids(film: Film, asked) -> Grids:
    plan = {name: asked.options[name] for name in ("cell", "layout", "planes")}
    return Grids(film.shape, epsilon=asked.epsilon, m=asked.m, **plan)


def _room(film: Film, asked) -> int:
    """Most bytes that the clip can have, whatever the noise is."""
    grids = _grids(film, asked)
    whole = max(room_of(grids.coarse.plan), room_of(grids.fine.plan))
    if film.boxes is None:
        return BEFORE + film.frames * (A_FRAME + whole)
    rooms: dict[tuple, int] = {(): whole}
    total = BEFORE + max(0, film.frames - len(film.boxes)) * (A_FRAME + whole)
    for boxes in film.boxes:
        key = tuple(boxes)
        if key not in rooms:
            rooms[key] = room_of(asked.pixelizer(film.shape, boxes, None).plan)
        total += A_FRAME + rooms[key]
    return total


def _promise(film: Film, asked) -> Guarantee:
    """Of all frames, as if each had the boxes of the first."""
    if film.boxes is None:
        plan = _grids(film, asked).coarse.plan
    else:
        plan = asked.pixelizer(film.shape, film.boxes[0] or None, None).plan
    return guarantee_of(plan).compose(film.frames)


def _check_budget(film: Film, asked) -> None:
    """Frames with boxes are charged one by one: what cannot reach for all is told before."""
    if film.boxes is not None and asked.ledger is not None:
        asked.ledger.check(_promise(film, asked))


def _notes(clip: Clip) -> tuple[str, ...]:
    trouble = clip.trouble
    counts = (
        (trouble.damaged, "damaged packets skipped"),
        (trouble.untimed, "frames left out for their times"),
    )
    told = [f"{what}: {number}" for number, what in counts if number]
    return (*filter(None, (trouble.ended,)), *told, *trouble.notes)


@contextmanager
def _told(store: Store):
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"the store {store.place} cannot be used: {error.strerror}. Nothing was published."
        ) from None
