"""Measure and add noise in one pass, so that exact sums exist only inside compiled code.

Each band is measured into the arrays that become the release and gets its noise before the next
band is taken.  The noise is addressed by cell, so bands in any order on any number of threads give
the same bits.
"""

import numpy as np

from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.lanes import next_item
from numbadp.mechanism.kernels.measure_cpu import band_rows, measure_band
from numbadp.mechanism.kernels.noise_cpu import DRAWS, add_noise_range


@jit_inline
def noise_band(cell_rows, span, band, values, n, shifts, widths, key, tags, cuts, bits, lanes):
    """Add noise to one band's cells of every plane of picture n."""
    for k in range(shifts.size):
        rows = -(-cell_rows // (1 << shifts[k]))
        start, stop = band_rows(band, span, shifts[k], rows)
        add_noise_range(
            values[k][n],
            start * widths[k],
            stop * widths[k],
            key,
            np.uint64(n),
            tags[k],
            cuts[k],
            bits[k],
            lanes,
        )


@jit
def release_cpu(
    counter,
    items,
    pictures,
    channels,
    cell,
    span,
    values,
    forms,
    shifts,
    widths,
    key,
    tags,
    cuts,
    bits,
):
    """Measure and noise bands of `pictures` [N, H, W * C] into `values`."""
    bands = items // pictures.shape[0]
    columns = np.empty(pictures.shape[2], np.uint16)
    cells = np.empty((3, -(-(pictures.shape[2] // channels) // cell)), np.int64)
    lanes = np.empty(DRAWS, np.int64)
    own = key.copy()  # wiping the caller's key cannot change the noise of a band under way
    if not own.any():
        return  # a wiped key: the release is over
    cell_rows = -(-pictures.shape[1] // cell)
    item = next_item(counter)
    while item < items:
        n, band = item // bands, item % bands
        measure_band(
            pictures[n],
            channels,
            cell,
            span,
            band,
            values,
            n,
            forms,
            shifts,
            widths,
            columns,
            cells,
        )
        noise_band(cell_rows, span, band, values, n, shifts, widths, own, tags, cuts, bits, lanes)
        item = next_item(counter)
    columns[:] = np.uint16(0)
    cells[:] = 0
    lanes[:] = 0
    own[:] = np.uint32(0)


@jit
def noise_cpu(counter, items, cell_rows, span, values, shifts, widths, key, tags, cuts, bits):
    """Add noise to bands of `values`; the second half of `release_cpu` by itself."""
    bands = items // values[0].shape[0]
    lanes = np.empty(DRAWS, np.int64)
    item = next_item(counter)
    while item < items:
        noise_band(
            cell_rows,
            span,
            item % bands,
            values,
            item // bands,
            shifts,
            widths,
            key,
            tags,
            cuts,
            bits,
            lanes,
        )
        item = next_item(counter)
    lanes[:] = 0
