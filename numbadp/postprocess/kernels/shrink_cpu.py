"""Drawing planes towards their centres on the CPU: one pass for moments, one to move."""

import numpy as np

from numbadp.compute.jit import jit, jit_shared
from numbadp.compute.lanes import next_item
from numbadp.plan.islands import HEIGHT, LEFT, MASK, PICTURE, START, TOP, WIDTH
from numbadp.postprocess.kernels.guide_cpu import halve
from numbadp.postprocess.kernels.shrink_body import (
    KEEP_MIDDLE,
    MIDDLE,
    NOISE,
    PRIOR,
    SOFT,
    TRUST,
    build_centre,
    build_drawn,
    build_ended,
    build_weight,
)
from numbadp.postprocess.kernels.surround_cpu import WIDE, fill_planes, hide_islands, read_rim

centre_of = build_centre(jit)
weight_of = build_weight(jit)
drawn = build_drawn(jit)
ended = build_ended(jit)


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
def draw_row(row, centre, weight, ends, out):
    """Move a row towards one centre; `ends` as in `shrink_cpu`."""
    depth, low, high = np.int32(ends[0]), np.int32(ends[1]), np.int32(ends[2])
    for x in range(row.size):
        out[x] = np.int16(ended(drawn(np.int32(row[x]), centre, weight), depth, low, high))


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
def shrink_plane(grid, numbers, ends, out):
    """A plane of a whole picture: its own mean is the centre."""
    total = np.int64(0)
    for y in range(grid.shape[0]):
        total += row_total(grid[y])
    centre = np.int32(centre_of(total, grid.size, numbers[MIDDLE], numbers[KEEP_MIDDLE]))
    spread = np.int64(0)
    for y in range(grid.shape[0]):
        spread += row_spread(grid[y], centre)
    weight = np.int32(
        weight_of(
            spread // grid.size, numbers[NOISE], numbers[PRIOR], numbers[TRUST], numbers[SOFT]
        )
    )
    for y in range(grid.shape[0]):
        draw_row(grid[y], centre, weight, ends, out[y])


@jit_shared
def shrink_inside(grid, numbers, centres, inside, out):
    """A plane of a region: centres are given, or its own mean inside is the centre."""
    if centres.size == 0:
        total, count = np.int64(0), np.int64(0)
        for y in range(grid.shape[0]):
            one, more = masked_total(grid[y], inside[y])
            total += one
            count += more
        centre = np.int16(centre_of(total, max(count, 1), numbers[MIDDLE], numbers[KEEP_MIDDLE]))
        centres = np.empty(grid.shape, np.int16)
        for y in range(grid.shape[0]):
            for x in range(grid.shape[1]):
                centres[y, x] = centre
    shrink_towards(grid, numbers, centres, inside, out)


@jit
def shrink_towards(grid, numbers, centres, inside, out):
    """A plane of a region whose centres are known."""
    spread, count = np.int64(0), np.int64(0)
    for y in range(grid.shape[0]):
        one, more = masked_spread(grid[y], centres[y], inside[y])
        spread += one
        count += more
    mean = spread // max(count, 1)
    weight = np.int32(
        weight_of(mean, numbers[NOISE], numbers[PRIOR], numbers[TRUST], numbers[SOFT])
    )
    for y in range(grid.shape[0]):
        draw_row_towards(grid[y], centres[y], weight, out[y])


@jit
def shrink_cpu(counter, items, grids, tables, ends, centres, insides, out):
    """Shrink every plane of every picture; item = plane * N + picture.

    `ends` [planes, 3] are how deep the ends of a plane's range reach, and its range.
    """
    pictures = grids[0].shape[0]
    item = next_item(counter)
    while item < items:
        k, n = item // pictures, item % pictures
        if insides[k].size == 0:
            shrink_plane(grids[k][n], tables[k], ends[k], out[k][n])
        else:
            towards = np.empty((0, 0), np.int16)
            if centres[k].shape[0] > 0:
                towards = centres[k][n]
            shrink_inside(grids[k][n], tables[k], towards, insides[k], out[k][n])
        item = next_item(counter)


@jit
def add_mask(row, total):
    """Mark the columns in which a row of a mask has a pixel."""
    for x in range(row.size):
        total[x] = np.uint8(total[x] | row[x])


@jit
def inside_of(island, masks, side, inside):
    """Which sub-cells of an island hold a pixel that is measured."""
    if island[MASK] < 0:
        inside[:] = np.uint8(1)
        return
    mark_inside(island, masks, side, np.empty(island[WIDTH], np.uint8), inside)


@jit
def mark_inside(island, masks, side, strip, inside):
    """`inside_of` for an island with a mask; `strip` is scratch."""
    width = island[WIDTH]
    for i in range(inside.shape[0]):
        strip[:] = np.uint8(0)
        for y in range(i * side, min((i + 1) * side, island[HEIGHT])):
            begin = island[MASK] + y * width
            add_mask(masks[begin : begin + width], strip)
        for j in range(inside.shape[1]):
            some = np.uint8(0)
            for x in range(j * side, min((j + 1) * side, width)):
                some = np.uint8(some | strip[x])
            inside[i, j] = np.uint8(some != np.uint8(0))


