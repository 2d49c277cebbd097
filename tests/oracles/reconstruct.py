"""Denoising of one released plane in IEEE single precision (specification E).

NumPy rounds every elementwise float32 operation on its own, so the order
written here is the order of roundings.  Test-only.
"""

from fractions import Fraction

import numpy as np

from .sums import grid_shape, pixel_counts

STEPS = 40
F = np.float32


def noise_level(plane):
    """Return l, the noise scale of a full cell's mean, in grey levels, at least 1/1024."""
    return max(plane.scale / (plane.divisor * plane.cell**2), Fraction(1, 1024))


def middle(plane):
    """Return the grey level that the unknown is measured from."""
    return Fraction(255, 2) if plane.low == 0 else Fraction(0)


def sub_side(plane):
    """Return the side in pixels of the plane's sub-cells."""
    return max(plane.cell // 2, 1)


def _single(fraction):
    return F(float(fraction))


def _observations(values, plane, counts):
    """Return y, coef and cap of every cell; nothing pulls where no pixel was measured."""
    area = plane.cell**2
    off = _single(middle(plane) / (2 * noise_level(plane)))
    y, coef, cap = (np.empty(values.shape, F) for _ in range(3))
    for at, n in np.ndenumerate(counts):
        if n == 0:
            y[at] = coef[at] = cap[at] = 0
            continue
        gain = float(1 / (Fraction(int(n)) * plane.divisor * 2 * noise_level(plane)))
        y[at] = F(float(int(values[at])) * gain) - off
        w = Fraction(int(n), area)
        coef[at] = _single(w * w / (4 + w * w))
        cap[at] = _single(w / 8)
        if plane.cell == 1:  # weighed twice as strongly against their own value
            coef[at] = cap[at] = F(0.5)
    return y, coef, cap


def _sources(pixels, full):
    """Return for every cell the nearest known one: across plus down, then the first row by row.

    A cell is known by a quarter of the best cell's pixels, or of a full one's if that is less.
    """
    least = min(full, pixels.max())
    known = np.argwhere(4 * pixels >= least)
    sources = np.empty((*pixels.shape, 2), int)
    for at in np.ndindex(pixels.shape):
        sources[at] = known[np.abs(known - at).sum(axis=1).argmin()]
    return sources[..., 0], sources[..., 1]


def _dual(px, py, bar, ascent):
    dx, dy = np.zeros_like(bar), np.zeros_like(bar)
    dx[:, :-1] = bar[:, 1:] - bar[:, :-1]
    dy[:-1, :] = bar[1:, :] - bar[:-1, :]
    p, q = px + dx * ascent, py + dy * ascent
    n2 = np.maximum(np.maximum(p * p, F(0)) + np.maximum(q * q, F(0)), F(1))
    s0 = (np.int32(0x5F3759DF) - (n2.view(np.int32) >> np.int32(1))).view(F)
    t = np.maximum(((F(0.5) * n2) * s0) * s0, F(0))
    s = np.minimum(s0 * (F(1.5) - t), F(1))
    return p * s, q * s


def _divergence(px, py):
    left, above = np.zeros_like(px), np.zeros_like(py)
    left[:, 1:] = px[:, :-1]
    above[1:, :] = py[:-1, :]
    return (px - left) + (py - above)


def _spread(cells):
    """Copy every cell to its 2 x 2 sub-cells."""
    return np.repeat(np.repeat(cells, 2, axis=0), 2, axis=1)


def _pull(v, y, coef, cap):
    """Return k of every sub-cell; cells and sub-cells coincide when shapes agree."""
    if v.shape == y.shape:
        return np.minimum(np.maximum((v - y) * coef, -cap), cap)
    a, b, c, d = v[0::2, 0::2], v[0::2, 1::2], v[1::2, 0::2], v[1::2, 1::2]
    m = ((a + b) + (c + d)) * F(0.25)
    return _spread(np.minimum(np.maximum((m - y) * coef, -cap), cap))


def solve(values, plane, shape, counts=None):
    """Return u on the whole sub-cell grid, float32, in units of 2 l from the middle.

    `counts` are the measured pixels of every cell; all of the picture's by default.
    """
    counts = pixel_counts(shape, plane.cell) if counts is None else counts
    y, coef, cap = _observations(values, plane, counts)
    start = y[_sources(counts, plane.cell**2)]
    if plane.cell == 1:
        edges = [(0, length % 2) for length in y.shape]
        y, coef, cap, start = (np.pad(a, edges, mode="edge") for a in (y, coef, cap, start))
    unit = 2 * noise_level(plane)
    low, high = (_single((end - middle(plane)) / unit) for end in (plane.low, plane.high))
    u = np.minimum(np.maximum(start, low), high)
    if plane.cell > 1:
        u = _spread(u)
    bar = u
    # Single pixels are weighed twice as strongly against their own value.
    ascent, descent = (F(1), F(0.125)) if plane.cell > 1 else (F(0.5), F(0.25))
    px, py = np.zeros_like(u), np.zeros_like(u)
    for _ in range(STEPS):
        px, py = _dual(px, py, bar, ascent)
        v = u + _divergence(px, py) * descent
        u_new = v - _pull(v, y, coef, cap)
        bar = (u_new + u_new) - u
        u = u_new
    assert u.dtype == bar.dtype == px.dtype == F
    return u


def reconstruct(values, plane, shape, counts=None):
    """Return the visible sub-cells of a plane, int16, in 1/64 grey level."""
    x = solve(values, plane, shape, counts) * _single(2 * noise_level(plane))
    mid = middle(plane)
    x = np.minimum(np.maximum(x, _single(plane.low - mid)), _single(plane.high - mid))
    out = np.rint(x * F(64)).astype(np.int16) + np.int16(64 * mid)
    rows, columns = grid_shape(shape, sub_side(plane))
    return out[:rows, :columns]
