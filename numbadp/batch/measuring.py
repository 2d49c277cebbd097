"""One try at one input: look, make room, read, measure, pack, publish, each timed."""

import zlib
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, NamedTuple, Protocol

from numbadp.batch.boxes import find_boxes
from numbadp.batch.inputs import kind_of, read_input, status_of
from numbadp.batch.stages import Clock, room_of
from numbadp.batch.store import Store
from numbadp.compute.forgetting import Scratch
from numbadp.mechanism import Pixelizer
from numbadp.release.clips import Clip

# Cells are runs of equal pixels: run-length matching packs them as small as level 6 does, or
# smaller, in a quarter of its time or less.
_PNG = {"compress_level": 1, "compress_type": zlib.Z_RLE}


@dataclass(frozen=True)
class Outcome:
    """What became of one input.

    Attributes
    ----------
    id : str
        Its id.
    path : str
        Path or URL of the release that the store holds.
    fresh : bool
        Whether this try published it.
    seconds : dict of str to float
        What each stage took, by name: of `numbadp.batch.stages.STAGES`; empty if there was a
        release already.
    notes : tuple of str
        What a user may not expect: frames left out, colours converted, boxes widened.
    frames : int
        Frames of a video that this try measured.
    """

    id: str
    path: str
    fresh: bool
    seconds: dict = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    frames: int = 0


class Planner(Protocol):
    """What is used of a `numbadp.batch.Pixelize`, which stands above this module."""

    on_none: str
    style: str | None
    effort: str

    def pixelizer(self, shape: tuple[int, ...], boxes, mask) -> Pixelizer:
        """The plan for pictures of a shape."""


class Ask(NamedTuple):
    """What is asked for.

    Attributes
    ----------
    terms : dict
        As of `numbadp.batch.terms.terms_of`.
    detect : str, callable or None
        What finds boxes.
    boxes : sequence or None
        Boxes of every picture, without it.
    rim : str
        How boxes are widened.
    max_pixels : int
        Refuse larger files.
    planner : Pixelize
        Its ``pixelizer`` gives a Pixelizer for a shape, boxes and a mask.
    """

    terms: dict
    detect: Any
    boxes: Any
    rim: str
    max_pixels: int
    planner: Planner


def do_input(identity: str, content, ask: Ask, store: Store) -> Outcome:
    """Give an input its one release.

    Parameters
    ----------
    identity : str
        Its id.
    content : object
        The input, of a kind that `numbadp.batch.inputs` knows.
    ask : Ask
        What is asked for.
    store : Store
        Where releases are.

    Returns
    -------
    Outcome
        What the store holds.

    Raises
    ------
    NumbadpError
        If it cannot be read or measured, or a ledger or the store refuses.
    """
    found = store.find(identity, ask.terms)
    if found is not None:
        return Outcome(identity, found, False)
    return _KINDS[kind_of(content)](identity, content, ask, store)


def paint(release, style: str, effort: str = "default") -> bytes:
    """Paint a release as a PNG file, the clip of a video as an MP4 file.

    Parameters
    ----------
    release : Release, MosaicRelease or Clip
        The release; a clip is closed.
    style, effort : str
        As for `Release.render`.

    Returns
    -------
    bytes
        The file.
    """
    if isinstance(release, Clip):
        from numbadp.batch.films import paint_film

        return paint_film(release, style)
    stream = BytesIO()
    release.to_pil(style, effort=effort).save(stream, format="PNG", **_PNG)
    return stream.getvalue()


def _do_picture(identity: str, content, ask: Ask, store: Store) -> Outcome:
    clock = Clock()
    own = Scratch()
    with own, own:
        with clock("decode"):
            picture = read_input(content, ask.max_pixels, own)
        with clock("detect"):
            boxes = ask.boxes
            if ask.detect is not None:
                boxes = find_boxes(ask.detect, picture.array, ask.planner.on_none)
            wide = picture.widened(boxes, ask.rim)
            pixelizer = ask.planner.pixelizer(picture.array.shape, wide.boxes, wide.mask)
        # Before a pixel is measured and a ledger charged: a full disk costs nothing.
        with store.reserve(room_of(pixelizer.plan), status_of(content)) as publish:
            with clock("release"):
                release = pixelizer(picture.array)
            with clock("encode"):
                packed = BytesIO()
                release.save(packed)
            with clock("publish"):
                path, fresh = publish(identity, ask.terms, packed.getvalue())
    notes = tuple(filter(None, (*picture.notes, wide.note)))
    return Outcome(identity, path, fresh, clock.seconds, notes)


def _do_video(identity: str, content, ask: Ask, store: Store) -> Outcome:
    from numbadp.batch.films import check_drawing_of_film, measure_film

    check_drawing_of_film(ask.planner.style, ask.planner.effort)
    path, fresh, seconds, notes, frames = measure_film(content, ask, store, identity)
    return Outcome(identity, path, fresh, seconds, notes, frames)


_KINDS = {"picture": _do_picture, "video": _do_video}
