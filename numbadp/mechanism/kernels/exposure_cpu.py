"""Measure several frames into one set of sums, then add noise, band by band in one pass.

Every thread works on bands of its own, and what a single frame adds to a band is set to 0 before
the next band is taken.
"""

import numpy as np

from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.lanes import next_item
from numbadp.mechanism.kernels.measure_body import BEGIN, CEASE, IMAGE
from numbadp.mechanism.kernels.measure_cpu import measure_islands
from numbadp.mechanism.kernels.noise_cpu import DRAWS, take_key
from numbadp.mechanism.kernels.release_cpu import noise_band


@jit_inline
def add_band(band, planes, single, values):
    """Add one frame's sums of a band to those of all, and forget them."""
    for k in range(planes):
        one, every = single[k][0], values[k][0]
        for i in range(band[BEGIN + k], band[CEASE + k]):
            every[i] += one[i]
            one[i] = 0


@jit
def expose_cpu(
    counter, items, pictures, channels, cell, values, single, forms, shifts, islands, masks, bands,
    key, tags, cuts, bits,
):  # fmt: skip
    """Measure and noise bands of `pictures` [k, H, W * C] into `values`, zeros [1, cells]."""
    columns = np.empty(pictures.shape[2], np.uint16)
    cells = np.empty((3, -(-(pictures.shape[2] // channels) // cell)), np.int64)
    lanes = np.empty(DRAWS, np.int64)
    own = np.empty(key.size, np.uint32)
    if not take_key(key, own):
        return  # a wiped key: the release is over
    item = next_item(counter)
    while item < items:
        frame = bands[item].copy()
        for n in range(pictures.shape[0]):  # exposure.py, step 1: every frame falls into one box
            frame[IMAGE] = n
            measure_islands(
                pictures, channels, cell, single, forms, shifts, islands, masks, frame, columns,
                cells,
            )  # fmt: skip
            add_band(frame, shifts.size, single, values)
        noise_band(values, bands[item], shifts.size, own, tags, cuts, bits, lanes)
        item = next_item(counter)
    columns[:] = np.uint16(0)
    cells[:] = 0
    lanes[:] = 0
    own[:] = np.uint32(0)
