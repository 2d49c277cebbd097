"""Polishing nets over planes and residues.  Test-only, plain integers.

Inputs are sub-cells and residues in units of the noise, rounded; a layer sums 3 x 3 cells, beyond
an edge lies what lies on it; hidden sums are scaled, rounded half up, and clipped to one unit.
"""

from fractions import Fraction
from math import floor, log2
from pathlib import Path

import numpy as np

from . import filters

FILE = Path(__file__).parents[2] / "numbadp" / "data" / "polish-3.npz"
MOST_INPUT, ONE = 5000, 128


def octave_of(plane):
    """Number of the net for a plane."""
    half = round(2 * log2(Fraction(plane.scale) / (plane.divisor * plane.cell**2)))
    return min(max(half // 2, 0), 5)


def layers_of(plane):
    """Weights and places of both layers, as Python's integers."""
    with np.load(FILE) as kept:
        own = {name: kept[name][octave_of(plane)] for name in kept.files}
    return (
        own["first"].astype(object), own["activated"].tolist(), own["second"].astype(object),
        int(own["settled"][0]),
    )  # fmt: skip


def unit_of(distance, unit):
    """A distance over the unit: one product in single precision, rounded to even, limited."""
    whole = round(float(np.float32(distance) * np.float32(float(Fraction(32) / unit))))
    return min(max(whole, -MOST_INPUT), MOST_INPUT)


def polish_plane(values, grid, plane, shape):
    """Return the polished sub-cells of one plane of one picture, int16."""
    unit = 64 * Fraction(plane.scale) / (plane.divisor * plane.cell**2)
    rest = filters.residues(filters.finer_units(values, plane), grid, plane, shape)
    inputs, middle = np.zeros((5, *rest.shape), object), int(32 * (plane.low + plane.high))
    for i, j in np.ndindex(rest.shape):
        for c in range(4):
            y, x = min(2 * i + c // 2, len(grid) - 1), min(2 * j + c % 2, grid.shape[1] - 1)
            inputs[c, i, j] = unit_of(int(grid[y, x]) - middle, unit)
        inputs[4, i, j] = unit_of(int(rest[i, j]), unit)
    first, places, second, settled = layers_of(plane)
    hidden = convolved(inputs, first)
    for c, shift in enumerate(places):
        for at in np.ndindex(rest.shape):
            whole = floor(Fraction(hidden[c][at]) / Fraction(2) ** shift + Fraction(1, 2))
            hidden[c][at] = min(max(whole, -ONE), ONE)
    sums, out = convolved(hidden, second), np.zeros_like(grid)
    gain = np.float32(float(unit / Fraction(2) ** settled))
    for y, x in np.ndindex(grid.shape):
        total = sums[2 * (y % 2) + x % 2][y // 2, x // 2]
        value = int(grid[y, x]) + round(float(np.float32(total) * gain))
        out[y, x] = min(max(value, int(64 * plane.low)), int(64 * plane.high))
    return out


def net_of(variance):
    """Number of the net for a cell's noise, of the variance of its mean."""
    octaves = [2 * k + 0.5 for k in range(1, 6)]  # of the variance 2 l**2, where 2 log2(l) is whole
    return sum(float(variance) > float(np.float32(2.0**k)) for k in octaves)


def polish_steadied(shown, noise, grid, plane, shape):
    """Return the polished sub-cells of one plane of a steadied frame, int16.

    Inputs are in a power of two of 1/64 grey level; a cell's sums are measured in its own noise.
    """
    sums = filters.sums_of(shown, plane, shape)
    rest, inputs = filters.residues(sums, grid, plane, shape), np.zeros((5, *shown.shape), object)
    half = round(2 * log2(Fraction(plane.scale) / (plane.divisor * plane.cell**2)))
    power, middle = max(half // 2 - 2, 1), int(32 * (plane.low + plane.high))
    for i, j in np.ndindex(rest.shape):
        for c in range(4):
            y, x = min(2 * i + c // 2, len(grid) - 1), min(2 * j + c % 2, grid.shape[1] - 1)
            inputs[c, i, j] = round(Fraction(int(grid[y, x]) - middle, 2**power))
        inputs[4, i, j] = round(Fraction(int(rest[i, j]), 2**power))
    inputs = np.clip(inputs, -MOST_INPUT, MOST_INPUT)
    nets, levels = np.vectorize(net_of)(noise), np.sqrt(np.float32(0.5) * noise)
    with np.load(FILE) as kept:
        kept = {name: kept[name] for name in kept.files}
    sums = {k: convolved(inputs, kept["first"][k].astype(object)) for k in np.unique(nets)}
    hidden, out = np.zeros((8, *rest.shape), object), np.zeros_like(grid)
    for c, i, j in np.ndindex(hidden.shape):
        net = nets[i, j]
        share = np.float32(2.0**power / 2) / levels[i, j]
        scale = np.float32(2.0 ** -int(kept["activated"][net, c]))
        whole = round(float(np.float32(sums[net][c, i, j]) * share * scale))
        hidden[c, i, j] = min(max(whole, -ONE), ONE)
    sums = {k: convolved(hidden, kept["second"][k].astype(object)) for k in np.unique(nets)}
    for y, x in np.ndindex(grid.shape):
        i, j, net = y // 2, x // 2, nets[y // 2, x // 2]
        gain = levels[i, j] * np.float32(2.0 ** (6 - int(kept["settled"][net, 0])))
        total = np.float32(sums[net][2 * (y % 2) + x % 2][i, j])
        value = int(grid[y, x]) + round(float(total * gain))
        out[y, x] = min(max(value, int(64 * plane.low)), int(64 * plane.high))
    return out


def convolved(layer, weights):
    """Return sums over 3 x 3 cells of all channels, edges repeated."""
    padded = np.pad(layer, ((0, 0), (1, 1), (1, 1)), mode="edge")
    rows, columns = layer.shape[1:]
    found = []
    for own in weights:
        total = np.zeros((rows, columns), object)
        for c, a, b in np.ndindex(own.shape):
            total = total + own[c, a, b] * padded[c, a : a + rows, b : b + columns]
        found.append(total)
    return np.stack(found)
