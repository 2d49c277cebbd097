"""The temporal filter over releases on a GPU: its state stays there, and so do the frames it gives.

Nothing is copied to the host for a frame: whether a scene began, how much moves and what may merge
stay on the device until somebody asks.
"""

from functools import lru_cache

import numpy as np

from numbadp.checks import check_style
from numbadp.compute.device import (
    check_home,
    describe,
    device_number,
    empty,
    flat_view,
    frozen,
    part_of,
    table,
)
from numbadp.compute.forks import ForkSafeLock
from numbadp.compute.gpu import configured
from numbadp.compute.host import on_host
from numbadp.compute.pinned import download
from numbadp.compute.streams import device_errors, follow, let_go
from numbadp.errors import BackendError
from numbadp.numbers import size_text
from numbadp.plan import Plan
from numbadp.postprocess.blocks import check_side
from numbadp.postprocess.drawing import Drawing
from numbadp.postprocess.islands_cuda import IslandsPainter
from numbadp.postprocess.kernels import steady_cuda as cells
from numbadp.postprocess.kernels import steady_frame_cuda as kernels
from numbadp.postprocess.paint_tables_cuda import thresholds_on_device
from numbadp.postprocess.painter_cuda import CudaPainter, Made
from numbadp.postprocess.quadtree import Quadtree
from numbadp.postprocess.reconstruct import subgrid
from numbadp.postprocess.steady_plane import SteadyPlane
from numbadp.postprocess.steady_plane_cuda import DevicePlane
from numbadp.postprocess.steady_polish_cuda import giver_back
from numbadp.release.temporal import SHARE, pace_of
from numbadp.release.temporal_frames import Drawn, SteadyRelease, merge_rule, pixels_of
from numbadp.release.temporal_islands import SteadyIslands
from numbadp.release.views import Views, check_filters_way


class DeviceState:
    """Planes on the current device, and what is told of them.

    Parameters
    ----------
    release : Release
        The first one; work is queued on its stream from now on.
    drawing : Drawing
        How frames are drawn.
    """

    @device_errors()
    def __init__(self, release, drawing: Drawing):
        check_home(describe(release.values[0]), "the release")
        self._device, self._stream = device_number(), release.values[0].stream
        self._drawing, self._mood = drawing, table(np.array([1.0, 1.0]))
        self._givers: tuple = ()  # of what total variation took; None for a plane that keeps it
        self._known: tuple[float, bool] | None = (1.0, True)

    @property
    def moving(self) -> float:
        """Share of the cells that move, averaged; waits for the last frame."""
        return self._look()[0]

    @property
    def restarted(self) -> bool:
        """Whether the last frame began a scene; waits for it."""
        return self._look()[1]

    @device_errors()
    def _look(self) -> tuple[float, bool]:
        if self._known is None:
            moving, restarted = download(self._mood, np.empty(2), self._stream)
            self._known = float(moving), bool(restarted)
        return self._known

    @device_errors()
    def taking(self, release, take):
        """Take a release whose values lie here, in order with the work on its own stream."""
        self._check(release)
        theirs = release.values[0].stream
        follow(self._stream, theirs)
        found = take(release)
        follow(theirs, self._stream)  # whoever gets that memory next waits until it was read
        return found

    def _check(self, release) -> None:
        where = f"this TemporalFilter keeps its state on GPU {self._device}, and the release"
        if isinstance(release.values[0], np.ndarray):
            raise BackendError(
                f"{where} lies in host memory. Make a filter of its own for such releases, or "
                "release pictures that lie on that GPU."
            )
        check_home(describe(release.values[0]), "the release")
        if device_number() != self._device:
            raise BackendError(
                f"{where} lives on GPU {device_number()}. Make a filter of its own for what is "
                "released there."
            )

    def planes_of(self, plan: Plan, counts) -> tuple[DevicePlane, ...]:
        """Make new planes; all pixels of their cells are measured."""
        assert not any(count is not None for count in counts)
        let_go(self._stream)  # planes of before may be the last to have their arrays
        self._givers = tuple(
            giver_back(plan, k, self._drawing, self._stream) for k in range(len(plan.planes))
        )
        pace = pace_of(self._drawing)
        return tuple(
            DevicePlane(SteadyPlane(plan, plane, pace), self._stream) for plane in plan.planes
        )

    def sums_of(self, release) -> list:
        """Noisy sums as planes take them."""
        return [flat_view(describe(value), np.int64)[0] for value in release.values]

    def note(self, leader: DevicePlane, second: bool) -> None:
        """Keep what the leading plane tells, on the device."""
        configured(kernels.note_cuda, 1, 1, self._stream)(
            leader.told, int(second), SHARE, self._mood
        )
        self._known = None

    def frame(self, release, planes: tuple[DevicePlane, ...], counts) -> "DeviceSteadyRelease":
        """Draw what the planes show; the frame has copies of its own."""
        plan, stream, start = release.plan, self._stream, 0
        sizes = [down * across for down, across in (subgrid(plan, p) for p in plan.planes)]
        grids, shown = empty(sum(sizes), np.int16, stream), []
        for plane, own, size in zip(planes, self._givers, sizes, strict=True):
            grid = plane.denoised()
            if own is not None:
                grid = own.filtered(plane.shown, plane.noise, grid, plane.turns)
            part_of(grids, start, (size,), stream).copy_to_device(grid, stream=stream)
            shown.append(empty(plane.shown.shape, np.float32, stream))
            shown[-1].copy_to_device(plane.shown, stream=stream)
            start += size
        return DeviceSteadyRelease(
            release, stream, tuple(shown), Made(grids, self._thresholds(plan, planes))
        )

    def _thresholds(self, plan: Plan, planes: tuple[DevicePlane, ...]):
        rows = thresholds_on_device(plan, (), self._device)
        found = empty(rows.shape, np.int64, self._stream)
        found.copy_to_device(rows, stream=self._stream)
        for k, (own, plane) in enumerate(zip(plan.planes, planes, strict=True)):
            step, wider = merge_rule(own, self._drawing)
            configured(kernels.middle_cuda, 1, kernels.THREADS, self._stream)(
                plane.noise, step, wider, k, found
            )
        return found


