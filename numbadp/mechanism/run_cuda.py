"""A release on the GPU: measure units, then draw noise; exact sums never leave the device.

Statement.  `release_on_device` gives the values that the CPU gives for the same picture, plan and
  key, bit for bit, so the statements of sums.py and noise.py hold for them; and when its launches
  have run, no exact sum is left in memory.
Proof sketch.
  (1) Units partition the cells of every plane: a unit is min(finest cell, 16) pixels wide and high,
      cells are squares of powers of two of at least that side, and both grids start at the origin.
      A form is linear, so a cell's sum is the sum of its units' forms.
  (2) |unit| <= 4 * 255 * 16**2 < 2**31: int32 holds it.
  (3) Each unit of each plane is read by one thread, which writes 0 in its place: that of the noise
      kernel, which writes only sums with noise, or with mixed leaves one of run_leaves_cuda.py.
  (4) The noise is the scalar sampler's wherever a word's high half does not decide, and equal to it
      where it does; addresses are those of the CPU.
  (5) All launches of a release are on one stream and under one lock, and wait for those of the
      release that had the same units before, whatever stream it was on: so no other release's units
      lie in between.  If one fails, or anything before the release is there, all that was made is
      cleared, noisy sums and levels too: of levels that nobody paid for none may stay; and with the
      frames that launched it the key's words are let go.
Assumes.  The driver runs what it is given; the key travels as kernel arguments, in the driver's
  own memory and in numbers of Python's, which nobody can overwrite.
Timing.  Trip counts depend on the plan, except when a word's high 32 bits equal a cut's.
Tested by tests/mechanism/test_run_cuda.py
"""

from traceback import clear_frames

import numpy as np

from numbadp.accounting.guarantee import Guarantee
from numbadp.compute.device import (
    DeviceArray,
    device_number,
    empty,
    flat_view,
    forget,
    frozen,
    part_of,
    table,
)
from numbadp.compute.forgetting import Scratch
from numbadp.compute.gpu import MOST_PICTURES, configured, cuda
from numbadp.compute.pinned import download
from numbadp.compute.streams import default_stream, device_errors, let_go
from numbadp.errors import KeyUseError
from numbadp.mechanism.entropy import Key
from numbadp.mechanism.inputs_cuda import batch_strides, loads_words, upload
from numbadp.mechanism.kernels import measure_cuda, noise_cuda
from numbadp.mechanism.leaves import decided_layout, split_by_region
from numbadp.mechanism.run_leaves_cuda import (
    levels_on_host,
    release_leaves,
    split_by_region_on_device,
)
from numbadp.mechanism.tables_cuda import DeviceTables, Units, tables_on_device
from numbadp.plan import Plan
from numbadp.release import Release, build_release


@device_errors()
def run_cuda(
    array: np.ndarray | DeviceArray, plan: Plan, guarantee: Guarantee, key: Key
) -> Release:
    """Release a picture or batch on the GPU.

    Parameters
    ----------
    array : ndarray of uint8 or DeviceArray
        Of the planned shape.
    plan : Plan
        The plan.
    guarantee : Guarantee
        Of its releases.
    key : Key
        Used for this release only.

    Returns
    -------
    Release
        Its values and pictures are where the picture was; it is painted on the device.  A layout
        that is decided on the picture is copied down, which waits for the release.

    Raises
    ------
    BackendError
        If the driver refuses, or the device is lost.
    """
    own = Scratch()
    if isinstance(array, DeviceArray):
        with own, own:
            return _run_on_device(array, plan, guarantee, key, own)
    with own, own:
        measured, background = split_by_region(array, plan, own)
        on_device, levels, values = release_from_host(measured, plan, key)
        own.hand_out(background)
    layout = decided_layout(plan, levels, guarantee)
    release = build_release(plan, guarantee, values, layout, background)
    release.__dict__["_on_device"] = on_device
    return release


def _run_on_device(
    array: DeviceArray, plan: Plan, guarantee: Guarantee, key: Key, own: Scratch
) -> Release:
    """Release a picture where it lies; step 5: after an error nobody's numbers are left."""
    measured, room, background = split_by_region_on_device(array, plan, own)
    values, levels = release_on_device(measured, plan, key, room)
    made = _made(values, levels)
    own.when_done(forget, array.stream, *made)  # unless all goes well
    layout = decided_layout(plan, levels_on_host(levels, array.stream), guarantee)
    published = tuple(map(frozen, values))
    release = build_release(plan, guarantee, published, layout, frozen(background))
    own.hand_out(background, *made)
    return release


