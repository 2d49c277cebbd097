"""Chroma that follows luma, on the CPU: slopes by cells, then sub-cells row by row.

Rows are interpolated as the smooth style does it, a sub-cell for a pixel.
"""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.compute.lanes import LANES, next_item
from numbadp.postprocess.kernels.filter_body import ACROSS, DOWN
from numbadp.postprocess.kernels.filter_cpu import residue_row
from numbadp.postprocess.kernels.guide_body import (
    FAR,
    FAR_REST,
    FLOOR,
    HIGH,
    LOW,
    NEAR,
    NEAR_REST,
    SHIFT,
    build_moved,
    build_slope,
)
from numbadp.postprocess.kernels.paint_cpu import blend_columns, blend_rows, pixel_weights

slope_of = build_slope(jit)
moved = build_moved(jit)


@jit
def halve_rows(upper, lower, out):
    """Means of 2 x 2 values of two rows, halves up; an odd last column stands alone."""
    for j in range(upper.size >> 1):
        total = np.int32(upper[2 * j]) + np.int32(upper[2 * j + 1])
        total += np.int32(lower[2 * j]) + np.int32(lower[2 * j + 1])
        out[j] = np.int16((total + np.int32(2)) >> np.int32(2))
    if upper.size & 1:
        last = np.int32(upper[upper.size - 1]) + np.int32(lower[upper.size - 1])
        out[out.size - 1] = np.int16((last + np.int32(1)) >> np.int32(1))


@jit
def halve(grid):
    """Means of 2 x 2 values; an odd last row stands alone."""
    rows, columns = grid.shape
    out = np.empty(((rows + 1) >> 1, (columns + 1) >> 1), np.int16)
    halve_into(grid, out)
    return out


@jit
def halve_into(grid, out):
    """The same, written where there is room."""
    for i in range(out.shape[0]):
        halve_rows(grid[2 * i], grid[min(2 * i + 1, grid.shape[0] - 1)], out[i])


@jit
def add_rows(luma, own, rest, weight, sums):
    """Add a row of cells to six rows of sums, in the order of `slope_of`."""
    for j in range(luma.size):
        a, b, c = np.float64(luma[j]), np.float64(own[j]), np.float64(rest[j])
        sums[0, j + 1] += weight * a
        sums[1, j + 1] += weight * b
        sums[2, j + 1] += weight * c
        sums[3, j + 1] += weight * (a * b)
        sums[4, j + 1] += weight * (a * c)
        sums[5, j + 1] += weight * (a * a)


@jit
def window(sums, j):
    """Sum of a window of three columns, the middle one twice."""
    return sums[j] + 2.0 * sums[j + 1] + sums[j + 2]


@jit
def slope_row(sums, gain, rest_gain, floor, out):
    """Slopes of a row of cells; both ends of the sums are repeated."""
    for k in range(6):
        sums[k, 0], sums[k, out.size + 1] = sums[k, 1], sums[k, out.size]
    a, b, c, d, e, f = sums[0], sums[1], sums[2], sums[3], sums[4], sums[5]
    for j in range(out.size):
        out[j] = slope_of(
            window(a, j), window(b, j), window(c, j), window(d, j), window(e, j), window(f, j),
            gain, rest_gain, floor,
        )  # fmt: skip


@jit
def slopes_of(luma, own, rest, gain, rest_gain, floor):
    """Slopes of a plane's cells over luma's from windows of 3 x 3 cells, weights 1 2 1."""
    rows, columns = own.shape
    out, sums = np.empty((rows, columns), np.int16), np.empty((6, columns + 2), np.float64)
    for i in range(rows):
        sums[:] = 0.0
        for step in range(-1, 2):
            at = min(max(i + step, 0), rows - 1)
            add_rows(luma[at], own[at], rest[at], 2.0 - abs(step), sums)
        slope_row(
            sums, np.float64(gain), np.float64(rest_gain), np.float64(floor), out[i]
        )  # fmt: skip
    return out


