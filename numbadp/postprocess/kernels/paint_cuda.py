"""Painting on the GPU: colours of cells, flat cells, and smooth pixels.  Integers but for means.

Flat cells are written sixteen bytes a thread and row where rows of the output allow it, else pixel
by pixel at any strides; each thread keeps its bytes for all rows of its cells.
"""

import numpy as np

from numbadp.compute.gpu import WORDS, cuda, jit_device, jit_kernel, nearest, store_words
from numbadp.postprocess.kernels.paint_body import GREY, build_blend, build_colour

THREADS = 128
# Entries of `numbers`; the last five are bytes.
BATCH, HEIGHT, WIDTH, PLACES, ROWS, COLUMNS = range(6)
ORIGIN, PICTURE, ROW, COLUMN, CHANNEL = range(6, 11)
# Columns of `cells`, one row a plane of noisy sums; starts are counted for one picture.
SHIFT, GRID_ROWS, GRID_WIDTH, VALUES_START = range(4)
# Columns of `sides`, one row a plane of sub-cells.
SIDE, SIDE_PLACES, GRID_DOWN, GRID_ACROSS, GRIDS_START = range(5)

colour = build_colour(jit_device)
blend = build_blend(jit_device)


@jit_device
def smaller(a, b):
    """Where a < b a, else b."""
    return a if a < b else b


@jit_device
def larger(a, b):
    """Where a > b a, else b."""
    return a if a > b else b


@jit_device
def mean_at(values, batch, cells, gains, ranges, k, n, gy, gx):
    """Clipped mean of a plane's cell under finest cell (gy, gx), in 1/64 grey level."""
    y, x = gy >> cells[k, SHIFT], gx >> cells[k, SHIFT]
    rows, width = cells[k, GRID_ROWS], cells[k, GRID_WIDTH]
    at = cells[k, VALUES_START] * batch + (n * rows + y) * width + x
    gain = gains[k, np.int64(y == rows - 1), np.int64(x == width - 1)]
    return nearest(smaller(larger(np.float64(values[at]) * gain, ranges[k, 0]), ranges[k, 1]))


@jit_kernel
def colours_cuda(values, batch, kind, cells, gains, ranges, colours):
    """Packed colours [N, rows, columns] of the noisy cells as measured."""
    rows, columns = colours.shape[1], colours.shape[2]
    cell = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    gy = cell // columns
    gx = cell - gy * columns
    n = np.int64(cuda.blockIdx.y)
    while gy < rows and n < batch:
        a = mean_at(values, batch, cells, gains, ranges, 0, n, gy, gx)
        b, c = np.int32(0), np.int32(0)
        if cells.shape[0] > 1:
            b = mean_at(values, batch, cells, gains, ranges, 1, n, gy, gx)
            c = mean_at(values, batch, cells, gains, ranges, 2, n, gy, gx)
        colours[n, gy, gx] = colour(kind, a, b, c)
        n += cuda.gridDim.y


@jit_device
def colour_of_pixel(colours, n, gy, x, places, columns):
    """Packed colour of pixel x of a row of cells; past the last pixel the last cell's."""
    return np.uint32(colours[n, gy, min(x >> places, columns - 1)])


@jit_device
def grey_word(colours, n, gy, x, places, columns):
    """Four grey pixels from x on."""
    a = colour_of_pixel(colours, n, gy, x, places, columns)
    b = colour_of_pixel(colours, n, gy, x + 1, places, columns)
    c = colour_of_pixel(colours, n, gy, x + 2, places, columns)
    d = colour_of_pixel(colours, n, gy, x + 3, places, columns)
    eight, sixteen, rest = np.uint32(8), np.uint32(16), np.uint32(24)
    return np.uint32(np.uint32(a | (b << eight)) | np.uint32((c << sixteen) | (d << rest)))


@jit_device
def grey_words(colours, n, gy, chunk, places, columns):
    """Sixteen bytes of grey."""
    x = 4 * WORDS * chunk
    return (
        grey_word(colours, n, gy, x, places, columns),
        grey_word(colours, n, gy, x + 4, places, columns),
        grey_word(colours, n, gy, x + 8, places, columns),
        grey_word(colours, n, gy, x + 12, places, columns),
    )


@jit_device
def shifted(low, high, bits):
    """Low 32 bits of a 64-bit number shifted right by 0, 8 or 16."""
    both = np.uint64(np.uint64(low) | (np.uint64(high) << np.uint64(32)))
    return np.uint32(both >> np.uint64(bits))


@jit_device
def colour_words(colours, n, gy, chunk, places, columns):
    """Sixteen bytes of colour: six pixels, less the bytes of the first that lie before."""
    byte = 4 * WORDS * chunk
    x = byte // 3
    bits = 8 * (byte - 3 * x)
    a = colour_of_pixel(colours, n, gy, x, places, columns)
    b = colour_of_pixel(colours, n, gy, x + 1, places, columns)
    c = colour_of_pixel(colours, n, gy, x + 2, places, columns)
    d = colour_of_pixel(colours, n, gy, x + 3, places, columns)
    e = colour_of_pixel(colours, n, gy, x + 4, places, columns)
    f = colour_of_pixel(colours, n, gy, x + 5, places, columns)
    eight, sixteen, rest = np.uint32(8), np.uint32(16), np.uint32(24)
    first = np.uint32(a | np.uint32(b << rest))
    second = np.uint32((b >> eight) | np.uint32(c << sixteen))
    third = np.uint32((c >> sixteen) | np.uint32(d << eight))
    fourth = np.uint32(e | np.uint32(f << rest))
    fifth = np.uint32(f >> eight)
    return (
        shifted(first, second, bits),
        shifted(second, third, bits),
        shifted(third, fourth, bits),
        shifted(fourth, fifth, bits),
    )


