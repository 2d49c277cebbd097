"""A plan's tables in the form, and in the memory, that the CUDA kernels take.

Statement.  The tables say what `noise_tables` and `grid_tables` say: the same cuts, digits, tags
  and forms, and cells as whole numbers of units.
Proof sketch.  Cuts, digits and tags are copied, forms too; a cell's side over a unit's is whole,
  since both are powers of two.
Assumes.  Nothing about pixels: only the plan comes in.  A word's digits have at most 15 cuts.
Tested by tests/mechanism/test_tables_cuda.py
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from numbadp.compute.device import table
from numbadp.compute.forks import ForkSafeLock
from numbadp.mechanism.kernels import noise_cuda
from numbadp.mechanism.noise import NoiseTables, noise_tables
from numbadp.mechanism.sums import grid_tables
from numbadp.plan import Plan

LARGEST_UNIT = 16
_SLOTS = 2 * noise_cuda.SLOTS


@dataclass(frozen=True, eq=False)
class Units:
    """Exact sums of units while a release runs; 0 between releases.

    Attributes
    ----------
    sums : device array of int32
        Flat.
    done : event
        Recorded behind the last launch that uses them.
    """

    sums: object
    done: object


@dataclass(frozen=True, eq=False)
class DeviceTables:
    """A plan's tables in device memory, and the units of releases on one stream at a time.

    Attributes
    ----------
    unit : int
        Side of a unit, in pixels.
    units : tuple of int
        Units down and across.
    blocks : int
        Blocks of the noise kernel that cover one picture.
    forms, geometry, tops, widths, cuts, bits : device arrays
        What the kernels read; see their docstrings.
    numbers : dict
        Geometry of pictures met so far, by their strides.
    scratch : dict
        `Units` by stream.
    lock : ForkSafeLock
        Held from the first launch of a release to its last.
    """

    unit: int
    units: tuple[int, int]
    blocks: int
    forms: object
    geometry: object
    tops: object
    widths: object
    cuts: object
    bits: object
    numbers: dict = field(default_factory=dict)
    scratch: dict = field(default_factory=dict)
    lock: ForkSafeLock = field(default_factory=ForkSafeLock)


@lru_cache(maxsize=32)
def tables_on_device(plan: Plan, device: int) -> DeviceTables:
    """Copy a plan's tables to a device; once for a plan.

    Parameters
    ----------
    plan : Plan
        The plan.
    device : int
        Number of the current device.

    Returns
    -------
    DeviceTables
        Shared by all releases of the plan.
    """
    unit = unit_of(plan)
    units = -(-plan.height // unit), -(-plan.width // unit)
    geometry = geometry_of(plan, unit)
    blocks = int(sum(blocks_for(row[noise_cuda.CELLS]) for row in geometry))
    forms = grid_tables(plan).forms
    arrays = map(table, (forms, geometry, *sampler_tables(noise_tables(plan))))
    return DeviceTables(unit, units, blocks, *arrays)


def unit_of(plan: Plan) -> int:
    """Side of a unit, in pixels."""
    return min(plan.planes[0].cell, LARGEST_UNIT)  # run_cuda.py, step 1: units partition cells


def sampler_tables(noise: NoiseTables) -> tuple[np.ndarray, ...]:
    """Tables of the sampler: `tops`, `widths`, `cuts` and `bits` of `noise_cuda`.

    Parameters
    ----------
    noise : NoiseTables
        Cuts and digits of every row.

    Returns
    -------
    tuple of ndarray
        One row a plane, or a level of splits; the scalar sampler's are padded with zeros.
    """
    most = max(cuts.shape[1] for cuts in noise.cuts)
    cuts = np.zeros((len(noise.cuts), 3, most), np.uint64)
    bits = np.zeros((len(noise.bits), _SLOTS), np.int64)
    for k, (own, widths) in enumerate(zip(noise.cuts, noise.bits, strict=True)):
        cuts[k, :, : own.shape[1]] = own
        bits[k, : widths.size] = widths
    return *short_tables(noise.cuts, noise.bits), cuts, bits


def geometry_of(plan: Plan, unit: int) -> np.ndarray:
    """Rows of the noise kernel's `geometry`: where every plane's cells, values and units lie."""
    noise, batch = noise_tables(plan), plan.batch
    units = -(-plan.height // unit) * -(-plan.width // unit)
    rows, first_block, values = [], 0, 0
    for k, plane in enumerate(plan.planes):
        cells, words = plane.grid[0] * plane.grid[1], noise.bits[k].size
        rows.append([
            first_block, cells, plane.grid[1], plane.cell // unit, draw_blocks(words), words,
            int(noise.tags[k]), values, k * batch * units,
        ])  # fmt: skip
        first_block += blocks_for(cells)
        values += batch * cells
    return np.array(rows, np.int64)


def short_tables(cuts, bits) -> tuple[np.ndarray, np.ndarray]:
    """High halves of the cuts by slot, and the binary digits of every slot.

    Parameters
    ----------
    cuts : sequence of ndarray of uint64, shape (3, n)
        One array a plane, the gate's two cuts first.
    bits : sequence of ndarray of int64
        Binary digits of every digit word.

    Returns
    -------
    tops : ndarray of uint32, shape (planes * 16 * 16,)
        Cut v of a slot at place v from 1; absent ones are 0.
    widths : ndarray of int64, shape (planes, 16)
        The gate has 2.
    """
    tops = np.zeros((len(cuts), _SLOTS, noise_cuda.CUTS), np.uint32)
    widths = np.zeros((len(cuts), _SLOTS), np.int64)
    for k, (own, digits) in enumerate(zip(cuts, bits, strict=True)):
        high = (own[0] >> np.uint64(32)).astype(np.uint32)
        tops[k, 0, 1:3], widths[k, 0], at = high[:2], 2, 2
        for slot, width in enumerate(digits.tolist(), start=1):
            count = (1 << width) - 1
            tops[k, slot, 1 : count + 1] = high[at : at + count]
            widths[k, slot] = width
            at += count
    return tops.reshape(-1), widths


def draw_blocks(words: int) -> int:
    """Blocks of the cipher that a draw with so many digit words takes."""
    return 1 if words < noise_cuda.SLOTS else 2


def blocks_for(cells) -> int:
    """Blocks of threads that cover so many cells."""
    return -(-int(cells) // noise_cuda.THREADS)
