"""Steady boxes: each island of a region is a small picture with a temporal filter of its own.

An island that fills its box has the grid of a picture of that size.  Where the next frame has one
at the same place and of the same size, their grids are aligned and the filter goes on; where it has
one of the same size that overlaps it by half, as a box that follows something does, the grid moves
along, and what stays in its place in the box is steadied.  The filter's own tests find out what
does not.  Nothing but released numbers and public boxes is looked at.

An island of several boxes that overlap, or of a mask, is steadied as the box around it, cells with
fewer pixels being noisier (steady_masks.py), as long as its mask stays the same.  Any island in its
first frame and after a cut is painted as it was measured, by the region's own rules, which know
what lies around.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from numbadp.numbers import size_text
from numbadp.plan import Plan
from numbadp.plan.islands import HEIGHT, LEFT, MASK, START, TOP, WIDTH, place_cells
from numbadp.postprocess.steady_masks import MaskTables, as_if_full
from numbadp.release.release import Release, build_release
from numbadp.release.views import Views, check_filters_way

Box = tuple[int, int, int, int]  # top, left, height, width
_FOLLOWED = 0.5  # least part of an island that overlaps the one before, where it moves


@dataclass
class _Island:
    """An island of the last frame, the mask in its box (b"" and None for all), and its filter."""

    box: Box
    mask: bytes
    masked: MaskTables | None
    filter: Any


class IslandFilters:
    """The filters of a region's islands.

    Parameters
    ----------
    new_filter : callable
        Makes a `TemporalFilter` from `MaskTables`, or None, and how it draws.
    how : dict
        ``effort`` and ``version``.
    """

    def __init__(self, new_filter: Callable, how: dict):
        self._new_filter, self._how = new_filter, how
        self._islands: list[_Island] = []

    def steady(self, release: Release) -> "SteadyIslands":
        """Filter the islands of a frame.

        Parameters
        ----------
        release : Release
            Of one picture, with a region of islands, in host memory.

        Returns
        -------
        SteadyIslands
            What renders like it.
        """
        plan, before = release.plan, self._islands
        table, _ = place_cells(plan.spots, [plane.cell for plane in plan.planes])
        places = {}
        for row in table:
            box = tuple(row[[TOP, LEFT, HEIGHT, WIDTH]].tolist())
            places[box, _mask_of(plan, box, int(row[MASK]))] = row[START:]
        self._islands, shown = [], []
        for (box, content), old in _continued(list(places), before):
            starts = places[box, content]
            masked = _tables_of(content, box) if old is None else old.masked
            new = self._new_filter(masked, **self._how) if old is None else old.filter
            found = new.steady(_cut_out(release, box, starts, masked))
            self._islands.append(_Island(box, content, masked, new))
            if not new.restarted:
                shown.append((box, None if masked is None else masked.mask, starts, found))
        return SteadyIslands(release, shown, self._how)


class SteadyIslands(Views):
    """A frame whose boxes are filtered: public numbers that render like a `numbadp.Release`.

    Attributes
    ----------
    shape : tuple of int
        Shape of the picture.
    layout : Layout
        The published cells.
    guarantee : Guarantee
        That of the frame's own release.
    plan : Plan
        How that release was made.
    background : ndarray of uint8 or None
        The picture as given outside of its boxes.
    steadied : tuple of tuple of int
        Boxes (left, top, right, bottom) that are filtered; the others are as they were measured.
    """

    def __init__(self, release: Release, shown: list, how: dict):
        self._how = how
        self.shape, self.layout = release.shape, release.layout
        self.guarantee, self.plan = release.guarantee, release.plan
        self.background, self._release, self._shown = release.background, release, shown
        self.steadied = tuple(
            (left, top, left + width, top + height) for (top, left, height, width), *_ in shown
        )

    @property
    def values(self) -> tuple[np.ndarray, ...]:
        """Sums, filtered where boxes are."""
        found = [value.copy() for value in self._release.values]
        for _, _, starts, steady in self._shown:
            for value, start, own in zip(found, starts, steady.values, strict=False):
                value[start : start + own.size] = own.ravel()
        for value in found:
            value.flags.writeable = False
        return tuple(found)

    def render(self, style: str = "mosaic", *, out: np.ndarray | None = None, **options):
        """Paint the frame; see `SteadyRelease.render`.

        Parameters
        ----------
        style : {"mosaic", "smooth", "blocks", "cells"}, default "mosaic"
            How.
        out : ndarray of uint8, optional
            Where to.
        **options
            ``upsampler`` and ``side``.

        Returns
        -------
        ndarray of uint8
            A picture of the frame's shape.

        Raises
        ------
        OptionTypeError, OptionError, OutputError, UpsamplerError
            As there.
        """
        check_filters_way(options.get("effort", "default"), options.get("version"))
        pieces = [(*row[:2], row[3].render(style, **options)) for row in self._shown]
        picture = self._release.render(style, out=out, **options | self._how)
        for (top, left, height, width), mask, piece in pieces:
            place = picture[top : top + height, left : left + width]
            if mask is None:
                place[:] = piece
            else:
                place[mask] = piece[mask]
        return picture

    def quadtree(self):
        """Leaves of the mosaic as measured.

        Returns
        -------
        IslandTrees
            Levels and colours.
        """
        return self._release.quadtree()

    def to_host(self) -> "SteadyIslands":
        """Return itself: its numbers are in host memory."""
        return self

    def __repr__(self) -> str:
        """Public facts in one line."""
        size = size_text(self.shape)
        return f"<SteadyIslands of a {size} frame: {len(self._shown)} boxes are filtered>"


def _continued(keys: list, before: list[_Island]) -> list[tuple]:
    """Each box and mask with the island that it continues: the same, or one that moved here."""
    same = {(island.box, island.mask): island for island in before}
    kept = set(keys)
    free = [island for island in before if (island.box, island.mask) not in kept]
    found = []
    for key in keys:
        old = same.get(key)
        if old is None:
            near = max(free, key=lambda island: _overlap(key, island), default=None)
            if near is not None and _overlap(key, near) >= _FOLLOWED:
                free.remove(near)
                old = near
        found.append((key, old))
    return found


def _overlap(key: tuple[Box, bytes], island: _Island) -> float:
    """Common part of two boxes of one size and one mask; 0 for others."""
    (a, mask), b = key, island.box
    if a[2:] != b[2:] or mask != island.mask:
        return 0.0
    height, width = a[2:]
    down, across = abs(a[0] - b[0]), abs(a[1] - b[1])
    return max(0, height - down) * max(0, width - across) / (height * width)


def _mask_of(plan: Plan, box: Box, at: int) -> bytes:
    """Mask of an island that begins at a place among all masks; none below 0."""
    if at < 0 or plan.region is None:
        return b""
    return plan.region.parts.masks[at : at + box[2] * box[3]].tobytes()


def _tables_of(content: bytes, box: Box) -> MaskTables | None:
    if not content:
        return None
    return MaskTables(np.frombuffer(content, np.uint8).reshape(box[2:]).view(bool))


def _cut_out(release: Release, box: Box, starts: np.ndarray, masked: MaskTables | None) -> Release:
    """The release of an island as that of a picture of its size."""
    plan = _plan_of(release.plan, box)
    values = []
    for value, start, plane in zip(release.values, starts, plan.planes, strict=False):
        cells = plane.grid[0] * plane.grid[1]
        own = value[start : start + cells].reshape(plane.grid).copy()
        values.append(own if masked is None else as_if_full(own, masked.of(plane.cell)))
    return build_release(plan, release.guarantee, tuple(values))


def _plan_of(plan: Plan, box: Box) -> Plan:
    height, width = box[2:]
    planes = tuple(
        replace(plane, grid=(-(-height // plane.cell), -(-width // plane.cell)))
        for plane in plan.planes
    )
    shape = (height, width, *plan.shape[2:])
    return replace(plan, shape=shape, planes=planes, region=None, anchor="picture")
