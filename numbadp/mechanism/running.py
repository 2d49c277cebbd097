"""One release: the picture's sums measured and noised under a key, the pixels forgotten.

Statement.  `run` is the mechanism of `numbadp.mechanism`: what it returns is a function of the
  plan, of noisy sums, of noisy split decisions, and of the pixels outside the plan's region.
Proof sketch.
  (1) One compiled pass measures and noises (kernels/release_cpu.py, leaves.py): when it returns,
      exact sums are gone; when it fails, its arrays are overwritten.
  (2) With a region the background that the release keeps has 0 in place of the pixels inside.
  (3) What this module makes is known to a `Scratch` before anything is written to it, and only
      noisy sums and the background are handed out.
Assumes.  The key is fresh.
Tested by tests/mechanism/test_running.py
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from numbadp.accounting.guarantee import Guarantee, guarantee_of
from numbadp.checks import one_of
from numbadp.compute.forgetting import Scratch
from numbadp.errors import BackendError, KeyUseError
from numbadp.mechanism.draining import drain
from numbadp.mechanism.entropy import KEY_BYTES, Key
from numbadp.mechanism.exposure import expose
from numbadp.mechanism.inputs import kernel_view
from numbadp.mechanism.leaves import (
    LeafTables,
    decided_layout,
    leaf_tables,
    run_leaves,
    split_by_region,
)
from numbadp.mechanism.noise import NoiseTables, noise_tables
from numbadp.mechanism.sums import (
    BandTables,
    GridTables,
    band_tables,
    grid_tables,
    kernel_values,
)
from numbadp.plan import Plan
from numbadp.release import Release, build_release

OUTSIDE = ("keep", "leave")
# Rough costs on one core, in ns a byte and ns a noise value: they decide how many threads pay off.
_BYTE_COST, _VALUE_COST, _COPY_COST = 0.023, 12, 0.05


@dataclass(frozen=True, eq=False)
class Prepared:
    """A plan with the tables that its kernels take and the guarantee of its releases."""

    plan: Plan
    grid: GridTables
    bands: BandTables
    noise: NoiseTables
    leaves: LeafTables | None
    guarantee: Guarantee


def prepare(plan: Plan) -> Prepared:
    """Make the tables of a plan.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    Prepared
        Read-only tables, for any number of releases.
    """
    grid, leaves = grid_tables(plan), leaf_tables(plan) if plan.mixed else None
    bands = band_tables(plan, grid)
    return Prepared(plan, grid, bands, noise_tables(plan), leaves, guarantee_of(plan))


cached_preparation = lru_cache(maxsize=32)(prepare)


def load_kernels(prepared: Prepared) -> None:
    """Compile or load what a release on the CPU needs, so that it cannot fail after a charge.

    The pass is run without a key, which ends it before it looks at the picture, an empty one.

    Parameters
    ----------
    prepared : Prepared
        The plan and its tables.
    """
    plan = prepared.plan
    kind = (
        len(plan.planes), plan.anchor, prepared.leaves is None, type(plan.splits),
        plan.exposure > 1,
    )  # fmt: skip
    if kind in _LOADED:
        return
    from numbadp.mechanism.rehearsal import draw_ahead  # brings Numba, which planning goes without

    with draw_ahead(plan):
        _run_on_nothing(prepared)
    _LOADED.add(kind)


def _run_on_nothing(prepared: Prepared) -> None:
    plan = prepared.plan
    nothing = kernel_view(np.zeros((1, 1), np.uint8))
    values = tuple(np.zeros((1, 1), np.int64) for _ in plan.planes)
    _measure_and_noise(nothing, prepared, Key(bytes(KEY_BYTES)), values, Scratch())
    if plan.anchor == "islands":
        from numbadp.mechanism.kernels.outside_cpu import outside_cpu

        tables = prepared.bands
        drain(outside_cpu, 0, 0, nothing, 1, tables.islands, tables.masks, nothing.copy())


_LOADED: set[tuple] = set()


def check_outside(outside) -> str:
    """Check the option ``outside``.

    Parameters
    ----------
    outside : {"keep", "leave"}
        As given by the caller.

    Returns
    -------
    str
        The same.

    Raises
    ------
    OptionTypeError, OptionError
        If it is neither.
    """
    return one_of("outside", outside, OUTSIDE)


def run(
    array, prepared: Prepared, key: Key, backend: str = "cpu", outside: str = "keep"
) -> Release:
    """Release a picture or batch under a key.

    Parameters
    ----------
    array : ndarray of uint8, or DeviceArray
        Of the planned shape; what lies on a GPU is released there.
    prepared : Prepared
        The plan and its tables.
    key : Key
        Used for this release only.
    backend : {"cpu", "cuda"}
        Where to release what lies in host memory.
    outside : {"keep", "leave"}
        Whether the release keeps the pixels outside of a region of islands.

    Returns
    -------
    Release
        Frozen.

    Raises
    ------
    KeyUseError
        If the key was wiped.
    """
    if not np.count_nonzero(key.words):
        raise KeyUseError("this key was used and wiped; draw a new one with fresh_key().")
    plan = prepared.plan
    if (backend == "cuda" or not isinstance(array, np.ndarray)) and plan.anchor == "islands":
        from numbadp.mechanism.run_islands_cuda import run_islands

        return run_islands(array, prepared, key, outside)
    if backend == "cuda" or not isinstance(array, np.ndarray):
        if plan.exposure > 1:
            raise BackendError("exposures are measured on the CPU. Pass NumPy arrays.")
        from numbadp.mechanism.run_cuda import run_cuda

        return run_cuda(array, plan, prepared.guarantee, key)
    own = Scratch()
    with own, own:  # step 3
        values = tuple(own.zeros(shape, np.int64) for shape in plan.value_shapes)
        measured, background = array, None
        if plan.anchor == "picture":
            measured, background = split_by_region(array, plan, own)  # step 2
        pictures = kernel_view(own.contiguous(measured))
        if plan.anchor == "islands" and outside == "keep":
            background = own.add(np.empty(array.shape, np.uint8))  # all of it is written
            copy_outside(pictures, prepared, background)  # step 2
        # step 1: exact sums live in there alone
        levels = _measure_and_noise(pictures, prepared, key, values, own)
        own.hand_out(*values, background)
    layout = decided_layout(plan, levels, prepared.guarantee)
    return build_release(plan, prepared.guarantee, values, layout, background)


def _measure_and_noise(
    pictures, prepared: Prepared, key: Key, values, own: Scratch
) -> np.ndarray | None:
    """Levels where they were decided on the picture; only noisy sums are left in `values`."""
    plan, grid, noise = prepared.plan, prepared.grid, prepared.noise
    tables = prepared.bands
    cost = _BYTE_COST * tables.pixels * plan.channels + _VALUE_COST * plan.draws
    if prepared.leaves is not None:
        values = tuple(value.reshape(len(pictures), -1) for value in values)
        return run_leaves(pictures, plan, grid, prepared.leaves, noise, key, values, cost)
    if plan.exposure > 1:
        expose(pictures, grid, tables, noise, key, kernel_values(values), own, cost)
        return None
    from numbadp.mechanism.kernels.release_cpu import release_cpu

    drain(
        release_cpu, len(tables.bands), cost, pictures, grid.channels, grid.cell,
        kernel_values(values), grid.forms, grid.shifts, tables.islands, tables.masks, tables.bands,
        key.words, noise.tags, noise.cuts, noise.bits,
    )  # fmt: skip
    return None


def copy_outside(pictures: np.ndarray, prepared: Prepared, background: np.ndarray) -> None:
    """Copy what lies outside of a region of islands, and nothing that lies inside.

    Parameters
    ----------
    pictures : ndarray of uint8, shape (N, H, W * C)
        Read-only.
    prepared : Prepared
        A plan of islands.
    background : ndarray of uint8
        Filled, in the planned shape.
    """
    from numbadp.mechanism.kernels.outside_cpu import STRIP, outside_cpu

    plan, tables = prepared.plan, prepared.bands
    strips = plan.batch * -(-plan.height // STRIP)
    drain(
        outside_cpu, strips, _COPY_COST * pictures.size, pictures, plan.channels, tables.islands,
        tables.masks, background.reshape(pictures.shape),
    )  # fmt: skip
