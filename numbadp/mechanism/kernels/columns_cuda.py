"""Column sums of sixteen pixels on the GPU, in pairs of 16 bits.

At most sixteen rows of bytes are added, so a column is at most 16 * 255 = 4,080: no half of a word
ever carries into the other.  Columns of one word come as even (bytes 0 and 2) and odd (1 and 3).
"""

import numpy as np

from numbadp.compute.gpu import WORDS, jit_device, load_words

PAIR = np.uint32(0x00FF00FF)
HALF = np.uint32(0xFFFF)


@jit_device
def no_columns():
    """Column sums of sixteen bytes: even and odd columns of four words in turn."""
    zero = np.uint32(0)
    return zero, zero, zero, zero, zero, zero, zero, zero


@jit_device
def even(word):
    """First and third byte of a word, as two halves."""
    return np.uint32(word & PAIR)


@jit_device
def odd(word):
    """Second and fourth byte."""
    return np.uint32((word >> np.uint32(8)) & PAIR)


@jit_device
def add_row(columns, words):
    """Add sixteen bytes to their columns; no half ever carries."""
    e0, o0, e1, o1, e2, o2, e3, o3 = columns
    a, b, c, d = words
    return (
        np.uint32(e0 + even(a)),
        np.uint32(o0 + odd(a)),
        np.uint32(e1 + even(b)),
        np.uint32(o1 + odd(b)),
        np.uint32(e2 + even(c)),
        np.uint32(o2 + odd(c)),
        np.uint32(e3 + even(d)),
        np.uint32(o3 + odd(d)),
    )


@jit_device
def low(columns):
    """First column of a pair."""
    return np.int64(np.uint32(columns & HALF))


@jit_device
def high(columns):
    """Second column of a pair."""
    return np.int64(np.uint32(columns >> np.uint32(16)))


@jit_device
def plane_four(e, o):
    """Four pixels of one channel from the columns of one word."""
    return low(e), low(o), high(e), high(o)


@jit_device
def interleaved_four(e0, o0, e1, o1, e2, o2):
    """Channels of four pixels from the columns of three words, R G B R, G B R G and B R G B."""
    return (
        (low(e0), high(o0), high(e1), low(o2)),
        (low(o0), low(e1), high(o1), high(e2)),
        (high(e0), low(o1), low(e2), high(o2)),
    )


@jit_device
def load_bytes(picture, at, step, count):
    """Up to sixteen bytes, `step` apart, as four words; absent ones are 0."""
    zero = np.uint32(0)
    a, b, c, d = zero, zero, zero, zero
    for i in range(count):
        byte = np.uint32(picture[at + i * step])
        byte = np.uint32(byte << np.uint32(8 * (i & 3)))
        if i < 4:
            a = np.uint32(a | byte)
        elif i < 8:
            b = np.uint32(b | byte)
        elif i < 12:
            c = np.uint32(c | byte)
        else:
            d = np.uint32(d | byte)
    return a, b, c, d


@jit_device
def words_of_rows(picture, at, step, rows):
    """Columns of sixteen bytes over `rows` rows, `step` words apart."""
    columns = no_columns()
    for _ in range(rows):
        columns = add_row(columns, load_words(picture, at))
        at += step
    return columns


@jit_device
def add_four_rows(columns, picture, at, step):
    """Add sixteen bytes of four rows; no load waits for the sum of another."""
    a, b = load_words(picture, at), load_words(picture, at + step)
    c, d = load_words(picture, at + 2 * step), load_words(picture, at + 3 * step)
    return add_row(add_row(add_row(add_row(columns, a), b), c), d)


@jit_device
def interleaved_rows(picture, at, step, rows):
    """Columns of 48 bytes over `rows` rows, four at a time: memory has twelve loads to do."""
    first, second, third = no_columns(), no_columns(), no_columns()
    for _ in range(rows >> 2):
        first = add_four_rows(first, picture, at, step)
        second = add_four_rows(second, picture, at + WORDS, step)
        third = add_four_rows(third, picture, at + 2 * WORDS, step)
        at += 4 * step
    for _ in range(rows & 3):
        first = add_row(first, load_words(picture, at))
        second = add_row(second, load_words(picture, at + WORDS))
        third = add_row(third, load_words(picture, at + 2 * WORDS))
        at += step
    return first, second, third


@jit_device
def bytes_of_rows(picture, at, step, rows, column, count):
    """Columns of up to sixteen bytes, `column` bytes apart, over `rows` rows."""
    columns = no_columns()
    for _ in range(rows):
        columns = add_row(columns, load_bytes(picture, at, column, count))
        at += step
    return columns


@jit_device
def plane_fours(r, g, b):
    """Channels of sixteen pixels, four by four, from the columns of three planes."""
    return (
        (plane_four(r[0], r[1]), plane_four(g[0], g[1]), plane_four(b[0], b[1])),
        (plane_four(r[2], r[3]), plane_four(g[2], g[3]), plane_four(b[2], b[3])),
        (plane_four(r[4], r[5]), plane_four(g[4], g[5]), plane_four(b[4], b[5])),
        (plane_four(r[6], r[7]), plane_four(g[6], g[7]), plane_four(b[6], b[7])),
    )


@jit_device
def interleaved_fours(a, b, c):
    """Channels of sixteen interleaved pixels, four by four, from 48 columns."""
    return (
        interleaved_four(a[0], a[1], a[2], a[3], a[4], a[5]),
        interleaved_four(a[6], a[7], b[0], b[1], b[2], b[3]),
        interleaved_four(b[4], b[5], b[6], b[7], c[0], c[1]),
        interleaved_four(c[2], c[3], c[4], c[5], c[6], c[7]),
    )
