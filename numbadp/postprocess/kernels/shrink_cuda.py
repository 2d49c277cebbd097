"""Drawing planes towards their centres on the GPU: moments by one block a plane, then a move."""

import numpy as np

from numbadp.compute.gpu import INT64, cuda, jit_device, jit_kernel
from numbadp.postprocess.kernels.shrink_body import (
    build_centre,
    build_drawn,
    build_ended,
    build_weight,
)

THREADS = 256
# Columns of `geometry`, one row a plane; starts are counted for one picture.
COUNT, START, GUIDED, MIDDLE, KEEP_MIDDLE, NOISE, PRIOR, TRUST, SOFT = range(9)
DEPTH, LOW, HIGH, FIRST_BLOCK = range(9, 13)

centre_of = build_centre(jit_device)
weight_of = build_weight(jit_device)
drawn = build_drawn(jit_device)
ended = build_ended(jit_device)


@jit_device
def added(sums, own, count, t):
    """Sums of what every thread brings: of `own` and of `count`."""
    sums[2 * t], sums[2 * t + 1] = own, count
    cuda.syncthreads()
    half = cuda.blockDim.x >> 1
    while half > 0:
        if t < half:
            sums[2 * t] += sums[2 * (t + half)]
            sums[2 * t + 1] += sums[2 * (t + half) + 1]
        cuda.syncthreads()
        half >>= 1
    total, number = sums[0], sums[1]
    cuda.syncthreads()
    return total, number


@jit_kernel
def moments_cuda(grids, batch, geometry, centres, insides, found):
    """Centre and weight of every plane of every picture, `found` int64 [planes, N, 2].

    `insides` is uint8, one plane of one picture after another, or has one element: all count.
    """
    sums = cuda.shared.array(0, INT64)
    k, t = np.int64(cuda.blockIdx.x), np.int64(cuda.threadIdx.x)
    count, step = geometry[k, COUNT], np.int64(cuda.blockDim.x)
    first = geometry[k, START]
    everywhere = insides.size == 1
    n = np.int64(cuda.blockIdx.y)
    while n < batch:
        start = first * batch + n * count
        total, number = np.int64(0), np.int64(0)
        i = t
        while i < count:
            if everywhere or insides[first + i] != 0:
                total += np.int64(grids[start + i])
                number += 1
            i += step
        total, number = added(sums, total, number, t)
        number = max(number, np.int64(1))
        centre = centre_of(total, number, geometry[k, MIDDLE], geometry[k, KEEP_MIDDLE])
        spread, i = np.int64(0), t
        while i < count:
            if everywhere or insides[first + i] != 0:
                towards = centre
                if geometry[k, GUIDED] != 0:
                    towards = np.int64(centres[start + i])
                away = np.int64(grids[start + i]) - towards
                spread += away * away
            i += step
        spread, _ = added(sums, spread, np.int64(0), t)
        if t == 0:
            weight = weight_of(
                spread // number, geometry[k, NOISE], geometry[k, PRIOR], geometry[k, TRUST],
                geometry[k, SOFT],
            )  # fmt: skip
            found[k, n, 0], found[k, n, 1] = centre, weight
        n += cuda.gridDim.y


@jit_kernel
def draw_cuda(grids, batch, geometry, centres, found, out):
    """Move every sub-cell towards its centre."""
    block = np.int64(cuda.blockIdx.x)
    k = 0
    while k + 1 < geometry.shape[0] and block >= geometry[k + 1, FIRST_BLOCK]:
        k += 1
    i = (block - geometry[k, FIRST_BLOCK]) * cuda.blockDim.x + cuda.threadIdx.x
    count = geometry[k, COUNT]
    if i >= count:
        return
    n = np.int64(cuda.blockIdx.y)
    while n < batch:
        at = geometry[k, START] * batch + n * count + i
        centre = np.int32(found[k, n, 0])
        if geometry[k, GUIDED] != 0:
            centre = np.int32(centres[at])
        value = drawn(np.int32(grids[at]), centre, np.int32(found[k, n, 1]))
        out[at] = np.int16(
            ended(
                value, np.int32(geometry[k, DEPTH]), np.int32(geometry[k, LOW]),
                np.int32(geometry[k, HIGH]),
            )
        )  # fmt: skip
        n += cuda.gridDim.y