@jit_device
def chunk_of(numbers, thread, chunks):
    """Row of cells, chunk in it, and the rows of pixels of that row of cells."""
    gy = thread // chunks
    top = gy << numbers[PLACES]
    bottom = min(top + (1 << numbers[PLACES]), numbers[HEIGHT])
    return gy, thread - gy * chunks, top, bottom


@jit_kernel
def flat_words_cuda(colours, kind, numbers, out):
    """Paint cells flat: `out` is uint32, its rows whole sixteens of bytes."""
    channels = 1 if kind == GREY else 3
    chunks = numbers[WIDTH] * channels // (4 * WORDS)
    places, columns = numbers[PLACES], numbers[COLUMNS]
    thread = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    gy, chunk, top, bottom = chunk_of(numbers, thread, chunks)
    n = np.int64(cuda.blockIdx.y)
    while gy < numbers[ROWS] and n < numbers[BATCH]:
        if kind == GREY:
            words = grey_words(colours, n, gy, chunk, places, columns)
        else:
            words = colour_words(colours, n, gy, chunk, places, columns)
        at = (numbers[ORIGIN] + n * numbers[PICTURE] + top * numbers[ROW]) >> 2
        at += WORDS * chunk
        for _ in range(top, bottom):
            store_words(out, at, words[0], words[1], words[2], words[3])
            at += numbers[ROW] >> 2
        n += cuda.gridDim.y


@jit_device
def store_pixel(out, at, channel, kind, packed):
    """Write one pixel's bytes, `channel` apart."""
    out[at] = np.uint8(packed & np.uint32(255))
    if kind != GREY:
        out[at + channel] = np.uint8((packed >> np.uint32(8)) & np.uint32(255))
        out[at + 2 * channel] = np.uint8((packed >> np.uint32(16)) & np.uint32(255))


@jit_kernel
def flat_bytes_cuda(colours, kind, numbers, out):
    """Paint cells flat at any strides: `out` is uint8, from its first byte in memory on."""
    thread = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    gy, x, top, bottom = chunk_of(numbers, thread, numbers[WIDTH])
    n = np.int64(cuda.blockIdx.y)
    while gy < numbers[ROWS] and n < numbers[BATCH]:
        packed = colour_of_pixel(colours, n, gy, x, numbers[PLACES], numbers[COLUMNS])
        at = numbers[ORIGIN] + n * numbers[PICTURE] + top * numbers[ROW] + x * numbers[COLUMN]
        for _ in range(top, bottom):
            store_pixel(out, at, numbers[CHANNEL], kind, packed)
            at += numbers[ROW]
        n += cuda.gridDim.y


@jit_device
def row_at(grids, start, columns, upper, lower, weight, side, places, j):
    """A plane interpolated down to one row of pixels, at column j; both ends repeated."""
    x = min(max(j, 0), columns - 1)
    a, b = (
        np.int32(grids[start + upper * columns + x]),
        np.int32(grids[start + lower * columns + x]),
    )
    return np.int32(blend(a, b, weight, side, places))


@jit_device
def smooth_at(grids, batch, sides, k, n, y, x):
    """A plane at pixel (y, x), bilinear between sub-cell centres, in 1/64 grey level."""
    side, places = sides[k, SIDE], sides[k, SIDE_PLACES]
    rows, columns = sides[k, GRID_DOWN], sides[k, GRID_ACROSS]
    start = sides[k, GRIDS_START] * batch + n * rows * columns
    at = 2 * y if side == 1 else 2 * y + 1 - side
    i, weight = at >> places, np.int32(at & (2 * side - 1))
    upper, lower = min(max(i, 0), rows - 1), min(max(i + 1, 0), rows - 1)
    side, places = np.int32(side), np.int32(places)
    if side == 1:
        return row_at(grids, start, columns, upper, lower, weight, side, places, x)
    across = x + (side >> 1)
    j = across >> (places - 1)
    a = row_at(grids, start, columns, upper, lower, weight, side, places, j - 1)
    b = row_at(grids, start, columns, upper, lower, weight, side, places, j)
    ahead = np.int32(2 * (across & (side - 1)) + 1)
    return np.int32(blend(a, b, ahead, side, places))


@jit_kernel
def smooth_cuda(grids, kind, sides, numbers, out):
    """Paint bilinearly at any strides: `grids` int16, one plane after another."""
    width = numbers[WIDTH]
    pixel = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    y = pixel // width
    x = pixel - y * width
    n, batch = np.int64(cuda.blockIdx.y), numbers[BATCH]
    while y < numbers[HEIGHT] and n < batch:
        a = smooth_at(grids, batch, sides, 0, n, y, x)
        b, c = np.int32(0), np.int32(0)
        if sides.shape[0] > 1:
            b = smooth_at(grids, batch, sides, 1, n, y, x)
            c = smooth_at(grids, batch, sides, 2, n, y, x)
        at = numbers[ORIGIN] + n * numbers[PICTURE] + y * numbers[ROW] + x * numbers[COLUMN]
        store_pixel(out, at, numbers[CHANNEL], kind, colour(kind, a, b, c))
        n += cuda.gridDim.y
