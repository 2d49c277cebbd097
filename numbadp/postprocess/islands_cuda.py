"""Painting islands of a release on a GPU: by the CPU's kernels, and copied to where it belongs."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from numbadp.checks import check_style
from numbadp.compute.device import check_home, describe, flat_view, table
from numbadp.compute.forks import ForkSafeLock
from numbadp.compute.gpu import configured, cuda
from numbadp.compute.host import on_host
from numbadp.compute.streams import device_errors, follow, wait_for
from numbadp.errors import OutputError
from numbadp.plan import Plan
from numbadp.plan.layout import Layout
from numbadp.postprocess.blocks import check_side
from numbadp.postprocess.drawing import DEFAULT, Drawing
from numbadp.postprocess.kernels import leaves_cuda
from numbadp.postprocess.painter_cuda import _grid, _numbers, _strides, device_output


class IslandsPainter:
    """Renders one release of islands whose values lie on a device.

    Parameters
    ----------
    plan : Plan
        How it was made.
    values : tuple of device arrays of int64
        Its noisy sums; work is queued on their stream.
    layout : Layout
        Its cells.
    background : device array of uint8 or None
        The picture as given outside of the islands, where it was kept.
    painter : object, optional
        Paints them in host memory; one of the release's own by default.
    """

    def __init__(self, plan: Plan, values: tuple, layout: Layout, background, painter=None):
        self._plan, self._values, self._layout = plan, values, layout
        self._background, self._stream = background, values[0].stream
        self._lock, self._mask = ForkSafeLock(), None
        self._kept: Any = painter

    @device_errors()
    def render(self, style: str, out, *, drawing: Drawing = DEFAULT, side: int | None = None):
        """Paint the release in a style; see `numbadp.release.Release.render`."""
        check_style(style)
        check_side(side, style)
        check_home(describe(self._values[0]), "the release")
        if self._background is None and out is None:
            raise OutputError(
                "this release keeps nothing of the picture outside of its region "
                "(outside='leave'). Pass the picture, or a copy of it, as out=."
            )
        picture = device_output(self._plan.shape, out, self._stream)
        target = describe(picture)
        check_home(target, "out")
        here = np.zeros(self._plan.shape, np.uint8)
        if self._background is None:  # the rim of the islands is in the picture
            known = out if hasattr(out, "copy_to_host") else cuda.as_cuda_array(out)
            here = np.ascontiguousarray(known.copy_to_host().reshape(self._plan.shape))
        painted = self._painter.render(style, here, drawing=drawing, side=side)
        follow(self._stream, target.stream)  # `out` may still be in use there
        source = cuda.to_device(painted, stream=self._stream)
        self._copy(source, target)
        wait_for(self._stream)  # the host's array goes away
        follow(target.stream, self._stream)
        return picture

    @property
    def quadtree(self):
        """Leaves of the islands' mosaics, in host memory."""
        return self._painter.quadtree

    @property
    def _painter(self):
        from numbadp.postprocess import Painter

        with self._lock:
            if self._kept is None:
                background = None if self._background is None else on_host(self._background)
                values = tuple(map(on_host, self._values))
                for array in (background, *values):
                    if array is not None:
                        array.flags.writeable = False
                self._kept = Painter(
                    SimpleNamespace(
                        plan=self._plan, layout=self._layout, values=values, background=background
                    )
                )
            return self._kept

    def _copy(self, source, target) -> None:
        """Copy a picture, or its islands alone where nothing else of it is known."""
        plan = self._plan
        if self._mask is None:
            hidden = np.zeros((plan.height, plan.width), np.uint8)
            if self._background is None:
                hidden = (~plan.covered.mask).astype(np.uint8)
            self._mask = table(hidden)
        out, origin = flat_view(target, np.uint8)
        pixels, _ = flat_view(describe(source), np.uint8)
        numbers = _numbers(plan, 1, (plan.height, plan.width), origin, _strides(target))
        grid = _grid(plan.height * plan.width, plan.batch)
        configured(leaves_cuda.outside_cuda, grid, leaves_cuda.THREADS, self._stream)(
            pixels, plan.channels, self._mask, numbers, out
        )
