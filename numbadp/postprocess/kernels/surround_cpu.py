"""A region's inside guessed from its rim on the CPU: see `numbadp.postprocess.surround`.

Sums and products are made one by one in one order, so every processor gives the same bits.
"""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.plan.islands import HEIGHT, LEFT, MASK, PICTURE, TOP, WIDTH

RELAXATIONS = 8
UNITS = 64  # of a grey level
STRIP = 256  # rows of pixels whose sums fit 16 bits


@jit
def add_run(row, total):
    """Add bytes to sums of up to `STRIP` of them."""
    for i in range(row.size):
        total[i] = np.uint16(total[i] + np.uint16(row[i]))


@jit
def add_one(total):
    """Count once more."""
    for i in range(total.size):
        total[i] = np.uint16(total[i] + np.uint16(1))


@jit
def add_shown(row, hidden, channels, sums, counts):
    """Add the pixels of a row that are not hidden; no other is read."""
    some = np.uint8(0)
    for x in range(hidden.size):
        some |= hidden[x]
    begin = end = 0
    while end < hidden.size:
        begin, end = end, hidden.size
        if some:
            while begin < hidden.size and hidden[begin]:
                begin += 1
            end = begin
            while end < hidden.size and not hidden[end]:
                end += 1
        add_run(row[begin * channels : end * channels], sums[begin * channels : end * channels])
        add_one(counts[begin:end])


