"""Nets on the CPU: cells to channels, five layers, and back to sub-cells, a band of rows at a time.

A block is 2 x 2 cells.  `base` are the sub-cells that a net adds to, in 1/64 grey level, int32.  A
net of few inputs sees the cells alone; one of more sees how far they lie from their sub-cells of
`base`, and where those lie, and so does its last layer again.  Layers are float32 [channels, rows +
2 MARGIN, pitch]; what lies outside of the picture is zero in every layer.  A band computes the rows
around it that it needs once more, so bands on any number of threads give the same bits.
"""

import numpy as np

from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.lanes import next_item, pointer_to
from numbadp.postprocess.kernels.net_body import (
    ACROSS,
    DOWN,
    HIGH,
    LAST_ACROSS,
    LAST_DOWN,
    LEVEL,
    LOW,
    MARGIN,
    MIDDLE,
    MOST_INPUT,
    MOST_MEAN,
    PLACES,
    SCALE,
    SIDE,
    build_added,
    build_base,
    build_mixed,
)
from numbadp.postprocess.kernels.net_row import COLUMNS, OUTPUTS, hidden_strip, last_strip

mixed = build_mixed(jit)
added = build_added(jit)
base_of = build_base(jit)
OWN = 4  # channels of the cells of a block
LAST_UNITS = np.float32(4)  # of the last layer's sums that an input counts, beside activations
# What a channel holds: a cell; how far it lies from its sub-cells' mean; the noise level and the
# side of cells; the sub-cells' mean; how far a sub-cell lies from that.
PLAIN, RESIDUE, KNOWN, UNDER, DETAIL = range(5)
FIRST_UNDER, FIRST_DETAIL = OWN + 2, 2 * OWN + 2


@jit
def cell_means(values, numbers, gains, means):
    """Means of cells in 1/64 grey level, int32 [rows, columns]; partial cells are mixed."""
    down, across = numbers[DOWN], numbers[ACROSS]
    most = np.float64(MOST_MEAN)
    for i in range(down):
        gain = gains[np.int64(i == down - 1)]
        for j in range(across):
            mean = np.float64(values[i * across + j]) * gain[np.int64(j == across - 1)]
            means[i, j] = np.int32(np.rint(min(max(mean, -most), most)))
    if down > 1:
        for j in range(across):
            means[down - 1, j] = mixed(means[down - 1, j], means[down - 2, j], numbers[LAST_DOWN])
    if across > 1:
        for i in range(down):
            own = mixed(means[i, across - 1], means[i, across - 2], numbers[LAST_ACROSS])
            means[i, across - 1] = own


@jit
def own_input(mean, middle, inverse):
    """Distance of a cell from the middle, in units of an eighth of its noise scale."""
    units = np.rint(np.float32(mean - middle) * inverse)
    return min(max(units, np.float32(-MOST_INPUT)), np.float32(MOST_INPUT))


@jit
def four_of(base, i, j):
    """Sum of the sub-cells of a cell."""
    above, below = base[2 * i], base[2 * i + 1]
    return above[2 * j] + above[2 * j + 1] + below[2 * j] + below[2 * j + 1]


@jit
def channel_input(means, base, middle, inverse, i, j, y, x, kind):
    """One channel at cell (i, j), or at sub-cell (y, x) of it, in units of the noise."""
    if kind == PLAIN:
        return own_input(means[i, j], middle, inverse)
    four, times = four_of(base, i, j), np.int32(4)
    if kind == RESIDUE:
        return own_input(times * means[i, j], four, inverse * np.float32(0.5))
    if kind == UNDER:
        return own_input(four, times * middle, inverse * np.float32(0.25))
    return own_input(times * base[y, x], four, inverse * np.float32(2))


@jit
def kind_of_channel(c, inputs):
    """What a channel holds: of cells alone, or beside those that lie under them."""
    if c < OWN:
        return PLAIN if inputs == OWN + 1 else RESIDUE
    if c < FIRST_UNDER:
        return KNOWN
    return UNDER if c < FIRST_DETAIL else DETAIL


@jit
def fill_cells(
    means, base, numbers, inverse, units, first, rows, width, pitch, plane, inputs, target
):
    """Channels of blocks: their cells, what is known of them, and what lies under them."""
    down, across = numbers[DOWN], numbers[ACROSS]
    middle = np.int32(numbers[MIDDLE])
    for c in range(inputs):
        kind = kind_of_channel(c, inputs)
        if kind == DETAIL:
            dy, dx = (c - FIRST_DETAIL) >> 2, (c - FIRST_DETAIL) & 3
        else:
            cell = c - FIRST_UNDER * np.int64(kind == UNDER)
            dy, dx = 2 * (cell >> 1), 2 * (cell & 1)
        for y in range(rows):
            at = c * plane + (y + MARGIN) * pitch + MARGIN
            if kind == KNOWN:
                known = numbers[LEVEL] if c == OWN else numbers[SIDE]
                target[at : at + width] = np.float32(known) * units
                continue
            i = min(2 * (first + y) + (dy >> 1), down - 1)
            for x in range(width):
                j = min(2 * x + (dx >> 1), across - 1)
                target[at + x] = units * channel_input(
                    means, base, middle, inverse, i, j, 2 * i + (dy & 1), 2 * j + (dx & 1), kind
                )


