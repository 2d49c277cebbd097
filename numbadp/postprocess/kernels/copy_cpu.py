"""Copying a picture on as many threads as pay off."""

from numbadp.compute.jit import jit
from numbadp.compute.lanes import next_item

PIECE = 1 << 18  # bytes of an item


@jit
def copy_cpu(counter, items, source, target):
    """Copy pieces of one flat array of bytes to another."""
    item = next_item(counter)
    while item < items:
        first, last = item * PIECE, min((item + 1) * PIECE, source.size)
        own, out = source[first:last], target[first:last]
        for i in range(out.size):
            out[i] = own[i]
        item = next_item(counter)
