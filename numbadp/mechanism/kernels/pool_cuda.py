"""Exact sums over many pictures on the GPU, as `pool_cpu` makes them.

One thread has a pixel, a cell or a track, so that nothing is added twice.
"""

import numpy as np

from numbadp.compute.gpu import cuda, jit_kernel

THREADS = 128


@jit_kernel
def pictures_cuda(pictures, labels, kept, sums, counts):
    """Add the pictures [n, P] that are kept to `sums` of their classes; thread 0 counts them."""
    pixel = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    if pixel < pictures.shape[1]:
        for i in range(pictures.shape[0]):
            if kept[i] != 0:
                sums[labels[i], pixel] += np.int64(pictures[i, pixel])
                if pixel == 0:
                    counts[labels[i]] += 1


@jit_kernel
def votes_cuda(frames, cell, bins, first, votes):
    """Let every frame [n, H, W, C] vote; one thread a cell and channel: `pool_cpu.add_votes`."""
    count, height, width, channels = frames.shape
    columns = np.int64(votes.shape[1])
    place = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    if place < votes.shape[0] * columns * channels:
        c, x, y = place % channels, place // channels % columns, place // (channels * columns)
        top, left = y * cell, x * cell
        bottom, right = min(top + cell, height), min(left + cell, width)
        step, pixels = np.int64(256) // bins, (bottom - top) * (right - left)
        for t in range(count):
            total = (first + t) % step * pixels
            for i in range(top, bottom):
                for j in range(left, right):
                    total += np.int64(frames[t, i, j, c])
            votes[y, x, c, total // (pixels * step)] += 1


@jit_kernel
def tracks_cuda(cells, tracks, most, seen, used):
    """Keep the first `most` different cells of every track; one thread has a track."""
    track = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    if track < used.size:
        for i in range(cells.size):
            cell = cells[i]
            if tracks[i] == track and cell >= 0 and used[track] < most:
                new = True
                for k in range(used[track]):
                    new &= seen[track, k] != cell
                if new:
                    seen[track, used[track]] = cell
                    used[track] += 1


@jit_kernel
def visits_cuda(seen, used, counts):
    """Count the tracks of every cell; one thread has a cell: with `tracks_cuda` `add_visits`."""
    cell = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    if cell < counts.size:
        counts[cell] = 0
        for track in range(used.size):
            for k in range(used[track]):
                if seen[track, k] == cell:
                    counts[cell] += 1