def _made(values: tuple, levels) -> list:
    """What a release has made on the device by now."""
    return [*values] if levels is None else [*values, levels]


def release_on_device(
    picture: DeviceArray, plan: Plan, key: Key, room: int | None = None
) -> tuple[tuple, object]:
    """Queue a release on the picture's stream.

    Parameters
    ----------
    picture : DeviceArray
        uint8, of the planned shape, 0 outside the region.
    plan : Plan
        The plan.
    key : Key
        Used for this release only.
    room : int, optional
        Pixels of a row that may be read, zeros past the width; by default the width.

    Returns
    -------
    values : tuple of device arrays of int64
        Noisy sums in the shapes of ``Release.values``; ready when the stream has come so far.
    levels : device array of uint8, shape (N, rows, columns), or None
        Levels, where they are decided on the pictures.

    Raises
    ------
    KeyUseError
        If the key was wiped.
    """
    if not key.words.any():
        raise KeyUseError("this key was used and wiped; draw a new one with fresh_key().")
    tables, stream = tables_on_device(plan, device_number()), picture.stream
    values = empty(plan.draws, np.int64, stream)
    own = Scratch()
    with tables.lock, own, own:  # step 5: no other release's units lie in between
        units = _units(tables, plan, stream)
        units.done.wait(stream)
        own.when_done(units.done.record, stream)
        own.when_done(forget, stream, units.sums, values)  # unless all goes well
        pairs = []
        own.when_done(list.clear, pairs)
        try:
            pairs += _word_pairs(key)
            _measure(picture, plan, tables, room or plan.width, units.sums)
            levels = _finish(picture, plan, tables, units.sums, values, pairs)
        except BaseException as error:
            clear_frames(error.__traceback__)
            raise
        own.hand_out(values)
    let_go(stream, units)
    return _planes(plan, values, stream), levels


def _word_pairs(key: Key) -> list[np.uint64]:
    """The key's words, two in a number, as launches take them."""
    w = key.words
    return [np.uint64(w[i]) | np.uint64(w[i + 1]) << np.uint64(32) for i in range(0, w.size, 2)]


def release_from_host(array: np.ndarray, plan: Plan, key: Key) -> tuple[tuple, object, tuple]:
    """Copy a picture up, release it there, copy its values down.

    Parameters
    ----------
    array : ndarray of uint8
        Of the planned shape, with any strides, 0 outside the region.
    plan : Plan
        The plan.
    key : Key
        Used for this release only.

    Returns
    -------
    on_device : tuple of device arrays of int64
        Noisy sums.
    levels : ndarray of uint8 or None
        Levels, where they are decided on the pictures.
    values : tuple of ndarray of int64
        The same in host memory.
    """
    stream, own = default_stream(), Scratch()
    with own, own:
        picture, room = upload(array, stream, own)
        on_device, levels = release_on_device(picture, plan, key, room)
        made = _made(on_device, levels)
        own.when_done(forget, stream, *made)  # unless all goes well
        values = tuple(download(v, np.empty(v.shape, np.int64), stream) for v in on_device)
        levels = levels_on_host(levels, stream)
        own.hand_out(*made)
    return on_device, levels, values


def _finish(picture: DeviceArray, plan: Plan, tables: DeviceTables, scratch, values, pairs):
    """Turn units into noisy sums; the levels, where they are decided on the pictures."""
    if plan.mixed:
        return release_leaves(picture, plan, tables, scratch, values, pairs)
    _add_noise(plan, tables, scratch, values, picture.stream, pairs)
    return None


def _units(tables: DeviceTables, plan: Plan, stream) -> Units:
    """Units for releases on a stream; those of the streams used last are kept."""
    name = str(stream)
    if name not in tables.scratch:
        if len(tables.scratch) >= _STREAMS_KEPT:
            tables.scratch.pop(next(iter(tables.scratch))).done.synchronize()
        size = len(plan.planes) * plan.batch * tables.units[0] * tables.units[1]
        sums = empty(size, np.int32, stream)  # step 2: units fit
        tables.scratch[name] = Units(sums, cuda.event())
    tables.scratch[name] = tables.scratch.pop(name)
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
_STREAMS_KEPT = 8


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
