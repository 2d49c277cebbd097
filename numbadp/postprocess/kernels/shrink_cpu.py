"""Drawing planes towards their centres on the CPU: one pass for moments, one to move."""

import numpy as np

from numbadp.compute.jit import jit, jit_shared
from numbadp.compute.kernel_inlined import as_shape
from numbadp.compute.lanes import next_item
from numbadp.plan.islands import HEIGHT, LEFT, MASK, PICTURE, START, TOP, WIDTH
from numbadp.postprocess.kernels.guide_cpu import halve_into
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
from numbadp.postprocess.kernels.surround_cpu import (
    WIDE,
    fill_planes,
    guess_room,
    hide_islands,
    read_rim,
)

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
def inside_of(island, masks, side, strip, inside):
    """Which sub-cells of an island hold a pixel that is measured; `strip` is scratch."""
    if island[MASK] < 0:
        inside[:] = np.uint8(1)
        return
    mark_inside(island, masks, side, strip, inside)


@jit
def mark_inside(island, masks, side, strip, inside):
    """`inside_of` for an island with a mask."""
    width = island[WIDTH]
    strip = strip[:width]
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
def rim_room(numbers, islands, channels):
    """Scratch for an island in turn: enough for one that is as tall and as wide as any.

    What is hidden, words and places as `read_rim` takes them, sums and counts; then `guess_room`.
    """
    tall = wide = reach = np.int64(0)
    for i in range(islands.shape[0]):
        tall, wide = max(tall, islands[i, HEIGHT]), max(wide, islands[i, WIDTH])
    for k in range(numbers.shape[0]):
        reach = max(reach, (numbers[k, 1] + 1) * numbers[k, 0])
    tall, wide = tall + 2 * reach, wide + 2 * reach
    rows, columns = -(-tall // numbers[0, 0]), -(-wide // numbers[0, 0])
    hidden, words = np.empty(tall * wide, np.uint8), np.empty(wide * (channels + 1), np.uint16)
    places, sums = np.empty(wide + 2, np.int64), np.empty(rows * columns * channels, np.int64)
    counts = np.empty(rows * columns, np.int64)
    sizes, values, knows, runs = guess_room(rows, columns)
    return hidden, words, places, sums, counts, sizes, values, knows, runs


@jit
def read_around(item, numbers, islands, lowest, masks, pictures, room):
    """Sums and counts of what is shown in and around an island, and where they begin before it.

    They are in sub-cells of the finest plane and reach as far as any plane looks.  Returns their
    rows and columns too.
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
    hidden = as_shape(room[0], (bottom - corner[0], right - corner[1]))
    first, stop = neighbours(islands, lowest, item, corner[0], bottom)
    hide_islands(islands[first:stop], masks, island[PICTURE], corner, hidden)
    rows, columns = (before + rows) // side, (before + columns) // side
    picture = as_shape(pictures[island[PICTURE]], (height, width * channels))
    read_rim(
        side, picture, hidden, corner, top, left, as_shape(room[3], (rows, columns, channels)),
        as_shape(room[4], (rows, columns)), room[1], room[2],
    )  # fmt: skip
    return rows, columns, before


@jit
def alike(numbers, first):
    """Where the planes end that are filled in by sub-cells as wide as those of the first."""
    stop = first + 1
    while stop < min(numbers.shape[0], first + WIDE) and numbers[stop, 0] == numbers[first, 0]:
        stop += 1
    return stop


@jit
def guess_around(numbers, limits, first, stop, room, shape, before, guesses):
    """Guess planes first to stop - 1 of an island from what `read_around` read; as `fill_planes`.

    `shape` are rows, columns and channels of the sums.
    """
    finest, fine, pad = numbers[0, 0], numbers[first, 0], numbers[first, 1]
    return fill_planes(
        numbers[first:stop], limits[first:stop], as_shape(room[3], shape),
        as_shape(room[4], (shape[0], shape[1])), (before - pad * fine) // finest, fine // finest,
        room[5], room[6], room[7], room[8], guesses,
    )  # fmt: skip


@jit
def widen_guess(flat, at, end, rows, columns, times):
    """Means of a guess, `at` a place of a flat array, in sub-cells so many times as wide.

    They are written from `end` on; returns where they begin.
    """
    while times > 1:
        target = as_shape(flat[end:], ((rows + 1) >> 1, (columns + 1) >> 1))
        halve_into(as_shape(flat[at:], (rows, columns)), target)
        at, rows, columns = end, (rows + 1) >> 1, (columns + 1) >> 1
        end, times = end + rows * columns, times >> 1
    return at


@jit
def shrink_island(
    item, grids, sides, numbers, tables, islands, masks, limits, pictures, lowest, room, guesses,
    inside, out,
):  # fmt: skip
    """Shrink every plane of an island; `room`, `guesses` and `inside` are scratch."""
    island, channels = islands[item], pictures.shape[3]
    rows = columns = before = first = np.int64(0)
    if pictures.size > 0:
        rows, columns, before = read_around(
            item, numbers, islands, lowest, masks, pictures, room
        )  # fmt: skip
    while first < numbers.shape[0]:  # planes; `grids` is filled up to three
        stop, fine = alike(numbers, first), numbers[first, 0]
        tall, wide = -(-island[HEIGHT] // fine), -(-island[WIDTH] // fine)
        known = pictures.size > 0 and guess_around(
            numbers, limits, first, stop, room, (rows, columns, channels), before,
            as_shape(guesses, (stop - first, tall, wide)),
        )  # fmt: skip
        for k in range(first, stop):
            side, begin = sides[k], island[START + k]
            size = -(-island[HEIGHT] // side), -(-island[WIDTH] // side)
            held = as_shape(inside, size)
            if k == 0 or side != sides[k - 1]:
                inside_of(island, masks, side, room[0], held)
            centres = as_shape(guesses, (np.int64(0), np.int64(0)))
            if known:
                place = (k - first) * tall * wide
                end = (stop - first) * tall * wide
                place = widen_guess(guesses, place, end, tall, wide, side // fine)
                centres = as_shape(guesses[place:], size)
            shrink_inside(
                as_shape(grids[k][0, begin:], size), tables[item, k], centres, held,
                as_shape(out[k][0, begin:], size),
            )  # fmt: skip
        first = stop


@jit
def shrink_islands_cpu(
    counter, items, grids, sides, numbers, tables, islands, masks, limits, pictures, out
):
    """Shrink every plane of every island towards what its rim says.

    `sides` are those of the planes' sub-cells; `numbers` [planes, 6] side, pad, divisor and form of
    what rims are filled in by, no wider than those; `pictures` [N, H, W, C] what is shown outside
    of the islands, or empty.
    """
    lowest = np.empty(islands.shape[0], np.int64)
    lowest_so_far(islands, lowest)
    room = rim_room(numbers, islands, pictures.shape[3])
    most = room[4].size  # sub-cells, those around the largest island included
    guesses = np.empty((WIDE + 2) * most, np.int16)  # and those of a plane in wider sub-cells
    inside = np.empty(most, np.uint8)
    item = next_item(counter)
    while item < items:
        shrink_island(
            item, grids, sides, numbers, tables, islands, masks, limits, pictures, lowest, room,
            guesses, inside, out,
        )  # fmt: skip
        item = next_item(counter)
