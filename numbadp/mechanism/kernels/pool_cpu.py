"""Exact sums over many pictures on the CPU.

Pictures of a class are added to 16-bit columns, which go into 64-bit sums before they could wrap:
narrow columns stay in the nearest cache, and sixteen-bit additions are the most a vector holds.
"""

import numpy as np

from numbadp.compute.jit import jit, jit_inline

FULL = 257  # pictures that 16 bits hold: 257 * 255 = 65535


@jit_inline
def flush(k, columns, filled, sums):
    """Move the columns of class k into its sums."""
    own, wide = columns[k], sums[k]
    for j in range(own.size):
        wide[j] += np.int64(own[j])
        own[j] = np.uint16(0)
    filled[k] = 0


@jit
def add_pictures(pictures, labels, kept, columns, filled, sums, counts):
    """Add the pictures [n, P] that are kept to the columns of their classes.

    `columns` is uint16 and `sums` int64, both [classes, P]; `filled` and `counts` int64 [classes].
    """
    for i in range(pictures.shape[0]):
        if kept[i]:
            k = labels[i]
            if filled[k] == FULL:
                flush(k, columns, filled, sums)
            row, own = pictures[i], columns[k]
            for j in range(row.size):
                own[j] = np.uint16(own[j] + np.uint16(row[j]))
            filled[k] += 1
            counts[k] += 1


@jit
def flush_all(columns, filled, sums):
    """Move the columns of every class into its sums."""
    for k in range(filled.size):
        flush(k, columns, filled, sums)


@jit
def add_votes(frames, cell, bins, first, votes):
    """Let every frame [n, H, W, C] vote, in each cell and channel, for the bin of its mean.

    Frame number t adds t modulo a bin's width to the mean: plate.py, step 3.  `votes` is int64
    [rows, columns, C, bins + 1]: a mean of 255 with its addend may pass the last bin.
    """
    count, height, width, channels = frames.shape
    step = 256 // bins
    for y in range(votes.shape[0]):
        top, bottom = y * cell, min((y + 1) * cell, height)
        for t in range(count):  # inside: votes of a row stay in the cache over all frames
            shift = (first + t) % step
            for x in range(votes.shape[1]):
                left, right = x * cell, min((x + 1) * cell, width)
                pixels = np.int64((bottom - top) * (right - left))
                for c in range(channels):
                    total = shift * pixels
                    for i in range(top, bottom):
                        for j in range(left, right):
                            total += np.int64(frames[t, i, j, c])
                    votes[y, x, c, total // (pixels * step)] += 1


@jit
def add_visits(cells, tracks, most, seen, used, counts):
    """Count the first `most` different cells of every track.

    `cells` int64 [n], -1 for points outside; `tracks` int64 [n] are rows of `seen` [tracks, most]
    and of `used`, how many of its places are taken.
    """
    for i in range(cells.size):
        cell, track = cells[i], tracks[i]
        if cell >= 0 and used[track] < most:
            new = True
            for k in range(used[track]):
                new &= seen[track, k] != cell
            if new:
                seen[track, used[track]] = cell
                used[track] += 1
                counts[cell] += 1
