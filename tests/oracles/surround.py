"""A region's inside guessed from its rim (specification K), cell by cell.  Test-only.

Only outside pixels are known.  Python's floats are IEEE doubles, in the order written here.
"""

import numpy as np

from .reconstruct import sub_side


def guess(plane, picture, measured, pad_px=8, steps=8):
    """Return the guess on the sub-cells of a whole picture, int16, or None."""
    s = sub_side(plane)
    rows, columns = (-(-n // s) for n in measured.shape)
    pad = max(1, -(-pad_px // s))
    cells = {}
    for y in range(-pad, rows + pad):
        for x in range(-pad, columns + pad):
            cells[y + pad, x + pad] = known_mean(plane, picture, measured, y * s, x * s, s)
    filled = fill(cells, rows + 2 * pad, columns + 2 * pad, steps)
    if filled is None:
        return None
    low, high = float(64 * plane.low), float(64 * plane.high)
    inner = [
        [min(max(round(filled[y + pad, x + pad]), low), high) for x in range(columns)]
        for y in range(rows)
    ]
    return np.array(inner, np.int16)


def known_mean(plane, picture, measured, top, left, s):
    """Return the mean of a cell's outside pixels in 1/64 grey level, None if there is none."""
    total = count = 0
    for y in range(max(top, 0), min(top + s, measured.shape[0])):
        for x in range(max(left, 0), min(left + s, measured.shape[1])):
            if not measured[y, x]:
                pixel = np.atleast_1d(picture[y, x])
                total += sum(int(c) * int(v) for c, v in zip(plane.form, pixel, strict=True))
                count += 1
    return float(total) * (64 / (plane.divisor * count)) if count else None


def fill(cells, rows, columns, steps):
    """Return all cells filled, or None where nothing is known."""
    if all(v is not None for v in cells.values()):
        return cells
    if all(v is None for v in cells.values()):
        return None
    half = -(-rows // 2), -(-columns // 2)
    coarse = {}
    for y in range(half[0]):
        for x in range(half[1]):
            a, b, c, d = (cells.get((2 * y + i, 2 * x + j)) for i in (0, 1) for j in (0, 1))
            known = sum(v is not None for v in (a, b, c, d))
            a, b, c, d = (0.0 if v is None else v for v in (a, b, c, d))
            coarse[y, x] = ((a + b) + (c + d)) / known if known else None
    wide = enlarge(fill(coarse, *half, steps), *half)
    now = {at: wide[at] if v is None else v for at, v in cells.items()}
    for _ in range(steps):
        after = {}
        for (y, x), v in cells.items():
            up, down = now[max(y - 1, 0), x], now[min(y + 1, rows - 1), x]
            left, right = now[y, max(x - 1, 0)], now[y, min(x + 1, columns - 1)]
            after[y, x] = ((up + down) + (left + right)) / 4 if v is None else v
        now = after
    return now


def enlarge(coarse, rows, columns):
    """Return cells half as wide, interpolated down, then across."""
    tall = {}
    for y in range(rows):
        for x in range(columns):
            own = coarse[y, x]
            above, below = coarse[max(y - 1, 0), x], coarse[min(y + 1, rows - 1), x]
            tall[2 * y, x], tall[2 * y + 1, x] = (3 * own + above) / 4, (3 * own + below) / 4
    wide = {}
    for y in range(2 * rows):
        for x in range(columns):
            own = tall[y, x]
            left, right = tall[y, max(x - 1, 0)], tall[y, min(x + 1, columns - 1)]
            wide[y, 2 * x], wide[y, 2 * x + 1] = (3 * own + left) / 4, (3 * own + right) / 4
    return wide
