"""Renders a release whose values lie on a GPU; pictures stay there unless asked for elsewhere."""

from typing import Any, NamedTuple

import numpy as np

from numbadp.checks import check_style, shown
from numbadp.compute.device import (
    ALIGNMENT,
    DeviceArray,
    check_home,
    describe,
    device_number,
    empty,
    flat_view,
    table,
)
from numbadp.compute.forks import ForkSafeLock
from numbadp.compute.gpu import MOST_PICTURES, configured
from numbadp.compute.host import on_host
from numbadp.compute.pinned import download
from numbadp.compute.streams import device_errors, follow, let_go
from numbadp.errors import OutputError
from numbadp.plan import Plan
from numbadp.plan.grid import TILE
from numbadp.plan.layout import Layout
from numbadp.postprocess.blocks import check_side
from numbadp.postprocess.blocks_cuda import blocks_on_device
from numbadp.postprocess.colour import plane_kind
from numbadp.postprocess.drawing import DEFAULT, Drawing
from numbadp.postprocess.filters import wider_planes
from numbadp.postprocess.guide import finer_plan, guided_in
from numbadp.postprocess.guide_cuda import guide_on_device, refine_on_device
from numbadp.postprocess.kernels import blocks_cuda, leaves_cuda, paint_cuda, quadtree_cuda
from numbadp.postprocess.learned import reconstruct_learned
from numbadp.postprocess.leaves_cuda import (
    LeafMaps,
    leaf_colours_on_device,
    maps_on_device,
    reconstruct_leaves_on_device,
    tables_on_device,
)
from numbadp.postprocess.paint import output_array, show_outside
from numbadp.postprocess.paint_tables_cuda import (
    cells_on_device,
    numbers_on_device,
    sides_on_device,
    thresholds_on_device,
)
from numbadp.postprocess.polish_cuda import give_back_on_device
from numbadp.postprocess.quadtree import Quadtree
from numbadp.postprocess.reconstruct import subgrid
from numbadp.postprocess.reconstruct_cuda import reconstruct_on_device
from numbadp.postprocess.shrink_cuda import shrink_on_device


class Made(NamedTuple):
    """What is known already of a picture that was drawn elsewhere on the device.

    Attributes
    ----------
    grids : device array of int16, flat
        Its planes, one [1, rows, columns] after another.
    thresholds : device array of int64, shape (planes, 5)
        Rows for `quadtree_cuda`, as of `thresholds_on_device`.
    """

    grids: Any
    thresholds: Any


