"""The polishing nets where noise differs from cell to cell, one plane on one thread.

As `polish_cpu`, but every cell has the net for its own noise, and its units: 32 cells of a row are
summed once for each net among them, which is one nearly everywhere.  Nets of neighbouring octaves
were trained from each other, so that one understands what another one's cells say beside its own.
Only what is drawn anew is computed, and the activations around it.
"""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.compute.lanes import LANES, pointer_to
from numbadp.postprocess.kernels.filter_body import ACROSS, COLUMNS, DOWN, HIGH, LOW, ROWS
from numbadp.postprocess.kernels.net_row import COLUMNS as STRIP
from numbadp.postprocess.kernels.net_row import VECTORS, last_strip, subcell_strip
from numbadp.postprocess.kernels.polish_body import HIDDEN, INPUTS, SUBCELLS
from numbadp.postprocess.kernels.polish_cpu import (
    added,
    nearest,
    read_cells,
    repeat_edges,
    repeat_ends,
)
from numbadp.postprocess.kernels.steady_cpu import larger
from numbadp.postprocess.kernels.steady_denoise_cpu import block_end, next_run, smaller
from numbadp.postprocess.kernels.steady_filter_cpu import BAND, kinds_of, sums_of
from numbadp.postprocess.kernels.steady_polish_body import (
    HALF,
    INVERSE,
    MIDDLE,
    SHARE,
    build_activation,
)

activation = build_activation(jit, larger, smaller, nearest)


@jit
def look_at(noise, edges, share, kinds, present, levels, shares):
    """Nets of a row of cells, their noise scales, and their shares of a sum."""
    kinds_of(noise, edges, kinds, present)
    for j in range(noise.size):
        levels[j] = np.sqrt(HALF * noise[j])
        shares[j] = share / levels[j]


@jit
def wanted_strips(turns, i, wanted):
    """Strips of a row of cells that are drawn anew, or lie beside cells that are."""
    rows, blocks = turns.shape
    for s in range(wanted.size):
        found = np.uint8(0)
        for y in range(max(i - 1, 0), min(i + 2, rows)):
            for k in range(max(VECTORS * s - 1, 0), min(VECTORS * (s + 1) + 1, blocks)):
                found |= turns[y, k]
        wanted[s] = found


@jit
def nets_of(present, s):
    """Bit k is set where a cell of a strip takes net k."""
    found = np.int32(0)
    for k in range(VECTORS * s, min(VECTORS * (s + 1), present.size)):
        found |= present[k]
    return found


@jit
def activate(sums, kinds, kind, shares, scales, first, hidden, to):
    """Activations of a strip from its sums, of the cells of one kind."""
    for o in range(HIDDEN):
        own, target = sums[o * STRIP : (o + 1) * STRIP], hidden[o, to, first + 1 :]
        scale, one = scales[2 * o + 1], target[:STRIP]
        for j in range(STRIP):
            new = activation(own[j], shares[first + j], scale)
            one[j] = new if kinds[first + j] == kind else one[j]


@jit
def hide_row(cells, at, hidden, to, across, looks, wanted, nets, sums):
    """The wanted strips of a row of the hidden layer, `to`, from the rows of cells around `at`."""
    kinds, present, _, shares = looks
    first, scales, _, _, nothing = nets
    pitch, plane = cells.shape[2], cells[0].size
    source = cells.reshape(-1)
    for s in range(wanted.size):
        left, kind = np.int32(nets_of(present, s) if wanted[s] else 0), 0
        while left >> kind:
            if (left >> kind) & 1:
                last_strip(
                    pointer_to(source, at * pitch + s * STRIP + 1), plane, pitch, 1, INPUTS,
                    pointer_to(first[kind], 0), pointer_to(nothing, 0), pointer_to(sums, 0), STRIP,
                )  # fmt: skip
                activate(sums, kinds, kind, shares, scales[kind], s * STRIP, hidden, to)
            kind += 1
    repeat_ends(hidden, to, across)


@jit
def sum_strip(source, place, plane, pitch, second, nothing, sums):
    """Sums of the second layer of a strip."""
    subcell_strip(
        pointer_to(source, place), plane, pitch, 1, HIDDEN, pointer_to(second, 0),
        pointer_to(nothing, 0), pointer_to(sums, 0), STRIP,
    )  # fmt: skip


