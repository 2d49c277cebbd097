"""Exact unit sums on the GPU: one thread adds a unit's rows of sixteen neighbouring pixels.

A unit is the largest square of at most 16 x 16 pixels whose copies fill every cell; the noise
kernel adds a cell's units, so no thread waits for another.  Rows come in sixteen bytes at a time
and are added column by column (`columns_cuda`), then reduced to the channels of each unit.  Three
kernels differ in how channels lie in memory: interleaved, in planes (or grey), or at any strides,
byte by byte.
"""

import numpy as np

from numbadp.compute.gpu import WORDS, cuda, jit_device, jit_kernel
from numbadp.mechanism.kernels.columns_cuda import (
    bytes_of_rows,
    interleaved_fours,
    interleaved_rows,
    no_columns,
    plane_fours,
    words_of_rows,
)
from numbadp.mechanism.kernels.measure_body import build_form

THREADS = 128
PIXELS = 16  # of one thread, side by side; also the largest unit
# Entries of `numbers`.
HEIGHT, WIDTH, BATCH, UNIT, GROUPS, UNIT_ROWS, UNIT_COLUMNS, PITCH = range(8)
ORIGIN, PICTURE, ROW, COLUMN, CHANNEL = range(8, 13)  # bytes

form = build_form(jit_device)


@jit_device
def total(four):
    """Sum of four pixels."""
    return (four[0] + four[1]) + (four[2] + four[3])


@jit_device
def totals(four):
    """Sums of four pixels' channels."""
    return total(four[0]), total(four[1]), total(four[2])


@jit_device
def sums_of(a, b):
    """Channel by channel sum."""
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


@jit_device
def coefficients_of(forms, k):
    """A plane's form."""
    return forms[k, 0], forms[k, 1], forms[k, 2]


@jit_device
def write_unit(scratch, at, pitch, forms, rgb):
    """Write every plane's form of one unit; planes lie `pitch` apart."""
    for k in range(forms.shape[0]):
        value = form(coefficients_of(forms, k), rgb[0], rgb[1], rgb[2])
        scratch[at + k * pitch] = np.int32(value)


@jit_device
def form_four(coefficients, four):
    """A plane's form of four pixels."""
    r, g, b = four
    return (
        form(coefficients, r[0], g[0], b[0]),
        form(coefficients, r[1], g[1], b[1]),
        form(coefficients, r[2], g[2], b[2]),
        form(coefficients, r[3], g[3], b[3]),
    )


@jit_device
def write_four(scratch, row, first, columns, unit, values):
    """Write the units, 1 or 2 pixels wide or all 4, of a plane's four pixels."""
    a, b, c, d = values
    at, room = row + first, columns - first
    if unit == 1:
        if room > 0:
            scratch[at] = np.int32(a)
        if room > 1:
            scratch[at + 1] = np.int32(b)
        if room > 2:
            scratch[at + 2] = np.int32(c)
        if room > 3:
            scratch[at + 3] = np.int32(d)
    elif unit == 2:
        if room > 0:
            scratch[at] = np.int32(a + b)
        if room > 1:
            scratch[at + 1] = np.int32(c + d)
    elif room > 0:
        scratch[at] = np.int32((a + b) + (c + d))


@jit_device
def write_small(scratch, row, group, columns, unit, pitch, forms, fours):
    """Write the units, at most 4 pixels wide, of sixteen pixels."""
    per = 4 >> (unit >> 1)  # units in four pixels
    first = group * 4 * per
    for k in range(forms.shape[0]):
        own = coefficients_of(forms, k)
        write_four(scratch, row, first, columns, unit, form_four(own, fours[0]))
        write_four(scratch, row, first + per, columns, unit, form_four(own, fours[1]))
        write_four(scratch, row, first + 2 * per, columns, unit, form_four(own, fours[2]))
        write_four(scratch, row, first + 3 * per, columns, unit, form_four(own, fours[3]))
        row += pitch


