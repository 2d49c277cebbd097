"""Boxes over time: grown, held after they were last found, interpolated between findings.

A detector misses a face now and then, and a single frame that is not covered shows it.  So a box is
grown on every side, kept for some frames after its last finding, and where it is found again, the
frames between are covered by both and by what lies between.  None of this is covered by a
guarantee: boxes come from looking at the picture.

What a detector finds trembles, and the temporal filter needs boxes that stay, or keep their size.
So what covers a thing that was found stays where it is while the grown box lies inside, moves with
it while its size will do, and is made anew, a little larger than it has to be, where it will not:
it is never smaller than the grown box.  Boxes that were given are taken as they are.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from numbadp.errors import OptionError

_SAME = 0.1  # least overlap, of the union, of two findings of one thing
_ROOM = Fraction(1, 3)  # of the growth, that a cover is wider by, to tremble in
_TOO_LARGE = 2  # times the grown box's area, at which a cover is made anew
Box = tuple[int, int, int, int]


@dataclass
class _Track:
    """One thing: where it was last found, and when, and what covers it."""

    box: Box
    seen: int
    cover: Box


def boxed(frames, options) -> Iterator[tuple]:
    """Frames with their boxes.

    Parameters
    ----------
    frames : iterable of Frame
        In order.
    options : VideoOptions
        With ``boxes`` or ``detect``, ``hold`` and ``grow``.

    Yields
    ------
    tuple
        Frame and list of boxes; None in place of a list where all is measured.
    """
    find = _finder(options)
    if find is None:
        for frame in frames:
            yield frame, None
        return
    tracks = tracks_for(options)
    waiting: deque = deque()
    for number, frame in enumerate(frames):
        height, width = frame.pixels.shape[:2]
        tracks.add(number, checked(find(number, frame.pixels)))
        waiting.append((number, frame, (width, height)))
        if len(waiting) > options.hold:
            yield _covered(waiting.popleft(), tracks)
    while waiting:
        yield _covered(waiting.popleft(), tracks)


def may_miss(options) -> bool:
    """Tell whether a frame may come without a box: always, unless all have the same.

    Parameters
    ----------
    options : VideoOptions
        With ``boxes`` or ``detect``.

    Returns
    -------
    bool
        False where whole frames are measured.
    """
    return options.detect is not None or callable(options.boxes)


def tracks_for(options) -> "Tracks":
    """Tracks of a stream.

    Parameters
    ----------
    options : VideoOptions
        With ``detect``, ``hold`` and ``grow``.

    Returns
    -------
    Tracks
        That follow nothing yet; what is found by looking may tremble.
    """
    return Tracks(options.hold, options.grow, options.grow * _ROOM * (options.detect is not None))


def _covered(item, tracks: "Tracks"):
    number, frame, size = item
    return frame, tracks.at(number, size)


def _finder(options):
    """From a frame's number and pixels to its boxes."""
    if options.detect is not None:
        return lambda number, pixels: options.detect(pixels)
    if options.boxes is None:
        return None
    if callable(options.boxes):
        return lambda number, pixels: options.boxes(number)
    fixed = list(options.boxes)
    return lambda number, pixels: fixed


def checked(boxes) -> list[Box]:
    """Take boxes at their whole numbers.

    Parameters
    ----------
    boxes : iterable of sequences
        Each (left, top, right, bottom); more numbers, such as a score, are left out.

    Returns
    -------
    list of tuple of int
        Rounded outwards; empty ones left out.

    Raises
    ------
    OptionError
        If they are none.
    """
    found = []
    try:
        for box in boxes:
            left, top, right, bottom = (float(side) for side in tuple(box)[:4])
            found.append((floor(left), floor(top), ceil(right), ceil(bottom)))
    except (TypeError, ValueError, OverflowError):
        raise OptionError(
            "boxes must be (left, top, right, bottom) in pixels, right and bottom excluded."
        ) from None
    return [box for box in found if box[0] < box[2] and box[1] < box[3]]


