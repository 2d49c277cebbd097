"""Exact cell sums on the CPU: add rows into 16-bit columns, then reduce the columns to cells.

Work items are bands: one row of the coarsest plane's cells of one picture.  Adding whole rows
keeps the inner loop contiguous, which is what makes it run at the speed of reading the picture.
"""

import numpy as np

from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.lanes import next_item
from numbadp.mechanism.kernels.measure_body import build_form

form = build_form(jit)
STEP = 4


@jit_inline
def column_sums(picture, first, last, columns):
    """Sum rows first to last - 1 of a picture [H, W * C] into `columns`, uint16."""
    top = picture[first]
    for i in range(columns.size):
        columns[i] = top[i]
    y = first + 1
    while y + STEP <= last:
        a, b, c, d = picture[y], picture[y + 1], picture[y + 2], picture[y + 3]
        for i in range(columns.size):
            columns[i] = np.uint16(
                columns[i] + np.uint16(a[i]) + np.uint16(b[i]) + np.uint16(c[i]) + np.uint16(d[i])
            )
        y += STEP
    while y < last:
        a = picture[y]
        for i in range(columns.size):
            columns[i] = np.uint16(columns[i] + np.uint16(a[i]))
        y += 1


@jit_inline
def add_cells_grey(columns, cell, shift, row, values):
    """Reduce one row of grey squares into the cells that contain them."""
    whole = columns.size // cell
    for x in range(whole):
        total = np.int64(0)
        for k in range(cell):
            total += columns[x * cell + k]
        values[row + (x >> shift)] += total
    if whole * cell < columns.size:
        total = np.int64(0)
        for k in range(whole * cell, columns.size):
            total += columns[k]
        values[row + (whole >> shift)] += total


@jit_inline
def reduce_colour(columns, cell, cells):
    """Reduce one row of colour cells to the sums of the three channels, `cells` [3, gw]."""
    pixels = columns.size // 3
    whole = pixels // cell
    for x in range(whole):
        r, g, b = np.int64(0), np.int64(0), np.int64(0)
        for k in range(cell):
            i = (x * cell + k) * 3
            r += columns[i]
            g += columns[i + 1]
            b += columns[i + 2]
        cells[0, x], cells[1, x], cells[2, x] = r, g, b
    if whole * cell < pixels:
        r, g, b = np.int64(0), np.int64(0), np.int64(0)
        for k in range(whole * cell, pixels):
            r += columns[3 * k]
            g += columns[3 * k + 1]
            b += columns[3 * k + 2]
        cells[0, whole], cells[1, whole], cells[2, whole] = r, g, b


@jit_inline
def add_forms(cells, coefficients, shift, row, values):
    """Add the form of the fine cells of a row to the plane's cells that contain them."""
    fine = cells.shape[1]
    for t in range(-(-fine // (1 << shift))):
        total = np.int64(0)
        for x in range(t << shift, min((t + 1) << shift, fine)):
            total += form(coefficients, cells[0, x], cells[1, x], cells[2, x])
        values[row + t] += total


@jit_inline
def band_rows(band, span, shift, rows):
    """First row and end of the rows of a plane that lie in a band."""
    return (band * span) >> shift, min(((band + 1) * span) >> shift, rows)


@jit_inline
def measure_band(
    picture, channels, cell, span, band, values, n, forms, shifts, widths, columns, cells
):
    """Measure one band's cells of every plane of picture n."""
    height = picture.shape[0]
    fine_rows = -(-height // cell)
    for k in range(shifts.size):
        rows = -(-fine_rows // (1 << shifts[k]))
        start, stop = band_rows(band, span, shifts[k], rows)
        values[k][n, start * widths[k] : stop * widths[k]] = 0
    # sums.py, step 1: bands, rows of cells and columns each cover the picture once
    for gy in range(band * span, min((band + 1) * span, fine_rows)):
        column_sums(picture, gy * cell, min((gy + 1) * cell, height), columns)
        if channels == 1:
            row = (gy >> shifts[0]) * widths[0]
            add_cells_grey(columns, cell, shifts[0], row, values[0][n])
        else:
            reduce_colour(columns, cell, cells)
            for k in range(shifts.size):
                row = (gy >> shifts[k]) * widths[k]
                add_forms(cells, forms[k], shifts[k], row, values[k][n])


@jit
def measure_cpu(counter, items, pictures, channels, cell, span, values, forms, shifts, widths):
    """Measure bands of `pictures` [N, H, W * C] into `values`, a tuple of int64 [N, cells]."""
    bands = items // pictures.shape[0]
    columns = np.empty(pictures.shape[2], np.uint16)
    cells = np.empty((3, -(-(pictures.shape[2] // channels) // cell)), np.int64)
    item = next_item(counter)
    while item < items:
        n = item // bands
        measure_band(
            pictures[n],
            channels,
            cell,
            span,
            item % bands,
            values,
            n,
            forms,
            shifts,
            widths,
            columns,
            cells,
        )
        item = next_item(counter)
    columns[:] = np.uint16(0)
    cells[:] = 0
