"""A region's inside guessed from its rim on the CPU: see `numbadp.postprocess.surround`.

Sums and products are made one by one in one order, so every processor gives the same bits.
"""

import numpy as np

from numbadp.compute.jit import jit, jit_shared
from numbadp.compute.lanes import pointer_to
from numbadp.compute.rows import add_rows, fetch_rows, run_end
from numbadp.plan.islands import HEIGHT, LEFT, MASK, PICTURE, TOP, WIDTH
from numbadp.postprocess.kernels.surround_quad import (
    WIDE,
    copy_quad,
    mean_around,
    mean_of,
    quarter_way,
)

RELAXATIONS = 8
UNITS = 64  # of a grey level
STRIP = 256  # rows of pixels whose sums fit 16 bits
LEVELS = 64  # more than a picture has


@jit
def add_number(total, number):
    """Count so many more."""
    for i in range(total.size):
        total[i] = np.uint16(total[i] + number)


@jit
def differ(row, other):
    """Whether two rows of bytes differ."""
    some = np.uint8(0)
    for x in range(row.size):
        some = np.uint8(some | (row[x] ^ other[x]))
    return some != np.uint8(0)


@jit
def find_runs(row, first, stop, runs):
    """Where bytes of a row are 0: write begin and end of every run, count what is written."""
    count, x = 0, first
    while x < stop:
        end = run_end(row, x, stop)
        if not row[x]:
            runs[count], runs[count + 1] = x - first, end - first
            count += 2
        x = end
    return count


@jit
def add_shown(picture, first, last, left, runs, sums, counts):
    """Add the pixels that rows first to last - 1 show alike, run by run; no other is read."""
    channels, number = sums.size // counts.size, np.uint16(last - first)
    for k in range(0, runs.size, 2):
        begin, end = runs[k], runs[k + 1]
        own = sums[begin * channels : end * channels]
        add_rows(picture, first, last, (left + begin) * channels, own)
        add_number(counts[begin:end], number)


@jit
def total_of(row):
    """Sum of a row of words."""
    total = np.int64(0)
    for x in range(row.size):
        total += np.int64(row[x])
    return total


