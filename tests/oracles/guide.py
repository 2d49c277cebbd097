"""Chroma that follows luma (specification K).  Test-only, plain integers and fractions.

Gains are in 1/512, so are slopes; a slope is the double nearest to a fraction, cut to an integer.
"""

from fractions import Fraction

import numpy as np

from .filters import finer_units, residues

# Of a plane about its cells, of its residues there; then the same about its sub-cells.
GAINS = {"g": (1597, 200, 527, 87), "o": (369, 988, 312, 640)}
FLOOR = 100 * 64 * 64 * 256
MOST = 8191


def halve(grid):
    """Means of 2 x 2 values, halves up, of those that there are."""
    rows, columns = (-(-n // 2) for n in grid.shape)
    out = np.zeros((rows, columns), object)
    for i, j in np.ndindex(rows, columns):
        part = grid[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        across = part.shape[1]
        if part.shape[0] == 1:  # a last row counts twice
            part = np.concatenate([part, part])
        total, count = sum(int(v) for v in part.ravel()), 2 * across
        out[i, j] = (total + count // 2) // count
    return out


def window(grid, i, j):
    """Values of 3 x 3 cells and their weights."""
    for a in (-1, 0, 1):
        for b in (-1, 0, 1):
            y, x = (min(max(n, 0), m - 1) for n, m in zip((i + a, j + b), grid.shape, strict=True))
            yield (2 - abs(a)) * (2 - abs(b)), int(grid[y, x])


def slopes(luma, own, rest, gain, rest_gain):
    """Slopes of cells over luma's."""
    out = np.zeros(own.shape, object)
    for i, j in np.ndindex(own.shape):
        a, b, c = (list(window(grid, i, j)) for grid in (luma, own, rest))
        mean = [Fraction(sum(w * v for w, v in part), 16) for part in (a, b, c)]

        def together(one, other, a=a, b=b, c=c, mean=mean):
            parts = (a, b, c)
            total = sum(w * v * u for (w, v), (_, u) in zip(parts[one], parts[other], strict=True))
            return 256 * (Fraction(total, 16) - mean[one] * mean[other])

        found, more = together(0, 1) * gain, together(0, 2) * rest_gain
        found += min(max(more, -2 * abs(found)), 2 * abs(found))
        cut = int(float(found / (together(0, 0) + FLOOR)))
        out[i, j] = min(max(cut, -MOST), MOST)
    return out


def finer(grid, side, y, x):
    """Interpolate down, then across, each rounded half up."""

    def at(n, most):
        place = 2 * n + 1 - side if side > 1 else 2 * n
        i, weight = place // (2 * side), place % (2 * side)
        return min(max(i, 0), most - 1), min(max(i + 1, 0), most - 1), weight

    (upper, lower, down), (left, right, across) = at(y, grid.shape[0]), at(x, grid.shape[1])
    ends = [
        (int(grid[upper, j]) * (2 * side - down) + int(grid[lower, j]) * down + side) // (2 * side)
        for j in (left, right)
    ]
    return (ends[0] * (2 * side - across) + ends[1] * across + side) // (2 * side)


def guide(values, luma, own, plane, finest, shape):
    """Return the plane on its own sub-cells."""
    side = plane.cell // 2
    ratio = side // (finest // 2)
    around = luma
    for _ in range(ratio.bit_length() - 1):
        around = halve(around)
    cells, rest = halve(around), residues(finer_units(values, plane), own, plane, shape)
    gains, found = GAINS[plane.name], np.zeros(own.shape, np.int16)
    near = slopes(cells, halve(own), rest, *gains[:2])
    for y, x in np.ndindex(own.shape):
        luma_moves = int(around[y, x]) - finer(cells, 2, y, x)
        found[y, x] = moved(int(own[y, x]), finer(near, 2, y, x) * luma_moves, plane)
    return found


def refine(values, luma, own, plane, finest, shape):
    """Return the plane on luma's sub-cells; `own` is what `guide` returned."""
    ratio = plane.cell // finest
    around = luma
    for _ in range(ratio.bit_length() - 1):
        around = halve(around)
    rest, found = (
        residues(finer_units(values, plane), own, plane, shape),
        np.zeros(luma.shape, np.int16),
    )
    far = slopes(halve(around), halve(own), rest, *GAINS[plane.name][2:])
    for y, x in np.ndindex(luma.shape):
        luma_moves = int(luma[y, x]) - finer(around, ratio, y, x)
        own_value = finer(own, ratio, y, x)
        found[y, x] = moved(own_value, finer(far, 2 * ratio, y, x) * luma_moves, plane)
    return found


def moved(value, move, plane):
    """Add a move in 1/512, rounded half up, and clip."""
    return min(max(value + (move + 256) // 512, int(64 * plane.low)), int(64 * plane.high))
