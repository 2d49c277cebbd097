"""Copying a picture on as many threads as pay off."""

from numbadp.compute.jit import jit
from numbadp.compute.lanes import next_item, settle
from numbadp.compute.rows import copy_bytes, stream_abreast
from numbadp.postprocess.kernels.paint_body import LARGE

PIECE = 1 << 18  # bytes of an item


@jit
def copy_cpu(counter, items, source, target):
    """Copy pieces of one flat array of bytes to another, of a large one past the caches."""
    item = next_item(counter)
    while item < items:
        first, last = item * PIECE, min((item + 1) * PIECE, source.size)
        if source.size >= LARGE:
            stream_abreast(source[first:last], target[first:last])
        else:
            copy_bytes(source[first:last], target[first:last])
        item = next_item(counter)
    settle()
