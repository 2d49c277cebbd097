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


def residues(values, grid, plane, shape):
    """Return every cell's noisy sum less that of its sub-cells, a full cell's pixel, 1/64 level."""
    side, area = plane.cell // 2, plane.cell**2
    found = np.zeros(values.shape, object)
    for i, j in np.ndindex(values.shape):
        own = 0
        for y in range(2 * i, min(2 * i + 2, grid.shape[0])):
            for x in range(2 * j, min(2 * j + 2, grid.shape[1])):
                pixels = min(shape[0] - y * side, side) * min(shape[1] - x * side, side)
                own += pixels * int(grid[y, x])
        apart = int(values[i, j]) * 64 // plane.divisor - own
        found[i, j] = min(max((apart + area // 2) // area, -(1 << 15)), 1 << 15)
    return found


def filter_plane(values, grid, plane, shape, weights):
    """Return the filtered sub-cells of one plane of one picture, int16."""
    near, far = weights
    rest, out = residues(values, grid, plane, shape), np.zeros_like(grid)

    def at(array, y, x):
        return int(array[min(max(y, 0), len(array) - 1), min(max(x, 0), array.shape[1] - 1)])

    for y, x in np.ndindex(grid.shape):
        down, across = (-1 if y % 2 else 1), (-1 if x % 2 else 1)
        total = sum(w * at(grid, y + down * b, x + across * a) for (b, a), w in near.items())
        total += sum(
            w * at(rest, y // 2 + down * b, x // 2 + across * a) for (b, a), w in far.items()
        )
        value = (total + HALF) >> 12
        out[y, x] = min(max(value, int(64 * plane.low)), int(64 * plane.high))
    return out
