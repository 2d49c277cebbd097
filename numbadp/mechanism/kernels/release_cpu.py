"""Measure and add noise in one pass, so that exact sums exist only inside compiled code.

Each band is measured into the arrays that become the release and gets its noise before the next
band is taken.  The noise is addressed by cell, so bands in any order on any number of threads give
the same bits.
"""

import numpy as np

from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.lanes import next_item
from numbadp.mechanism.kernels.measure_body import BASE, BEGIN, CEASE, IMAGE
from numbadp.mechanism.kernels.measure_cpu import measure_islands
from numbadp.mechanism.kernels.noise_cpu import DRAWS, add_noise_range, take_key


@jit_inline
def noise_band(values, band, planes, key, tags, cuts, bits, lanes):
    """Add noise to one band's cells of every plane."""
    for k in range(planes):
        add_noise_range(
            values[k][0], band[BEGIN + k], band[CEASE + k], band[BASE + k], key,
            np.uint64(band[IMAGE]), tags[k], cuts[k], bits[k], lanes,
        )  # fmt: skip


@jit
def release_cpu(
    counter, items, pictures, channels, cell, values, forms, shifts, islands, masks, bands, key,
    tags, cuts, bits,
):  # fmt: skip
    """Measure and noise bands of `pictures` [N, H, W * C] into `values`, int64 [1, cells]."""
    columns = np.empty(pictures.shape[2], np.uint16)
    cells = np.empty((3, -(-(pictures.shape[2] // channels) // cell)), np.int64)
    lanes = np.empty(DRAWS, np.int64)
    own = np.empty(key.size, np.uint32)
    if not take_key(key, own):
        return  # a wiped key: the release is over
    item = next_item(counter)
    while item < items:
        band = bands[item]
        measure_islands(
            pictures, channels, cell, values, forms, shifts, islands, masks, band, columns, cells
        )
        noise_band(values, band, shifts.size, own, tags, cuts, bits, lanes)
        item = next_item(counter)
    columns[:] = np.uint16(0)
    cells[:] = 0
    lanes[:] = 0
    own[:] = np.uint32(0)


@jit
def noise_cpu(counter, items, values, bands, planes, key, tags, cuts, bits):
    """Add noise to bands of `values`; the second half of `release_cpu` by itself."""
    lanes = np.empty(DRAWS, np.int64)
    item = next_item(counter)
    while item < items:
        noise_band(values, bands[item], planes, key, tags, cuts, bits, lanes)
        item = next_item(counter)
    lanes[:] = 0
