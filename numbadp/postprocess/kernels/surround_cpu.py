"""A region's inside guessed from its rim on the CPU: see `numbadp.postprocess.surround`.

Sums and products are made one by one in one order, so every processor gives the same bits.
"""

import numpy as np

from numbadp.compute.jit import jit, jit_shared
from numbadp.compute.rows import add_rows, fetch_rows
from numbadp.plan.islands import HEIGHT, LEFT, MASK, PICTURE, TOP, WIDTH

RELAXATIONS = 8
UNITS = 64  # of a grey level
FEW = 256  # cells that are relaxed one by one
WIDE = 4  # planes side by side, all known at the same places: a vector of doubles
STRIP = 256  # rows of pixels whose sums fit 16 bits


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
def find_runs(hidden, runs):
    """Where pixels of a row are shown: write begin and end of every run, count what is written."""
    count = end = 0
    while end < hidden.size:
        begin = end
        while begin < hidden.size and hidden[begin]:
            begin += 1
        end = begin
        while end < hidden.size and not hidden[end]:
            end += 1
        if begin < end:
            runs[count], runs[count + 1] = begin, end
            count += 2
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
        counts[j] += total_of(seen[begin:end])
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


@jit_shared
def read_rim(side, picture, hidden, corner, top, left, sums, counts):
    """Sums of the pixels that are shown, and their number, in sub-cells from (top, left) on.

    `hidden` says from the pixel `corner` on what is not shown; beyond it nothing is looked at.
    """
    rows, columns, channels = sums.shape
    sums[:], counts[:] = 0, 0
    right = corner[1] + hidden.shape[1]
    begin, end = max(left, corner[1]), min(left + columns * side, right)
    if begin >= end:
        return
    strip, seen = np.empty((end - begin) * channels, np.uint16), np.empty(end - begin, np.uint16)
    runs = np.empty(end - begin + 2, np.int64)
    shown = hidden[:, begin - corner[1] : end - corner[1]]
    read_shown(
        side, picture, shown, corner[0], top, begin, begin - left, sums, counts, strip, seen, runs
    )  # fmt: skip


@jit
def read_shown(
    side, picture, shown, upper, top, begin, before, sums, counts, strip, seen, runs
):  # fmt: skip
    """`read_rim` where `shown` is what is hidden from the pixel (upper, begin) on.

    That lies `before` columns behind the first sub-cell; the last three are scratch.
    """
    channels, bottom = sums.shape[2], upper + shown.shape[0]
    near, far = begin * channels, (begin + shown.shape[1]) * channels
    fetch_rows(picture, max(top, upper), min(top + side, bottom), near, far)
    for i in range(sums.shape[0]):
        following = top + (i + 1) * side
        fetch_rows(picture, max(following, upper), min(following + side, bottom), near, far)
        first, last = max(top + i * side, upper), min(top + (i + 1) * side, bottom)
        while first < last:
            strip[:], seen[:] = np.uint16(0), np.uint16(0)
            stop = min(first + STRIP, last)
            while first < stop:
                line, after = shown[first - upper], first + 1
                while after < stop and not differ(shown[after - upper], line):
                    after += 1
                count = find_runs(line, runs)
                add_shown(picture, first, after, begin, runs[:count], strip, seen)
                first = after
            add_cells(strip, seen, before, side, sums[i], counts[i])


@jit
def rim_means(numbers, sums, counts, begin, times, values, known):
    """Means of planes in sub-cells of `times` x `times` of those of `sums`; how many are known.

    The first one begins at (begin, begin).  These are integers, so wide sub-cells have what they
    would have if their pixels were read again.
    """
    found = 0
    for i in range(known.shape[0]):
        for j in range(known.shape[1]):
            count, r, g, b = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
            for y in range(begin + i * times, begin + (i + 1) * times):
                for x in range(begin + j * times, begin + (j + 1) * times):
                    count += counts[y, x]
                    r += sums[y, x, 0]
                    if sums.shape[2] > 1:
                        g += sums[y, x, 1]
                        b += sums[y, x, 2]
            known[i, j] = np.uint8(count > 0)
            found += np.int64(count > 0)
            for k in range(WIDE):
                values[i, j, k] = 0.0
            for k in range(numbers.shape[0]):
                if count > 0:
                    total = numbers[k, 3] * r + numbers[k, 4] * g + numbers[k, 5] * b
                    unit = UNITS / np.float64(numbers[k, 2] * count)
                    values[i, j, k] = np.float64(total) * unit
    return found


