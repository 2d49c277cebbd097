"""The public side: everything here sees releases only, and is free of any privacy cost."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from numbadp.checks import check_style
from numbadp.compute.forks import ForkSafeLock
from numbadp.plan import Plan
from numbadp.plan.layout import Layout
from numbadp.postprocess.blocks import check_side, paint_blocks
from numbadp.postprocess.drawing import DEFAULT, Drawing
from numbadp.postprocess.filters import filter_planes, filtered, wider_planes
from numbadp.postprocess.learned import reconstruct_learned
from numbadp.postprocess.leaves import paint_leaves, reconstruct_leaves
from numbadp.postprocess.paint import (
    island_picture,
    output_array,
    paint_cells,
    paint_smooth,
    show_outside,
)
from numbadp.postprocess.quadtree import (
    IslandTrees,
    Quadtree,
    build_quadtree,
    merge_thresholds,
)
from numbadp.postprocess.reconstruct import reconstruct
from numbadp.postprocess.rehearsal import draw_last_first
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


class _Drawn(NamedTuple):
    """Planes and leaves of a picture, made when they are asked for."""

    grids: Callable[[], tuple[np.ndarray, ...]]
    quadtree: Callable[[], Quadtree | IslandTrees]


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
        self._values: tuple[np.ndarray, ...] = release.values
        self._background: np.ndarray | None = release.background
        self._lock = ForkSafeLock()
        self._grids: dict[Drawing, tuple[np.ndarray, ...]] = {}
        self._quadtrees: dict[Drawing, Quadtree] = {}

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
            paint_upsampled(self._plan, drawn.grids(), upsampler, picture)
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
            return _Drawn(lambda: self.grids_of(drawing), lambda: self.quadtree_of(drawing))
        shown = picture.view()
        shown.flags.writeable = False

        def grids():
            plain = self.grids_of(replace(drawing, method="tv", version=0))
            return shrink(self._plan, plain, shown, drawing.version)

        return _Drawn(grids, lambda: build_quadtree(self._plan, grids()))

    def _paint(self, style: str, picture: np.ndarray, drawn: "_Drawn", side: int | None) -> None:
        if style == "smooth":
            paint_smooth(self._plan, drawn.grids(), picture)
        elif style == "mosaic" and self._plan.anchor == "islands":
            drawn.quadtree().paint_inside(picture)
        elif style == "mosaic":
            drawn.quadtree().paint(picture)
        elif style == "blocks":
            paint_blocks(self._plan, drawn.grids(), side, picture)
        elif self._plan.mixed:
            paint_leaves(self._plan, self._layout, self._values, picture)
        else:
            paint_cells(self._plan, self._values, picture)

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

    def quadtree_of(self, drawing: Drawing) -> Quadtree:
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
            if plan.mixed:
                grids = reconstruct_leaves(plan, self._layout, values)
            elif drawing.method == "best":
                grids = reconstruct_learned(plan, values, drawing.version)
            else:
                grids = reconstruct(plan, values)
            if drawing.filters:
                grids = filter_planes(plan, values, grids, filtered(plan))
            if drawing.shrinks:
                grids = shrink(plan, grids, self._background, drawing.version)
            self._grids[drawing] = grids
        return self._grids[drawing]
