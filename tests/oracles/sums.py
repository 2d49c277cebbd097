"""Exact cell sums in Python integers (specification D).  Test-only."""

import numpy as np


def grid_shape(shape, side):
    """Return how many squares of `side` pixels cover a picture, down and across."""
    return -(-shape[0] // side), -(-shape[1] // side)


def pixel_counts(shape, cell):
    """Return the true pixel count of every cell, int64."""
    rows, columns = grid_shape(shape, cell)
    counts = np.zeros((rows, columns), np.int64)
    for gy in range(rows):
        for gx in range(columns):
            height = min(cell, shape[0] - gy * cell)
            width = min(cell, shape[1] - gx * cell)
            counts[gy, gx] = height * width
    return counts


def cell_sums(image, form, cell):
    """Return the sum of form . pixel over the true pixels of every cell, int64.

    `image` is uint8, (H, W) for a form of one number, (H, W, 3) for three.
    """
    if image.dtype != np.uint8:
        raise TypeError(f"the picture must be uint8; got {image.dtype}")
    pixels = image.reshape(image.shape[0], image.shape[1], len(form)).tolist()
    rows, columns = grid_shape(image.shape, cell)
    sums = [[0] * columns for _ in range(rows)]
    for y, line in enumerate(pixels):
        for x, pixel in enumerate(line):
            sums[y // cell][x // cell] += sum(a * b for a, b in zip(form, pixel, strict=True))
    return np.array(sums, np.int64)