@jit
def add_cells(strip, seen, first, side, sums, counts):
    """Add sums and counts of columns of pixels, of which `first` lie before, to those of cells."""
    channels = sums.shape[1]
    for j in range(first // side, (first + seen.size - 1) // side + 1):
        begin, end = max(j * side - first, 0), min((j + 1) * side - first, seen.size)
        number = np.int64(0)
        for x in range(begin, end):
            number += np.int64(seen[x])
        counts[j] += number
        for c in range(channels):
            total = np.int64(0)
            for x in range(begin, end):
                total += np.int64(strip[x * channels + c])
            sums[j, c] += total


@jit
def read_rim(side, picture, hidden, corner, top, left, sums, counts):
    """Sums of the pixels that are shown, and their number, in sub-cells from (top, left) on.

    `hidden` says from the pixel `corner` on what is not shown; beyond it nothing is looked at.
    """
    rows, columns, channels = sums.shape
    sums[:], counts[:] = 0, 0
    bottom, right = corner[0] + hidden.shape[0], corner[1] + hidden.shape[1]
    begin, end = max(left, corner[1]), min(left + columns * side, right)
    if begin >= end:
        return
    strip, seen = np.empty((end - begin) * channels, np.uint16), np.empty(end - begin, np.uint16)
    for i in range(rows):
        first, last = max(top + i * side, corner[0]), min(top + (i + 1) * side, bottom)
        while first < last:
            strip[:], seen[:] = np.uint16(0), np.uint16(0)
            stop = min(first + STRIP, last)
            for y in range(first, stop):
                add_shown(
                    picture[y, begin * channels : end * channels],
                    hidden[y - corner[0], begin - corner[1] : end - corner[1]], channels, strip,
                    seen,
                )  # fmt: skip
            add_cells(strip, seen, begin - left, side, sums[i], counts[i])
            first = stop


@jit
def rim_means(form, divisor, sums, counts, begin, times, values, known):
    """Means of a plane in sub-cells of `times` x `times` of those of `sums`; whether any is known.

    The first one begins at (begin, begin).  These are integers, so wide sub-cells have what they
    would have if their pixels were read again.
    """
    found = False
    for i in range(known.shape[0]):
        for j in range(known.shape[1]):
            total, count = np.int64(0), np.int64(0)
            for y in range(begin + i * times, begin + (i + 1) * times):
                for x in range(begin + j * times, begin + (j + 1) * times):
                    count += counts[y, x]
                    for c in range(sums.shape[2]):
                        total += form[c] * sums[y, x, c]
            known[i, j] = np.uint8(count > 0)
            values[i, j] = 0.0
            if count > 0:
                found = True
                values[i, j] = np.float64(total) * (UNITS / np.float64(divisor * count))
    return found


@jit
def halve(values, known, coarse, coarse_known):
    """Means of the known ones of 2 x 2 cells; whether all of these are known."""
    rows, columns = known.shape
    whole = True
    for i in range(coarse.shape[0]):
        for j in range(coarse.shape[1]):
            total, count = 0.0, 0
            for y in range(2 * i, min(2 * i + 2, rows)):
                beside = 0.0
                for x in range(2 * j, min(2 * j + 2, columns)):
                    if known[y, x]:
                        beside += values[y, x]
                        count += 1
                total += beside
            coarse[i, j] = total / np.float64(max(count, 1))
            coarse_known[i, j] = np.uint8(count > 0)
            whole = whole and count > 0
    return whole


@jit
def widen(coarse, values, known):
    """Interpolate what is not known between the centres of coarser cells."""
    rows, columns = known.shape
    across = np.empty((rows, coarse.shape[1]))
    for i in range(rows):
        other = min(max((i >> 1) + 2 * (i & 1) - 1, 0), coarse.shape[0] - 1)
        for j in range(coarse.shape[1]):
            across[i, j] = (3.0 * coarse[i >> 1, j] + coarse[other, j]) / 4.0
    for j in range(columns):
        other = min(max((j >> 1) + 2 * (j & 1) - 1, 0), coarse.shape[1] - 1)
        for i in range(rows):
            if not known[i, j]:
                values[i, j] = (3.0 * across[i, j >> 1] + across[i, other]) / 4.0


@jit
def relax_row(above, row, below, known, out):
    """Draw what is not known in a row to the mean of its neighbours; edges neighbour themselves."""
    last = row.size - 1
    for x in range(1, last):
        mean = ((above[x] + below[x]) + (row[x - 1] + row[x + 1])) / 4.0
        out[x] = row[x] if known[x] else mean
    for x in (0, last):
        if known[x]:
            out[x] = row[x]
        else:
            beside = row[max(x - 1, 0)] + row[min(x + 1, last)]
            out[x] = ((above[x] + below[x]) + beside) / 4.0


@jit
def relax(values, known, other):
    """Draw what is not known to the mean of its neighbours, `RELAXATIONS` times, an even number."""
    rows = known.shape[0]
    for _ in range(RELAXATIONS // 2):
        for i in range(rows):
            relax_row(
                values[max(i - 1, 0)], values[i], values[min(i + 1, rows - 1)], known[i], other[i]
            )
        for i in range(rows):
            relax_row(
                other[max(i - 1, 0)], other[i], other[min(i + 1, rows - 1)], known[i], values[i]
            )


@jit
def fill_unknown(values, known):
    """Fill what is not known, from coarse to fine; at least one value is."""
    rows, columns = known.shape
    sizes = np.zeros((64, 3), np.int64)  # rows, columns and start of every level
    sizes[0, 0], sizes[0, 1] = rows, columns
    top, stop = 0, rows * columns
    while sizes[top, 0] > 1 or sizes[top, 1] > 1:
        sizes[top + 1, 0], sizes[top + 1, 1] = (sizes[top, 0] + 1) >> 1, (sizes[top, 1] + 1) >> 1
        sizes[top + 1, 2] = stop
        stop += sizes[top + 1, 0] * sizes[top + 1, 1]
        top += 1
    levels, knows, spare = np.empty(stop), np.empty(stop, np.uint8), np.empty(rows * columns)
    levels[: rows * columns] = values.reshape(-1)
    knows[: rows * columns] = known.reshape(-1)
    whole, level = known.all(), 0
    while not whole:
        h, w, at = sizes[level]
        more_h, more_w, after = sizes[level + 1]
        whole = halve(
            levels[at : at + h * w].reshape(h, w), knows[at : at + h * w].reshape(h, w),
            levels[after : after + more_h * more_w].reshape(more_h, more_w),
            knows[after : after + more_h * more_w].reshape(more_h, more_w),
        )  # fmt: skip
        level += 1
    while level > 0:
        more_h, more_w, after = sizes[level]
        level -= 1
        h, w, at = sizes[level]
        fine, sure = levels[at : at + h * w].reshape(h, w), knows[at : at + h * w].reshape(h, w)
        widen(levels[after : after + more_h * more_w].reshape(more_h, more_w), fine, sure)
        relax(fine, sure, spare[: h * w].reshape(h, w))
    values[:] = levels[: rows * columns].reshape(rows, columns)


@jit
def fill_plane(form, divisor, limits, sums, counts, begin, times, pad, out):
    """Guess `out`, int16 sub-cells of a plane; False where nothing around is known.

    `limits` are the least and the largest value of the plane in 1/64 grey level; `pad` sub-cells
    around `out` are looked at, the first at (begin, begin) of `sums`, as in `rim_means`.
    """
    rows, columns = out.shape
    values = np.empty((rows + 2 * pad, columns + 2 * pad))
    known = np.empty(values.shape, np.uint8)
    if not rim_means(form, divisor, sums, counts, begin, times, values, known):
        return False
    fill_unknown(values, known)
    for i in range(rows):
        for j in range(columns):
            value = np.rint(values[pad + i, pad + j])
            out[i, j] = np.int16(min(max(value, limits[0]), limits[1]))
    return True


@jit
def fill_cpu(form, divisor, side, limits, picture, channels, hidden, top, left, pad, out):
    """Guess `out` from (top, left) on, where `hidden` covers the whole picture."""
    shape = out.shape[0] + 2 * pad, out.shape[1] + 2 * pad
    sums, counts = np.empty((*shape, channels), np.int64), np.empty(shape, np.int64)
    read_rim(
        side, picture, hidden, (0, 0), top - pad * side, left - pad * side, sums, counts
    )  # fmt: skip
    return fill_plane(form, divisor, limits, sums, counts, 0, 1, pad, out)


@jit
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