@jit
def lowest_so_far(islands, lowest):
    """Where the lowest of an island and those before it ends, picture by picture."""
    for i in range(islands.shape[0]):
        lowest[i] = islands[i, TOP] + islands[i, HEIGHT]
        if i > 0 and islands[i, PICTURE] == islands[i - 1, PICTURE]:
            lowest[i] = max(lowest[i], lowest[i - 1])


@jit
def neighbours(islands, lowest, item, top, bottom):
    """Range of islands that may reach into rows of an island's picture; they are in order of TOP.

    Of those before `item` it begins where `lowest` first reaches below `top`.
    """
    picture, first, stop = islands[item, PICTURE], item, item + 1
    while first > 0 and islands[first - 1, PICTURE] == picture and lowest[first - 1] > top:
        first -= 1
    while stop < islands.shape[0] and islands[stop, PICTURE] == picture:
        if islands[stop, TOP] >= bottom:
            break
        stop += 1
    return first, stop


@jit
def rim_of(item, numbers, islands, lowest, masks, pictures):
    """Sums and counts of what is shown in and around an island, and where they begin before it.

    They are in sub-cells of the finest plane and reach as far as any plane looks.
    """
    island = islands[item]
    before = rows = columns = np.int64(0)
    for k in range(numbers.shape[0]):
        side, pad = numbers[k, 0], numbers[k, 1]
        before = max(before, pad * side)
        rows = max(rows, (-(-island[HEIGHT] // side) + pad) * side)
        columns = max(columns, (-(-island[WIDTH] // side) + pad) * side)
    _, height, width, channels = pictures.shape
    side, top, left = numbers[0, 0], island[TOP] - before, island[LEFT] - before
    corner = max(top, 0), max(left, 0)
    bottom, right = min(island[TOP] + rows, height), min(island[LEFT] + columns, width)
    hidden = np.empty((bottom - corner[0], right - corner[1]), np.uint8)
    first, stop = neighbours(islands, lowest, item, corner[0], bottom)
    hide_islands(islands[first:stop], masks, island[PICTURE], corner, hidden)
    size = (before + rows) // side, (before + columns) // side
    sums, counts = np.empty((*size, channels), np.int64), np.empty(size, np.int64)
    picture = pictures[island[PICTURE]].reshape(height, width * channels)
    read_rim(side, picture, hidden, corner, top, left, sums, counts)
    return sums, counts, before


@jit
def alike(numbers, first):
    """Where the planes end that are filled in by sub-cells as wide as those of the first."""
    stop = first + 1
    while stop < min(numbers.shape[0], first + WIDE) and numbers[stop, 0] == numbers[first, 0]:
        stop += 1
    return stop


@jit
def widened(guess, times):
    """Means of a guess in sub-cells that are so many times as wide."""
    while times > 1:
        guess, times = halve(guess), times >> 1
    return guess


@jit
def shrink_islands_cpu(
    counter, items, grids, sides, numbers, tables, islands, masks, limits, pictures, out
):
    """Shrink every plane of every island towards what its rim says.

    `sides` are those of the planes' sub-cells; `numbers` [planes, 6] side, pad, divisor and form of
    what rims are filled in by, no wider than those; `pictures` [N, H, W, C] what is shown outside
    of the islands, or empty.
    """
    finest = numbers[0, 0]
    lowest = np.empty(islands.shape[0], np.int64)
    lowest_so_far(islands, lowest)
    sums, counts, before = np.empty((0, 0, 0), np.int64), np.empty((0, 0), np.int64), np.int64(0)
    item = next_item(counter)
    while item < items:
        island = islands[item]
        if pictures.size > 0:
            sums, counts, before = rim_of(item, numbers, islands, lowest, masks, pictures)
        first = 0
        while first < numbers.shape[0]:  # planes; `grids` is filled up to three
            stop, fine, pad = alike(numbers, first), numbers[first, 0], numbers[first, 1]
            guesses = np.empty(
                (stop - first, -(-island[HEIGHT] // fine), -(-island[WIDTH] // fine)), np.int16
            )  # fmt: skip
            known = pictures.size > 0 and fill_planes(
                numbers[first:stop], limits[first:stop], sums, counts,
                (before - pad * fine) // finest, fine // finest, guesses,
            )  # fmt: skip
            for k in range(first, stop):
                side = sides[k]
                rows, columns = -(-island[HEIGHT] // side), -(-island[WIDTH] // side)
                begin = island[START + k]
                grid = grids[k][0, begin : begin + rows * columns].reshape(rows, columns)
                target = out[k][0, begin : begin + rows * columns].reshape(rows, columns)
                inside = np.empty((rows, columns), np.uint8)
                inside_of(island, masks, side, inside)
                centres = np.empty((0, 0), np.int16)
                if known:
                    centres = widened(guesses[k - first], side // fine)
                shrink_inside(grid, tables[item, k], centres, inside, target)
            first = stop
        item = next_item(counter)
