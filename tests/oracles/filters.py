"""Filters over planes and residues (specification J).  Test-only, plain integers.

A sub-cell is a weighted sum of the 5 x 5 sub-cells around it and of the residues of the 3 x 3 cells
around its own, mirrored so that every sub-cell sees its cell's other ones on the same side.
"""

import json
from fractions import Fraction
from math import log2
from pathlib import Path

import numpy as np

VECTORS = Path(__file__).with_name("filters.json")
HALF = 1 << 11


def weights_of(plane):
    """Return weights of a plane by place, ({(dy, dx): weight}, the same of cells), or None."""
    kind = plane.name if plane.name in ("g", "o") else "luma"
    level = Fraction(plane.scale) / (plane.divisor * plane.cell**2)
    kept = json.loads(VECTORS.read_text())
    row = kept.get(f"{kind} {round(2 * log2(level))}")
    if row is None or plane.cell == 1:
        return None
    return spread(row)


def spread(row):
    """Return 20 weights at their places; the middle gets what is missing to 1."""
    left = list(row)
    tables = []
    for reach in (2, 1):
        table = {}
        for b in range(-reach, reach + 1):
            for a in range(-reach, b + 1):
                if reach == 1 or (a, b) != (0, 0):
                    table[b, a] = table[a, b] = left.pop(0)
        tables.append(table)
    tables[0][0, 0] = 4096 - sum(tables[0].values())
    return tables


def steadied_weights(plane):
    """Return, from a cell's variance, the weights of the noise that is nearest to it, by place."""
    kind = plane.name if plane.name in ("g", "o") else "luma"
    kept = json.loads(VECTORS.read_text())
    rows = {int(key.split()[1]): row for key, row in kept.items() if key.split()[0] == kind}

    def of(variance):
        bucket = round(log2(float(variance) / 2))  # 2 log2(l), l = sqrt(variance / 2)
        return spread(rows[min(max(bucket, min(rows)), max(rows))])

    return of


def finer_units(values, plane):
    """Noisy sums of grey levels in 1/64, rounded down."""
    return values.astype(object) * 64 // plane.divisor


def residues(sums, grid, plane, shape):
    """Return every cell's sum less that of its sub-cells, a full cell's pixel, all in 1/64 level."""
    side, area = plane.cell // 2, plane.cell**2
    found = np.zeros(sums.shape, object)
    for i, j in np.ndindex(sums.shape):
        own = 0
        for y in range(2 * i, min(2 * i + 2, grid.shape[0])):
            for x in range(2 * j, min(2 * j + 2, grid.shape[1])):
                pixels = min(shape[0] - y * side, side) * min(shape[1] - x * side, side)
                own += pixels * int(grid[y, x])
        apart = int(sums[i, j]) - own
        found[i, j] = min(max((apart + area // 2) // area, -(1 << 15)), 1 << 15)
    return found


def filter_plane(values, grid, plane, shape, weights):
    """Return the filtered sub-cells of one plane of one picture, int16."""
    rest = residues(finer_units(values, plane), grid, plane, shape)
    return weighted(rest, grid, plane, lambda i, j: weights)


def sums_of(shown, plane, shape):
    """Return what cells of these means would sum up to, in 1/64 grey level."""
    sums = np.zeros(shown.shape, object)
    for i, j in np.ndindex(shown.shape):
        tall, wide = (
            min(n - k * plane.cell, plane.cell) for n, k in zip(shape, (i, j), strict=True)
        )
        mean = min(max(float(shown[i, j]), -(2**20)), 2**20)
        sums[i, j] = round(64 * mean) * tall * wide
    return sums


def filter_steadied(shown, noise, grid, plane, shape):
    """Return the filtered sub-cells of one plane of a steadied frame, int16."""
    rest, of = residues(sums_of(shown, plane, shape), grid, plane, shape), steadied_weights(plane)
    return weighted(rest, grid, plane, lambda i, j: of(noise[i, j]))


def weighted(rest, grid, plane, weights):
    """Return the weighted sums of sub-cells and residues; `weights(i, j)` are those of a cell."""
    out = np.zeros_like(grid)

    def at(array, y, x):
        return int(array[min(max(y, 0), len(array) - 1), min(max(x, 0), array.shape[1] - 1)])

    for y, x in np.ndindex(grid.shape):
        near, far = weights(y // 2, x // 2)
        down, across = (-1 if y % 2 else 1), (-1 if x % 2 else 1)
        total = sum(w * at(grid, y + down * b, x + across * a) for (b, a), w in near.items())
        total += sum(
            w * at(rest, y // 2 + down * b, x // 2 + across * a) for (b, a), w in far.items()
        )
        value = (total + HALF) >> 12
        out[y, x] = min(max(value, int(64 * plane.low)), int(64 * plane.high))
    return out