@jit
def apply_layer(
    source, target, plane, pitch, first, stop, width, dilation, inputs, outputs, weights, rest, last
):
    """Compute rows first to stop - 1 of a layer; what lies right of the picture becomes zero."""
    for y in range(first, stop):
        row = (y + MARGIN) * pitch + MARGIN
        for g in range(outputs // OUTPUTS):
            own = pointer_to(weights, g * inputs * 9 * OUTPUTS)
            more = pointer_to(rest, g * 2 * OUTPUTS)
            for x in range(0, width, COLUMNS):
                at = pointer_to(source, row + x)
                to = pointer_to(target, g * OUTPUTS * plane + row + x)
                if last:
                    last_strip(at, plane, pitch, dilation, inputs, own, more, to, plane)
                else:
                    hidden_strip(at, plane, pitch, dilation, inputs, own, more, to, plane)
        if not last:
            for c in range(outputs):
                at = c * plane + row
                target[at + width : at + pitch - MARGIN] = np.float32(0)


@jit
def finish_rows(sums, base, numbers, shifts, first, begin, rows, pitch, plane, out):
    """Sub-cells of blocks begin to begin + rows - 1; `sums` starts `first` blocks above."""
    scale, places, low, high = numbers[SCALE], numbers[PLACES], numbers[LOW], numbers[HIGH]
    for y in range(4 * begin, min(4 * (begin + rows), out.shape[0])):
        line = ((y >> 2) - first + MARGIN) * pitch + MARGIN
        for x in range(out.shape[1]):
            c = 4 * (y & 3) + (x & 3)
            total = np.int64(sums[c * plane + line + (x >> 2)])
            out[y, x] = added(np.int64(base[y, x]), total, shifts[c], scale, places, low, high)


@jit
def means_cpu(counter, items, values, numbers, gains, means):
    """Means of the cells of every picture, int32 [N, rows, columns]; item = picture."""
    item = next_item(counter)
    while item < items:
        cell_means(values[item], numbers, gains, means[item])
        item = next_item(counter)


@jit
def interpolate_cells(means, base):
    """Sub-cells between the middles of cells; outside of the picture lies its last cell again."""
    down, across = means.shape
    for y in range(base.shape[0]):
        i = y >> 1
        own, near = means[i], means[min(max(i + 2 * (y & 1) - 1, 0), down - 1)]
        for x in range(base.shape[1]):
            j = x >> 1
            beside = min(max(j + 2 * (x & 1) - 1, 0), across - 1)
            base[y, x] = np.int32(base_of(own[j], own[beside], near[j], near[beside]))


@jit
def interpolate_cpu(counter, items, means, base):
    """Interpolated cells of every picture, int32 [N, 2 rows, 2 columns]; item = picture."""
    item = next_item(counter)
    while item < items:
        interpolate_cells(means[item], base[item])
        item = next_item(counter)


@jit_inline
def halos(dilations, extra):
    """Rows around a band that each layer computes."""
    reach = np.int64(0)
    for k in range(dilations.size - 1, -1, -1):
        extra[k] = reach
        reach += dilations[k]
    return reach


@jit
def net_cpu(
    counter, items, band, means, base, numbers, inverse, sizes, dilations, weights, rests, shifts,
    out,
):  # fmt: skip
    """Denoise one plane of every picture; item = picture * bands + band.

    `sizes` int64 [layers, 2]: inputs and outputs; `weights`, `rests` tuples of float32.
    """
    pictures = means.shape[0]
    bands = items // pictures
    down, across = numbers[DOWN], numbers[ACROSS]
    tall, width = (down + 1) >> 1, (across + 1) >> 1
    pitch = (width + COLUMNS - 1) // COLUMNS * COLUMNS + 2 * MARGIN
    extra = np.zeros(dilations.size, np.int64)
    reach = halos(dilations, extra)
    plane = (band + 2 * reach + 2 * MARGIN) * pitch + COLUMNS
    layers, most = dilations.size, np.int64(0)
    for k in range(layers):
        most = max(most, sizes[k, 0], sizes[k, 1])
    item = next_item(counter)
    while item < items:
        n, begin = item // bands, item % bands * band
        rows = min(band, tall - begin)
        first = max(begin - reach, 0)
        count = min(begin + rows + reach, tall) - first
        a, b = np.zeros(most * plane, np.float32), np.zeros(most * plane, np.float32)
        fill_cells(
            means[n], base[n], numbers, inverse, np.float32(1), first, count, width, pitch, plane,
            sizes[0, 0], a,
        )  # fmt: skip
        for k in range(layers):
            top = max(begin - extra[k], 0) - first
            stop = min(begin + rows + extra[k], tall) - first
            apply_layer(
                a, b, plane, pitch, top, stop, width, dilations[k], sizes[k, 0], sizes[k, 1],
                weights[k], rests[k], k == layers - 1,
            )  # fmt: skip
            a, b = b, a
            if k + 1 < layers:
                clear_around(a, plane, pitch, top, stop, sizes[k, 1])
            if k + 2 == layers and sizes[k + 1, 0] > sizes[k, 1]:
                fill_cells(
                    means[n], base[n], numbers, inverse, LAST_UNITS, first, count, width, pitch,
                    plane, sizes[0, 0], a[sizes[k, 1] * plane :],
                )  # fmt: skip
        finish_rows(a, base[n], numbers, shifts, first, begin, rows, pitch, plane, out[n])
        item = next_item(counter)


@jit
def clear_around(layer, plane, pitch, top, stop, channels):
    """Zero the rows of a layer that lie outside of what was computed: the buffer is used again."""
    for c in range(channels):
        at = c * plane
        layer[at : at + (top + MARGIN) * pitch] = np.float32(0)
        end = at + plane
        layer[at + (stop + MARGIN) * pitch : end] = np.float32(0)
