"""A release of islands of a picture on a GPU: measured on the host, published on the device.

Boxes are small, and a launch costs more than a box: their pixels are copied down, and the CPU's
kernels do the rest.

Statement.  `run_islands` returns what `numbadp.mechanism.running.run` returns for the same pixels,
  with values and background on the device; copies of the picture are cleared on both sides.
Proof sketch.
  (1) The copy that is made contiguous on the device, and the page-locked one in host memory, are
      known to a `Scratch` before a pixel is written to them.
  (2) What goes up again is a release: noisy sums and the pixels outside of the region.
Assumes.  As there.
Tested by tests/mechanism/test_run_islands_cuda.py
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from numbadp.compute.device import DeviceArray, empty, frozen, part_of
from numbadp.compute.forgetting import Scratch
from numbadp.compute.pinned import PINNED
from numbadp.compute.streams import device_errors, wait_for
from numbadp.errors import BackendError
from numbadp.mechanism.entropy import Key
from numbadp.mechanism.run_leaves_cuda import split_by_region_on_device
from numbadp.mechanism.running import Prepared, run
from numbadp.plan import Plan
from numbadp.plan.region import Region
from numbadp.release import Release, build_release


@device_errors()
def run_islands(
    array: np.ndarray | DeviceArray, prepared: Prepared, key: Key, outside: str
) -> Release:
    """Release the islands of a picture or batch.

    Parameters
    ----------
    array : ndarray of uint8 or DeviceArray
        Of the planned shape.
    prepared : Prepared
        A plan of islands and its tables.
    key : Key
        Used for this release only.
    outside : {"keep", "leave"}
        As `run` takes it.

    Returns
    -------
    Release
        Its values and background are where the picture was.

    Raises
    ------
    BackendError
        If the driver refuses, or every picture of a batch has boxes of its own and nothing is kept.
    """
    if isinstance(array, np.ndarray):
        return run(array, prepared, key, "cpu", outside)
    if outside == "leave" and prepared.plan.covered.each:
        raise BackendError(
            "outside='leave' with boxes of each picture is not for pictures on a GPU. Pass "
            "outside='keep', or one picture at a time."
        )
    own = Scratch()
    with own, own:
        made = run(_on_host(array, prepared.plan, own), prepared, key, "cpu", outside)
    return _on_device(made, array.stream)  # step 2


def _on_host(array: DeviceArray, plan: Plan, own: Scratch) -> np.ndarray:
    """Pixels in page-locked memory; step 1: cleared at the end, here and on the device."""
    whole = replace(plan, region=_everything((plan.height, plan.width)), anchor="picture")
    measured, room, _ = split_by_region_on_device(array, whole, own)
    count = plan.batch * plan.height * room * plan.channels
    buffer = PINNED.take(count)
    own.when_done(PINNED.give_back, buffer)
    staged = own.add(buffer[:count])
    own.when_done(wait_for, array.stream)
    measured.owner.copy_to_host(staged, stream=array.stream)
    wait_for(array.stream)
    pixels = staged.reshape(plan.batch, plan.height, room, plan.channels)[:, :, : plan.width]
    if len(plan.shape) == 4:
        return pixels
    return pixels[0] if len(plan.shape) == 3 else pixels[0, :, :, 0]


@lru_cache(maxsize=8)
def _everything(size: tuple[int, int]) -> Region:
    return Region(np.ones(size, bool))


def _on_device(release: Release, stream) -> Release:
    values, start = [], 0
    flat = empty(release.plan.draws, np.int64, stream)
    flat.copy_to_device(np.concatenate([v.reshape(-1) for v in release.values]), stream=stream)
    for value in release.values:
        values.append(frozen(part_of(flat, start, value.shape, stream)))
        start += value.size
    background = None
    if release.background is not None:
        background = empty(release.shape, np.uint8, stream)
        background.copy_to_device(release.background, stream=stream)
    wait_for(stream)  # the host's arrays go away
    return build_release(
        release.plan, release.guarantee, tuple(values), release.layout, frozen(background)
    )
