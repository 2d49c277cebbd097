"""Steady video: a causal filter over the releases of its frames.

It uses released numbers and known noise scales alone, so it is post-processing: what each frame
promises, it promises after the filter too, and anybody could filter the unfiltered video.

For every cell there are a slow estimate (the background, up to 40 frames) and a fast one (about
two frames).  Where they differ by more than noise allows, in a cell, in a window of 3 or 5 cells or
in a tile, something moves: the fast one is shown and the slow one waits, for ten frames at most.  A
whole-grid test tells a cut, a moving camera (everything starts again) and a change of light (the
background follows).  What is shown is denoised as in a single release, with each cell's own noise,
from the last picture on; and what that took is given back, from version 2 of drawings on, by the
filters of a single release, those for each cell's own noise.
"""

from functools import lru_cache

import numpy as np

from numbadp.checks import check_style
from numbadp.compute.forks import ForkSafeLock
from numbadp.errors import OptionError, OptionTypeError
from numbadp.numbers import size_text
from numbadp.plan import Plan
from numbadp.postprocess.blocks import check_side, paint_blocks
from numbadp.postprocess.drawing import Drawing, choose_drawing
from numbadp.postprocess.paint import (
    output_array,
    paint_cells,
    paint_smooth,
)
from numbadp.postprocess.quadtree import IslandTrees, Quadtree, build_quadtree
from numbadp.postprocess.reconstruct import UNITS
from numbadp.postprocess.steady_filters import filter_steadied, is_filtered
from numbadp.postprocess.steady_masks import MaskTables
from numbadp.postprocess.steady_plane import BY_BLOCKS, BY_ROWS, SteadyPlane
from numbadp.postprocess.upsample import check_upsampler, paint_upsampled
from numbadp.release.temporal_islands import IslandFilters, SteadyIslands
from numbadp.release.views import Views, check_filters_way

_SHARE = 0.2  # of the newest frame in the share of cells that move
_WIDER = 2.5  # times the range within which siblings merge, where filters made edges steep again
_SAMPLED = 4  # cells down and across of which one tells the usual noise


