"""Islands: the connected parts of a region, each with a small grid of its own.

    picture                    islands                 values of a plane
    +--------------------+     +--+--+- 1              one flat array: the cells of island 1 row by
    |  1111      222     |     |  |  |                 row, then those of island 2, and so on
    |  1111     22 22    |     +--+--+                  |c c c c|c c|c c|...
    |            222     |     +--+- 2, with a mask      start 1 start 2
    +--------------------+

Pixels of a region that touch, at a corner too, belong to one island.  Its grid begins at the corner
of its bounding box, and its cells count its own pixels alone, so every pixel of the region lies in
exactly one cell of each plane.  A whole picture is the one island that fills it.  Islands follow
from the set of pixels alone, however boxes or a mask named them: they are ordered by their first
pixel, row by row.  Where there are more than `MOST`, or their boxes together have more pixels than
the picture, or their rows fall apart into more than 2**18 runs, the whole region is one island.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

MOST = 4096  # islands of one picture; beyond, tables would cost more than cells
_PAIRED = 1024  # boxes that are compared pair by pair, where rows of theirs meet
_ROWS = 64  # of a mask, looked at together where nothing is
_RUNS = 1 << 18  # of pixels in rows, of a mask that is searched for parts

# Columns of a table of islands: where an island lies, in pixels; where its mask begins, -1 where
# all of its box is measured; where its cells begin in the flat array of each plane.
PICTURE, TOP, LEFT, HEIGHT, WIDTH, MASK, START = range(7)
COLUMNS = START + 3

ALL_PARTS = 1 << 31
_NO_BOXES = np.zeros((0, 4), np.int64)


class Parts(NamedTuple):
    """Islands of a picture.

    Attributes
    ----------
    spots : ndarray of int64, shape (islands, 6)
        Columns PICTURE (0) to MASK.
    masks : ndarray of uint8
        Masks of those that are no boxes, 1 for a pixel, row by row, one after the other.
    """

    spots: np.ndarray
    masks: np.ndarray


def whole(pictures: int, height: int, width: int) -> np.ndarray:
    """Spots of whole pictures, one island each.

    Parameters
    ----------
    pictures, height, width : int
        The batch, in pictures and pixels.

    Returns
    -------
    ndarray of int64, shape (pictures, 6)
        Columns PICTURE to MASK.
    """
    spots = np.zeros((pictures, START), np.int64)
    spots[:, PICTURE] = np.arange(pictures)
    spots[:, HEIGHT], spots[:, WIDTH], spots[:, MASK] = height, width, -1
    return spots


def parts_of_boxes(size: tuple[int, int], boxes: np.ndarray) -> Parts:
    """Islands of the union of boxes.

    Parameters
    ----------
    size : tuple of int
        Height and width of the picture, in pixels.
    boxes : ndarray of int64, shape (boxes, 4)
        Left, top, right, bottom inside the picture, none empty.

    Returns
    -------
    Parts
        The same as of the boxes' mask.
    """
    left, top, right, bottom = boxes.T
    if len(boxes) > _PAIRED or (bottom - top).sum() > _RUNS:
        return parts_of_mask(mask_of_boxes(size, boxes))
    one, other = _touching(left, top, right, bottom)
    if not one.size:
        return _ordered([], boxes=boxes)
    labels = _components(len(boxes), one, other)
    alone = np.bincount(labels, minlength=len(boxes))[labels] == 1
    together: dict[int, list] = {}
    for label, box in zip(labels[~alone].tolist(), boxes[~alone].tolist(), strict=True):
        together.setdefault(label, []).append(box)
    merged = [_merged(own) for own in together.values()]
    pixels = ((right - left) * (bottom - top))[alone].sum()
    if pixels + sum(part[3] * part[4] for part in merged) > size[0] * size[1]:
        return parts_of_mask(mask_of_boxes(size, boxes))
    return _ordered(merged, boxes=boxes[alone])


def parts_of_mask(
    mask: np.ndarray, size: tuple[int, ...] | None = None, corner: tuple[int, int] = (0, 0)
) -> Parts:
    """Islands of a mask.

    Parameters
    ----------
    mask : ndarray of bool, shape (H, W)
        Not empty.
    size : tuple of int, optional
        Height and width of the picture, in pixels, where the mask is a window of it.
    corner : tuple of int
        Where that begins.

    Returns
    -------
    Parts
        Its parts.
    """
    size = size or mask.shape
    top, left, cropped = cropped_mask(mask)
    top, left = corner[0] + top, corner[1] + left
    height, width = cropped.shape
    pitch = width + 1  # a column of nothing, so that no run goes on in the next row
    padded = np.zeros(height * pitch + 1, bool)
    padded[1:].reshape(height, pitch)[:, :width] = cropped
    changes = padded[1:] != padded[:-1]
    if np.count_nonzero(changes) > 2 * _RUNS:
        return _ordered([_all_of(cropped)], top, left)
    edges = np.flatnonzero(changes)
    starts, ends = edges[::2], edges[1::2]
    # Runs of the next row that touch one: they end at its start or later, begin at its end or
    # earlier.
    first = np.searchsorted(ends, starts + pitch, "left")
    last = np.searchsorted(starts, ends + pitch, "right")
    counts = last - first
    if counts[:-1].all():  # from every run a way leads down to the last one
        return _ordered([_all_of(cropped)], top, left)
    one = np.repeat(np.arange(starts.size), counts)
    other = np.arange(one.size) - np.repeat(np.cumsum(counts) - counts - first, counts)
    labels = _components(starts.size, one, other)
    parts = None
    if np.count_nonzero(labels == np.arange(labels.size)) <= MOST:
        parts = _cut_out(cropped, labels, starts, ends, pitch)
    if parts is None or _too_large(parts, size):
        parts = [_all_of(cropped)]
    return _ordered(parts, top, left)


def mask_of_boxes(size: tuple[int, int], boxes: np.ndarray) -> np.ndarray:
    """Mask of the union of boxes.

    Parameters
    ----------
    size : tuple of int
        Height and width, in pixels.
    boxes : ndarray of int64, shape (boxes, 4)
        Left, top, right, bottom.

    Returns
    -------
    ndarray of bool
        True inside.
    """
    mask = np.zeros(size, bool)
    for left, top, right, bottom in boxes.tolist():
        mask[top:bottom, left:right] = True
    return mask


def _touching(left, top, right, bottom) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of boxes that touch, each once: those that begin lower are looked for by their top."""
    order = top.argsort(kind="stable")
    ranks = np.arange(1, order.size + 1)
    counts = top[order].searchsorted(bottom[order], "right") - ranks
    one = order.repeat(counts)
    following = np.arange(one.size) - (counts.cumsum() - counts - ranks).repeat(counts)
    other = order[following]
    touch = (left[one] <= right[other]) & (left[other] <= right[one])
    return one[touch], other[touch]


