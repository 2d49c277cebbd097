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
def add(sums, a):
    """Add a row to a row of sums."""
    for j in range(sums.size):
        sums[j] += a[j]


@jit
def add_products(sums, a, b):
    """Add the products of two rows to a row of sums."""
    for j in range(sums.size):
        sums[j] += a[j] * b[j]


@jit
def weigh_row(busy, v, w):
    """Weights of the cells of a row: 0 where something moves."""
    for j in range(2, busy.size - 2):
        w[j] = np.float64((ONE - np.float32(busy[j])) / v[j + 2])


@jit
def slopes_of(above, own, below, g, down, across):
    """A row of the smoothed background less the middle, and its slopes."""
    for j in range(2, own.size - 2):
        g[j] = np.float64(own[j]) - np.float64(MIDDLE)
        down[j] = np.float64(below[j] - above[j]) * 0.5
        across[j] = np.float64(own[j + 1] - own[j - 1]) * 0.5


@jit
def fit_sums(apart, spreads, hot, a, sums):
    """Weighted normal equations of d on [1, a, a's slope down, a's slope across], by column.

    Loop by loop, since LLVM does not vectorise one over so many rows that may alias.
    """
    sums[:] = 0
    rows, columns = hot.shape
    parts = np.zeros((8, columns))
    w, g, down, across, z = parts[0], parts[1], parts[2], parts[3], parts[4]
    wg, wd, wa = parts[5], parts[6], parts[7]
    for i in range(2, rows - 2):
        weigh_row(hot[i], spreads[i + 2], w)
        slopes_of(a[i - 1], a[i], a[i + 1], g, down, across)
        for j in range(2, columns - 2):
            z[j] = np.float64(apart[i + 2, j + 2])
        for j in range(columns):
            wg[j] = w[j] * g[j]
            wd[j] = w[j] * down[j]
            wa[j] = w[j] * across[j]
        add(sums[0], w)
        add(sums[1], wg)
        add(sums[2], wd)
        add(sums[3], wa)
        add_products(sums[4], wg, g)
        add_products(sums[5], wg, down)
        add_products(sums[6], wg, across)
        add_products(sums[7], wd, down)
        add_products(sums[8], wd, across)
        add_products(sums[9], wa, across)
        add_products(sums[10], w, z)
        add_products(sums[11], wg, z)
        add_products(sums[12], wd, z)
        add_products(sums[13], wa, z)


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