class TemporalFilter:
    """Makes the frames of a video steady, one after the other.

    Keep one a stream and hand it the releases in order.  It looks at noisy numbers alone: the
    guarantee of what it returns is that of the release that went in.

    Parameters
    ----------
    effort : {"default", "tv"}, default "default"
        How frames are drawn, as in `numbadp.Release.render`.  Every frame is denoised from the one
        before, so a filter keeps to one way.
    version : int, optional
        Version of the rules; the latest by default.  3 draws as 2: colours of steadied frames do
        not follow luma.

    Raises
    ------
    OptionTypeError, OptionError
        If there is no such drawing, or it is ``"best"``.

    Attributes
    ----------
    moving : float
        Share of the cells that move, averaged over some frames; 1 before the second frame.
    restarted : bool
        Whether the last frame was taken for the first of a new scene, or of a moving camera.
    frames : int
        Frames taken.

    Examples
    --------
    >>> import numpy, numbadp
    >>> pixelizer = numbadp.Pixelizer((64, 64), epsilon=1)
    >>> steady = numbadp.TemporalFilter()
    >>> frames = numpy.zeros((3, 64, 64), numpy.uint8)
    >>> [steady.steady(pixelizer(frame)).render().shape for frame in frames]
    [(64, 64), (64, 64), (64, 64)]
    """

    def __init__(self, *, effort: str = "default", version: int | None = None):
        self._drawing = choose_drawing(effort, version)
        if self._drawing.method == "best":
            raise OptionError(
                "a TemporalFilter knows no effort 'best': its frames have other noise than the net "
                "was trained for. Pass 'default' or 'tv'."
            )
        self._pace = BY_BLOCKS if self._drawing.filters else BY_ROWS
        self._plan: Plan | None = None
        self._planes: tuple[SteadyPlane, ...] = ()
        self._masked: MaskTables | None = None
        self._islands = IslandFilters(filter_within, {"effort": effort, "version": version})
        self._lock = ForkSafeLock()
        self.moving, self.restarted, self.frames = 1.0, True, 0

    def steady(self, release) -> "SteadyRelease | SteadyIslands":
        """Filter the next frame.

        Parameters
        ----------
        release : Release
            Of one picture.  A frame of another size starts a new scene; of the same size its cells
            may be twice or half as wide as those of the frame before.

        Returns
        -------
        SteadyRelease, SteadyIslands or Release
            What renders like the release, steadier.  Of a release with boxes each box is filtered
            that stays, or moves and keeps its size (temporal_islands.py).  A release of a batch or
            with leaves of mixed size is returned as it is.

        Raises
        ------
        OptionTypeError
            If it is no release with noisy values.
        """
        plan = getattr(release, "plan", None)
        if not isinstance(plan, Plan) or not hasattr(release, "to_host"):
            raise OptionTypeError(
                f"steady() takes a numbadp.Release; got {type(release).__name__}. "
                "Pass what a Pixelizer returns."
            )
        with self._lock:
            self.frames += 1
            if plan.mixed or len(plan.shape) == 4:
                return release
            if plan.region is not None:
                return self._islands.steady(release.to_host())
            return self._steady(release.to_host())

    def _steady(self, release) -> "SteadyRelease":
        plan = release.plan
        first = not self._fits(plan)
        sums = [value.reshape(-1) for value in release.values]
        leader = self._planes[_leading(plan)]
        (leader.start if first else leader.lead)(sums[_leading(plan)])
        for k, plane in enumerate(self._planes):
            if plane is not leader:
                plane.follow(sums[k], leader)
        self._note(leader, first)
        return SteadyRelease(release, self._planes, self._drawing, self._counts(plan))

    def _counts(self, plan: Plan) -> tuple[np.ndarray, ...] | None:
        """Pixels of the mask in the cells of every plane; None without one."""
        if self._masked is None:
            return None
        return tuple(self._masked.of(plane.cell).counts for plane in plan.planes)

    def _fits(self, plan: Plan) -> bool:
        """Make planes of this plan; whether they continue those of the frame before."""
        if plan == self._plan:
            return True
        before, self._plan = (self._plan, self._planes), plan
        counts = self._counts(plan) or (None,) * len(plan.planes)
        self._planes = tuple(
            SteadyPlane(plan, plane, self._pace, own)
            for plane, own in zip(plan.planes, counts, strict=True)
        )
        if before[0] is None or before[0].shape != plan.shape:
            return False
        if [p.name for p in before[0].planes] != [p.name for p in plan.planes]:
            return False
        return all([new.take_over(old) for new, old in zip(self._planes, before[1], strict=True)])

    def _note(self, leader: SteadyPlane, first: bool) -> None:
        self.restarted = bool(leader.told[0])
        now = 1.0 if first else float(leader.told[3])
        self.moving = now if self.frames == 2 else (1 - _SHARE) * self.moving + _SHARE * now

    def __repr__(self) -> str:
        """How far it is."""
        return f"<TemporalFilter: {self.frames} frames, {self.moving:.0%} of the cells move>"


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

    def __init__(
        self, release, planes: tuple[SteadyPlane, ...], drawing: Drawing,
        counts: tuple[np.ndarray, ...] | None = None,
    ):  # fmt: skip
        self.shape, self.layout = release.shape, release.layout
        self.guarantee, self.plan = release.guarantee, release.plan
        self._shown = tuple(plane.shown.copy() for plane in planes)
        grids = tuple(plane.denoised() for plane in planes)
        if drawing.filters:
            grids = tuple(
                filter_steadied(self.plan, k, plane, grid)
                for k, (plane, grid) in enumerate(zip(planes, grids, strict=True))
            )
        self._grids = tuple(grid.copy() for grid in grids)
        self._thresholds = _thresholds(self.plan, planes, drawing, counts)
        self._counts = counts
        self._quadtree: Quadtree | IslandTrees | None = None

    @property
    def values(self) -> tuple[np.ndarray, ...]:
        """Filtered sums."""
        units = _pixels(self.plan)
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


def _leading(plan: Plan) -> int:
    """Plane whose flags the others follow: luma, or green."""
    return 1 if plan.planes[0].name == "R" else 0


def filter_within(masked: MaskTables | None, **how) -> TemporalFilter:
    """Make a filter for frames of which the pixels of a mask alone are measured.

    Parameters
    ----------
    masked : MaskTables or None
        The mask; None for all pixels.  Sums are to be those of full cells (steady_masks.py).
    **how
        Of `TemporalFilter`.

    Returns
    -------
    TemporalFilter
        The filter.
    """
    found = TemporalFilter(**how)
    found._masked = masked
    return found


def _thresholds(
    plan: Plan, planes: tuple[SteadyPlane, ...], drawing: Drawing, counts
) -> np.ndarray:
    """A part of each plane's usual noise scale, as shown, in 1/64 grey level."""
    found = []
    for k, (own, plane) in enumerate(zip(plan.planes, planes, strict=True)):
        noise, wider = plane.noise, 1.0
        if drawing.filters:
            wider = _WIDER if is_filtered(own) else 1.0
        if counts is not None:
            noise = noise[counts[k] > 0]
        elif drawing.filters:
            noise = noise[::_SAMPLED, ::_SAMPLED]
        noise = noise.ravel()
        middle = np.partition(noise, noise.size // 2)[noise.size // 2]
        found.append(int(UNITS * np.sqrt(0.5 * float(middle)) / 4 * wider))
    return np.array(found, np.int64)


@lru_cache(maxsize=32)
def _pixels(plan: Plan) -> tuple[np.ndarray, ...]:
    """Unit of every cell's sum in a grey level of its mean."""
    found = []
    for plane in plan.planes:
        rows = np.minimum(plane.cell, plan.height - plane.cell * np.arange(plane.grid[0]))
        columns = np.minimum(plane.cell, plan.width - plane.cell * np.arange(plane.grid[1]))
        found.append(np.outer(rows, columns).astype(np.float64) * plane.divisor)
    return tuple(found)
