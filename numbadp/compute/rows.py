"""Rows of bytes added up in sixteen bits, which a vector holds most of; and copied."""

import numpy as np

from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.lanes import (
    LANES,
    LINE,
    alike_few,
    alike_line,
    bytes_to_line,
    copy_line,
    fetch_line,
    pointer_to,
    stream_line,
)

STEP = 4  # rows that are added at once: fewer reads and writes of the sums
ABREAST = 4  # places that are copied in turn: a core fetches more lines ahead than from one


@jit_inline
def add_rows(picture, first, last, left, sums):
    """Add rows first to last - 1 of bytes [H, W], from column `left` on, to `sums`, uint16.

    They wrap beyond 65535: up to 257 rows are exact.
    """
    right, y = left + sums.size, first
    while y + STEP <= last:
        a, b = picture[y, left:right], picture[y + 1, left:right]
        c, d = picture[y + 2, left:right], picture[y + 3, left:right]
        for i in range(sums.size):
            sums[i] = np.uint16(
                sums[i] + np.uint16(a[i]) + np.uint16(b[i]) + np.uint16(c[i]) + np.uint16(d[i])
            )
        y += STEP
    while y < last:
        a = picture[y, left:right]
        for i in range(sums.size):
            sums[i] = np.uint16(sums[i] + np.uint16(a[i]))
        y += 1


@jit
def run_end(row, first, stop):
    """Where the run of equal bytes ends that begins at `first` of a row, `stop` at most."""
    value, x = row[first], first + 1
    while x + LINE <= stop:
        alike = alike_line(pointer_to(row, x), value)
        x += alike
        if alike < LINE:
            return x
    while x + LANES <= stop:
        alike = alike_few(pointer_to(row, x), value)
        x += alike
        if alike < LANES:
            return x
    while x < stop and row[x] == value:
        x += 1
    return x


@jit
def fetch_rows(picture, first, last, left, right):
    """Ask for bytes left to right - 1 of rows first to last - 1 of a picture [H, W].

    Short rows lie in memory far from each other: a core that meets them one by one waits for each.
    """
    first, last = max(first, 0), min(last, picture.shape[0])
    left, right = max(left, 0), min(right, picture.shape[1])
    for y in range(first, last):
        row = picture[y]
        for x in range(left, right, LINE):
            fetch_line(pointer_to(row, x))
        if right > left:
            fetch_line(pointer_to(row, right - 1))


@jit
def copy_bytes(source, target):
    """Copy as many bytes as the target has."""
    for i in range(target.size):
        target[i] = source[i]


@jit
def copy_abreast(source, target):
    """Copy as many bytes as the target has, many of them."""
    first = min(bytes_to_line(target), target.size)
    copy_bytes(source[:first], target[:first])
    part = (target.size - first) // (ABREAST * LINE) * LINE
    for i in range(0, part, LINE):
        for k in range(ABREAST):
            at = first + k * part + i
            copy_line(pointer_to(source, at), pointer_to(target, at))
    rest = first + ABREAST * part
    copy_bytes(source[rest:], target[rest:])


@jit
def stream_abreast(source, target):
    """The same past the caches: memory that is written whole need not be read before."""
    first = min(bytes_to_line(target), target.size)
    copy_bytes(source[:first], target[:first])
    part = (target.size - first) // (ABREAST * LINE) * LINE
    for i in range(0, part, LINE):
        for k in range(ABREAST):
            at = first + k * part + i
            stream_line(pointer_to(source, at), pointer_to(target, at))
    rest = first + ABREAST * part
    copy_bytes(source[rest:], target[rest:])
