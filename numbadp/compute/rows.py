"""Rows of bytes added up in sixteen bits, which a vector holds most of."""

import numpy as np

from numbadp.compute.jit import jit_inline

STEP = 4  # rows that are added at once: fewer reads and writes of the sums


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
