"""The temporal filter on the CPU: one frame of one plane, pass by pass over its cells.

A plane is done by one thread, and sums over many cells are kept one a column and added up in order:
the result depends on nothing but the numbers.
"""

import numpy as np

from numbadp.compute.jit import jit, jit_inline
from numbadp.postprocess.kernels.steady_body import (
    HALF,
    ONE,
    build_share,
    build_spread,
    build_towards,
)
from numbadp.postprocess.kernels.steady_fit_cpu import (
    add_light,
    fit_sums,
    quiet_cells,
    smooth_background,
    total,
    whole_grid,
)
from numbadp.postprocess.kernels.steady_windows_cpu import (
    decide,
    grow,
    mark_jumps,
    mark_moving,
    window_limits,
)

PATIENCE = 10  # frames that a cell moves before what it shows becomes the background
SIDE = 16  # of a tile
CUT, TILE_CUT = np.float32(25), np.float32(9)
CHI = 40.0  # gain of a fit that says that the camera or the light changed
RESTARTED, CAMERA, LIGHT, MOVING, ENERGY = range(5)  # of `told`


@jit_inline
def larger(a, b):
    """Where a > b a, else b."""
    return a if a > b else b


@jit_inline
def product(a, b):
    """A product; Numba fuses none by itself."""
    return a * b


spread = build_spread(jit_inline, larger, product)
share = build_share(jit_inline, larger, product)
towards = build_towards(jit_inline, product)


@jit
def read_frame(sums, gains, y):
    """Means of cells, in grey levels."""
    rows, columns = y.shape
    for i in range(rows):
        gain, own, row = gains[np.int64(i == rows - 1)], sums[i * columns : (i + 1) * columns], y[i]
        for j in range(columns):
            row[j] = np.float32(np.float64(own[j]) * gain[0])
        row[columns - 1] = np.float32(np.float64(own[columns - 1]) * gain[1])


@jit
def start_again(y, v, x, p, f, pf, count, moving, all_moving):
    """Take the new frame for everything."""
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            x[i, j] = y[i, j]
            f[i, j] = y[i, j]
            p[i, j] = v[i, j]
            pf[i, j] = v[i, j]
            count[i, j] = 0
            moving[i + 1, j + 1] = all_moving


@jit
def far_from(y, x, p, v, columns):
    """Mean squared deviation from the background, in variances, each at most CUT."""
    columns[:] = 0
    for i in range(y.shape[0]):
        new, old, slow, noise = y[i], x[i], p[i], v[i]
        for j in range(new.size):
            z = new[j] - old[j]
            columns[j] += np.float64(min((z * z) / (slow[j] + noise[j]), CUT))
    return total(columns[: y.shape[1]]) / y.size


@jit
def step_fast(y, v, f, pf, x, p, jumps, wide, across, forced, apart, spreads):
    """Step or jump the fast estimate; then how far it is from the slow one."""
    for i in range(y.shape[0]):
        grow(wide, i, across)
        for j in range(y.shape[1]):
            if (jumps[i + 1, j + 1] | across[j]) | forced[i, j]:
                f[i, j] = y[i, j]
                pf[i, j] = v[i, j]
            else:
                f[i, j] = towards(f[i, j], y[i, j], HALF)
                pf[i, j] = HALF * v[i, j]
            apart[i + 2, j + 2] = f[i, j] - x[i, j]
            spreads[i + 2, j + 2] = spread(pf[i, j], p[i, j])


@jit
def set_apart(f, x, apart):
    """How far the fast estimate is from the slow one."""
    for i in range(f.shape[0]):
        for j in range(f.shape[1]):
            apart[i + 2, j + 2] = f[i, j] - x[i, j]


@jit
def tile_energy(apart, spreads, hot, top, bottom, columns, counts):
    """Squared deviations of the quiet cells of some rows and their number, by column."""
    columns[:] = 0
    counts[:] = 0
    for i in range(top, bottom):
        d, v, busy = apart[i + 2], spreads[i + 2], hot[i]
        for j in range(busy.size):
            calm = ONE - np.float32(busy[j])
            columns[j] += np.float64(min((d[j + 2] * d[j + 2]) / v[j + 2], TILE_CUT) * calm)
            counts[j] += np.float64(calm)


@jit
def hot_tiles(apart, spreads, hot, columns, counts, marks):
    """Mark tiles, and the grid, whose quiet cells together differ by more than noise does."""
    rows, width = hot.shape
    all_energy, all_count = 0.0, 0.0
    for t in range(marks.shape[0]):
        tile_energy(apart, spreads, hot, t * SIDE, min((t + 1) * SIDE, rows), columns, counts)
        for s in range(marks.shape[1]):
            first, last = s * SIDE, min((s + 1) * SIDE, width)
            energy, count = total(columns[first:last]), total(counts[first:last])
            all_energy += energy
            all_count += count
            marks[t, s] = count >= 0.25 * SIDE * SIDE and beyond(energy, count)
    return all_count >= 0.25 * rows * width and beyond(all_energy, all_count)


@jit
def beyond(energy, count):
    """Whether a mean of so many squared deviations is more than noise."""
    return energy / count > 1 + 5 * np.sqrt(3 / count)


