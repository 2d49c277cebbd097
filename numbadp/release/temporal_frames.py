"""What a temporal filter gives for a frame: public numbers that render like a release.

What is shown is denoised as in a single release, with each cell's own noise, from the last picture
on; and what that took is given back by what a single release has for each cell's own noise: from
version 2 of drawings on filters, from version 3 on nets for luma and grey.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from numbadp.checks import check_style
from numbadp.numbers import size_text
from numbadp.plan import Plan, PlanePlan
from numbadp.postprocess.blocks import check_side, paint_blocks
from numbadp.postprocess.drawing import Drawing
from numbadp.postprocess.paint import (
    output_array,
    paint_cells,
    paint_smooth,
)
from numbadp.postprocess.quadtree import IslandTrees, Quadtree, build_quadtree
from numbadp.postprocess.reconstruct import UNITS
from numbadp.postprocess.steady_filters import is_filtered
from numbadp.postprocess.steady_plane import SteadyPlane
from numbadp.postprocess.steady_polish import give_back_steadied
from numbadp.postprocess.upsample import check_upsampler, paint_upsampled
from numbadp.release.views import Views, check_filters_way

_WIDER = 2.5  # times the range within which siblings merge, where filters made edges steep again
_SAMPLED = 4  # cells down and across of which one tells the usual noise


class Drawn(NamedTuple):
    """What is drawn of a frame, in host memory.

    Attributes
    ----------
    shown : tuple of ndarray of float32
        Filtered means of cells, one array a plane.
    grids : tuple of ndarray of int16
        Denoised planes, in 1/64 grey level.
    thresholds : ndarray of int64, shape (planes,)
        Ranges within which siblings merge.
    counts : tuple of ndarray of int64, optional
        Pixels that are measured in each cell, where it is not all of them.
    """

    shown: tuple[np.ndarray, ...]
    grids: tuple[np.ndarray, ...]
    thresholds: np.ndarray
    counts: tuple[np.ndarray, ...] | None = None


class SteadyRelease(Views):
    """A filtered frame: public numbers that render like a `numbadp.Release`.

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
    values : tuple of ndarray of int64
        Filtered sums, rounded: what the cells would sum up to.
    """

    def __init__(self, release, drawn: Drawn):
        self.shape, self.layout = release.shape, release.layout
        self.guarantee, self.plan = release.guarantee, release.plan
        self._shown, self._grids, self._thresholds, self._counts = drawn
        self._quadtree: Quadtree | IslandTrees | None = None

    @property
    def values(self) -> tuple[np.ndarray, ...]:
        """Filtered sums."""
        units = pixels_of(self.plan)
        if self._counts is not None:
            units = tuple(
                plane.divisor * count.astype(np.float64)
                for plane, count in zip(self.plan.planes, self._counts, strict=True)
            )
        found = tuple(
            np.rint(shown * unit).astype(np.int64)
            for shown, unit in zip(self._shown, units, strict=True)
        )
        for value in found:
            value.flags.writeable = False
        return found

    def render(
        self, style: str = "mosaic", *, out: np.ndarray | None = None, upsampler=None,
        effort: str = "default", side: int | None = None, version: int | None = None,
    ) -> np.ndarray:  # fmt: skip
        """Paint the frame; see `numbadp.Release.render`.

        Parameters
        ----------
        style : {"mosaic", "smooth", "blocks", "cells"}, default "mosaic"
            How.
        out : ndarray of uint8, optional
            Where to.
        upsampler : callable, optional
            With style ``"smooth"``.
        effort, version
            Refused unless left out: the filter has drawn the frame already, in its own way.
        side : int, optional
            With style ``"blocks"``.

        Returns
        -------
        ndarray of uint8
            A picture of the frame's shape.

        Raises
        ------
        OptionTypeError, OptionError, OutputError, UpsamplerError
            As there.
        """
        check_style(style)
        check_side(side, style)
        check_filters_way(effort, version)
        if upsampler is not None:
            check_upsampler(upsampler, style)
        picture = output_array(self.plan.shape, out)
        if upsampler is not None:
            paint_upsampled(self.plan, self._grids, upsampler, picture)
        elif style == "smooth":
            paint_smooth(self.plan, self._grids, picture)
        elif style == "mosaic":
            self.quadtree().paint(picture)
        elif style == "blocks":
            paint_blocks(self.plan, self._grids, side, picture)
        else:
            paint_cells(self.plan, self.values, picture)
        return picture

    def quadtree(self) -> Quadtree | IslandTrees:
        """Leaves of the mosaic.

        Returns
        -------
        numbadp.postprocess.quadtree.Quadtree
            Levels and colours.
        """
        if self._quadtree is None:  # two threads may make the same one
            self._quadtree = build_quadtree(self.plan, self._grids, thresholds=self._thresholds)
        return self._quadtree

    def to_host(self) -> "SteadyRelease":
        """Return itself: its numbers are in host memory."""
        return self

    def __repr__(self) -> str:
        """Public facts in one line."""
        size = size_text(self.shape)
        return f"<SteadyRelease of a frame of {size}: epsilon = {self.guarantee.epsilon}>"


def merge_rule(plane: PlanePlan, drawing: Drawing) -> tuple[int, float]:
    """What tells a plane's usual noise, and within how much of it siblings merge.

    Parameters
    ----------
    plane : PlanePlan
        The plane.
    drawing : Drawing
        How frames are drawn.

    Returns
    -------
    step : int
        Cells down and across of which one is looked at.
    wider : float
        Times the usual range.
    """
    if not drawing.filters:
        return 1, 1.0
    return _SAMPLED, _WIDER if is_filtered(plane) else 1.0


def draw_frame(
    plan: Plan, planes: tuple[SteadyPlane, ...], drawing: Drawing,
    counts: tuple[np.ndarray, ...] | None = None,
) -> Drawn:  # fmt: skip
    """Draw what the planes of a filter show.

    Parameters
    ----------
    plan : Plan
        How the frame was measured.
    planes : tuple of SteadyPlane
        The planes, after this frame.
    drawing : Drawing
        How frames are drawn.
    counts : tuple of ndarray of int64, optional
        Pixels that are measured in each cell, where it is not all of them.

    Returns
    -------
    Drawn
        Copies of their own.
    """
    grids = tuple(
        give_back_steadied(plan, k, plane, plane.denoised(), drawing)
        for k, plane in enumerate(planes)
    )
    return Drawn(
        tuple(plane.shown.copy() for plane in planes),
        tuple(grid.copy() for grid in grids),
        _thresholds(plan, planes, drawing, counts),
        counts,
    )


def _thresholds(
    plan: Plan, planes: tuple[SteadyPlane, ...], drawing: Drawing, counts
) -> np.ndarray:
    """A part of each plane's usual noise scale, as shown, in 1/64 grey level."""
    found = []
    for k, (own, plane) in enumerate(zip(plan.planes, planes, strict=True)):
        step, wider = merge_rule(own, drawing)
        noise = plane.noise[::step, ::step] if counts is None else plane.noise[counts[k] > 0]
        noise = noise.ravel()
        middle = np.partition(noise, noise.size // 2)[noise.size // 2]
        found.append(int(UNITS * np.sqrt(0.5 * float(middle)) / 4 * wider))
    return np.array(found, np.int64)


@lru_cache(maxsize=32)
def pixels_of(plan: Plan) -> tuple[np.ndarray, ...]:
    """Unit of every cell's sum in a grey level of its mean.

    Parameters
    ----------
    plan : Plan
        How frames are measured.

    Returns
    -------
    tuple of ndarray of float64
        One array [cells down, cells across] a plane.
    """
    found = []
    for plane in plan.planes:
        rows = np.minimum(plane.cell, plan.height - plane.cell * np.arange(plane.grid[0]))
        columns = np.minimum(plane.cell, plan.width - plane.cell * np.arange(plane.grid[1]))
        found.append(np.outer(rows, columns).astype(np.float64) * plane.divisor)
    return tuple(found)
