"""Mixed leaves, splits and regions in the simulator: rows of `gpu_child.py`, and line coverage."""

import sys
import threading
from pathlib import Path

import numpy as np
from cases import fixed_key
from layout_cases import LAYOUT_BY_ID, LayoutCase, disc, zones

from numbadp.plan.rules import ExactLayout, PrivateLayout

STYLES = ("cells", "mosaic", "smooth", "blocks")
_COARSE = PrivateLayout(coarsest=16)
SMALL = (
    LayoutCase("small-zones", (13, 18, 3), "2", 1, layout=zones([((2, 2, 7, 6), 4)], 8)),
    LayoutCase("small-private", (14, 19), "6", 1, {"cell": 4}, _COARSE),
    LayoutCase("small-mask", (2, 13, 18, 3), "20", 1, {"cell": 4}, _COARSE, disc),
    LayoutCase("small-boxes", (9, 14, 3), "2", 1, {"cell": 4, "boxes": [(1, 2, 11, 7)]}),
    LayoutCase("small-range", (11, 14, 3), "9", 1, {"cell": 4}, ExactLayout("range")),
)
BY_NAME = {case.id: case for case in SMALL}
MIXED = {
    name: LAYOUT_BY_ID[name]
    for name in (
        "zones-with-channel", "earlier-batch", "private-grey", "private-rgb",
        "private-mixed-blocks", "exact-batch-grey", "exact-ygo", "exact-gradient",
        "boxes-uniform-rgb", "mask-pixel",
    )
} | BY_NAME  # fmt: skip
FROM_HOST = "small-mask"


def run_mixed(found):
    """Releases of pictures on the device, and whether exact numbers were left behind."""
    from numbadp.compute.gpu import cuda
    from numbadp.mechanism import _pixelize

    for name, case in MIXED.items():
        with _watched() as made:
            release = _pixelize(cuda.to_device(case.image()), case.plan(), fixed_key())
        keep_mixed(found, name, release)
        found[f"{name}/private-left"] = left_in(made)
        if name in BY_NAME:
            for style in STYLES:
                found[f"{name}/{style}"] = release.render(style).copy_to_host()
            tree = release.quadtree()
            found[f"{name}/tree"], found[f"{name}/drawn"] = tree.levels, tree.draw()


def keep_mixed(found, name, release):
    """Keep values, levels and background."""
    for k, value in enumerate(release.to_host().values):
        found[f"{name}/{k}"] = value
    if release.layout.levels is not None:
        found[f"{name}/leaves"] = release.layout.levels
    if release.background is not None:
        found[f"{name}/background"] = release.to_host().background


def run_mixed_host(found):
    """Pictures in host memory with backend="cuda", by the public names, under a fixed key."""
    import numbadp
    from numbadp import mechanism

    mechanism.fresh_key = lambda own: fixed_key()
    case = BY_NAME[FROM_HOST]
    release = numbadp.pixelize(
        case.image(), epsilon=case.epsilon, m=case.m, layout=case.layout, backend="cuda",
        mask=case.mask(case.size), **case.options,
    )  # fmt: skip
    keep_mixed(found, "mixed-host", release)
    assert all(isinstance(value, np.ndarray) for value in (*release.values, release.background))
    found["mixed-host/smooth"] = release.render("smooth")
    found["mixed-host/drawn"] = release.quadtree().draw()


def run_mixed_failures(found):
    """A launch that fails after sums and contrasts were made leaves none of them behind."""
    from numbadp.compute.gpu import cuda
    from numbadp.mechanism import _pixelize
    from numbadp.mechanism.kernels import leaves_cuda

    rise_of = leaves_cuda.rise_of

    def broken(*_):
        raise RuntimeError("no")

    leaves_cuda.rise_of = broken
    for name in ("small-mask", "small-range"):
        case = BY_NAME[name]
        with _watched() as made:
            try:
                _pixelize(cuda.to_device(case.image()), case.plan(), fixed_key())
            except RuntimeError:
                found[f"failed-{name}/raised"] = np.ones(1)
        found[f"failed-{name}/private-left"] = left_in(made)
        found[f"failed-{name}/anything-left"] = np.array([a.copy_to_host().any() for *_, a in made])
    leaves_cuda.rise_of = rise_of


class _watched:
    """Notice every array that a release makes for itself."""

    def __enter__(self):
        from numbadp.mechanism import run_leaves_cuda

        self._module, self._empty, made = run_leaves_cuda, run_leaves_cuda.empty, []

        def empty(shape, dtype, stream):
            made.append((np.dtype(dtype), shape, self._empty(shape, dtype, stream)))
            return made[-1][2]

        run_leaves_cuda.empty = empty
        return made

    def __exit__(self, *_):
        self._module.empty = self._empty


def left_in(made):
    """Whether sums, statistics, or a region's pixels (a flat copy) are still there."""
    private = [a for dtype, _, a in made if dtype == np.int64]
    first_dtype, shape, first = made[0]
    if first_dtype == np.uint8 and isinstance(shape, int):  # the copy of a region's pixels
        private.append(first)
    elif len(private) == 2:  # with raw statistics, what was decided on them is private too
        private += [a for dtype, shape, a in made if dtype == np.uint8 and isinstance(shape, int)]
    return np.array([len(private), sum(bool(a.copy_to_host().any()) for a in private)])


class LineCoverage:
    """Which lines of the CUDA kernels run, in every thread of the simulator.

    Watching costs half as much as running: a launch is watched while a line of its own file is
    still to come.
    """

    def __init__(self, folder: Path):
        self._pending = {}
        for path in sorted(folder.glob("*/kernels/*_cuda.py")):
            for code in _codes(compile(path.read_text("utf-8"), str(path), "exec")):
                lines = {line for *_, line in code.co_lines() if line}
                self._pending[str(path), code.co_firstlineno] = lines - {code.co_firstlineno}

    def start(self):
        """Watch launches, and this thread, from now on."""
        from numba.cuda.simulator.kernel import FakeCUDAKernel

        launch = FakeCUDAKernel.__call__

        def watched(kernel, *arguments):
            threading.settrace(self._call if self._wanted(kernel.fn) else None)
            return launch(kernel, *arguments)

        FakeCUDAKernel.__call__ = watched
        sys.settrace(self._call)

    def missing(self):
        """Return "file:line" of what did not run."""
        sys.settrace(None)
        threading.settrace(None)
        return sorted(
            f"{Path(path).name}:{line}"
            for (path, _), lines in self._pending.items()
            for line in lines
        )

    def _wanted(self, kernel):
        own = kernel.__code__.co_filename
        return any(lines and path == own for (path, _), lines in self._pending.items())

    def _call(self, frame, event, arg):
        code = frame.f_code
        pending = self._pending.get((code.co_filename, code.co_firstlineno))
        if not pending:
            return None

        def local(frame, event, arg):
            pending.discard(frame.f_lineno)
            return local if pending else None

        return local


def _codes(module):
    """Return the functions of a module, those inside functions too."""
    found = [c for c in module.co_consts if hasattr(c, "co_lines")]
    return found + [inner for code in found for inner in _codes(code)]
