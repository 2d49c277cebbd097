"""A net over noisy cells (specification N), in plain integers.  Test-only.

`layers` is a list of (weights [outputs, inputs, 3, 3], biases, places behind the point).
"""

from fractions import Fraction

import numpy as np

from .reconstruct import noise_level, sub_side
from .sums import grid_shape, pixel_counts

DILATIONS = (1, 1, 2, 4, 1)


def means(noisy, plane, shape):
    """Return cells in 1/64 grey level, the last row and column mixed with their neighbours."""
    counts = pixel_counts(shape, plane.cell)
    out = np.zeros(noisy.shape, np.int64)
    for at in np.ndindex(noisy.shape):
        x = np.rint(float(noisy[at]) * float(Fraction(64, plane.divisor * int(counts[at]))))
        out[at] = int(min(max(x, -(2.0**20)), 2.0**20))
    for axis in (0, 1):
        if noisy.shape[axis] > 1:
            rest = shape[axis] - (noisy.shape[axis] - 1) * plane.cell
            share = Fraction(rest, plane.cell)
            keep = round(4096 * share**2 / (share**2 + (1 - share) ** 2))
            last = out if axis == 0 else out.T
            last[-1] = last[-2] + (((last[-1] - last[-2]) * keep + 2048) >> 12)
    return out


def convolve(values, weights, dilation):
    """Return sums [outputs, rows, columns]; zero lies around."""
    _, rows, columns = values.shape
    d = dilation
    padded = np.pad(values, [(0, 0), (d, d), (d, d)])
    out = np.zeros((len(weights), rows, columns), np.int64)
    for i in range(3):
        for j in range(3):
            taps = padded[:, i * d : i * d + rows, j * d : j * d + columns]
            out += np.einsum("oi,iyx->oyx", weights[:, :, i, j].astype(np.int64), taps)
    return out


def rounded(values, places):
    """Return whole numbers without so many places behind the point, halves up."""
    if places <= 0:
        return values << -places
    return (values + (1 << (places - 1))) >> places


def units(difference, factor):
    """Return whole numbers of a unit, within 2048."""
    return np.rint(difference.astype(np.float32) * factor).clip(-2048, 2048).astype(np.int64)


def by_place(values, side):
    """Return one channel for every place in squares of a side."""
    return [values[i::side, j::side] for i in range(side) for j in range(side)]


def channels(cells, base, plane, inputs):
    """Return the whole numbers that a net sees: 5 channels, or 26."""
    level, middle = noise_level(plane), int(32 * (plane.low + plane.high))
    inverse = np.float32(float(8 / (64 * level)))
    odd = [(0, n % 2) for n in cells.shape]
    cells = np.pad(cells, odd, mode="edge")
    eighths = 0
    while level**16 >= Fraction(2) ** (2 * eighths + 1):
        eighths += 1
    while level**16 < Fraction(2) ** (2 * eighths - 1):
        eighths -= 1
    known = np.full([n // 2 for n in cells.shape], eighths)
    if inputs == 5:
        return np.stack([*by_place(units(cells - middle, inverse), 2), known])
    four = sum(base[i::2, j::2] for i in (0, 1) for j in (0, 1))
    detail = units(4 * base - four.repeat(2, 0).repeat(2, 1), inverse * np.float32(2))
    for axis, (_, more) in enumerate(odd):  # a whole cell again, with its sub-cells
        if more:
            detail = np.concatenate([detail, np.take(detail, [-2, -1], axis)], axis)
    four = np.pad(four, odd, mode="edge")
    residue = units(4 * cells - four, inverse * np.float32(0.5))
    under = units(four - 4 * middle, inverse * np.float32(0.25))
    side = np.full_like(known, 8 * (plane.cell.bit_length() - 1))
    return np.stack([*by_place(residue, 2), known, side, *by_place(under, 2), *by_place(detail, 4)])


def apply(cells, base, plane, layers):
    """Return sub-cells of whole cells, 1/64 grey level; `base` is what the net adds to."""
    seen = values = channels(cells, base, plane, layers[0][0].shape[1])
    for (weights, biases, places), dilation in zip(layers[:-1], DILATIONS[:-1], strict=True):
        sums = convolve(values, weights, dilation) + biases[:, None, None].astype(np.int64)
        values = np.stack(
            [rounded(one, int(p) - 7).clip(0, 1024) for one, p in zip(sums, places, strict=True)]
        )
    weights, biases, places = layers[-1]
    if weights.shape[1] > len(values):  # inputs have 5 places behind the point, activations 7
        values = np.concatenate([values, 4 * seen])
    sums = convolve(values, weights, 1) + biases[:, None, None].astype(np.int64)
    return finish(sums, places, base, plane)


def finish(sums, places, base, plane):
    """Return the base and what the net adds."""
    scale, more = noise_level(plane) * 64, 10
    while scale < 2**14:
        scale, more = scale * 2, more + 1
    scale = round(scale)
    out = np.zeros(base.shape, np.int64)
    for y, x in np.ndindex(out.shape):
        c = 4 * (y % 4) + x % 4
        own = rounded(int(sums[c, y // 4, x // 4]), int(places[c]) - 10)
        own = min(max(own, -(2**15)), 2**15)
        out[y, x] = base[y, x] + ((own * scale + (1 << (more - 1))) >> more)
    return out.clip(int(64 * plane.low), int(64 * plane.high))


def interpolated(cells):
    """Return sub-cells between the middles of cells."""
    out = np.zeros([2 * n for n in cells.shape], np.int64)
    for y, x in np.ndindex(out.shape):
        i, j = y // 2, x // 2
        near = min(max(i + (1 if y % 2 else -1), 0), cells.shape[0] - 1)
        beside = min(max(j + (1 if x % 2 else -1), 0), cells.shape[1] - 1)
        a, b, c, d = cells[i, j], cells[i, beside], cells[near, j], cells[near, beside]
        out[y, x] = (9 * a + 3 * (b + c) + d + 8) >> 4
    return out


def best(noisy, plane, shape, layers, denoised=None):
    """Return the visible sub-cells, int16: the mean over eight ways to turn and mirror.

    With what total variation made of them, visible sub-cells, the net adds to those, and the mean
    is over the four ways that keep rows.
    """
    cells, total = means(noisy, plane, shape), 0
    rows, columns = grid_shape(shape, sub_side(plane))
    if denoised is None:
        base, swaps = interpolated(cells), (False, True)
    else:
        more = [(0, 2 * n - seen) for n, seen in zip(cells.shape, (rows, columns), strict=True)]
        base, swaps = np.pad(denoised.astype(np.int64), more, mode="edge"), (False,)
    for swap in swaps:
        for down in (1, -1):
            for across in (1, -1):
                own = [(a.T if swap else a)[::down, ::across] for a in (cells, base)]
                found = apply(*own, plane, layers)[::down, ::across]
                total = total + (found.T if swap else found)
    ways = 4 * len(swaps)
    return ((total[:rows, :columns] + ways // 2) // ways).astype(np.int16)
