"""Total variation with a quadratic data term, plane by plane: for Gaussian noise and for counts.

Chambolle and Pock's primal-dual method with steps 1 and 1/8; rows are contiguous, so the inner
loops become vector instructions.
"""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.compute.lanes import next_item

ASCENT, DESCENT = np.float32(1), np.float32(0.125)
ZERO, ONE, TWO = np.float32(0), np.float32(1), np.float32(2)


@jit
def ascend(bar, across, down):
    """Move the dual along the differences of `bar` and project it onto the unit disc."""
    rows, columns = bar.shape
    for i in range(rows):
        own, below = bar[i], bar[min(i + 1, rows - 1)]
        p, q = across[i], down[i]
        for j in range(columns - 1):
            a = p[j] + ASCENT * (own[j + 1] - own[j])
            b = q[j] + ASCENT * (below[j] - own[j])
            size = max(ONE, np.sqrt(a * a + b * b))
            p[j] = a / size
            q[j] = b / size
        last = columns - 1
        b = q[last] + ASCENT * (below[last] - own[last])
        q[last] = b / max(ONE, abs(b))


@jit
def descend(value, bar, seen, pull, across, down):
    """Move `value` along the divergence and towards `seen`; extrapolate into `bar`."""
    rows, columns = value.shape
    for i in range(rows):
        above, own, p = down[max(i - 1, 0)], down[i], across[i]
        weight = np.float32(i > 0)
        for j in range(columns):
            left = p[j - 1] if j > 0 else ZERO
            slope = p[j] - left + own[j] - weight * above[j]
            old = value[i, j]
            step = DESCENT * pull[i, j]
            new = (old + DESCENT * slope + step * seen[i, j]) / (ONE + step)
            bar[i, j] = TWO * new - old
            value[i, j] = new


@jit
def rof_cpu(counter, items, planes, pull, iterations):
    """Denoise `planes` [items, rows, columns] in place; `pull` is the weight of the data."""
    rows, columns = planes.shape[1], planes.shape[2]
    seen, bar = np.empty((rows, columns), np.float32), np.empty((rows, columns), np.float32)
    across, down = np.empty_like(seen), np.empty_like(seen)
    item = next_item(counter)
    while item < items:
        value = planes[item]
        seen[:] = value
        bar[:] = value
        across[:] = ZERO
        down[:] = ZERO
        for _ in range(iterations):
            ascend(bar, across, down)
            descend(value, bar, seen, pull[item], across, down)
        item = next_item(counter)