@jit
def sum_row(hidden, at, turns, looks, nets, sums, totals, gains):
    """Sums of the second layer of the strips of a row that have turns, and what they are worth."""
    kinds, present, levels, _ = looks
    _, _, second, settled, nothing = nets
    pitch, plane = hidden.shape[2], hidden[0].size
    source = hidden.reshape(-1)
    for s in range(totals.shape[1] // STRIP):
        a, left, kind = s * STRIP, np.int32(0), 0
        if turns[VECTORS * s : VECTORS * (s + 1)].max() > 0:
            left = nets_of(present, s)
        while left >> kind:
            if (left >> kind) & 1:
                sum_strip(source, at * pitch + a + 1, plane, pitch, second[kind], nothing, sums)
                for c in range(SUBCELLS):
                    own, target = sums[c * STRIP : (c + 1) * STRIP], totals[c, a : a + STRIP]
                    for j in range(STRIP):
                        target[j] = own[j] if kinds[a + j] == kind else target[j]
                for j in range(STRIP):
                    new = levels[a + j] * settled[kind]
                    gains[a + j] = new if kinds[a + j] == kind else gains[a + j]
            kind += 1


@jit
def write_cells(row, left, right, gains, low, high, out):
    """Add what even and odd columns of sub-cells lack."""
    for j in range(out.size >> 1):
        out[2 * j] = added(row[2 * j], left[j], gains[j], low, high)
        out[2 * j + 1] = added(row[2 * j + 1], right[j], gains[j], low, high)
    if out.size & 1:
        last = out.size - 1
        out[last] = added(row[last], left[last >> 1], gains[last >> 1], low, high)


@jit
def write_row(grid, i, turns, numbers, totals, gains, out):
    """Polish the sub-cells of the blocks of a row of cells that have turns."""
    across, rows, columns = numbers[ACROSS], numbers[ROWS], numbers[COLUMNS]
    low, high = np.int32(numbers[LOW]), np.int32(numbers[HIGH])
    for y in range(2 * i, min(2 * i + 2, rows)):
        pair = 2 * (y & 1)
        first, end = next_run(turns, 0, 0)
        while first < end:
            a, b = first * LANES, block_end(end - 1, across)
            c = min(2 * b, columns)
            write_cells(
                grid[y, 2 * a : c], totals[pair, a:b], totals[pair + 1, a:b], gains[a:b], low, high,
                out[y, 2 * a : c],
            )  # fmt: skip
            first, end = next_run(turns, 0, end)


@jit
def polish_rows(noise, values, grid, numbers, places, gains, edges, nets, turns, begin, stop, out):
    """Polish the blocks of rows `begin` to `stop` - 1 of cells that have turns."""
    down, across = numbers[DOWN], numbers[ACROSS]
    wide = (across + STRIP - 1) // STRIP * STRIP
    looks = (
        np.empty(wide, np.int32), np.empty(turns.shape[1], np.int32), np.ones(wide, np.float32),
        np.ones(wide, np.float32),
    )  # fmt: skip
    kinds, present, levels, shares = looks
    top, end = max(begin - 2, 0), min(stop + 2, down)
    cells = np.zeros((INPUTS, end - top + 2, wide + 2), np.float32)
    read_cells(
        values, grid, numbers, np.int32(places[MIDDLE]), gains[INVERSE], top, end, cells
    )  # fmt: skip
    above, below = max(begin - 1, 0), min(stop + 1, down)
    hidden = np.zeros((HIDDEN, below - above + 2, wide + 2), np.float32)
    wanted, sums = np.empty(wide // STRIP, np.uint8), np.empty(HIDDEN * STRIP, np.float32)
    for i in range(above, below):
        wanted_strips(turns, i, wanted)
        if wanted.max() > 0:
            look_at(noise[i], edges, gains[SHARE], kinds, present, levels, shares)
            hide_row(cells, i - top + 1, hidden, i - above + 1, across, looks, wanted, nets, sums)
    repeat_edges(hidden, above, below, down)
    totals, worth = np.zeros((SUBCELLS, wide), np.float32), np.zeros(wide, np.float32)
    for i in range(begin, stop):
        if turns[i].max() > 0:
            look_at(noise[i], edges, gains[SHARE], kinds, present, levels, shares)
            sum_row(hidden, i - above + 1, turns[i], looks, nets, sums, totals, worth)
            write_row(grid, i, turns[i], numbers, totals, worth, out)


@jit
def steady_polish_cpu(shown, noise, grid, numbers, places, gains, edges, nets, turns, out):
    """Polish the blocks of a plane that have turns: the sub-cells of `grid` into `out`.

    `shown` and `noise` are means and variances of cells; `nets` are those of `polish_weights`:
    first, rests, second, what a unit of a last sum is worth, and the rests of plain sums.
    """
    values = np.empty(shown.size, np.int64)
    sums_of(shown, numbers, values)
    for begin in range(0, shown.shape[0], BAND):
        stop = min(begin + BAND, shown.shape[0])
        if turns[begin:stop].max() > 0:
            polish_rows(
                noise, values, grid, numbers, places, gains, edges, nets, turns, begin, stop, out
            )  # fmt: skip