class CudaPainter:
    """Renders one release on the device; reconstruction and leaves are computed once.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    values : tuple of device arrays of int64
        Its noisy sums, one plane after another in memory; work is queued on their stream.
    layout : Layout
        Its leaves.
    background : device array of uint8, optional
        With a region: the picture as given outside of it; shown there.
    surround : ndarray of uint8, optional
        The same in host memory, where the background is not given.
    made : Made, optional
        Planes that are there already; they are painted, whatever the drawing.
    """

    def __init__(
        self, plan: Plan, values: tuple, layout: Layout, background=None, surround=None,
        made: Made | None = None,
    ):  # fmt: skip
        self._plan, self._layout, self._background = plan, layout, background
        self._kept_surround, self._made = surround, made
        parts = [describe(value) for value in values]
        self._stream = values[0].stream
        whole = DeviceArray(
            parts[0].address, (plan.draws,), (8,), np.dtype(np.int64), self._stream, values
        )
        self._whole = whole
        self._values, _ = flat_view(whole, np.int64)
        self._lock = ForkSafeLock()
        self._kept_maps: LeafMaps | None = None
        self._grids: dict[Drawing, tuple[Any, ...]] = {}
        self._fine: dict[Drawing, tuple[Any, ...]] = {}
        self._leaves: dict[Drawing, Any] = {}

    @device_errors()
    def render(self, style: str, out, *, drawing: Drawing = DEFAULT, side: int | None = None):
        """Paint the release in a style; see `numbadp.release.Release.render`."""
        check_style(style)
        check_side(side, style)
        check_home(self._whole, "the release")
        picture = device_output(self._plan.shape, out, self._stream)
        target = describe(picture)
        check_home(target, "out")
        follow(self._stream, target.stream)  # `out` may still be in use there
        with self._lock:
            if style == "cells":
                self._paint_flat(self._cell_colours(), self._plan.planes[0].cell, target)
            elif style == "smooth":
                self._paint_smooth(target, drawing)
            elif style == "blocks":
                self._paint_blocks(target, drawing, side)
            else:
                self._paint_flat(self._cut(drawing)[1], self._plan.planes[0].subcell, target)
            if self._background is not None:
                self._show_outside(target)
        follow(target.stream, self._stream)
        return picture

    @property
    def quadtree(self) -> Quadtree:
        """Leaves of the mosaic, in host memory."""
        return self.quadtree_with(None if self._background is None else on_host(self._background))

    @device_errors()
    def quadtree_with(self, background: np.ndarray | None) -> Quadtree:
        """Leaves of the mosaic with what lies outside of a region, in host memory."""
        check_home(self._whole, "the release")
        with self._lock:
            on_device = self._cut(DEFAULT)
        dtypes = (np.uint8, np.uint32)
        arrays = [
            download(array, np.empty(array.shape, dtype), self._stream)
            for array, dtype in zip(on_device, dtypes, strict=True)
        ]
        for array in arrays:
            array.flags.writeable = False
        (levels, packed), plan = arrays, self._plan
        return Quadtree(plan.planes[0].subcell, plan.shape, levels, packed, plan.region, background)

    def _reconstructed(self, drawing: Drawing):
        if self._made is not None:
            return self._made.grids
        if drawing not in self._grids:
            device, stream = device_number(), self._stream
            if self._plan.mixed:
                grids = reconstruct_leaves_on_device(
                    self._plan, self._values, self._maps(), stream, device
                )
            elif drawing.method == "best":
                grids = self._best(drawing.version)
            else:
                grids = reconstruct_on_device(self._plan, self._values, stream, device)
            if drawing.filters:
                grids = give_back_on_device(
                    self._plan, self._values, grids, drawing.version, stream, device
                )
            if drawing.shrinks:
                grids = shrink_on_device(
                    self._plan, grids, self._surround, drawing.version, stream, device
                )
            if guided_in(self._plan, drawing):
                grids = guide_on_device(self._plan, self._values, grids, stream, device)
            self._grids[drawing] = grids
        return self._grids[drawing]

    def _finer(self, drawing: Drawing):
        """The planes of the smooth style, and the plan that tells where they lie."""
        plan, grids = self._plan, self._reconstructed(drawing)
        if self._made is not None or not guided_in(plan, drawing):
            return plan, grids
        if drawing not in self._fine:
            self._fine[drawing] = refine_on_device(
                plan, self._values, grids, self._stream, device_number()
            )
        return finer_plan(plan), self._fine[drawing]

    def _best(self, version: int):
        """The net's planes, made on the host: the net has no kernels for the GPU."""
        plan = self._plan
        values = download(self._values, np.empty(plan.draws, np.int64), self._stream)
        sizes = [plan.batch * plane.grid[0] * plane.grid[1] for plane in plan.planes]
        planes = tuple(np.split(values, np.cumsum(sizes)[:-1]))
        grids = reconstruct_learned(plan, planes, version)
        return table(np.concatenate([grid.ravel() for grid in grids]))

    @property
    def _surround(self) -> np.ndarray | None:
        """What is public around a region, in host memory."""
        if self._kept_surround is None and self._background is not None:
            self._kept_surround = on_host(self._background)
        return self._kept_surround

    def _maps(self):
        """What is known of the leaves, on the device."""
        if self._kept_maps is None:
            self._kept_maps = maps_on_device(self._plan, self._layout)
        return self._kept_maps

    def _cut(self, drawing: Drawing):
        """Levels and packed colours of the leaves, on the device."""
        if drawing not in self._leaves:
            plan, grids = self._plan, self._reconstructed(drawing)
            shape = (plan.batch, *subgrid(plan, plan.planes[0]))
            levels = empty(shape, np.uint8, self._stream)
            colours = empty(shape, np.uint32, self._stream)
            tiles = -(-shape[1] // TILE) * -(-shape[2] // TILE)
            grid = tiles, min(plan.batch, MOST_PICTURES)
            side = quadtree_cuda.SIDE
            shared = 4 * quadtree_cuda.SHARED_WORDS
            configured(quadtree_cuda.quadtree_cuda, grid, (side, side), self._stream, shared)(
                grids, plan.batch, plane_kind(plan), self._thresholds(drawing), levels, colours
            )
            self._leaves[drawing] = levels, colours
        return self._leaves[drawing]

    def _thresholds(self, drawing: Drawing):
        """What may merge, on the device."""
        if self._made is not None:
            return self._made.thresholds
        wider = wider_planes(self._plan, drawing)
        return thresholds_on_device(self._plan, wider, device_number())

    def _cell_colours(self):
        plan = self._plan
        if plan.mixed:
            return leaf_colours_on_device(
                plan, self._values, self._maps(), plane_kind(plan), self._stream, device_number()
            )
        cells, gains, ranges = cells_on_device(plan, device_number())
        colours = empty((plan.batch, *plan.planes[0].grid), np.uint32, self._stream)
        grid = _grid(colours.shape[1] * colours.shape[2], plan.batch)
        configured(paint_cuda.colours_cuda, grid, paint_cuda.THREADS, self._stream)(
            self._values, plan.batch, plane_kind(plan), cells, gains, ranges, colours
        )
        return colours

    def _paint_flat(self, colours, cell: int, target: DeviceArray) -> None:
        plan, kind = self._plan, plane_kind(self._plan)
        wide = _stores_words(plan, target)
        out, origin = flat_view(target, np.uint32 if wide else np.uint8)
        numbers = _numbers(plan, cell, colours.shape[1:], origin, _strides(target))
        row = plan.width * plan.channels // ALIGNMENT if wide else plan.width
        kernel = paint_cuda.flat_words_cuda if wide else paint_cuda.flat_bytes_cuda
        grid = _grid(colours.shape[1] * row, plan.batch)
        configured(kernel, grid, paint_cuda.THREADS, self._stream)(colours, kind, numbers, out)
        let_go(self._stream, colours)

    def _paint_smooth(self, target: DeviceArray, drawing: Drawing) -> None:
        plan, grids = self._finer(drawing)
        out, origin = flat_view(target, np.uint8)
        numbers = _numbers(plan, 1, (plan.height, plan.width), origin, _strides(target))
        grid = _grid(plan.height * plan.width, plan.batch)
        configured(paint_cuda.smooth_cuda, grid, paint_cuda.THREADS, self._stream)(
            grids, plane_kind(plan), sides_on_device(plan, device_number()), numbers, out
        )

    def _paint_blocks(self, target: DeviceArray, drawing: Drawing, side: int | None) -> None:
        plan, grids, stream = self._plan, self._reconstructed(drawing), self._stream
        colours, numbers = blocks_on_device(plan, grids, side, stream, device_number())
        out, origin = flat_view(target, np.uint8)
        grid = _grid(plan.height * plan.width, plan.batch)
        place = numbers_on_device((origin, *_strides(target)), device_number())
        configured(blocks_cuda.spread_cuda, grid, blocks_cuda.THREADS, stream)(
            colours, plane_kind(plan), numbers, place, out
        )
        let_go(stream, colours)

    def _show_outside(self, target: DeviceArray) -> None:
        plan = self._plan
        out, origin = flat_view(target, np.uint8)
        background, _ = flat_view(describe(self._background), np.uint8)
        numbers = _numbers(plan, 1, (plan.height, plan.width), origin, _strides(target))
        grid = _grid(plan.height * plan.width, plan.batch)
        mask = tables_on_device(plan, device_number()).mask
        configured(leaves_cuda.outside_cuda, grid, leaves_cuda.THREADS, self._stream)(
            background, plan.channels, mask, numbers, out
        )


class DownloadingPainter:
    """Renders on the device and copies every picture into host memory.

    Parameters
    ----------
    release : Release
        What to paint; its background is in host memory.
    values : tuple of device arrays of int64
        Its noisy sums.
    """

    def __init__(self, release, values: tuple):
        self._plan, self._background = release.plan, release.background
        self._painter = CudaPainter(
            release.plan, values, release.layout, surround=release.background
        )
        self._stream = values[0].stream

    @device_errors()
    def render(
        self, style: str, out: np.ndarray | None, *, drawing: Drawing = DEFAULT,
        side: int | None = None,
    ) -> np.ndarray:  # fmt: skip
        """Paint the release in a style into a host array."""
        check_style(style)
        picture = output_array(self._plan.shape, out)
        painted = self._painter.render(style, None, drawing=drawing, side=side)
        download(painted, picture, self._stream)
        show_outside(picture, self._plan.region, self._background)
        return picture

    @property
    def quadtree(self) -> Quadtree:
        """Leaves of the mosaic."""
        return self._painter.quadtree_with(self._background)


def device_output(shape: tuple[int, ...], out, stream):
    """Take or make the device array that a picture is painted into.

    Parameters
    ----------
    shape : tuple of int
        Shape of the picture.
    out : object or None
        What the caller gave; any strides, so a CHW tensor's ``permute(1, 2, 0)`` will do.
    stream : object
        Named by the new array.

    Returns
    -------
    device array
        `out`, or a new array.

    Raises
    ------
    OutputError
        If `out` is not a writable uint8 array of that shape on a CUDA device.
    """
    if out is None:
        return empty(shape, np.uint8, stream)
    interface = getattr(out, "__cuda_array_interface__", None)
    if interface is None and hasattr(out, "__cuda_ndarray__"):
        interface = out.__array_interface__
    if interface is None:
        raise OutputError(
            f"out must be a uint8 array on a CUDA device; got {shown(out)}. Pass one, leave it "
            "out, or render release.to_host()."
        )
    if tuple(interface["shape"]) != shape or interface["typestr"] != "|u1" or interface["data"][1]:
        raise OutputError(
            f"out must be a writable uint8 array of shape {shape}; got {interface['typestr']} of "
            f"shape {tuple(interface['shape'])}. Leave it out to get a new one."
        )
    return out


def _grid(threads: int, batch: int) -> tuple[int, int]:
    return -(-threads // paint_cuda.THREADS), min(batch, MOST_PICTURES)


def _strides(target: DeviceArray) -> tuple[int, ...]:
    """Bytes from picture to picture, row to row, pixel to pixel and channel to channel."""
    if len(target.shape) == 4:
        return target.strides
    return (0, *target.strides) if len(target.shape) == 3 else (0, *target.strides, 1)


def _stores_words(plan: Plan, target: DeviceArray) -> bool:
    """Whether rows are packed and made of whole sixteens of bytes."""
    picture, row, column, channel = _strides(target)
    packed = column == plan.channels and (channel == 1 or plan.channels == 1)
    steps = (target.address, picture, row, plan.width * plan.channels)
    return packed and all(step % ALIGNMENT == 0 for step in steps)


def _numbers(plan: Plan, cell: int, grid, origin: int, strides: tuple[int, ...]):
    places = cell.bit_length() - 1
    row = (plan.batch, plan.height, plan.width, places, *grid, origin, *strides)
    return numbers_on_device(row, device_number())
