"""A release on the GPU: measure units, then draw noise; exact sums never leave the device.

Statement.  `release_on_device` gives the values that the CPU gives for the same picture, plan and
  key, bit for bit, so the statements of sums.py and noise.py hold for them; and when its launches
  have run, no exact sum is left in memory.
Proof sketch.
  (1) Units partition the cells of every plane: a unit is min(finest cell, 16) pixels wide and high,
      cells are squares of powers of two of at least that side, and both grids start at the origin.
      A form is linear, so a cell's sum is the sum of its units' forms.
  (2) |unit| <= 4 * 255 * 16**2 < 2**31: int32 holds it.
  (3) The noise kernel reads each unit of each plane in one thread, which writes 0 in its place, and
      writes only sums with noise.
  (4) The noise is the scalar sampler's wherever a word's high half does not decide, and equal to it
      where it does; addresses are those of the CPU.
  (5) Both launches of a release are on one stream and under one lock, so no other release's units
      lie in between; if either fails, everything is cleared.
Assumes.  The driver runs what it is given; the key travels as kernel arguments, in the driver's
  own memory.
Timing.  Trip counts depend on the plan, except when a word's high 32 bits equal a cut's.
Tested by tests/mechanism/test_run_cuda.py
"""

from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock

import numpy as np

from numbadp.backend import check_cuda_plan
from numbadp.device import (
    DeviceArray,
    clear,
    device_number,
    download,
    empty,
    flat_view,
    part_of,
    table,
)
from numbadp.errors import KeyUseError
from numbadp.gpu import MOST_PICTURES, configured
from numbadp.guarantee import Guarantee
from numbadp.mechanism.entropy import Key
from numbadp.mechanism.inputs_cuda import batch_strides, loads_words, uploaded
from numbadp.mechanism.kernels import measure_cuda, noise_cuda
from numbadp.mechanism.noise import noise_tables
from numbadp.mechanism.sums import grid_tables
from numbadp.plan import Plan
from numbadp.release import Release, build_release

LARGEST_UNIT = 16
_SLOTS = 2 * noise_cuda.SLOTS


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
        Units by stream; between releases they are 0.
    lock : Lock
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
    lock: Lock = field(default_factory=Lock)


def run_cuda(
    array: np.ndarray | DeviceArray, plan: Plan, guarantee: Guarantee, key: Key
) -> Release:
    """Release a picture or batch on the GPU.

    Parameters
    ----------
    array : ndarray of uint8 or DeviceArray
        Of the planned shape.
    plan : Plan
        Free or uniform layout.
    guarantee : Guarantee
        Of its releases.
    key : Key
        Used for this release only.

    Returns
    -------
    Release
        Its values and pictures are where the picture was; it is painted on the device.
    """
    if isinstance(array, DeviceArray):
        return build_release(plan, guarantee, release_on_device(array, plan, key))
    on_device, values = release_from_host(array, plan, key)
    release = build_release(plan, guarantee, values)
    release.__dict__["_on_device"] = on_device
    return release


def release_on_device(picture: DeviceArray, plan: Plan, key: Key, room: int | None = None) -> tuple:
    """Queue a release on the picture's stream.

    Parameters
    ----------
    picture : DeviceArray
        uint8, of the planned shape.
    plan : Plan
        Free or uniform layout.
    key : Key
        Used for this release only.
    room : int, optional
        Pixels of a row that may be read, zeros past the width; by default the width.

    Returns
    -------
    tuple of device arrays of int64
        Noisy sums in the shapes of ``Release.values``; ready when the stream has come so far.

    Raises
    ------
    BackendError
        If the plan has no CUDA kernels.
    KeyUseError
        If the key was wiped.
    """
    check_cuda_plan(plan)
    words = key.words.copy()
    if not words.any():
        raise KeyUseError("this key was used and wiped; draw a new one with fresh_key().")
    pairs = tuple(words.astype("<u4").view("<u8").astype(np.uint64))
    words[:] = 0
    tables, stream = tables_on_device(plan, device_number()), picture.stream
    values = empty(plan.draws, np.int64, stream)
    with tables.lock:
        scratch = _scratch(tables, plan, stream)
        try:
            _measure(picture, plan, tables, room or plan.width, scratch)
            _add_noise(plan, tables, scratch, values, stream, pairs)
        except BaseException:
            for array in (scratch, values):
                with suppress(Exception):  # a lost device has nothing left to clear
                    clear(array, stream)
            raise
    return _planes(plan, values, stream)