def _components(nodes: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Smallest node that every node is connected to."""
    labels = np.arange(nodes)
    while True:
        a, b = labels[one], labels[other]
        differ = a != b
        if not differ.any():
            return labels
        one, other, a, b = one[differ], other[differ], a[differ], b[differ]
        labels[np.maximum(a, b)] = np.minimum(a, b)  # to a smaller one, so there is no circle
        while True:
            further = labels[labels]
            if (further == labels).all():
                break
            labels = further


def _merged(boxes: list[list[int]]):
    """One island of boxes that touch."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    left, top = min(lefts), min(tops)
    height, width = max(bottoms) - top, max(rights) - left
    mask = np.zeros((height, width), bool)
    for x, y, right, bottom in boxes:
        mask[y - top : bottom - top, x - left : right - left] = True
    # Of its first pixels, those of the boxes that begin at its top, one is the first of all.
    first = min(x for x, y in zip(lefts, tops, strict=True) if y == top)
    filled = np.count_nonzero(mask) == height * width
    return first, top, left, height, width, None if filled else mask


def cropped_mask(mask: np.ndarray) -> tuple[int, int, np.ndarray]:
    """Cut a mask at its bounding box.

    Parameters
    ----------
    mask : ndarray of bool, shape (H, W)
        Another thread may be changing it.

    Returns
    -------
    top, left : int
        Where the box begins.
    cropped : ndarray of bool
        The mask in there; the same memory.  No row of it where no pixel is found.
    """
    height, width = mask.shape
    if mask[:1].any() and mask[-1:].any() and mask[:, :1].any() and mask[:, -1:].any():
        return 0, 0, mask
    if mask.flags.c_contiguous:  # the search for one byte is fast, and reads no further
        top = int(mask.reshape(-1).argmax()) // width
    else:
        top = int(mask.any(axis=1).argmax())
    bottom = height
    while bottom > _ROWS and not mask[bottom - _ROWS : bottom].any():
        bottom -= _ROWS
    upwards = mask[max(bottom - _ROWS, 0) : bottom][::-1]
    bottom -= int(upwards.any(axis=1).argmax())
    columns = np.flatnonzero(mask[top:bottom].any(axis=0))
    if not columns.size:
        return 0, 0, mask[:0]
    left, right = int(columns[0]), int(columns[-1]) + 1
    return top, left, mask[top:bottom, left:right]


def _all_of(cropped: np.ndarray):
    """The whole region as one part."""
    first = int(cropped[0].argmax())
    return first, 0, 0, *cropped.shape, None if cropped.all() else cropped


def _too_large(parts: list, size: tuple[int, ...]) -> bool:
    """Whether boxes around parts have more pixels than the picture."""
    return sum(part[3] * part[4] for part in parts) > size[0] * size[1]


def _cut_out(mask: np.ndarray, labels, starts, ends, pitch: int) -> list:
    """Islands from runs; their first one is that of their first pixel."""
    order = np.argsort(labels, kind="stable")
    begins = np.flatnonzero(np.diff(labels[order], prepend=-1))
    rows, columns = np.divmod(starts[order], pitch)
    stops = columns + (ends - starts)[order]
    bounds = zip(
        columns[begins].tolist(), rows[begins].tolist(),
        np.minimum.reduceat(columns, begins).tolist(), np.maximum.reduceat(rows, begins).tolist(),
        np.maximum.reduceat(stops, begins).tolist(),
        np.add.reduceat(stops - columns, begins).tolist(), begins.tolist(),
        [*begins[1:].tolist(), order.size], strict=True,
    )  # fmt: skip
    parts = []
    for first, top, left, bottom, right, pixels, begin, end in bounds:
        height, width = bottom + 1 - top, right - left
        own = None
        if pixels < height * width:
            own = mask[top : bottom + 1, left:right]
            if np.count_nonzero(own) > pixels:  # others lie inside its box
                steps = np.zeros(height * width + 1, np.int8)
                at = (rows[begin:end] - top) * width - left
                steps[at + columns[begin:end]] = 1
                np.subtract.at(steps, at + stops[begin:end], 1)
                own = np.cumsum(steps[:-1], dtype=np.int8).reshape(height, width) > 0
        parts.append((first, top, left, height, width, own))
    return parts


def _ordered(found: list, top: int = 0, left: int = 0, boxes: np.ndarray = _NO_BOXES) -> Parts:
    """Parts in the order of their first pixels, `found` as (its column, TOP ... WIDTH, mask).

    `boxes` (left, top, right, bottom) are parts too.
    """
    table = np.empty((len(found) + len(boxes), 5), np.int64)
    table[: len(found)] = np.array([part[:5] for part in found], np.int64).reshape(-1, 5)
    table[len(found) :, :3] = boxes[:, [0, 1, 0]]
    table[len(found) :, 3:] = boxes[:, 3:1:-1] - boxes[:, 1::-1]
    order = np.lexsort((table[:, 0], table[:, 1]))
    spots = np.zeros((len(table), START), np.int64)
    spots[:, TOP:MASK] = table[order, 1:]
    spots[:, TOP] += top
    spots[:, LEFT] += left
    spots[:, MASK] = -1
    masks, at = [], 0
    for i in np.flatnonzero(order < len(found)).tolist():
        own = found[order[i]][5]
        if own is not None:
            spots[i, MASK] = at
            masks.append(own.view(np.uint8).ravel())
            at += own.size
    return Parts(spots, np.concatenate(masks) if at else np.zeros(0, np.uint8))


def count_cells(spots: np.ndarray, sides) -> tuple[int, ...]:
    """Cells of all islands.

    Parameters
    ----------
    spots : ndarray of int64, shape (islands, 6)
        Islands.
    sides : sequence of int
        Side of a cell of every plane, in pixels.

    Returns
    -------
    tuple of int
        One number a plane.
    """
    return tuple(_cells_of(spots, sides).sum(axis=0).tolist())


def _cells_of(spots: np.ndarray, sides) -> np.ndarray:
    """Cells of every island and plane."""
    down, across = -(-spots[:, HEIGHT : WIDTH + 1, None] // np.array(sides, np.int64)).swapaxes(
        0, 1
    )
    return down * across


def place_cells(spots: np.ndarray, sides) -> tuple[np.ndarray, np.ndarray]:
    """Where the cells of islands lie in the flat array of each plane.

    Parameters
    ----------
    spots : ndarray of int64, shape (islands, 6)
        Islands, those of one picture after those of the one before.
    sides : sequence of int
        Side of a cell of every plane, in pixels.

    Returns
    -------
    table : ndarray of int64, shape (islands, COLUMNS)
        With the columns from START on, one a plane; read-only.
    stops : ndarray of int64, shape (islands, 3)
        Where they end.
    """
    counts = _cells_of(spots, sides)
    table = np.zeros((len(spots), COLUMNS), np.int64)
    stops = np.zeros((len(spots), 3), np.int64)
    own = stops[:, : len(sides)]
    np.add.accumulate(counts, axis=0, out=own)
    table[:, :START] = spots
    np.subtract(own, counts, out=table[:, START : START + len(sides)])
    table.flags.writeable = False
    stops.flags.writeable = False
    return table, stops


def deal_out(sizes: np.ndarray, parts: np.ndarray, room: int) -> np.ndarray:
    """Deal islands out to work items: large ones by parts, small neighbours together.

    Parameters
    ----------
    sizes : ndarray of int64, shape (islands,)
        What each island costs.
    parts : ndarray of int64, shape (islands,)
        How many parts each of them has.
    room : int
        What an item of whole islands may cost, roughly; 0 deals all of them out by parts.

    Returns
    -------
    ndarray of int64, shape (items, 4)
        First island, the one behind the last, first part and the one behind the last; the parts of
        islands that stay whole are all from 0 to `ALL_PARTS`.  Read-only.
    """
    if sizes.sum() <= room:
        return _together(len(sizes))
    if len(sizes) == 1:
        items = np.zeros((int(parts[0]), 4), np.int64)
        items[:, 1], items[:, 2] = 1, np.arange(len(items))
        items[:, 3] = items[:, 2] + 1
    else:
        small = sizes <= room
        turn = np.cumsum(sizes) // max(room, 1)
        begins = np.ones(len(sizes), bool)
        begins[1:] = (turn[1:] != turn[:-1]) | ~(small[1:] & small[:-1])
        first = np.flatnonzero(begins)
        counts = np.where(small[first], 1, parts[first])
        ends = np.append(first[1:], len(sizes))
        items = np.empty((int(counts.sum()), 4), np.int64)
        items[:, 0], items[:, 1] = first.repeat(counts), ends.repeat(counts)
        items[:, 2] = np.arange(len(items)) - (np.cumsum(counts) - counts).repeat(counts)
        items[:, 3] = np.where(small[first].repeat(counts), ALL_PARTS, items[:, 2] + 1)
    items.flags.writeable = False
    return items


@lru_cache(maxsize=64)
def _together(islands: int) -> np.ndarray:
    """One item of all islands."""
    items = np.array([[0, islands, 0, ALL_PARTS]], np.int64)
    items.flags.writeable = False
    return items