@jit
def halve(values, known, coarse, coarse_known):
    """Means of the known ones of 2 x 2 cells; whether all of these are known."""
    rows, columns = known.shape
    whole = True
    for i in range(coarse.shape[0]):
        for j in range(coarse.shape[1]):
            count = 0
            for k in range(WIDE):
                coarse[i, j, k] = 0.0
            for y in range(2 * i, min(2 * i + 2, rows)):
                left, right = 2 * j, min(2 * j + 1, columns - 1)
                one, other = known[y, left], known[y, right] * np.uint8(right > left)
                count += np.int64(one) + np.int64(other)
                for k in range(WIDE):
                    beside = values[y, left, k] if one else 0.0
                    beside += values[y, right, k] if other else 0.0
                    coarse[i, j, k] += beside
            for k in range(WIDE):
                coarse[i, j, k] /= np.float64(max(count, 1))
            coarse_known[i, j] = np.uint8(count > 0)
            whole = whole and count > 0
    return whole


@jit
def widen(coarse, values, known, line):
    """Interpolate what is not known between the centres of coarser cells; `line` is scratch."""
    rows, columns = known.shape
    for i in range(rows):
        other = min(max((i >> 1) + 2 * (i & 1) - 1, 0), coarse.shape[0] - 1)
        for j in range(coarse.shape[1]):
            for k in range(WIDE):
                line[j, k] = (3.0 * coarse[i >> 1, j, k] + coarse[other, j, k]) / 4.0
        for j in range(columns):
            if known[i, j]:
                continue
            other = min(max((j >> 1) + 2 * (j & 1) - 1, 0), coarse.shape[1] - 1)
            for k in range(WIDE):
                values[i, j, k] = (3.0 * line[j >> 1, k] + line[other, k]) / 4.0


@jit
def repeat_edges(values):
    """Let the margin around values repeat them: edges neighbour themselves."""
    rows, columns = values.shape[:2]
    for x in range(columns):
        for k in range(WIDE):
            values[0, x, k] = values[1, x, k]
            values[rows - 1, x, k] = values[rows - 2, x, k]
    for y in range(rows):
        for k in range(WIDE):
            values[y, 0, k] = values[y, 1, k]
            values[y, columns - 1, k] = values[y, columns - 2, k]


@jit
def relax_once(values, known, pitch, out):
    """Draw what is not known to the mean of its neighbours: arrays of cells, a margin known."""
    for i in range(pitch, known.size - pitch):
        if known[i]:
            for k in range(WIDE):
                out[i, k] = values[i, k]
            continue
        for k in range(WIDE):
            tall = values[i - pitch, k] + values[i + pitch, k]
            out[i, k] = (tall + (values[i - 1, k] + values[i + 1, k])) / 4.0


@jit
def list_unknown(known, cells):
    """Write where the unknown cells lie, and what is above, below and beside; -1 if too many."""
    rows, columns = known.shape
    count = 0
    for y in range(1, rows - 1):
        for x in range(1, columns - 1):
            if known[y, x]:
                continue
            if count == cells.shape[0]:
                return -1
            at = y * columns + x
            cells[count, 0] = np.uint64(at)
            cells[count, 1] = np.uint64(at - columns if y > 1 else at)
            cells[count, 2] = np.uint64(at + columns if y < rows - 2 else at)
            cells[count, 3] = np.uint64(at - 1 if x > 1 else at)
            cells[count, 4] = np.uint64(at + 1 if x < columns - 2 else at)
            count += 1
    return count


@jit
def relax_few(values, cells, means):
    """Relax the cells listed, of an array of cells; no other changes."""
    for _ in range(RELAXATIONS):
        for n in range(cells.shape[0]):
            for k in range(WIDE):
                tall = values[cells[n, 1], k] + values[cells[n, 2], k]
                means[n, k] = (tall + (values[cells[n, 3], k] + values[cells[n, 4], k])) / 4.0
        for n in range(cells.shape[0]):
            for k in range(WIDE):
                values[cells[n, 0], k] = means[n, k]


