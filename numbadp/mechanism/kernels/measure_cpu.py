"""Exact cell sums on the CPU: add rows into 16-bit columns, then reduce the columns to cells.

Work items are bands: one row of the coarsest plane's cells of one island, or some small islands of
one picture.  Adding whole rows keeps the inner loop contiguous, which is what makes it run at the
speed of reading the picture.
"""

import numpy as np

from numbadp.compute.jit import jit, jit_inline, jit_shared
from numbadp.compute.lanes import next_item
from numbadp.compute.rows import STEP, add_rows, fetch_rows, run_end
from numbadp.mechanism.kernels.measure_body import (
    BEGIN,
    CEASE,
    END,
    FIRST,
    IMAGE,
    ROW,
    STOP,
    build_form,
)
from numbadp.plan.islands import COLUMNS, HEIGHT, LEFT, MASK, START, TOP, WIDTH

form = build_form(jit)
AHEAD = 32  # rows of an island that are asked for while the one before is measured


@jit_inline
def column_sums(picture, first, last, left, columns):
    """Sum rows first to last - 1 of a picture [H, W * C], from byte `left` on, into `columns`."""
    right = left + columns.size
    top = picture[first, left:right]
    for i in range(columns.size):
        columns[i] = top[i]
    add_rows(picture, first + 1, last, left, columns)


@jit
def keep_shared(row, shared):
    """Unmark what a row of a mask does not have."""
    for x in range(row.size):
        shared[x] &= np.uint8(row[x] > 0)


@jit
def mark_rest(row, shared, rest):
    """Mark what a row of a mask has besides."""
    for x in range(row.size):
        rest[x] = np.uint8(row[x] > 0) & ~shared[x]


@jit
def add_marked(picture, first, last, left, channels, marks, columns):
    """Add the marked pixels of rows first to last - 1; ask for those a few rows below."""
    x = 0
    while x < marks.size:
        end = run_end(marks, x, marks.size)
        if marks[x] > 0:
            begin, stop = x * channels, end * channels
            fetch_rows(picture, first + STEP, last + STEP, left + begin, left + stop)
            add_rows(picture, first, last, left + begin, columns[begin:stop])
        x = end