@jit_device
def write_sixteen(scratch, row, group, columns, unit, pitch, forms, fours):
    """Write the units of sixteen pixels, the group-th of the row of units that starts at `row`."""
    if unit <= 4:
        write_small(scratch, row, group, columns, unit, pitch, forms, fours)
        return
    left = sums_of(totals(fours[0]), totals(fours[1]))
    right = sums_of(totals(fours[2]), totals(fours[3]))
    if unit == 16:
        write_unit(scratch, row + group, pitch, forms, sums_of(left, right))
        return
    write_unit(scratch, row + 2 * group, pitch, forms, left)
    if 2 * group + 1 < columns:
        write_unit(scratch, row + 2 * group + 1, pitch, forms, right)


@jit_device
def place_of(numbers, thread, n):
    """Where a thread works: rows of pixels, its group, first byte, units across, row in scratch."""
    unit, groups = numbers[UNIT], numbers[GROUPS]
    y = thread // groups
    rows = min(unit, numbers[HEIGHT] - y * unit)
    at = numbers[ORIGIN] + n * numbers[PICTURE] + y * unit * numbers[ROW]
    columns = numbers[UNIT_COLUMNS]
    return rows, thread - y * groups, at, columns, (n * numbers[UNIT_ROWS] + y) * columns


@jit_kernel
def measure_rgb_cuda(picture, numbers, forms, scratch):
    """Interleaved colour: `picture` is uint32, rows of whole sixteens of bytes and pixels."""
    thread = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    unit, pitch, step = numbers[UNIT], numbers[PITCH], numbers[ROW] >> 2
    n = np.int64(cuda.blockIdx.y)
    while n < numbers[BATCH]:
        rows, group, at, columns, row = place_of(numbers, thread, n)
        if rows > 0:
            at = (at >> 2) + 3 * WORDS * group
            a, b, c = interleaved_rows(picture, at, step, rows)
            fours = interleaved_fours(a, b, c)
            write_sixteen(scratch, row, group, columns, unit, pitch, forms, fours)
        n += cuda.gridDim.y


@jit_kernel
def measure_planes_cuda(picture, numbers, forms, scratch):
    """Grey, or colour in planes: `picture` is uint32, rows of whole sixteens of bytes."""
    thread = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    unit, pitch = numbers[UNIT], numbers[PITCH]
    step, channel = numbers[ROW] >> 2, numbers[CHANNEL] >> 2
    n = np.int64(cuda.blockIdx.y)
    while n < numbers[BATCH]:
        rows, group, at, columns, row = place_of(numbers, thread, n)
        if rows > 0:
            at = (at >> 2) + WORDS * group
            r, g, b = words_of_rows(picture, at, step, rows), no_columns(), no_columns()
            if forms.shape[0] > 1:
                g = words_of_rows(picture, at + channel, step, rows)
                b = words_of_rows(picture, at + 2 * channel, step, rows)
            fours = plane_fours(r, g, b)
            write_sixteen(scratch, row, group, columns, unit, pitch, forms, fours)
        n += cuda.gridDim.y


@jit_kernel
def measure_bytes_cuda(picture, numbers, forms, scratch):
    """Any width and strides: `picture` is uint8, from the first byte in memory on."""
    thread = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    unit, pitch = numbers[UNIT], numbers[PITCH]
    step, column, channel = numbers[ROW], numbers[COLUMN], numbers[CHANNEL]
    n = np.int64(cuda.blockIdx.y)
    while n < numbers[BATCH]:
        rows, group, at, columns, row = place_of(numbers, thread, n)
        if rows > 0:
            at += PIXELS * group * column
            count = min(PIXELS, numbers[WIDTH] - PIXELS * group)
            r = bytes_of_rows(picture, at, step, rows, column, count)
            g, b = no_columns(), no_columns()
            if forms.shape[0] > 1:
                g = bytes_of_rows(picture, at + channel, step, rows, column, count)
                b = bytes_of_rows(picture, at + 2 * channel, step, rows, column, count)
            fours = plane_fours(r, g, b)
            write_sixteen(scratch, row, group, columns, unit, pitch, forms, fours)
        n += cuda.gridDim.y
