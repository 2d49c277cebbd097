"""Planes drawn towards what is known without looking (specification I).  Test-only, plain integers.

S = (V N^2 + (D - N) V^2) / (N^2 + V^2), x = N / (S + N), and T becomes
C + (T - C) (1 - x^2 / (x + s (1 - x))); s = 1/32, in version 1 it is 0.  Weights are in 1/4096, variances
in squared 1/64 grey level.
"""

from fractions import Fraction
from math import isqrt

import numpy as np

# Variance by log2 of the cell; inside a box; middle of a picture and its variance; share left.
PRIOR = {
    "luma": (
        (2244, 2224, 2192, 2151, 2094, 2008, 1878, 1689, 1443, 1142, 699), 552, 115, 1255,
        Fraction(2, 100),
    ),
    "g": ((187, 187, 186, 184, 181, 176, 168, 156, 138, 110, 70), 70, 0, 234, Fraction(3, 100)),
    "o": ((790, 789, 786, 780, 769, 749, 718, 669, 600, 487, 247), 220, 0, 1080, Fraction(3, 100)),
}  # fmt: skip


# Inside a box from version 3 on.
INSIDE = {"luma": 141, "g": 6, "o": 25}


def constants(plane, pixels, level, boxed=False, version=3):
    """Return middle, keep, N, known, trust, s; `level` is the noise scale of a reference cell's mean."""
    kind = plane.name if plane.name in ("g", "o") else "luma"
    signal, inside, middle, lies, left = PRIOR[kind]
    inside = inside if version < 3 else INSIDE[kind]
    cells = max(Fraction(pixels, plane.cell**2), Fraction(1))
    of_mean = 2 * cells * (Fraction(plane.scale) / (plane.divisor * pixels)) ** 2
    noise = of_mean + 2 * min(left + 4 / cells, 1) * Fraction(level) ** 2
    varies = inside if boxed else signal[plane.cell.bit_length() - 1]
    trust = Fraction(varies**2) / (noise**2 + varies**2)
    most = 2**40
    return (
        64 * middle, round(4096 * lies / (lies + of_mean)), min(round(4096 * noise), most),
        min(round(4096 * varies * (1 - trust)), most), round(4096 * trust), 128,
    )  # fmt: skip


def shrink(grid, numbers, centres=None, inside=None):
    """Return one plane of one picture, int16; `inside` tells which sub-cells count."""
    middle, keep, noise, known, trust, soft = numbers
    values = [[int(v) for v in row] for row in grid]
    rows, columns = grid.shape
    counted = [
        (y, x) for y in range(rows) for x in range(columns) if inside is None or inside[y][x]
    ]
    n = len(counted)
    if centres is None:
        mean = (2 * sum(values[y][x] for y, x in counted) + n) // (2 * n)
        own = middle + (((mean - middle) * keep + 2048) >> 12)
        centres = [[own] * columns for _ in range(rows)]
    spread = sum((values[y][x] - int(centres[y][x])) ** 2 for y, x in counted) // n
    weight = 4096
    if noise:
        signal = known + (max(spread - noise, 0) * trust >> 12)
        weight = (signal << 12) // (signal + noise)
        if soft:
            away = 4096 - weight
            weight = 4096 - away**2 // max(away + (soft * weight >> 12), 1)
    return np.array(
        [
            [int(c) + (((v - int(c)) * weight + 2048) >> 12) for v, c in zip(*pair, strict=True)]
            for pair in zip(values, centres, strict=True)
        ],
        np.int16,
    )


def depth_of(plane, noise):
    """Return how deep the ends of a whole picture's plane reach; `noise` as `constants` has it."""
    return min(isqrt(noise), 8 * 64) if plane.low >= 0 else 0


def ended(grid, low, high, depth):
    """Return a plane whose values near an end of the range are moved towards it, int16."""
    found = np.zeros_like(grid)
    for at in np.ndindex(grid.shape):
        value = int(grid[at])
        value -= (max(depth - (value - low), 0) * 1126 + 512) >> 10
        value += (max(depth - (high - value), 0) * 1126 + 512) >> 10
        found[at] = min(max(value, low), high)
    return found


def shrink_whole(grid, plane, pixels, level):
    """Return a plane of a whole picture, drawn towards its centre and off the ends of its range."""
    numbers = constants(plane, pixels, level)
    low, high = int(64 * plane.low), int(64 * plane.high)
    return ended(shrink(grid, numbers), low, high, depth_of(plane, numbers[2]))
