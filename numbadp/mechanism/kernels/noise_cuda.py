"""Discrete Laplace noise on the GPU: one thread a cell, all planes and pictures in one launch.

The most significant 32 bits of a word decide a comparison unless they equal those of the cut; then
(probability below 2**-24 a draw) the scalar sampler of `noise_body` draws the whole value again, so
the values are its values.  The gate is a slot with a third cut 0, below which no word lies.

A cell's exact sum is the sum of its units in `scratch`; each unit belongs to one thread a plane,
which clears it as it reads.  Only noisy sums are written.
"""

import numpy as np

from numbadp.compute.gpu import cuda, jit_device, jit_kernel
from numbadp.mechanism.kernels.chacha_cuda import build_block, top_words
from numbadp.mechanism.kernels.noise_body import SLOTS, build_draw

THREADS = 128
# Columns of `geometry`, one row a plane.
FIRST_BLOCK, CELLS, WIDTH, RATIO, BLOCKS, WORDS, TAG, VALUES_START, UNITS_START = range(9)
CUTS = 16  # places of a slot, the first not used

draw = build_draw(jit_device, build_block)


@jit_device
def row_of(geometry, block):
    """Row whose blocks contain one; the first column holds each row's first block."""
    k = 0
    while k + 1 < geometry.shape[0] and block >= geometry[k + 1, FIRST_BLOCK]:
        k += 1
    return k


@jit_device
def split_key(k01, k23, k45, k67):
    """Eight words of 32 bits from four of 64."""
    high = np.uint64(32)
    return (
        np.uint32(k01),
        np.uint32(k01 >> high),
        np.uint32(k23),
        np.uint32(k23 >> high),
        np.uint32(k45),
        np.uint32(k45 >> high),
        np.uint32(k67),
        np.uint32(k67 >> high),
    )


@jit_device
def count_above(top, tops, first, width, met):
    """Number of cuts above a word, and whether it meets one, by their high halves.

    Cut v of the slot is ``tops[first + v]``, v from 1.  The cuts fall, so halving finds the number;
    a cut that the word meets is the first that is not above it, at which halving always looks.
    """
    digit, half = np.uint32(0), np.uint32((1 << width) >> 1)
    while half != np.uint32(0):
        cut = tops[np.uint32(first + digit + half)]
        if top < cut:
            digit = np.uint32(digit + half)
        met = np.uint32(met | np.uint32(top == cut))
        half = np.uint32(half >> np.uint32(1))
    return digit, met


@jit_device
def add_digit(top, tops, row, slot, widths, magnitude, place, met):
    """Read one digit word into the magnitude."""
    digit, met = count_above(
        top, tops, np.uint32((row * 2 * SLOTS + slot) * CUTS), widths[slot], met
    )
    return magnitude + (np.int64(digit) << place), place + widths[slot], met


@jit_device
def draw_tops(key, cell, image, tag, tops, row, widths, blocks):
    """One value from the high halves of its words, and whether it must be drawn again."""
    low, high = np.uint32(cell), np.uint32(np.uint64(cell) >> np.uint64(32))
    gate, met, magnitude, place = np.uint32(0), np.uint32(0), np.int64(1), np.int64(0)
    for b in range(blocks):
        t = top_words(key, low, high, np.uint32(image), np.uint32(np.int64(tag) + 256 * b))
        slot = b * SLOTS
        digit, met = count_above(
            t[0], tops, np.uint32((row * 2 * SLOTS + slot) * CUTS), widths[slot], met
        )
        if b == 0:
            gate = digit  # (1) 0, 1 or 2 cuts above word 0: zero, positive, negative
        else:
            magnitude += np.int64(digit) << place
            place += widths[slot]
        # (2) digits of the geometric
        magnitude, place, met = add_digit(t[1], tops, row, slot + 1, widths, magnitude, place, met)
        magnitude, place, met = add_digit(t[2], tops, row, slot + 2, widths, magnitude, place, met)
        magnitude, place, met = add_digit(t[3], tops, row, slot + 3, widths, magnitude, place, met)
        magnitude, place, met = add_digit(t[4], tops, row, slot + 4, widths, magnitude, place, met)
        magnitude, place, met = add_digit(t[5], tops, row, slot + 5, widths, magnitude, place, met)
        magnitude, place, met = add_digit(t[6], tops, row, slot + 6, widths, magnitude, place, met)
        magnitude, place, met = add_digit(t[7], tops, row, slot + 7, widths, magnitude, place, met)
    if gate == np.uint32(0):
        magnitude = np.int64(0)
    if gate == np.uint32(2):
        magnitude = -magnitude
    return magnitude, met


@jit_device
def draw_noise(key, cell, n, k, tag, blocks, words, tops, widths, cuts, bits):
    """One value from row k of the tables, at the CPU's address."""
    noise, met = draw_tops(key, cell, n, tag, tops, k, widths[k], blocks)
    if met != np.uint32(0):
        row = bits[k, :words]
        # run_cuda.py, step 4: the scalar sampler, at the CPU's address
        noise = draw(key, np.uint64(cell), np.uint64(n), np.uint64(tag), cuts[k], row)
    return noise


@jit_device
def take_sum(scratch, start, cell, width, ratio, rows, columns):
    """Exact sum of a cell from its units, which are cleared."""
    gy = cell // width
    gx = cell - gy * width
    total = np.int64(0)
    for y in range(gy * ratio, min((gy + 1) * ratio, rows)):
        for x in range(gx * ratio, min((gx + 1) * ratio, columns)):
            at = start + y * columns + x
            total += np.int64(scratch[at])
            scratch[at] = np.int32(0)  # run_cuda.py, step 3: read once, then forgotten
    return total


@jit_kernel
def noise_cuda(
    scratch, values, batch, rows, columns, geometry, tops, widths, cuts, bits, k01, k23, k45, k67
):
    """Turn the units in `scratch` into noisy sums in `values`; both hold one plane after another.

    Blocks in x cover the cells of all planes of a picture, blocks in y its pictures.  `cuts`
    [planes, 3, n] and `bits` [planes, words] are the scalar sampler's; `tops` [planes * 256] holds
    the high halves of the cuts, 16 a slot from 1, and `widths` [planes, 16] the binary digits of a
    slot.
    """
    block = np.int64(cuda.blockIdx.x)
    k = row_of(geometry, block)
    cells, width, ratio = geometry[k, CELLS], geometry[k, WIDTH], geometry[k, RATIO]
    cell = (block - geometry[k, FIRST_BLOCK]) * cuda.blockDim.x + cuda.threadIdx.x
    if cell >= cells:
        return
    key, tag = split_key(k01, k23, k45, k67), geometry[k, TAG]
    n = np.int64(cuda.blockIdx.y)
    while n < batch:
        start = geometry[k, UNITS_START] + n * rows * columns
        total = take_sum(scratch, start, cell, width, ratio, rows, columns)
        noise = draw_noise(
            key, cell, n, k, tag, geometry[k, BLOCKS], geometry[k, WORDS], tops, widths, cuts, bits
        )
        values[geometry[k, VALUES_START] + n * cells + cell] = total + noise
        n += cuda.gridDim.y
