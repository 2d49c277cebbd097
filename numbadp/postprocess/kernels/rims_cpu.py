"""What rims say within sub-cells of islands, on the CPU: an island at a time."""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.compute.kernel_inlined import as_shape
from numbadp.compute.lanes import LANES, next_item
from numbadp.plan.islands import HEIGHT, START, WIDTH
from numbadp.postprocess.kernels.guide_cpu import finer_row, weights_for
from numbadp.postprocess.kernels.shrink_cpu import (
    guess_around,
    lowest_so_far,
    read_around,
    rim_room,
    widen_guess,
)


@jit
def finer_plane(grid, side, out):
    """Interpolate a plane to sub-cells that are finer by `side`."""
    rows, columns = out.shape
    if side == 1:
        for y in range(rows):
            out[y] = grid[y]
        return
    row = np.zeros(grid.shape[1] + 2 + LANES, np.int16)
    line = np.zeros((grid.shape[1] + 2) * side + LANES, np.int16)
    weights = weights_for(side)
    for y in range(rows):
        finer_row(grid, side, weights, y, row, line)
        out[y] = line[side >> 1 : (side >> 1) + columns]


@jit
def add_within(guess, side, low, high, spare, out):
    """Add what a guess has within sub-cells, `side` of its own across, to a plane.

    `spare` is scratch for twice as many values.
    """
    rows, columns = guess.shape
    wide = as_shape(spare, guess.shape)
    for y in range(rows):
        for x in range(columns):
            wide[y, x] = guess[y, x]
    at = widen_guess(spare, 0, guess.size, rows, columns, side)
    means = np.empty(guess.shape, np.int16)
    finer_plane(as_shape(spare[at:], (-(-rows // side), -(-columns // side))), side, means)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            value = np.int32(out[y, x]) + np.int32(guess[y, x]) - np.int32(means[y, x])
            out[y, x] = np.int16(min(max(value, low), high))


@jit
def rims_cpu(counter, items, grids, sides, numbers, islands, fine, masks, limits, pictures, out):
    """Planes of every island on finer sub-cells; item = island.

    `sides` [planes, 2] are those of a plane's sub-cells and of the finer ones; `numbers`
    [planes, 6] side, pad, divisor and form of what rims are filled in by, sides and pads all the
    same; `islands` and `fine` tell where planes begin.
    """
    lowest = np.empty(islands.shape[0], np.int64)
    lowest_so_far(islands, lowest)
    room = rim_room(numbers, islands, pictures.shape[3])
    spare = np.empty(3 * room[4].size, np.int16)
    item = next_item(counter)
    while item < items:
        island = islands[item]
        rows, columns, before = read_around(
            item, numbers, islands, lowest, masks, pictures, room
        )  # fmt: skip
        shape = rows, columns, pictures.shape[3]
        wide, fine_side = sides.shape[0], numbers[0, 0]
        guesses = np.empty(
            (wide, -(-island[HEIGHT] // fine_side), -(-island[WIDTH] // fine_side)), np.int16
        )  # fmt: skip
        known = guess_around(numbers, limits, 0, wide, room, shape, before, guesses)
        for k in range(wide):
            side, finer = sides[k, 0], sides[k, 1]
            rows, columns = -(-island[HEIGHT] // side), -(-island[WIDTH] // side)
            down, across = -(-island[HEIGHT] // finer), -(-island[WIDTH] // finer)
            first, start = island[START + k], fine[item, START + k]
            grid = grids[k][0, first : first + rows * columns].reshape(rows, columns)
            target = out[k][0, start : start + down * across].reshape(down, across)
            finer_plane(grid, side // finer, target)
            if known and side > finer:  # then the finer ones are as wide as the guesses' are
                low, high = np.int32(limits[k, 0]), np.int32(limits[k, 1])
                add_within(guesses[k], side // finer, low, high, spare, target)
        item = next_item(counter)