def release_from_host(array: np.ndarray, plan: Plan, key: Key) -> tuple[tuple, tuple]:
    """Copy a picture up, release it there, copy its values down.

    Parameters
    ----------
    array : ndarray of uint8
        Of the planned shape, with any strides.
    plan : Plan
        Free or uniform layout.
    key : Key
        Used for this release only.

    Returns
    -------
    on_device : tuple of device arrays of int64
        Noisy sums.
    values : tuple of ndarray of int64
        The same in host memory.
    """
    with uploaded(array, 0) as (picture, room):
        on_device = release_on_device(picture, plan, key, room)
    values = tuple(download(v, np.empty(v.shape, np.int64), 0) for v in on_device)
    return on_device, values


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
    unit = min(plan.planes[0].cell, LARGEST_UNIT)
    units = -(-plan.height // unit), -(-plan.width // unit)
    noise = noise_tables(plan)
    geometry = geometry_of(plan, unit)
    most = max(cuts.shape[1] for cuts in noise.cuts)
    cuts = np.zeros((len(noise.cuts), 3, most), np.uint64)
    bits = np.zeros((len(noise.bits), _SLOTS), np.int64)
    for k, (own, widths) in enumerate(zip(noise.cuts, noise.bits, strict=True)):
        cuts[k, :, : own.shape[1]] = own
        bits[k, : widths.size] = widths
    tops, widths = short_tables(noise.cuts, noise.bits)
    blocks = int(sum(_blocks(row[noise_cuda.CELLS]) for row in geometry))
    forms = grid_tables(plan).forms
    arrays = map(table, (forms, geometry, tops, widths, cuts, bits))
    return DeviceTables(unit, units, blocks, *arrays)


def geometry_of(plan: Plan, unit: int) -> np.ndarray:
    """Rows of the noise kernel's `geometry`: where every plane's cells, values and units lie."""
    noise, batch = noise_tables(plan), plan.batch
    units = -(-plan.height // unit) * -(-plan.width // unit)
    rows, first_block, values = [], 0, 0
    for k, plane in enumerate(plan.planes):
        cells, words = plane.grid[0] * plane.grid[1], noise.bits[k].size
        blocks_a_draw = 1 if words < noise_cuda.SLOTS else 2
        rows.append([
            first_block, cells, plane.grid[1], plane.cell // unit, blocks_a_draw, words,
            int(noise.tags[k]), values, k * batch * units,
        ])  # fmt: skip
        first_block += _blocks(cells)
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


def _blocks(cells) -> int:
    return -(-int(cells) // noise_cuda.THREADS)


def _scratch(tables: DeviceTables, plan: Plan, stream):
    name = str(stream)
    if name not in tables.scratch:
        size = len(plan.planes) * plan.batch * tables.units[0] * tables.units[1]
        tables.scratch[name] = empty(size, np.int32, stream)
    return tables.scratch[name]


def _measure(picture: DeviceArray, plan: Plan, tables: DeviceTables, room: int, scratch) -> None:
    wide = loads_words(picture, room)
    strides = batch_strides(picture)
    interleaved = wide and plan.channels == 3 and strides[2] == 3
    kernel = measure_cuda.measure_bytes_cuda
    if wide:
        kernel = measure_cuda.measure_planes_cuda
    if interleaved:
        kernel = measure_cuda.measure_rgb_cuda
    beyond = (room - plan.width) * plan.channels
    pixels, origin = flat_view(picture, np.uint32 if wide else np.uint8, beyond)
    numbers = _numbers(plan, tables, origin, strides)
    groups = -(-plan.width // measure_cuda.PIXELS)
    across = -(-tables.units[0] * groups // measure_cuda.THREADS)
    grid = across, min(plan.batch, MOST_PICTURES)
    launch = configured(kernel, grid, measure_cuda.THREADS, picture.stream)
    launch(pixels, numbers, tables.forms, scratch)


def _numbers(plan: Plan, tables: DeviceTables, origin: int, strides: tuple[int, ...]):
    """The measuring kernels' `numbers`, kept by what they depend on."""
    name = (origin, strides)
    if name not in tables.numbers:
        if len(tables.numbers) >= _LAYOUTS_KEPT:
            tables.numbers.clear()
        units, batch = tables.units, plan.batch
        groups = -(-plan.width // measure_cuda.PIXELS)
        row = [
            plan.height, plan.width, batch, tables.unit, groups, *units,
            batch * units[0] * units[1], origin, *strides,
        ]  # fmt: skip
        tables.numbers[name] = table(np.array(row, np.int64))
    return tables.numbers[name]


_LAYOUTS_KEPT = 16


def _add_noise(plan: Plan, tables: DeviceTables, scratch, values, stream, pairs) -> None:
    grid = tables.blocks, min(plan.batch, MOST_PICTURES)
    configured(noise_cuda.noise_cuda, grid, noise_cuda.THREADS, stream)(
        scratch, values, plan.batch, *tables.units, tables.geometry, tables.tops, tables.widths,
        tables.cuts, tables.bits, *pairs,
    )  # fmt: skip


def _planes(plan: Plan, values, stream) -> tuple:
    batch = (plan.batch,) if len(plan.shape) == 4 else ()
    parts, start = [], 0
    for plane in plan.planes:
        shape = (*batch, *plane.grid)
        parts.append(part_of(values, start, shape, stream))
        start += int(np.prod(shape))
    return tuple(parts)
