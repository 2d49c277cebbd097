"""Measure several frames into one set of sums, then add noise, band by band in one pass.

Every thread works on bands of its own, and what a single frame adds to a band is set to 0 before
the next band is taken.
"""

import numpy as np

from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.lanes import next_item
from numbadp.mechanism.kernels.measure_cpu import band_rows, measure_band
from numbadp.mechanism.kernels.noise_cpu import DRAWS
from numbadp.mechanism.kernels.release_cpu import noise_band


@jit_inline
def add_band(cell_rows, span, band, single, values, shifts, widths):
    """Add one frame's sums of a band to those of all, and forget them."""
    for k in range(shifts.size):
        rows = -(-cell_rows // (1 << shifts[k]))
        start, stop = band_rows(band, span, shifts[k], rows)
        one, every = single[k][0], values[k][0]
        for i in range(start * widths[k], stop * widths[k]):
            every[i] += one[i]
            one[i] = 0


@jit
def expose_cpu(
    counter,
    items,
    pictures,
    channels,
    cell,
    span,
    values,
    single,
    forms,
    shifts,
    widths,
    key,
    tags,
    cuts,
    bits,
):
    """Measure and noise bands of `pictures` [k, H, W * C] into `values`, zeros [1, cells]."""
    columns = np.empty(pictures.shape[2], np.uint16)
    cells = np.empty((3, widths[0]), np.int64)
    lanes = np.empty(DRAWS, np.int64)
    own = key.copy()
    if not own.any():
        return  # a wiped key: the release is over
    cell_rows = -(-pictures.shape[1] // cell)
    band = next_item(counter)
    while band < items:
        for n in range(pictures.shape[0]):  # exposure.py, step 1: every frame falls into one box
            measure_band(
                pictures[n],
                channels,
                cell,
                span,
                band,
                single,
                0,
                forms,
                shifts,
                widths,
                columns,
                cells,
            )
            add_band(cell_rows, span, band, single, values, shifts, widths)
        noise_band(cell_rows, span, band, values, 0, shifts, widths, own, tags, cuts, bits, lanes)
        band = next_item(counter)
    columns[:] = np.uint16(0)
    cells[:] = 0
    lanes[:] = 0
    own[:] = np.uint32(0)
