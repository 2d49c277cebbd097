"""The pixels outside of a region: copied as they are, 0 in place of those inside."""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.compute.lanes import next_item
from numbadp.compute.rows import copy_abreast, run_end
from numbadp.plan.islands import HEIGHT, LEFT, MASK, PICTURE, TOP, WIDTH

STRIP = 16  # rows of an item


@jit
def clear_bytes(row):
    """Set bytes to 0."""
    for i in range(row.size):
        row[i] = np.uint8(0)


@jit
def clear_rows(picture, channels, island, masks, first, last):
    """Set an island's pixels in rows first to last - 1 of a picture [H, W * C] to 0."""
    left, width = island[LEFT] * channels, island[WIDTH]
    for y in range(max(first, island[TOP]), min(last, island[TOP] + island[HEIGHT])):
        row = picture[y, left : left + width * channels]
        if island[MASK] < 0:
            clear_bytes(row)
            continue
        begin = island[MASK] + (y - island[TOP]) * width
        x, stop = begin, begin + width
        while x < stop:
            end = run_end(masks, x, stop)
            if masks[x] > 0:
                clear_bytes(row[(x - begin) * channels : (end - begin) * channels])
            x = end


@jit
def outside_cpu(counter, items, pictures, channels, islands, masks, out):
    """Copy strips of `pictures` [N, H, W * C] to `out` without the islands' pixels."""
    strips = items // pictures.shape[0]
    item = next_item(counter)
    while item < items:
        n, first = item // strips, item % strips * STRIP
        last = min(first + STRIP, pictures.shape[1])
        copy_abreast(pictures[n, first:last].reshape(-1), out[n, first:last].reshape(-1))
        for i in range(islands.shape[0]):
            crosses = islands[i, TOP] < last and islands[i, TOP] + islands[i, HEIGHT] > first
            if islands[i, PICTURE] == n and crosses:
                clear_rows(out[n], channels, islands[i], masks, first, last)
        item = next_item(counter)
