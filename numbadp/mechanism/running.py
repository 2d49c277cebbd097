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
from numbadp.mechanism.sums import GridTables, grid_tables
from numbadp.plan import Plan
from numbadp.release import Release, build_release

# Rough costs on one core, in ns a byte and ns a noise value: they decide how many threads pay off.
_BYTE_COST, _VALUE_COST = 0.023, 12


@dataclass(frozen=True, eq=False)
class Prepared:
    """A plan with the tables that its kernels take and the guarantee of its releases."""

    plan: Plan
    grid: GridTables
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
    leaves = leaf_tables(plan) if plan.mixed else None
    return Prepared(plan, grid_tables(plan), noise_tables(plan), leaves, guarantee_of(plan))


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
    # Of the kernels' arguments.
    kind = len(plan.planes), prepared.leaves is None, type(plan.splits), plan.exposure > 1
    if kind in _LOADED:
        return
    nothing = kernel_view(np.zeros((1, 1), np.uint8))
    values = tuple(np.zeros((1, 1), np.int64) for _ in plan.planes)
    _measure_and_noise(nothing, prepared, Key(bytes(KEY_BYTES)), values, Scratch())
    _LOADED.add(kind)


_LOADED: set[tuple] = set()


def run(array, prepared: Prepared, key: Key, backend: str = "cpu") -> Release:
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

    Returns
    -------
    Release
        Frozen.

    Raises
    ------
    KeyUseError
        If the key was wiped.
    """
    if not key.words.any():
        raise KeyUseError("this key was used and wiped; draw a new one with fresh_key().")
    plan = prepared.plan
    if backend == "cuda" or not isinstance(array, np.ndarray):
        if plan.exposure > 1:
            raise BackendError("exposures are measured on the CPU. Pass NumPy arrays.")
        from numbadp.mechanism.run_cuda import run_cuda

        return run_cuda(array, plan, prepared.guarantee, key)
    own = Scratch()
    with own, own:  # step 3
        values = tuple(own.zeros(_value_shape(plan, plane), np.int64) for plane in plan.planes)
        flat = tuple(value.reshape(plan.batch, -1) for value in values)
        measured, background = split_by_region(array, plan, own)  # step 2
        rows = own.contiguous(measured)
        # step 1: exact sums live in there alone
        levels = _measure_and_noise(kernel_view(rows), prepared, key, flat, own)
        own.hand_out(*values, background)
    layout = decided_layout(plan, levels, prepared.guarantee)
    return build_release(plan, prepared.guarantee, values, layout, background)


def _measure_and_noise(
    pictures, prepared: Prepared, key: Key, values, own: Scratch
) -> np.ndarray | None:
    """Levels where they were decided on the picture; only noisy sums are left in `values`."""
    plan, grid, noise = prepared.plan, prepared.grid, prepared.noise
    cost = _BYTE_COST * pictures.size + _VALUE_COST * plan.draws
    if prepared.leaves is not None:
        return run_leaves(pictures, plan, grid, prepared.leaves, noise, key, values, cost)
    if plan.exposure > 1:
        expose(pictures, grid, noise, key, values, own, cost)
        return None
    from numbadp.mechanism.kernels.release_cpu import release_cpu

    drain(
        release_cpu, plan.batch * grid.bands, cost, pictures, grid.channels, grid.cell, grid.span,
        values, grid.forms, grid.shifts, grid.widths, key.words, noise.tags, noise.cuts, noise.bits,
    )  # fmt: skip
    return None


def _value_shape(plan: Plan, plane) -> tuple[int, ...]:
    return (plan.batch, *plane.grid) if len(plan.shape) == 4 else plane.grid