class DeviceSteadyRelease(Views):
    """A filtered frame on a GPU: public numbers that render like a `numbadp.Release` there.

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
    home : numbadp.inputs.Home or None
        How pictures are handed out, as for that release.
    """

    def __init__(self, release, stream, shown: tuple, made: Made):
        self.shape, self.layout = release.shape, release.layout
        self.guarantee, self.plan = release.guarantee, release.plan
        self.home = getattr(release, "home", None)
        self._stream, self._shown, self._made = stream, shown, made
        self._lock = ForkSafeLock()
        self._kept_values: tuple | None = None
        self._kept_painter: CudaPainter | None = None

    @property
    @device_errors()
    def values(self) -> tuple:
        """Filtered sums, read-only device arrays of int64: what the cells would sum up to."""
        with self._lock:
            if self._kept_values is None:
                self._kept_values = self._sums()
            return self._kept_values

    def _sums(self) -> tuple:
        check_home(describe(self._shown[0]), "the release")
        flat, found, start = empty(self.plan.draws, np.int64, self._stream), [], 0
        for shown, units in zip(
            self._shown, _units_on_device(self.plan, device_number()), strict=True
        ):
            own = part_of(flat, start, (shown.size,), self._stream)
            blocks = -(-shown.size // cells.THREADS)
            configured(kernels.sums_cuda, blocks, cells.THREADS, self._stream)(shown, units, own)
            found.append(frozen(part_of(flat, start, shown.shape, self._stream)))
            start += shown.size
        return tuple(found)

    @property
    def _painter(self) -> CudaPainter:
        values = self.values
        with self._lock:
            if self._kept_painter is None:
                self._kept_painter = CudaPainter(self.plan, values, self.layout, made=self._made)
            return self._kept_painter

    def render(
        self, style: str = "mosaic", *, out=None, upsampler=None, effort: str = "default",
        side: int | None = None, version: int | None = None,
    ):  # fmt: skip
        """Paint the frame; see `numbadp.Release.render`.

        Parameters
        ----------
        style : {"mosaic", "smooth", "blocks", "cells"}, default "mosaic"
            How.
        out : device array of uint8, optional
            Where to, with any strides, in order with the work on its own stream.
        upsampler : callable, optional
            With style ``"smooth"``; in host memory.
        effort, version
            Refused unless left out: the filter has drawn the frame already, in its own way.
        side : int, optional
            With style ``"blocks"``.

        Returns
        -------
        device array of uint8
            A picture of the frame's shape; of a tensor a tensor.

        Raises
        ------
        OptionTypeError, OptionError, OutputError, UpsamplerError, BackendError
            As there.
        """
        check_style(style)
        check_side(side, style)
        check_filters_way(effort, version)
        if upsampler is None:
            painted = self._painter.render(style, out, side=side)
        else:  # it takes host arrays
            painted = self.to_host().render(style, out=out, upsampler=upsampler)
        return painted if self.home is None or out is not None else self.home.put(painted)

    def _painted(self, style: str = "mosaic", **options):
        check_filters_way(options.get("effort", "default"), options.get("version"))
        return self._painter.render(style, None, side=options.get("side"))

    def quadtree(self) -> Quadtree:
        """Leaves of the mosaic, in host memory.

        Returns
        -------
        numbadp.postprocess.quadtree.Quadtree
            Levels and colours.
        """
        return self._painter.quadtree

    @device_errors()
    def to_host(self) -> SteadyRelease:
        """Return this frame with its numbers in host memory.

        Returns
        -------
        SteadyRelease
            Which paints the same pictures.
        """
        check_home(describe(self._shown[0]), "the release")
        flat = download(self._made.grids, np.empty(self._made.grids.shape, np.int16), self._stream)
        rows = np.empty(self._made.thresholds.shape, np.int64)
        thresholds = download(self._made.thresholds, rows, self._stream)
        shapes = [(1, *subgrid(self.plan, plane)) for plane in self.plan.planes]
        ends = np.cumsum([np.prod(shape) for shape in shapes])[:-1]
        grids = tuple(
            part.reshape(shape) for part, shape in zip(np.split(flat, ends), shapes, strict=True)
        )
        shown = tuple(map(on_host, self._shown))
        return SteadyRelease(self, Drawn(shown, grids, thresholds[:, kernels.THRESHOLD].copy()))

    def __repr__(self) -> str:
        """Public facts in one line."""
        size = size_text(self.shape)
        return f"<DeviceSteadyRelease of a frame of {size}: epsilon = {self.guarantee.epsilon}>"


class DeviceSteadyIslands(Views):
    """A frame on a GPU whose boxes are filtered, by the CPU; pictures are device arrays.

    Parameters
    ----------
    release : Release
        With a region of islands, its values on a GPU.
    steadied : SteadyIslands
        The same, filtered in host memory.

    Attributes
    ----------
    shape, layout, guarantee, plan, background
        As of the release.
    steadied : tuple of tuple of int
        As of `SteadyIslands`.
    """

    def __init__(self, release, steadied: SteadyIslands):
        self.shape, self.layout, self.plan = release.shape, release.layout, release.plan
        self.guarantee, self.background = steadied.guarantee, release.background
        self.steadied, self.home, self._host = steadied.steadied, release.home, steadied
        self._painter = IslandsPainter(
            release.plan, release.values, release.layout, release.background, _Onto(steadied)
        )

    @property
    @device_errors()
    def values(self) -> tuple:
        """Sums, filtered where boxes are, as read-only device arrays."""
        return tuple(frozen(table(value)) for value in self._host.values)

    def render(self, style: str = "mosaic", *, out=None, **options):
        """Paint the frame; see `DeviceSteadyRelease.render`.

        Parameters
        ----------
        style : {"mosaic", "smooth", "blocks", "cells"}, default "mosaic"
            How.
        out : device array of uint8, optional
            Where to.
        **options
            ``upsampler`` and ``side``.

        Returns
        -------
        device array of uint8
            A picture of the frame's shape.

        Raises
        ------
        OptionTypeError, OptionError, OutputError, UpsamplerError, BackendError
            As there.
        """
        check_filters_way(options.get("effort", "default"), options.get("version"))
        if options.get("upsampler") is not None:  # it takes host arrays
            painted = self._host.render(style, out=out, **options)
        else:
            painted = self._painter.render(style, out, side=options.get("side"))
        return painted if self.home is None or out is not None else self.home.put(painted)

    def _painted(self, style: str = "mosaic", **options):
        return self._host.render(style, **options)

    def quadtree(self):
        """Leaves of the mosaic as measured, in host memory.

        Returns
        -------
        IslandTrees
            Levels and colours.
        """
        return self._host.quadtree()

    def to_host(self) -> SteadyIslands:
        """Return this frame in host memory.

        Returns
        -------
        SteadyIslands
            Which paints the same pictures.
        """
        return self._host

    def __repr__(self) -> str:
        """Public facts in one line."""
        size = size_text(self.shape)
        return f"<DeviceSteadyIslands of a {size} frame: {len(self.steadied)} boxes are filtered>"


class _Onto:
    """Paints filtered boxes as a painter of releases does."""

    def __init__(self, steadied: SteadyIslands):
        self._steadied = steadied

    def render(self, style: str, out: np.ndarray, *, drawing: Drawing, side: int | None):
        """Paint into a picture; the filter's own drawing counts."""
        return self._steadied.render(style, out=out, side=side)


@lru_cache(maxsize=32)
def _units_on_device(plan: Plan, device: int) -> tuple:
    """Units of sums by [last row?][last column?]; a grid of one row has the last one alone."""
    return tuple(
        table(np.array([[unit[0, 0], unit[0, -1]], [unit[-1, 0], unit[-1, -1]]]))
        for unit in pixels_of(plan)
    )