@jit
def step_slow(y, v, x, p, f, pf, count, hot, moving, shown, noise):
    """Step the slow estimate where nothing moves; choose what is shown; count what moves."""
    busy = 0
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            if hot[i, j]:
                count[i, j] += 1
                if count[i, j] >= PATIENCE:
                    x[i, j], p[i, j], count[i, j], hot[i, j] = f[i, j], pf[i, j], 0, 0
            else:
                part, before = share(p[i, j], v[i, j])
                x[i, j] = towards(x[i, j], y[i, j], part)
                p[i, j] = before * (ONE - part)
                count[i, j] = 0
            moves = hot[i, j] != 0
            moving[i + 1, j + 1] = hot[i, j]
            shown[i, j] = f[i, j] if moves else x[i, j]
            noise[i, j] = pf[i, j] if moves else p[i, j]
            busy += np.int64(moves)
    return busy


@jit
def show_all(y, v, shown, noise):
    """Show a frame as it was measured."""
    shown[:] = y
    noise[:] = v


@jit
def compare(y, v, grids, marks, rows, limits, forced):
    """Steps 2 and 3: the fast estimate, and which cells it says move."""
    x, p, f, pf, _, _, apart, spreads = grids
    _, moving, own, wide, hot, across, near = marks
    three, five, three_spread, five_spread = rows
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            apart[i + 2, j + 2] = y[i, j] - f[i, j]
    mark_jumps(apart, limits, three, five, own, wide)
    step_fast(y, v, f, pf, x, p, own, wide, across, forced, apart, spreads)
    mark_moving(apart, spreads, three, five, three_spread, five_spread, own, wide)
    decide(own, wide, across, near, moving, forced, hot)


@jit
def follow(f, x, grids, marks, rows, forced):
    """Step 3 again, after the background was changed."""
    apart, spreads = grids[6], grids[7]
    _, moving, own, wide, hot, across, near = marks
    three, five, three_spread, five_spread = rows
    set_apart(f, x, apart)
    mark_moving(apart, spreads, three, five, three_spread, five_spread, own, wide)
    decide(own, wide, across, near, moving, forced, hot)


@jit
def settle(y, v, grids, marks, columns, counts, tiles, told):
    """Steps 5 to 7: tiles, the slow estimate, what is shown."""
    x, p, f, pf, shown, noise, apart, spreads = grids
    count, moving, _, _, hot, _, _ = marks
    everything = hot_tiles(apart, spreads, hot, columns, counts, tiles)
    for i in range(hot.shape[0]):
        for j in range(hot.shape[1]):
            hot[i, j] |= np.uint8(everything) | tiles[i // SIDE, j // SIDE]
    told[MOVING] = step_slow(y, v, x, p, f, pf, count, hot, moving, shown, noise) / y.size
    told[RESTARTED] = 0.0


@jit
def restart(y, v, grids, marks, told, all_moving):
    """Forget everything but this frame."""
    x, p, f, pf, shown, noise, _, _ = grids
    start_again(y, v, x, p, f, pf, marks[0], marks[1], all_moving)
    show_all(y, v, shown, noise)
    told[RESTARTED] = 1.0
    told[MOVING] = 1.0


@jit
def lead_cpu(sums, gains, v, grids, marks, rows, columns, counts, tiles, limits, forced, y, a,
             fits, told):  # fmt: skip
    """One frame of the plane whose flags the others follow: all seven steps."""
    x, p = grids[0], grids[1]
    read_frame(sums, gains, y)
    energy = far_from(y, x, p, v, columns)
    if energy > 1.4 * told[ENERGY] + 6 * np.sqrt(5 / y.size):  # step 1: a cut
        told[ENERGY], told[CAMERA], told[LIGHT] = 1.0, np.inf, 0.0
        restart(y, v, grids, marks, told, np.uint8(1))
        return
    told[ENERGY] = 0.9 * told[ENERGY] + 0.1 * max(1.0, energy)
    compare(y, v, grids, marks, rows, limits, forced)
    told[CAMERA] = told[LIGHT] = 0.0
    if y.shape[0] >= 8 and y.shape[1] >= 8:  # step 4: what the whole grid says
        answer = np.zeros(4)
        smooth_background(x, rows[0], a)
        fit_sums(grids[6], grids[7], marks[4], a, fits)
        told[CAMERA], told[LIGHT] = whole_grid(fits, answer)
        if told[CAMERA] > CHI or quiet_cells(marks[4]) < 0.1 * y.size:
            told[CAMERA] = max(told[CAMERA], 2 * CHI)
            restart(y, v, grids, marks, told, np.uint8(1))
            return
        if told[LIGHT] > CHI:
            add_light(x, a, answer)
            follow(grids[2], x, grids, marks, rows, forced)
    settle(y, v, grids, marks, columns, counts, tiles, told)


@jit
def follow_cpu(sums, gains, v, grids, marks, rows, columns, counts, tiles, limits, forced, y,
               told):  # fmt: skip
    """One frame of a plane that moves where another one does, and where it sees so itself."""
    read_frame(sums, gains, y)
    compare(y, v, grids, marks, rows, limits, forced)
    settle(y, v, grids, marks, columns, counts, tiles, told)


@jit
def restart_cpu(sums, gains, v, grids, marks, y, told):
    """First frame of a plane."""
    read_frame(sums, gains, y)
    restart(y, v, grids, marks, told, np.uint8(0))


@jit
def limits_cpu(variances, limits):
    """Squared deviations beyond which the fast estimate jumps, from 2 v with a margin of two."""
    window_limits(variances, limits)
