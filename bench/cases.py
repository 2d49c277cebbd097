"""The table of timed cases; `bench.speed` and the pytest-benchmark suite both run it.

A case's `build` takes a `Scene` and returns the call to be timed; whatever that call does not need
to do for every picture is done by `build`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from itertools import cycle

import numpy as np

from bench import rivals
from bench.pictures import SIZES
from bench.scene import EPSILON, M, Scene
from numbadp import Pixelizer, pixelize
from numbadp.compute.forgetting import Scratch
from numbadp.mechanism.cutoffs import cutoffs_for
from numbadp.mechanism.entropy import fresh_key
from numbadp.mechanism.inputs import kernel_view
from numbadp.mechanism.noise import add_noise, noise_tables
from numbadp.mechanism.planning import build_plan
from numbadp.mechanism.sums import grid_tables, measure_sums
from numbadp.postprocess.paint import paint_cells, paint_smooth
from numbadp.postprocess.quadtree import build_quadtree
from numbadp.postprocess.reconstruct import reconstruct

BASE = "np.copyto"
SERIAL, PARALLEL = 1, None
NOISE_SHAPE, NOISE_CELL, NOISE_SCALE = (2048, 2048), 4, 255 * M // EPSILON
NOISE_VALUES = (NOISE_SHAPE[0] // NOISE_CELL) * (NOISE_SHAPE[1] // NOISE_CELL)
STYLES = ("cells", "mosaic", "smooth")
FIRST = (next(iter(SIZES)),)
_SMALL = 64  # pixels down and across: calls, checks and dispatch are all that there is

Build = Callable[[Scene], Callable[[], object]]


@dataclass(frozen=True)
class Case:
    """Something to be timed.

    Attributes
    ----------
    name : str
        What it does; with `threads` it is unique.
    group : str
        ``"copy"``, ``"ours"``, ``"boxes"``, ``"stages"``, ``"plain"``, ``"dp-pix"``, ``"noise"`` or
        ``"once"``.
    build : callable
        From a scene to the call.
    threads : int or None
        1, or None for as many as the package takes by default.
    every : int
        Run in every so many-th round; above 1 the case is slow and not warmed up.
    needs : str
        Module without which it is left out.
    sizes : tuple of str
        Pictures that it runs on.
    values : int
        Noise values of one call, for ns a value; else 0.
    """

    name: str
    group: str
    build: Build
    threads: int | None = SERIAL
    every: int = 1
    needs: str = "numbadp"
    sizes: tuple[str, ...] = tuple(SIZES)
    values: int = 0

    @property
    def id(self) -> str:
        """Name and threads in one word."""
        kind = "parallel" if self.threads is PARALLEL else "serial"
        return f"{self.name.replace(' ', '-')}[{kind}]"

    @property
    def available(self) -> bool:
        """Whether the module that it needs is installed."""
        return find_spec(self.needs) is not None


def _copy(s: Scene):
    return partial(np.copyto, s.out, s.rgb)


def _release(s: Scene):
    return partial(s.pixelizer, s.rgb)


def _render(style: str, effort: str = "default") -> Build:
    def build(s: Scene):
        return lambda: s.pixelizer(s.rgb).render(style, out=s.out, effort=effort)

    return build


def _measure(s: Scene):
    return partial(measure_sums, s.view, s.plan)


def _noise(s: Scene):
    return partial(add_noise, s.sums, s.plan, *s.tables, fresh_key(Scratch()))


def _reconstruct(s: Scene):
    return partial(reconstruct, s.plan, s.release.values)


def _quadtree(s: Scene):
    return partial(build_quadtree, s.plan, s.grids)


def _paint_cells(s: Scene):
    return partial(paint_cells, s.plan, s.release.values, s.out)


def _paint_mosaic(s: Scene):
    return partial(s.quadtree.paint, s.out)


def _paint_smooth(s: Scene):
    return partial(paint_smooth, s.plan, s.grids, s.out)


def _new_plan(s: Scene):
    def build():
        cutoffs_for.cache_clear()
        return Pixelizer(s.rgb.shape, epsilon=EPSILON, m=M)

    return build


def _reconstruct_grey(epsilon: int) -> Build:
    def build(s: Scene):
        release = s.grey_release(epsilon)
        return partial(reconstruct, release.plan, release.values)

    return build


def _our_noise(_: Scene):
    plan = Pixelizer(NOISE_SHAPE, epsilon=EPSILON, m=M, cell=NOISE_CELL).plan
    sums = measure_sums(kernel_view(np.zeros(NOISE_SHAPE, np.uint8)), plan)
    tables = grid_tables(plan), noise_tables(plan)
    return partial(add_noise, sums, plan, *tables, fresh_key(Scratch()))


def _region(area: str, places: str = "still", outside: str = "keep") -> Build:
    """Release boxes or a mask and paint the mosaic, into a new frame or the picture itself."""

    def build(s: Scene):
        frame = s.out if outside == "keep" else s.rgb.copy()
        given = s.regions(area)
        if places == "still":
            kept = Pixelizer(s.rgb.shape, epsilon=EPSILON, m=M, outside=outside, **given[0])
            return lambda: kept(s.rgb).render(out=frame)
        turns = cycle(given)
        return lambda: pixelize(s.rgb, epsilon=EPSILON, m=M, outside=outside, **next(turns)).render(
            out=frame
        )

    return build


def _moving_plan(s: Scene):
    turns = cycle(s.regions("3 boxes"))
    return lambda: build_plan(s.rgb.shape, epsilon=EPSILON, m=M, **next(turns))


def _small_pictures(s: Scene):
    corner = np.ascontiguousarray(s.rgb[:_SMALL, :_SMALL])
    return lambda: [pixelize(corner, epsilon=EPSILON, m=M).render() for _ in range(10)]


def _both(name: str, group: str, build: Build) -> tuple[Case, Case]:
    return Case(name, group, build, SERIAL), Case(name, group, build, PARALLEL)


CASES = (
    Case(BASE, "copy", _copy),
    *_both("release", "ours", _release),
    *(case for s in STYLES for case in _both(f"release + {s}", "ours", _render(s))),
    *_both("release + mosaic, tv", "ours", _render("mosaic", "tv")),
    *_both("release + smooth, tv", "ours", _render("smooth", "tv")),
    *_both("release + smooth, best", "ours", _render("smooth", "best")),
    *_both("3 boxes, still", "boxes", _region("3 boxes")),
    *_both("3 boxes, moving", "boxes", _region("3 boxes", "moving")),
    *_both("3 boxes, moving, in place", "boxes", _region("3 boxes", "moving", "leave")),
    *_both("200 boxes, moving", "boxes", _region("200 boxes", "moving")),
    *_both("200 boxes, moving, in place", "boxes", _region("200 boxes", "moving", "leave")),
    *_both("mask of a tenth, still", "boxes", _region("mask")),
    *_both("mask of a tenth, new", "boxes", _region("mask", "moving")),
    *_both("measure", "stages", _measure),
    *_both("noise", "stages", _noise),
    *_both("reconstruct", "stages", _reconstruct),
    *_both("quadtree", "stages", _quadtree),
    *_both("paint cells", "stages", _paint_cells),
    *_both("paint mosaic", "stages", _paint_mosaic),
    *_both("paint smooth", "stages", _paint_smooth),
    Case(
        "OpenCV AREA + NEAREST", "plain", lambda s: rivals.opencv_pixelation(s.rgb), PARALLEL,
        needs="cv2",
    ),
    Case("Pillow reduce + NEAREST", "plain", lambda s: rivals.pillow_pixelation(s.rgb)),
    Case("NumPy, vectorised", "dp-pix", lambda s: rivals.numpy_dp_pix(s.rgb, EPSILON, M), every=4),
    Case(
        "NumPy, loop over cells", "dp-pix",
        lambda s: rivals.naive_dp_pix(s.rgb, s.out, EPSILON, M), every=10,
    ),
    Case("ours", "noise", _our_noise, sizes=FIRST, values=NOISE_VALUES),
    Case(
        "NumPy Generator.laplace", "noise",
        lambda _: rivals.numpy_laplace(NOISE_SCALE, NOISE_VALUES), sizes=FIRST, values=NOISE_VALUES,
    ),
    Case(
        "OpenDP discrete Laplace", "noise", lambda _: rivals.opendp_laplace(float(NOISE_SCALE)),
        every=10, needs="opendp", sizes=FIRST, values=rivals.OPENDP_VALUES,
    ),
    Case("new plan", "once", _new_plan, sizes=FIRST),
    Case("plan of moving boxes", "once", _moving_plan, sizes=FIRST),
    Case("10 pictures of 64 x 64, one by one", "once", _small_pictures, sizes=FIRST),
    Case("reconstruct grey, cell 4", "once", _reconstruct_grey(16), sizes=FIRST),
    Case("reconstruct grey, cell 16", "once", _reconstruct_grey(1), sizes=FIRST),
)  # fmt: skip


def cases_of(size: str) -> list[Case]:
    """List the cases that run on pictures of a size and whose modules are installed."""
    return [case for case in CASES if size in case.sizes and case.available]
