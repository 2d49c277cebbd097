"""The public side: everything here sees releases only, and is free of any privacy cost."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from numbadp.checks import check_style
from numbadp.compute.forks import ForkSafeLock
from numbadp.plan import Plan
from numbadp.plan.layout import Layout
from numbadp.postprocess.blocks import check_side, paint_blocks
from numbadp.postprocess.drawing import DEFAULT, Drawing
from numbadp.postprocess.filters import wider_planes
from numbadp.postprocess.guide import finer_plan, guide, guided_in, refine
from numbadp.postprocess.learned import reconstruct_learned
from numbadp.postprocess.leaves import paint_leaves, reconstruct_leaves
from numbadp.postprocess.paint import (
    island_picture,
    output_array,
    paint_cells,
    paint_smooth,
    show_outside,
)
from numbadp.postprocess.polish import give_back
from numbadp.postprocess.quadtree import (
    IslandTrees,
    Quadtree,
    build_quadtree,
    merge_thresholds,
)
from numbadp.postprocess.reconstruct import reconstruct
from numbadp.postprocess.rehearsal import draw_last_first
from numbadp.postprocess.rims import add_rims, has_rims, rim_plan
from numbadp.postprocess.shrink import shrink
from numbadp.postprocess.upsample import check_upsampler, paint_upsampled

__all__ = ["Painter", "painter_of"]


def painter_of(release):
    """Choose the painter of a release: where its values lie, there it is painted.

    Parameters
    ----------
    release : Release
        What to paint.

    Returns
    -------
    object
        With ``render(style, out)`` and ``quadtree``.
    """
    on_device = release.resident
    if on_device is None and all(isinstance(value, np.ndarray) for value in release.values):
        return Painter(release)
    if release.plan.anchor == "islands":
        from numbadp.postprocess.islands_cuda import IslandsPainter

        return IslandsPainter(release.plan, release.values, release.layout, release.background)
    from numbadp.postprocess.painter_cuda import CudaPainter, DownloadingPainter

    if on_device is None:
        return CudaPainter(release.plan, release.values, release.layout, release.background)
    return DownloadingPainter(release, on_device)


class Ways(NamedTuple):
    """What draws a plan's cells; the same for every release of it.

    All take a plan, its layout and its values; `cells` takes the picture as well, and
    `best` the version of the net.
    """

    cells: Callable[..., np.ndarray]
    denoise: Callable[..., tuple[np.ndarray, ...]]
    best: Callable[..., tuple[np.ndarray, ...]]


def ways_of(plan: Plan) -> Ways:
    """Choose how a plan's releases are drawn: with leaves of mixed size, or cells of islands.

    Colours are spread over pixels by one kernel.  Denoising keeps two: leaves couple all sub-cells
    that they cover, so their kernel finds the nearest point in every leaf in every step, which
    takes 4 to 5 times as long where every cell is a leaf (1080p, colour, cells of 8: 14.5 ms on
    one thread and 12.8 on two, against 3.4 and 2.5).

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    Ways
        Its functions.
    """
    if plan.mixed:
        return Ways(
            paint_leaves, reconstruct_leaves,
            lambda plan, layout, values, version: reconstruct_leaves(plan, layout, values),
        )  # fmt: skip
    return Ways(
        lambda plan, layout, values, out: paint_cells(plan, values, out),
        lambda plan, layout, values: reconstruct(plan, values),
        lambda plan, layout, values, version: reconstruct_learned(plan, values, version),
    )


class _Drawn(NamedTuple):
    """Planes and leaves of a picture, made when they are asked for; `fine` lie as `plan` says."""

    plan: Plan
    grids: Callable[[], tuple[np.ndarray, ...]]
    fine: Callable[[], tuple[np.ndarray, ...]]
    quadtree: Callable[[], Any]  # Quadtree or IslandTrees, as the plan has islands


class Painter:
    """Renders one release; the reconstruction and the quadtree are computed once.

    Parameters
    ----------
    release : Release
        What to paint; its parts are taken, not the release itself.
    """

    def __init__(self, release):
        self._plan: Plan = release.plan
        self._layout: Layout = release.layout
        self._ways = ways_of(self._plan)
        self._values: tuple[np.ndarray, ...] = release.values
        self._background: np.ndarray | None = release.background
        self._lock = ForkSafeLock()
        self._grids: dict[Drawing, tuple[np.ndarray, ...]] = {}
        self._fine: dict[Drawing, tuple[np.ndarray, ...]] = {}
        self._quadtrees: dict[Drawing, Quadtree | IslandTrees] = {}

    def render(
        self, style: str, out: np.ndarray | None, upsampler=None, *, drawing: Drawing = DEFAULT,
        side: int | None = None,
    ) -> np.ndarray:  # fmt: skip
        """Paint the release in a style; see `numbadp.release.Release.render`."""
        check_style(style)
        check_side(side, style)
        if upsampler is not None:
            check_upsampler(upsampler, style)
        if self._plan.anchor == "islands":
            picture = island_picture(self._plan.shape, out, self._background)
        else:
            picture = output_array(self._plan.shape, out)
        drawn = self._drawn_with(picture, drawing)
        if upsampler is None:
            self._paint(style, picture, drawn, side)
        else:
            paint_upsampled(drawn.plan, drawn.fine(), upsampler, picture)
        if self._plan.anchor == "picture":
            show_outside(picture, self._plan.region, self._background)
        return picture

    def rehearse(self) -> None:
        """Run the steps of a mosaic backwards, on nothing."""
        draw_last_first(self._plan, self._values, self._background)

    def _drawn_with(self, picture: np.ndarray, drawing: Drawing) -> "_Drawn":
        """Planes and leaves; the rim of islands that nothing was kept around is in the picture.

        Nothing of it is kept then: the next picture may be another one.
        """
        if self._plan.anchor == "picture" or self._background is not None or not drawing.shrinks:
            return _Drawn(
                self._fine_plan(drawing, self._background is not None),
                lambda: self.grids_of(drawing), lambda: self.fine_of(drawing),
                lambda: self.quadtree_of(drawing),
            )  # fmt: skip
        shown = picture.view()
        shown.flags.writeable = False

        def grids():
            plain = self.grids_of(replace(drawing, method="tv", version=0))
            return shrink(self._plan, plain, shown, drawing.version)

        def fine():
            return add_rims(self._plan, grids(), shown) if rims else grids()

        rims = has_rims(self._plan, drawing)
        return _Drawn(
            self._fine_plan(drawing, True), grids, fine,
            lambda: build_quadtree(self._plan, grids()),
        )  # fmt: skip

    def _fine_plan(self, drawing: Drawing, surrounded: bool) -> Plan:
        """Where the planes of the smooth style lie."""
        if surrounded and has_rims(self._plan, drawing):
            return rim_plan(self._plan)
        return finer_plan(self._plan) if guided_in(self._plan, drawing) else self._plan

    def _paint(self, style: str, picture: np.ndarray, drawn: "_Drawn", side: int | None) -> None:
        if style == "smooth":
            paint_smooth(drawn.plan, drawn.fine(), picture)
        elif style == "mosaic" and self._plan.anchor == "islands":
            drawn.quadtree().paint_inside(picture)
        elif style == "mosaic":
            drawn.quadtree().paint(picture)
        elif style == "blocks":
            paint_blocks(self._plan, drawn.grids(), side, picture)
        else:
            self._ways.cells(self._plan, self._layout, self._values, picture)

    @property
    def grids(self) -> tuple[np.ndarray, ...]:
        """Denoised planes in 1/64 grey level."""
        return self.grids_of(DEFAULT)

    @property
    def quadtree(self) -> Quadtree | IslandTrees:
        """Leaves of the mosaic."""
        return self.quadtree_of(DEFAULT)

    def grids_of(self, drawing: Drawing) -> tuple[np.ndarray, ...]:
        """Denoised planes in 1/64 grey level, as a drawing has them."""
        with self._lock:
            return self._reconstructed(drawing)

    def fine_of(self, drawing: Drawing) -> tuple[np.ndarray, ...]:
        """The planes of the smooth style, as a drawing has them."""
        with self._lock:
            if drawing not in self._fine:
                grids = self._reconstructed(drawing)
                if guided_in(self._plan, drawing):
                    grids = refine(self._plan, self._values, grids)
                elif self._background is not None and has_rims(self._plan, drawing):
                    grids = add_rims(self._plan, grids, self._background)
                self._fine[drawing] = grids
            return self._fine[drawing]

    def quadtree_of(self, drawing: Drawing) -> Quadtree | IslandTrees:
        """Leaves of a drawing's mosaic."""
        with self._lock:
            if drawing not in self._quadtrees:
                self._quadtrees[drawing] = build_quadtree(
                    self._plan, self._reconstructed(drawing), self._background,
                    merge_thresholds(self._plan, wider_planes(self._plan, drawing)),
                )  # fmt: skip
            return self._quadtrees[drawing]

    def _reconstructed(self, drawing: Drawing) -> tuple[np.ndarray, ...]:
        if drawing not in self._grids:
            plan, values = self._plan, self._values
            if drawing.method == "best":
                grids = self._ways.best(plan, self._layout, values, drawing.version)
            else:
                grids = self._ways.denoise(plan, self._layout, values)
            if drawing.filters:
                grids = give_back(plan, values, grids, drawing.version)
            if drawing.shrinks:
                grids = shrink(plan, grids, self._background, drawing.version)
            if guided_in(plan, drawing):
                grids = guide(plan, values, grids)
            self._grids[drawing] = grids
        return self._grids[drawing]
