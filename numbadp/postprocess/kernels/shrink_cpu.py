"""Drawing planes towards their centres on the CPU: one pass for moments, one to move."""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.compute.lanes import next_item
from numbadp.postprocess.kernels.shrink_body import build_centre, build_drawn, build_weight

centre_of = build_centre(jit)
weight_of = build_weight(jit)
drawn = build_drawn(jit)
MIDDLE, KEEP_MIDDLE, NOISE, PRIOR, TRUST = range(5)


@jit
def row_total(row):
    """Sum of a row."""
    total = np.int64(0)
    for x in range(row.size):
        total += np.int64(row[x])
    return total


@jit
def row_spread(row, centre):
    """Sum of squared distances of a row from one centre."""
    total = np.int64(0)
    for x in range(row.size):
        away = np.int64(np.int32(row[x]) - centre)
        total += away * away
    return total


@jit
def draw_row(row, centre, weight, out):
    """Move a row towards one centre."""
    for x in range(row.size):
        out[x] = np.int16(drawn(np.int32(row[x]), centre, weight))


@jit
def masked_total(row, inside):
    """Sum and count of the sub-cells inside."""
    total, count = np.int64(0), np.int64(0)
    for x in range(row.size):
        if inside[x]:
            total += np.int64(row[x])
            count += 1
    return total, count


@jit
def masked_spread(row, centres, inside):
    """Sum of squared distances, and count, of the sub-cells inside."""
    total, count = np.int64(0), np.int64(0)
    for x in range(row.size):
        if inside[x]:
            away = np.int64(row[x]) - np.int64(centres[x])
            total += away * away
            count += 1
    return total, count


@jit
def draw_row_towards(row, centres, weight, out):
    """Move a row towards a row of centres."""
    for x in range(row.size):
        out[x] = np.int16(drawn(np.int32(row[x]), np.int32(centres[x]), weight))


@jit
def shrink_plane(grid, numbers, out):
    """A plane of a whole picture: its own mean is the centre."""
    total = np.int64(0)
    for y in range(grid.shape[0]):
        total += row_total(grid[y])
    centre = np.int32(centre_of(total, grid.size, numbers[MIDDLE], numbers[KEEP_MIDDLE]))
    spread = np.int64(0)
    for y in range(grid.shape[0]):
        spread += row_spread(grid[y], centre)
    weight = np.int32(
        weight_of(spread // grid.size, numbers[NOISE], numbers[PRIOR], numbers[TRUST])
    )
    for y in range(grid.shape[0]):
        draw_row(grid[y], centre, weight, out[y])


@jit
def shrink_inside(grid, numbers, centres, inside, out):
    """A plane of a region: centres are given, or its own mean inside is the centre."""
    if centres.size == 0:
        total, count = np.int64(0), np.int64(0)
        for y in range(grid.shape[0]):
            one, more = masked_total(grid[y], inside[y])
            total += one
            count += more
        centre = centre_of(total, max(count, 1), numbers[MIDDLE], numbers[KEEP_MIDDLE])
        centres = np.full(grid.shape, np.int16(centre), np.int16)
    spread, count = np.int64(0), np.int64(0)
    for y in range(grid.shape[0]):
        one, more = masked_spread(grid[y], centres[y], inside[y])
        spread += one
        count += more
    mean = spread // max(count, 1)
    weight = np.int32(weight_of(mean, numbers[NOISE], numbers[PRIOR], numbers[TRUST]))
    for y in range(grid.shape[0]):
        draw_row_towards(grid[y], centres[y], weight, out[y])


@jit
def shrink_cpu(counter, items, grids, tables, centres, insides, out):
    """Shrink every plane of every picture; item = plane * N + picture."""
    pictures = grids[0].shape[0]
    item = next_item(counter)
    while item < items:
        k, n = item // pictures, item % pictures
        if insides[k].size == 0:
            shrink_plane(grids[k][n], tables[k], out[k][n])
        else:
            towards = np.empty((0, 0), np.int16)
            if centres[k].shape[0] > 0:
                towards = centres[k][n]
            shrink_inside(grids[k][n], tables[k], towards, insides[k], out[k][n])
        item = next_item(counter)