@jit
def residues_of(values, grid, numbers):
    """Residues of a plane's cells, int32."""
    rows, columns = numbers[DOWN], numbers[ACROSS]
    out, row = np.empty((rows, columns), np.int32), np.empty(columns + 2, np.int32)
    for i in range(rows):
        residue_row(values, grid, numbers, i, row)
        for j in range(columns):  # no assignment of slices: Numba's says in words what does not fit
            out[i, j] = row[j + 1]
    return out


@jit
def finer_row(grid, side, weights, y, row, line):
    """Interpolate row y of a grid that is finer by `side`; column x lies at line[x + side // 2]."""
    rows, columns = grid.shape
    places = 1
    while side >> places:
        places += 1
    blend_rows(grid.reshape(-1), 0, rows, columns, side, places, y, row)
    blend_columns(row, columns, side, weights, line)


@jit
def weights_for(side):
    """Weights between two centres of sub-cells, as `finer_row` takes them."""
    places = 1
    while side >> places:
        places += 1
    weights = np.empty(max(side, LANES), np.int16)
    pixel_weights(side, places, weights)
    return weights


@jit
def move_row(values, slopes, luma, around, low, high, out):
    """Move a row of values along with luma."""
    for x in range(out.size):
        out[x] = np.int16(
            moved(
                np.int32(values[x]), np.int32(slopes[x]), np.int32(luma[x]), np.int32(around[x]),
                low, high,
            )
        )  # fmt: skip


@jit
def guide_near(luma, own, rest, numbers, out):
    """Sub-cells of a plane move with luma about its cells; `luma` has its means over them."""
    cells = halve(luma)
    slopes = slopes_of(
        cells, halve(own), rest, numbers[NEAR], numbers[NEAR_REST], numbers[FLOOR]
    )  # fmt: skip
    low, high = np.int32(numbers[LOW]), np.int32(numbers[HIGH])
    row = np.zeros(cells.shape[1] + 2 + LANES, np.int16)
    lines = np.zeros((2, 2 * cells.shape[1] + 2 + LANES), np.int16)
    weights, width = weights_for(2), own.shape[1]
    for y in range(own.shape[0]):
        finer_row(slopes, 2, weights, y, row, lines[0])
        finer_row(cells, 2, weights, y, row, lines[1])
        move_row(
            own[y], lines[0, 1 : width + 1], luma[y], lines[1, 1 : width + 1], low, high, out[y]
        )  # fmt: skip


@jit
def guide_far(luma, around, own, rest, numbers, out):
    """A plane on luma's sub-cells moves with luma about its own sub-cells, `around`."""
    slopes = slopes_of(
        halve(around), halve(own), rest, numbers[FAR], numbers[FAR_REST], numbers[FLOOR]
    )  # fmt: skip
    low, high = np.int32(numbers[LOW]), np.int32(numbers[HIGH])
    side, columns, width = np.int64(1) << numbers[SHIFT], own.shape[1], luma.shape[1]
    row = np.zeros(columns + 2 + LANES, np.int16)
    lines = np.zeros((3, (columns + 2) * side + LANES), np.int16)
    weights, twice, half = weights_for(side), weights_for(2 * side), side >> 1
    for y in range(luma.shape[0]):
        finer_row(own, side, weights, y, row, lines[0])
        finer_row(slopes, 2 * side, twice, y, row, lines[1])
        finer_row(around, side, weights, y, row, lines[2])
        move_row(
            lines[0, half : half + width], lines[1, side : side + width], luma[y],
            lines[2, half : half + width], low, high, out[y],
        )  # fmt: skip


@jit
def guide_cpu(counter, items, far, values, grids, cells, numbers, chosen, out):
    """Guide the chosen planes of every picture; item = number among them * N + picture.

    `far` is 1 for luma's sub-cells, 0 for the planes' own; `values` are [N, cells], `cells` the
    constants that residues need.
    """
    pictures = grids[0].shape[0]
    item = next_item(counter)
    while item < items:
        k, n = chosen[item // pictures], item % pictures
        luma, own = grids[0][n], grids[k][n]
        rest, around = residues_of(values[k][n], own, cells[k]), luma
        for _ in range(numbers[k, SHIFT]):
            around = halve(around)
        if far == 1:
            guide_far(luma, around, own, rest, numbers[k], out[k][n])
        else:
            guide_near(around, own, rest, numbers[k], out[k][n])
        item = next_item(counter)