@jit
def relax(values, known, other, cells):
    """Draw what is not known to the mean of its neighbours, `RELAXATIONS` times, an even number.

    The first three have a margin of one; `cells` is scratch.
    """
    few = list_unknown(known, cells)
    flat, spare = values.reshape(-1, WIDE), other.reshape(-1, WIDE)
    if few >= 0:
        relax_few(flat, cells[:few], spare)
        return
    pitch = values.shape[1]
    for _ in range(RELAXATIONS // 2):
        repeat_edges(values)
        relax_once(flat, known.reshape(-1), pitch, spare)
        repeat_edges(other)
        relax_once(spare, known.reshape(-1), pitch, flat)


@jit
def level_sizes(rows, columns):
    """Rows, columns, start and stop of every level, from fine to coarse, margins included."""
    sizes, top = np.zeros((64, 4), np.int64), 0
    sizes[0, 0], sizes[0, 1], sizes[0, 3] = rows + 2, columns + 2, (rows + 2) * (columns + 2)
    while rows > 1 or columns > 1:
        rows, columns, top = (rows + 1) >> 1, (columns + 1) >> 1, top + 1
        sizes[top, 0], sizes[top, 1], sizes[top, 2] = rows + 2, columns + 2, sizes[top - 1, 3]
        sizes[top, 3] = sizes[top, 2] + (rows + 2) * (columns + 2)
    return sizes[: top + 1]


@jit
def cells_of(level, flat):
    """Cells of a level, a row of sizes, of a flat array: with margins."""
    return flat[level[2] : level[3]].reshape(level[0], level[1], WIDE)


@jit
def known_of(level, flat):
    """Which of them are known."""
    return flat[level[2] : level[3]].reshape(level[0], level[1])


@jit
def halve_level(fine, coarse, levels, knows):
    """`halve` between neighbouring levels, of which `fine` and `coarse` are rows of sizes."""
    values, wide = cells_of(fine, levels), cells_of(coarse, levels)
    known, some = known_of(fine, knows), known_of(coarse, knows)
    return halve(values[1:-1, 1:-1], known[1:-1, 1:-1], wide[1:-1, 1:-1], some[1:-1, 1:-1])


@jit
def widen_level(coarse, fine, levels, knows, other, line, cells):
    """`widen`, then `relax`, between them; the last three are scratch."""
    values, known, wide = cells_of(fine, levels), known_of(fine, knows), cells_of(coarse, levels)
    widen(wide[1:-1, 1:-1], values[1:-1, 1:-1], known[1:-1, 1:-1], line)
    relax(values, known, other[: known.size].reshape(values.shape), cells)


@jit
def fill_unknown(sizes, levels, knows):
    """Fill what is not known of the finest level, from coarse to fine; at least one value is."""
    other = np.empty((sizes[0, 3], WIDE), np.float64)
    line = np.empty((sizes[0, 1], WIDE), np.float64)
    cells = np.empty((FEW, 5), np.uint64)
    whole, level = False, 0
    while not whole:
        whole = halve_level(sizes[level], sizes[level + 1], levels, knows)
        level += 1
    while level > 0:
        widen_level(sizes[level], sizes[level - 1], levels, knows, other, line, cells)
        level -= 1


@jit_shared
def fill_planes(numbers, limits, sums, counts, begin, times, out):
    """Guess `out`, int16 sub-cells [planes, rows, columns]; False where nothing around is known.

    `numbers` [planes, 6] are side, pad, divisor and form, `limits` the least and the largest value
    in 1/64 grey level; at most `WIDE` planes, whose sub-cells are equally wide: as many of them
    around `out` as the pad says are looked at, the first at (begin, begin) of `sums`, as in
    `rim_means`.
    """
    planes, rows, columns = out.shape
    pad = numbers[0, 1]
    sizes = level_sizes(rows + 2 * pad, columns + 2 * pad)
    levels, knows = np.empty((sizes[-1, 3], WIDE), np.float64), np.empty(sizes[-1, 3], np.uint8)
    knows[:] = np.uint8(1)  # of margins; all else is told
    values, known = cells_of(sizes[0], levels), known_of(sizes[0], knows)
    found = rim_means(
        numbers, sums, counts, begin, times, values[1:-1, 1:-1], known[1:-1, 1:-1]
    )  # fmt: skip
    if found == 0:
        return False
    if found < (rows + 2 * pad) * (columns + 2 * pad):
        fill_unknown(sizes, levels, knows)
    for k in range(planes):
        for i in range(rows):
            for j in range(columns):
                value = np.rint(values[1 + pad + i, 1 + pad + j, k])
                out[k, i, j] = np.int16(min(max(value, limits[k, 0]), limits[k, 1]))
    return True


@jit
def fill_cpu(numbers, limits, picture, channels, hidden, top, left, out):
    """Guess `out` from (top, left) on, where `hidden` covers the whole picture."""
    side, pad = numbers[0, 0], numbers[0, 1]
    shape = out.shape[1] + 2 * pad, out.shape[2] + 2 * pad
    sums, counts = np.empty((*shape, channels), np.int64), np.empty(shape, np.int64)
    read_rim(
        side, picture, hidden, (0, 0), top - pad * side, left - pad * side, sums, counts
    )  # fmt: skip
    return fill_planes(numbers, limits, sums, counts, 0, 1, out)


@jit_shared
def hide_islands(islands, masks, picture, corner, hidden):
    """Mark in a window what belongs to any island of a picture."""
    hidden[:] = np.uint8(0)
    bottom, right = corner[0] + hidden.shape[0], corner[1] + hidden.shape[1]
    for i in range(islands.shape[0]):
        top, left, width = islands[i, TOP], islands[i, LEFT], islands[i, WIDTH]
        first, last = max(top, corner[0]), min(top + islands[i, HEIGHT], bottom)
        begin, end = max(left, corner[1]), min(left + width, right)
        if islands[i, PICTURE] != picture or first >= last or begin >= end:
            continue
        for y in range(first, last):
            row = hidden[y - corner[0], begin - corner[1] : end - corner[1]]
            if islands[i, MASK] < 0:
                for x in range(row.size):
                    row[x] = np.uint8(1)
            else:
                mask = masks[islands[i, MASK] + (y - top) * width + begin - left :]
                for x in range(row.size):
                    row[x] |= np.uint8(mask[x] != 0)