class Tracks:
    """Boxes of a stream, each with what was found before and after.

    Parameters
    ----------
    hold : int
        Frames that a box is kept for after it was last found.
    grow : Fraction
        Part of its size by which a box grows on every side.
    room : Fraction, default 0
        Part of its size by which what covers a thing is wider, so that it can stay.
    """

    def __init__(self, hold: int, grow: Fraction, room: Fraction = Fraction(0)):
        self._hold, self._grow, self._room = hold, grow, room
        self._tracks: list[_Track] = []
        self._at: dict[int, list[Box]] = {}

    def add(self, number: int, boxes: list[Box]) -> None:
        """Take what was found in a frame.

        Parameters
        ----------
        number : int
            Of the frame; increasing.
        boxes : list of tuple of int
            Where.
        """
        free = list(self._tracks)
        for box in boxes:
            known = max(free, key=lambda track: overlap(track.box, box), default=None)
            needed = widened(box, self._grow)
            if known is not None and overlap(known.box, box) >= _SAME:
                free.remove(known)
                before, known.cover = known.cover, self._cover(known.cover, needed)
                self._between(before, known.seen, known.cover, number)
                known.box, known.seen = box, number
            else:
                known = _Track(box, number, self._cover(None, needed))
                self._tracks.append(known)
            self._at.setdefault(number, []).append(known.cover)
        for track in free:  # not found now: kept where it was
            if number - track.seen <= self._hold:
                self._at.setdefault(number, []).append(track.cover)
        self._tracks = [t for t in self._tracks if number - t.seen <= self._hold]

    def _cover(self, before: Box | None, needed: Box) -> Box:
        """What covers a thing now; all of what is needed, in any case."""
        if not self._room:
            return needed
        if before is not None and _area(before) <= _TOO_LARGE * _area(needed):
            if _inside(needed, before):
                return before
            moved = _centred(before, needed)
            if _inside(needed, moved):
                return moved
        return widened(needed, self._room)

    def _between(self, old: Box, seen: int, new: Box, number: int) -> None:
        """Cover the frames since a thing was last found on its way to where it is now."""
        gap = number - seen
        for step in range(1, gap):
            way = tuple(a + (b - a) * step / gap for a, b in zip(old, new, strict=True))
            middle = (floor(way[0]), floor(way[1]), ceil(way[2]), ceil(way[3]))
            self._at.setdefault(seen + step, []).append(middle)

    def at(self, number: int, size: tuple[int, int]) -> list[Box]:
        """Boxes of a frame; asked once, in order.

        Parameters
        ----------
        number : int
            Of the frame.
        size : tuple of int
            Width and height.

        Returns
        -------
        list of tuple of int
            Grown and cut to the frame.
        """
        found = (cut(box, size) for box in self._at.pop(number, []))
        return [box for box in dict.fromkeys(found) if box is not None]


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _inside(inner: Box, outer: Box) -> bool:
    return (
        outer[0] <= inner[0] and outer[1] <= inner[1]
        and inner[2] <= outer[2] and inner[3] <= outer[3]
    )  # fmt: skip


def _centred(box: Box, other: Box) -> Box:
    """A box of the size of one around the middle of another."""
    width, height = box[2] - box[0], box[3] - box[1]
    left = (other[0] + other[2] - width) // 2
    top = (other[1] + other[3] - height) // 2
    return left, top, left + width, top + height


def overlap(a: Box, b: Box) -> float:
    """Common area of two boxes over that of both together.

    Parameters
    ----------
    a, b : tuple of int
        Boxes.

    Returns
    -------
    float
        From 0 to 1.
    """
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return width * height / (both - width * height)


def widened(box: Box, part) -> Box:
    """Widen a box on every side.

    Parameters
    ----------
    box : tuple of int
        The box.
    part : Fraction
        Of its width and height.

    Returns
    -------
    tuple of int
        Rounded outwards.
    """
    across, down = ceil((box[2] - box[0]) * part), ceil((box[3] - box[1]) * part)
    return box[0] - across, box[1] - down, box[2] + across, box[3] + down


def cut(box: Box, size: tuple[int, int]) -> Box | None:
    """Cut a box to a frame.

    Parameters
    ----------
    box : tuple of int
        The box.
    size : tuple of int
        Width and height of the frame.

    Returns
    -------
    tuple of int or None
        None if nothing of it lies in the frame.
    """
    left, top = max(0, box[0]), max(0, box[1])
    right, bottom = min(size[0], box[2]), min(size[1], box[3])
    return (left, top, right, bottom) if left < right and top < bottom else None