@jit
def add_cells(strip, seen, first, side, sums, counts):
    """Add sums and counts of columns of pixels, of which `first` lie before, to those of cells."""
    for j in range(first // side, (first + seen.size - 1) // side + 1):
        begin, end = max(j * side - first, 0), min((j + 1) * side - first, seen.size)
        count = total_of(seen[begin:end])
        if count == 0:
            continue
        counts[j] += count
        if sums.shape[1] == 1:
            sums[j, 0] += total_of(strip[begin:end])
            continue
        r, g, b = np.int64(0), np.int64(0), np.int64(0)
        for x in range(begin, end):
            r += np.int64(strip[3 * x])
            g += np.int64(strip[3 * x + 1])
            b += np.int64(strip[3 * x + 2])
        sums[j, 0] += r
        sums[j, 1] += g
        sums[j, 2] += b


@jit
def fetch_shown(picture, first, last, left, channels, row, runs):
    """Ask for what rows first to last - 1 show where a row of a window does; `runs` is scratch."""
    count = find_runs(row, 0, row.size, runs)
    for k in range(0, count, 2):
        begin, end = (left + runs[k]) * channels, (left + runs[k + 1]) * channels
        fetch_rows(picture, first, last, begin, end)


@jit_shared
def read_rim(side, picture, hidden, corner, top, left, sums, counts, words, runs):
    """Sums of the pixels that are shown, and their number, in sub-cells from (top, left) on.

    `hidden` says from the pixel `corner` on what is not shown; beyond it nothing is looked at.  The
    last two are scratch: a word for each channel and pixel of a row of `hidden` and one more, and
    places of two runs more than that has pixels.
    """
    sums[:], counts[:] = 0, 0
    read_window(side, picture, hidden, corner, top, left, sums, counts, words, runs)


# What Python may call, and what is shared, counts references to arrays; its parts need not.


@jit
def read_window(side, picture, hidden, corner, top, left, sums, counts, words, runs):
    """`read_rim` into zeros."""
    columns, channels = sums.shape[1], sums.shape[2]
    right = corner[1] + hidden.shape[1]
    begin, end = max(left, corner[1]), min(left + columns * side, right)
    if begin >= end:
        return
    words = words[: (end - begin) * (channels + 1)]
    strip, seen = words[: (end - begin) * channels], words[(end - begin) * channels :]
    read_shown(
        side, picture, hidden, corner, top, begin, begin - left, sums, counts, strip, seen, runs
    )  # fmt: skip


@jit
def read_shown(
    side, picture, hidden, corner, top, begin, before, sums, counts, strip, seen, runs
):  # fmt: skip
    """`read_rim` of columns of pixels from `begin` on, `before` of them behind the first sub-cell.

    The last three are scratch.
    """
    channels, upper, bottom = sums.shape[2], corner[0], corner[0] + hidden.shape[0]
    near, far = begin - corner[1], begin - corner[1] + seen.size
    for i in range(-1, sums.shape[0]):
        ahead, stop = max(top + (i + 1) * side, upper), min(top + (i + 2) * side, bottom)
        if ahead < stop and i + 1 < sums.shape[0]:
            line = hidden[stop - 1 - upper][near:far]  # as good as any: rows hardly differ
            fetch_shown(picture, ahead, stop, begin, channels, line, runs)
        first, last = max(top + i * side, upper), min(ahead, bottom)
        while i >= 0 and first < last:
            strip[:], seen[:] = np.uint16(0), np.uint16(0)
            stop = min(first + STRIP, last)
            while first < stop:
                line, after = hidden[first - upper][near:far], first + 1
                while after < stop and not differ(hidden[after - upper][near:far], line):
                    after += 1
                count = find_runs(line, 0, line.size, runs)
                add_shown(picture, first, after, begin, runs[:count], strip, seen)
                first = after
            add_cells(strip, seen, before, side, sums[i], counts[i])


@jit
def rim_means(numbers, sums, counts, begin, times, sizes, values, knows):
    """Means of planes in sub-cells of `times` x `times` of those of `sums`; how many are known.

    The first one begins at (begin, begin).  These are integers, so wide sub-cells have what they
    would have if their pixels were read again.  What is not known is 0.
    """
    found, pitch = 0, sizes[0, 1]
    for i in range(sizes[0, 0] - 2):
        for j in range(pitch - 2):
            count, r, g, b = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
            for y in range(begin + i * times, begin + (i + 1) * times):
                for x in range(begin + j * times, begin + (j + 1) * times):
                    if counts[y, x] == 0:
                        continue
                    count += counts[y, x]
                    r += sums[y, x, 0]
                    if sums.shape[2] > 1:
                        g += sums[y, x, 1]
                        b += sums[y, x, 2]
            at = (i + 1) * pitch + j + 1
            knows[at] = np.uint8(count > 0)
            found += np.int64(count > 0)
            for k in range(WIDE):
                values[WIDE * at + k] = 0.0
            for k in range(numbers.shape[0]):
                if count > 0:
                    total = numbers[k, 3] * r + numbers[k, 4] * g + numbers[k, 5] * b
                    unit = UNITS / np.float64(numbers[k, 2] * count)
                    values[WIDE * at + k] = np.float64(total) * unit
    return found


@jit
def halve(cells, knows, sizes, fine, nothing):
    """Means of the known ones of 2 x 2 cells of a level; whether all of these are known.

    What is not known is 0, like the cell `nothing`, which stands for those beyond the edge.
    """
    columns, rows, pitch = sizes[fine, 1] - 2, sizes[fine, 0] - 2, sizes[fine, 1]
    coarse_pitch, whole = sizes[fine + 1, 1], True
    for i in range(sizes[fine + 1, 0] - 2):
        for j in range(coarse_pitch - 2):
            right, below = 2 * j + 1 < columns, 2 * i + 1 < rows
            a = sizes[fine, 2] + (2 * i + 1) * pitch + 2 * j + 1
            b, c = a + 1 if right else nothing, a + pitch if below else nothing
            d = a + pitch + 1 if right and below else nothing
            count = np.int64(knows[a]) + np.int64(knows[b]) + np.int64(knows[c])
            count += np.int64(knows[d])
            at = sizes[fine + 1, 2] + (i + 1) * coarse_pitch + j + 1
            mean_of(cells, a, b, c, d, np.float64(max(count, 1)), at)
            knows[at] = np.uint8(count > 0)
            whole = whole and count > 0
    return whole


@jit
def nearest_other(i, count):
    """Of `count` coarser cells the one that is next but one to a cell; at an end the next."""
    return min(max((i >> 1) + 2 * (i & 1) - 1, 0), count - 1)


@jit
def widen(cells, knows, sizes, fine, line):
    """Interpolate what is not known between the centres of coarser cells; `line` is scratch."""
    pitch, coarse_pitch = sizes[fine, 1], sizes[fine + 1, 1]
    tall, wide = sizes[fine + 1, 0] - 2, coarse_pitch - 2
    for i in range(sizes[fine, 0] - 2):
        near = sizes[fine + 1, 2] + ((i >> 1) + 1) * coarse_pitch + 1
        far = sizes[fine + 1, 2] + (nearest_other(i, tall) + 1) * coarse_pitch + 1
        for j in range(wide):
            quarter_way(cells, near + j, far + j, line + j)
        for j in range(pitch - 2):
            at = sizes[fine, 2] + (i + 1) * pitch + j + 1
            if not knows[at]:
                quarter_way(cells, line + (j >> 1), line + nearest_other(j, wide), at)


@jit
def repeat_edges(cells, first, rows, pitch):
    """Let the margin around cells repeat them: edges neighbour themselves."""
    last = first + (rows - 1) * pitch
    for x in range(pitch):
        copy_quad(cells, first + pitch + x, first + x)
        copy_quad(cells, last - pitch + x, last + x)
    for y in range(rows):
        at = first + y * pitch
        copy_quad(cells, at + 1, at)
        copy_quad(cells, at + pitch - 2, at + pitch - 1)


@jit
def relax_runs(cells, first, pitch, runs, target):
    """Set runs of cells at `target` to the means around the same ones at `first`."""
    for n in range(0, runs.size, 2):
        for i in range(runs[n], runs[n + 1]):
            mean_around(cells, first + i, pitch, target + i)


@jit
def relax(cells, first, rows, pitch, runs, spare):
    """Draw what is not known to the mean of its neighbours, `RELAXATIONS` times, an even number.

    The cells begin at `first`, with a margin around; `runs` of them are not known.  From `spare` on
    there is room for as many.
    """
    for i in range(rows * pitch):
        copy_quad(cells, first + i, spare + i)  # what is known stays as it is
    for _ in range(RELAXATIONS // 2):
        repeat_edges(cells, first, rows, pitch)
        relax_runs(cells, first, pitch, runs, spare)
        repeat_edges(cells, spare, rows, pitch)
        relax_runs(cells, spare, pitch, runs, first)


@jit
def set_levels(rows, columns, sizes):
    """Rows, columns, start and stop of every level, from fine to coarse, margins included.

    Returns where they stop, and writes them to `sizes`, int64 [LEVELS, 4].
    """
    top, stop = 0, (rows + 2) * (columns + 2)
    sizes[0, 0], sizes[0, 1], sizes[0, 2], sizes[0, 3] = rows + 2, columns + 2, 0, stop
    while rows > 1 or columns > 1:
        rows, columns, top, start = (rows + 1) >> 1, (columns + 1) >> 1, top + 1, stop
        stop += (rows + 2) * (columns + 2)
        sizes[top, 0], sizes[top, 1] = rows + 2, columns + 2
        sizes[top, 2], sizes[top, 3] = start, stop
    return stop


@jit
def guess_room(rows, columns):
    """Scratch of `fill_planes` for so many sub-cells, those around included, or fewer.

    Sizes of levels; values; which are known; places of runs of the unknown.
    """
    sizes = np.empty((LEVELS, 4), np.int64)
    nothing = set_levels(rows, columns, sizes)
    cells = nothing + 1 + sizes[0, 3] + sizes[0, 1]
    values, knows = np.empty(WIDE * cells, np.float64), np.empty(nothing + 1, np.uint8)
    return sizes, values, knows, np.empty(sizes[0, 3] + 1, np.int64)


@jit
def fill_unknown(cells, knows, sizes, runs, spare, line, nothing):
    """Fill what is not known of the finest level, from coarse to fine; at least one value is.

    `runs` is scratch, and so are the cells from `spare` and from `line` on.
    """
    whole, level = False, 0
    while not whole:
        whole = halve(cells, knows, sizes, level, nothing)
        level += 1
    while level > 0:
        level -= 1
        widen(cells, knows, sizes, level, line)
        count = find_runs(knows, sizes[level, 2], sizes[level, 3], runs)
        relax(cells, sizes[level, 2], sizes[level, 0], sizes[level, 1], runs[:count], spare)


@jit_shared
def fill_planes(numbers, limits, sums, counts, begin, times, sizes, values, knows, runs, out):
    """Guess `out`, int16 sub-cells [planes, rows, columns]; False where nothing around is known.

    `numbers` [planes, 6] are side, pad, divisor and form, `limits` the least and the largest value
    in 1/64 grey level; at most `WIDE` planes, whose sub-cells are equally wide: as many of them
    around `out` as the pad says are looked at, the first at (begin, begin) of `sums`, as in
    `rim_means`.  The four before `out` are scratch (`guess_room`).
    """
    _, rows, columns = out.shape
    pad = numbers[0, 1]
    nothing = set_levels(rows + 2 * pad, columns + 2 * pad, sizes)
    pitch, spare, line = sizes[0, 1], nothing + 1, nothing + 1 + sizes[0, 3]
    for i in range(nothing):
        knows[i] = np.uint8(1)  # of margins; all else is told
    knows[nothing] = np.uint8(0)
    for k in range(WIDE):
        values[WIDE * nothing + k] = 0.0
    found = rim_means(numbers, sums, counts, begin, times, sizes, values, knows)
    if found == 0:
        return False
    if found < (rows + 2 * pad) * (columns + 2 * pad):
        fill_unknown(pointer_to(values, 0), knows, sizes, runs, spare, line, nothing)
    take_guess(values, pitch, pad, limits, out)
    return True


@jit
def take_guess(values, pitch, pad, limits, out):
    """Round planes of cells, of which `pad` more lie around, to `out`."""
    for k in range(out.shape[0]):
        low, high = limits[k, 0], limits[k, 1]
        for i in range(out.shape[1]):
            first = WIDE * ((1 + pad + i) * pitch + 1 + pad) + k
            for j in range(out.shape[2]):
                value = np.rint(values[first + WIDE * j])
                out[k, i, j] = np.int16(min(max(value, low), high))


@jit
def fill_cpu(numbers, limits, picture, channels, hidden, top, left, out):
    """Guess `out` from (top, left) on, where `hidden` covers the whole picture."""
    side, pad = numbers[0, 0], numbers[0, 1]
    shape = out.shape[1] + 2 * pad, out.shape[2] + 2 * pad
    sums, counts = np.empty((*shape, channels), np.int64), np.empty(shape, np.int64)
    wide = hidden.shape[1]
    words, places = np.empty(wide * (channels + 1), np.uint16), np.empty(wide + 2, np.int64)
    read_rim(
        side, picture, hidden, (0, 0), top - pad * side, left - pad * side, sums, counts, words,
        places,
    )  # fmt: skip
    sizes, values, knows, runs = guess_room(*shape)
    return fill_planes(numbers, limits, sums, counts, 0, 1, sizes, values, knows, runs, out)


@jit_shared
def hide_islands(islands, masks, picture, corner, hidden):
    """Mark in a window what belongs to any island of a picture."""
    hidden[:] = np.uint8(0)
    for i in range(islands.shape[0]):
        if islands[i, PICTURE] == picture:
            hide_island(islands, i, masks, corner, hidden)


@jit
def hide_island(islands, i, masks, corner, hidden):
    """Mark in a window what belongs to an island."""
    top, left, width = islands[i, TOP], islands[i, LEFT], islands[i, WIDTH]
    first, last = max(top, corner[0]), min(top + islands[i, HEIGHT], corner[0] + hidden.shape[0])
    begin, end = max(left, corner[1]), min(left + width, corner[1] + hidden.shape[1])
    if begin >= end:
        return
    for y in range(first, last):
        row = hidden[y - corner[0], begin - corner[1] : end - corner[1]]
        if islands[i, MASK] < 0:
            for x in range(row.size):
                row[x] = np.uint8(1)
        else:
            mask = masks[islands[i, MASK] + (y - top) * width + begin - left :]
            for x in range(row.size):
                row[x] |= np.uint8(mask[x] != 0)
