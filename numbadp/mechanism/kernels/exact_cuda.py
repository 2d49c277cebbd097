"""Splits on the raw picture on the GPU, unpaid: what comes out is NOT private.

One thread reads a base cell; statistics of larger squares are merged level by level, in pyramids
of the same shape as those of the sums.
"""

import numpy as np

from numbadp.compute.gpu import cuda, jit_device, jit_kernel
from numbadp.mechanism.kernels import mask_cuda
from numbadp.mechanism.kernels.leaves_cuda import ROWS, WIDTH, place, square_of
from numbadp.mechanism.kernels.noise_cuda import FIRST_BLOCK, row_of
from numbadp.mechanism.kernels.score_body import GRADIENT, RANGE, build_complex
from numbadp.mechanism.kernels.splits_cuda import FLAGS_START, LEVEL, THRESHOLD

STATISTICS = 6  # sums and squares, or lows and highs of three channels
HIGHS = 3

is_complex = build_complex(jit_device)


@jit_device
def byte_at(picture, numbers, n, y, x, c):
    """One value of the picture."""
    at = numbers[mask_cuda.ORIGIN] + n * numbers[mask_cuda.PICTURE] + y * numbers[mask_cuda.ROW]
    return np.int64(picture[at + x * numbers[mask_cuda.COLUMN] + c * numbers[mask_cuda.CHANNEL]])


@jit_device
def add_squares(picture, numbers, n, c, top, bottom, left, right):
    """Sum of a channel's values in a box, and of their squares."""
    total, squares = np.int64(0), np.int64(0)
    for y in range(top, bottom):
        for x in range(left, right):
            value = byte_at(picture, numbers, n, y, x, c)
            total += value
            squares += value * value
    return total, squares


@jit_device
def extremes(picture, numbers, n, c, top, bottom, left, right):
    """Smallest and largest of a channel's values in a box."""
    low, high = np.int64(255), np.int64(0)
    for y in range(top, bottom):
        for x in range(left, right):
            value = byte_at(picture, numbers, n, y, x, c)
            low, high = min(low, value), max(high, value)
    return low, high


@jit_device
def add_steps(picture, numbers, n, c, top, bottom, left, right):
    """Sum of a channel's squared differences to the right and downwards, inside a box."""
    total = np.int64(0)
    for y in range(top, bottom):
        for x in range(left, right):
            value = byte_at(picture, numbers, n, y, x, c)
            if x + 1 < right:
                step = byte_at(picture, numbers, n, y, x + 1, c) - value
                total += step * step
            if y + 1 < bottom:
                step = byte_at(picture, numbers, n, y + 1, x, c) - value
                total += step * step
    return total


@jit_kernel
def statistics_cuda(picture, numbers, kind, cell, first, count, pyramid, pitch, statistics):
    """Statistics of every base cell, `pitch` apart: see `score_body.build_complex`.

    Of pictures first to first + count - 1; `pyramid` says where those of a part of the batch lie.
    """
    width = pyramid[0, 0, WIDTH]
    square, y, x = square_of(0, width, np.int64(cuda.blockIdx.x), cuda.threadIdx.x)
    top, left = y * cell, x * cell
    bottom = min(top + cell, numbers[mask_cuda.HEIGHT])
    right = min(left + cell, numbers[mask_cuda.WIDTH])
    n = np.int64(cuda.blockIdx.y)
    while top < numbers[mask_cuda.HEIGHT] and n < count:
        at = place(pyramid, 0, 0, n, square)
        for s in range(STATISTICS):
            statistics[at + s * pitch] = 0
        for c in range(numbers[mask_cuda.CHANNELS]):
            if kind == RANGE:
                low, high = extremes(picture, numbers, first + n, c, top, bottom, left, right)
                statistics[at + c * pitch] = low
                statistics[at + (HIGHS + c) * pitch] = high
            elif kind == GRADIENT:
                total = add_steps(picture, numbers, first + n, c, top, bottom, left, right)
                statistics[at] += total
            else:
                total, squares = add_squares(
                    picture, numbers, first + n, c, top, bottom, left, right
                )
                statistics[at + c * pitch] = total
                statistics[at + HIGHS * pitch] += squares
        n += cuda.gridDim.y


@jit_device
def merged(kind, s, a, b):
    """One statistic of two squares together."""
    if kind != RANGE:
        return a + b
    return min(a, b) if s < HIGHS else max(a, b)


@jit_kernel
def merge_cuda(kind, batch, level, pyramid, pitch, statistics):
    """Statistics of all squares of one level from those of their children."""
    width = pyramid[0, level, WIDTH]
    square, y, x = square_of(0, width, np.int64(cuda.blockIdx.x), cuda.threadIdx.x)
    fine_rows, fine_width = pyramid[0, level - 1, ROWS], pyramid[0, level - 1, WIDTH]
    bottom, right = min(2 * y + 2, fine_rows), min(2 * x + 2, fine_width)
    n = np.int64(cuda.blockIdx.y)
    while y < pyramid[0, level, ROWS] and n < batch:
        for s in range(STATISTICS):
            first = place(pyramid, 0, level - 1, n, 2 * y * fine_width + 2 * x) + s * pitch
            total = statistics[first]
            for v in range(2 * y, bottom):
                for u in range(2 * x, right):
                    at = place(pyramid, 0, level - 1, n, v * fine_width + u) + s * pitch
                    if at != first:
                        total = merged(kind, s, total, statistics[at])
            statistics[place(pyramid, 0, level, n, square) + s * pitch] = total
        n += cuda.gridDim.y


@jit_device
def statistic_at(kind, s, at, pitch, statistics):
    """What `is_complex` takes at place s."""
    value = statistics[at + s * pitch]
    if kind == RANGE and s < HIGHS:
        value = statistics[at + (HIGHS + s) * pitch] - value
    return value


@jit_kernel
def exact_cuda(
    kind, numbers, cell, first, count, questions, pyramid, pitch, statistics, flags
):  # fmt: skip
    """Write 1 where a square is complex, 0 where it is not, of a part of the batch."""
    block = np.int64(cuda.blockIdx.x)
    own = row_of(questions, block)
    level = questions[own, LEVEL]
    rows, width = pyramid[0, level, ROWS], pyramid[0, level, WIDTH]
    square, y, x = square_of(questions[own, FIRST_BLOCK], width, block, cuda.threadIdx.x)
    side = cell << level
    down = min(side, numbers[mask_cuda.HEIGHT] - y * side)
    pixels = down * min(side, numbers[mask_cuda.WIDTH] - x * side)
    n = np.int64(cuda.blockIdx.y)
    while y < rows and n < count:
        at = place(pyramid, 0, level, n, square)
        four = (
            statistic_at(kind, 0, at, pitch, statistics),
            statistic_at(kind, 1, at, pitch, statistics),
            statistic_at(kind, 2, at, pitch, statistics),
            statistic_at(kind, 3, at, pitch, statistics),
        )
        split = np.uint8(is_complex(kind, four, pixels, questions[own, THRESHOLD]))
        flags[questions[own, FLAGS_START] + (first + n) * rows * width + square] = split
        n += cuda.gridDim.y
