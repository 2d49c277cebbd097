"""What the whole grid says: that the camera moved, or that the light changed.

A weighted least-squares fit of the deviations on [1, a, a's slopes], a the smoothed background.
Sums are kept one a column and added up in order, so that their bits depend on the numbers alone.
"""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.postprocess.kernels.steady_body import ONE

SUMS = 14  # ten of the normal matrix, four of its right side
MIDDLE = np.float32(128)  # grey levels; any constant gives the same gains


@jit
def total(columns):
    """Sum of a row of numbers, in order."""
    result = 0.0
    for j in range(columns.size):
        result += columns[j]
    return result


@jit
def smooth_background(x, three, a):
    """Means of 3 x 3 cells of the background, where these are whole."""
    columns = x.shape[1]
    for i in range(1, x.shape[0] - 1):
        above, own, below, row = x[i - 1], x[i], x[i + 1], a[i]
        for j in range(columns):
            three[j] = (above[j] + own[j]) + below[j]
        for j in range(1, columns - 1):
            row[j] = ((three[j - 1] + three[j]) + three[j + 1]) * np.float32(1 / 9)


@jit
def fit_sums(apart, spreads, hot, a, sums):
    """Weighted normal equations of d on [1, a, a's slope down, a's slope across], by column."""
    sums[:] = 0
    rows, columns = hot.shape
    for i in range(2, rows - 2):
        d, v, busy = apart[i + 2], spreads[i + 2], hot[i]
        above, own, below = a[i - 1], a[i], a[i + 1]
        for j in range(2, columns - 2):
            w = np.float64((ONE - np.float32(busy[j])) / v[j + 2])
            g = np.float64(own[j]) - np.float64(MIDDLE)
            down = np.float64(below[j] - above[j]) * 0.5
            across = np.float64(own[j + 1] - own[j - 1]) * 0.5
            z = np.float64(d[j + 2])
            wg, wd, wa = w * g, w * down, w * across
            sums[0, j] += w
            sums[1, j] += wg
            sums[2, j] += wd
            sums[3, j] += wa
            sums[4, j] += wg * g
            sums[5, j] += wg * down
            sums[6, j] += wg * across
            sums[7, j] += wd * down
            sums[8, j] += wd * across
            sums[9, j] += wa * across
            sums[10, j] += w * z
            sums[11, j] += wg * z
            sums[12, j] += wd * z
            sums[13, j] += wa * z


@jit
def solve(matrix, right, first, last, answer):
    """Gauss on rows and columns first to last - 1; what the fit explains, in chi squares."""
    n = last - first
    m, b = np.empty((n, n)), np.empty(n)
    for i in range(n):
        b[i] = right[first + i]
        for j in range(n):
            m[i, j] = matrix[first + i, first + j]
    for k in range(n):
        for i in range(k + 1, n):
            factor = m[i, k] / m[k, k]
            for j in range(k, n):
                m[i, j] -= factor * m[k, j]
            b[i] -= factor * b[k]
    gained = 0.0
    for k in range(n - 1, -1, -1):
        value = b[k]
        for j in range(k + 1, n):
            value -= m[k, j] * answer[first + j]
        answer[first + k] = value / m[k, k]
        gained += answer[first + k] * right[first + k]
    return gained


@jit
def whole_grid(sums, answer):
    """Gain of a shift and of a change of light over each other, in chi squares."""
    matrix, right = np.empty((4, 4)), np.empty(4)
    k = 0
    for i in range(4):
        for j in range(i, 4):
            matrix[i, j] = total(sums[k])
            matrix[j, i] = matrix[i, j]
            k += 1
        right[i] = total(sums[10 + i])
    ridge = 1e-9 * (matrix[0, 0] + matrix[1, 1] + matrix[2, 2] + matrix[3, 3]) + 1e-12
    for i in range(4):
        matrix[i, i] += ridge
    light = solve(matrix, right, 0, 2, answer)
    shift = solve(matrix, right, 2, 4, answer)
    both = solve(matrix, right, 0, 4, answer)
    return both - light, both - shift


@jit
def quiet_cells(hot):
    """Number of cells that do not move."""
    result = 0
    for i in range(hot.shape[0]):
        for j in range(hot.shape[1]):
            result += 1 - np.int64(hot[i, j])
    return result


@jit
def add_light(x, a, answer):
    """Change the background as the light changed; at the rim as its cells are."""
    rows, columns = x.shape
    zero, one = np.float32(answer[0]), np.float32(answer[1])
    for i in range(rows):
        for j in range(columns):
            inside = 1 <= i < rows - 1 and 1 <= j < columns - 1
            level = a[i, j] if inside else x[i, j]
            x[i, j] = x[i, j] + (zero + one * (level - MIDDLE))
