"""Which cells of a plane moved: windows over deviations, and the marks that they leave.

Grids that windows look into have a margin of zeros, two cells wide (`apart`, `spreads`) or one
(marks): a window at the rim is cropped without a branch.
"""

import numpy as np

from numbadp.compute.jit import jit

OUTLIER = np.float32(49)  # squares of deviations, in variances: of one cell
CLUSTER = np.float32(12.25)  # of the sum of a window of 3 or 5 cells
LOOSE = np.float32(0.49)  # of either, beside a cell that moved in the last frame
HARD, SOFT = np.uint8(1), np.uint8(2)


@jit
def window_rows(grid, i, three, five):
    """Sums of the three and of the five rows around row i, column by column."""
    a, b, c, d, e = grid[i], grid[i + 1], grid[i + 2], grid[i + 3], grid[i + 4]
    for j in range(three.size):
        middle = (b[j] + c[j]) + d[j]
        three[j] = middle
        five[j] = (a[j] + middle) + e[j]


@jit
def window_limits(variances, limits):
    """Squared deviations beyond which a cell, and windows of 3 and 5 around it, jump."""
    rows, columns = limits.shape[1:]
    three, five = np.zeros(columns + 4, np.float32), np.zeros(columns + 4, np.float32)
    for i in range(rows):
        window_rows(variances, i, three, five)
        for j in range(columns):
            limits[0, i, j] = OUTLIER * variances[i + 2, j + 2]
            limits[1, i, j] = CLUSTER * ((three[j + 1] + three[j + 2]) + three[j + 3])
            limits[2, i, j] = CLUSTER * (
                ((five[j] + five[j + 1]) + (five[j + 2] + five[j + 3])) + five[j + 4]
            )


@jit
def mark_jumps(apart, limits, three, five, own, wide):
    """Mark cells, and windows of five, that are farther from the fast estimate than noise is."""
    columns = limits.shape[2]
    for i in range(limits.shape[1]):
        window_rows(apart, i, three, five)
        z, one, two, last = apart[i + 2], limits[0, i], limits[1, i], limits[2, i]
        marks, windows = own[i + 1], wide[i + 1]
        for j in range(columns):
            near = (three[j + 1] + three[j + 2]) + three[j + 3]
            far = ((five[j] + five[j + 1]) + (five[j + 2] + five[j + 3])) + five[j + 4]
            z1 = z[j + 2]
            marks[j + 1] = np.uint8(z1 * z1 > one[j]) | np.uint8(near * near > two[j])
            windows[j + 1] = np.uint8(far * far > last[j])


@jit
def code_of(square, variance):
    """HARD beyond the threshold, SOFT beyond the loose one."""
    return np.uint8(square > variance) | np.uint8(
        np.uint8(square > LOOSE * variance) << np.uint8(1)
    )


@jit
def mark_moving(apart, spreads, three, five, three_spread, five_spread, own, wide):
    """Mark where the fast estimate differs from the slow one, hard and loose thresholds at once."""
    columns = apart.shape[1] - 4
    for i in range(apart.shape[0] - 4):
        window_rows(apart, i, three, five)
        window_rows(spreads, i, three_spread, five_spread)
        z, v = apart[i + 2], spreads[i + 2]
        marks, windows = own[i + 1], wide[i + 1]
        for j in range(columns):
            near = (three[j + 1] + three[j + 2]) + three[j + 3]
            far = ((five[j] + five[j + 1]) + (five[j + 2] + five[j + 3])) + five[j + 4]
            near_v = (three_spread[j + 1] + three_spread[j + 2]) + three_spread[j + 3]
            far_v = (
                (five_spread[j] + five_spread[j + 1]) + (five_spread[j + 2] + five_spread[j + 3])
            ) + five_spread[j + 4]
            z1 = z[j + 2]
            marks[j + 1] = code_of(z1 * z1, OUTLIER * v[j + 2]) | code_of(
                near * near, CLUSTER * near_v
            )
            windows[j + 1] = code_of(far * far, CLUSTER * far_v)


@jit
def grow(marks, i, across):
    """Or of the 3 x 3 neighbours of every cell of row i of marks with a margin of one."""
    above, own, below = marks[i], marks[i + 1], marks[i + 2]
    for j in range(across.size):
        across[j] = (
            ((above[j] | own[j]) | below[j])
            | ((above[j + 1] | own[j + 1]) | below[j + 1])
            | ((above[j + 2] | own[j + 2]) | below[j + 2])
        )


@jit
def decide(own, wide, across, near, moving, forced, hot):
    """Cells that move: beyond the threshold, or the loose one beside one that moved before."""
    for i in range(hot.shape[0]):
        grow(wide, i, across)
        grow(moving, i, near)
        for j in range(hot.shape[1]):
            code = own[i + 1, j + 1] | across[j]
            beside = np.uint8(near[j] != 0)
            hot[i, j] = ((code & HARD) | ((code >> np.uint8(1)) & beside)) | forced[i, j]