@jit
def column_sums_inside(picture, top, first, last, left, channels, mask, width, columns):
    """The same of the pixels of a mask, 1 for each, whose rows are those of `picture` from `top`.

    A few rows at a time the runs of the mask, which is public, are added: those that all of these
    rows have, then what each has besides.  What lies between is not read.
    """
    columns[:] = np.uint16(0)
    shared, rest = np.empty(width, np.uint8), np.empty(width, np.uint8)
    for y in range(first, last, STEP):
        stop = min(y + STEP, last)
        shared[:] = np.uint8(1)
        for i in range(y, stop):
            keep_shared(mask[i * width : (i + 1) * width], shared)
        add_marked(picture, top + y, top + stop, left, channels, shared, columns)
        for i in range(y, stop):
            mark_rest(mask[i * width : (i + 1) * width], shared, rest)
            add_marked(picture, top + i, top + i + 1, left, channels, rest, columns)


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
def add_forms(cells, fine, coefficients, shift, row, values):
    """Add the form of the `fine` cells of a row to the plane's cells that contain them."""
    for t in range(-(-fine // (1 << shift))):
        total = np.int64(0)
        for x in range(t << shift, min((t + 1) << shift, fine)):
            total += form(coefficients, cells[0, x], cells[1, x], cells[2, x])
        values[row + t] += total


@jit_inline
def band_rows(band, span, shift, rows):
    """First row and end of the rows of a plane that lie in a band."""
    return (band * span) >> shift, min(((band + 1) * span) >> shift, rows)


@jit_shared
def measure_rows(
    picture, channels, cell, island, masks, first, stop, values, n, forms, shifts, columns, cells
):  # fmt: skip
    """Add rows first to stop - 1 of an island's finest cells to row n of all planes' values."""
    top, width = island[TOP], island[WIDTH]
    own, fine = columns[: width * channels], -(-width // cell)
    # sums.py, step 1: bands, rows of cells and columns each cover an island once
    for gy in range(first, stop):
        upper, lower = gy * cell, min((gy + 1) * cell, island[HEIGHT])
        if island[MASK] < 0:
            column_sums(picture, top + upper, top + lower, island[LEFT] * channels, own)
        else:
            column_sums_inside(
                picture, top, upper, lower, island[LEFT] * channels, channels,
                masks[island[MASK] :], width, own,
            )  # fmt: skip
        if channels == 1:
            row = island[START] + (gy >> shifts[0]) * -(-fine // (1 << shifts[0]))
            add_cells_grey(own, cell, shifts[0], row, values[0][n])
        else:
            reduce_colour(own, cell, cells)
            for k in range(shifts.size):
                row = (gy >> shifts[k]) * -(-fine // (1 << shifts[k]))
                row += island[START + k]
                add_forms(cells, fine, forms[k], shifts[k], row, values[k][n])


@jit_inline
def measure_band(
    picture, channels, cell, span, band, values, n, forms, shifts, widths, columns, cells
):
    """Measure one band's cells of every plane of picture n, a whole one."""
    height = picture.shape[0]
    fine_rows = -(-height // cell)
    for k in range(shifts.size):
        rows = -(-fine_rows // (1 << shifts[k]))
        start, stop = band_rows(band, span, shifts[k], rows)
        values[k][n, start * widths[k] : stop * widths[k]] = 0
    island = np.zeros(COLUMNS, np.int64)
    island[HEIGHT], island[WIDTH], island[MASK] = height, picture.shape[1] // channels, -1
    measure_rows(
        picture, channels, cell, island, picture[0, :0], band * span,
        min((band + 1) * span, fine_rows), values, n, forms, shifts, columns, cells,
    )  # fmt: skip


@jit_inline
def fetch_island(picture, channels, island):
    """Ask for the first rows of an island that will be measured next."""
    top, left = island[TOP], island[LEFT] * channels
    last = top + min(island[HEIGHT], AHEAD)
    fetch_rows(picture, top, last, left, left + island[WIDTH] * channels)


@jit_inline
def measure_islands(
    pictures, channels, cell, values, forms, shifts, islands, masks, band, columns, cells
):
    """Measure the cells of one band of islands into `values`, int64 [1, cells] a plane."""
    for k in range(shifts.size):
        values[k][0, band[BEGIN + k] : band[CEASE + k]] = 0
    island = np.empty(COLUMNS, np.int64)  # a copy: of one type, whoever calls
    for i in range(band[FIRST], band[STOP]):
        if i + 1 < band[STOP]:
            fetch_island(pictures[band[IMAGE]], channels, islands[i + 1])
        for j in range(COLUMNS):
            island[j] = islands[i, j]
        stop = min(band[END], -(-island[HEIGHT] // cell))
        measure_rows(
            pictures[band[IMAGE]], channels, cell, island, masks, band[ROW], stop, values, 0,
            forms, shifts, columns, cells,
        )  # fmt: skip


@jit
def measure_cpu(
    counter, items, pictures, channels, cell, values, forms, shifts, islands, masks, bands
):
    """Measure bands of `pictures` [N, H, W * C] into `values`, a tuple of int64 [1, cells]."""
    columns = np.empty(pictures.shape[2], np.uint16)
    cells = np.empty((3, -(-(pictures.shape[2] // channels) // cell)), np.int64)
    item = next_item(counter)
    while item < items:
        measure_islands(
            pictures, channels, cell, values, forms, shifts, islands, masks, bands[item], columns,
            cells,
        )  # fmt: skip
        item = next_item(counter)
    columns[:] = np.uint16(0)
    cells[:] = 0
