"""Bottom-up quadtree on the GPU: a block cuts one tile of 32 x 32 sub-cells.

Each of its 16 x 16 threads owns a block of 2 x 2 sub-cells.  Minima, maxima and sums of all coarser
blocks are built in shared memory, level by level; then every thread finds the largest plain block
that holds it and writes that leaf's level and colour.  Integers only.

A coarser plane's value belongs to the first sub-cell under it: sums and counts are over those.
"""

import numpy as np

from numbadp.compute.gpu import INT32, cuda, jit_device, jit_kernel
from numbadp.plan.grid import MERGES, TILE
from numbadp.postprocess.kernels.paint_body import build_colour, build_mean

SIDE = TILE // 2  # threads down and across
NODES = 341  # blocks of 16 x 16, 8 x 8, ... 1
LOW, HIGH, TOTAL = 0, 1, 2
SHARED_WORDS = 3 * 3 * NODES  # int32: three numbers of three planes
# Columns of `geometry`, one row a plane; starts are counted for one picture.
SHIFT, THRESHOLD, ROWS, COLUMNS, START = range(5)

SMALLEST, LARGEST = np.int32(-(1 << 30)), np.int32(1 << 30)

colour = build_colour(jit_device)
mean = build_mean(jit_device)


@jit_device
def node_of(level, y, x):
    """Place of the level's block that holds block (y, x) of 2 x 2 sub-cells; level from 1."""
    across = 32 >> level
    first = 0
    for k in range(1, level):
        first += (32 >> k) * (32 >> k)
    return first + (y >> (level - 1)) * across + (x >> (level - 1))


@jit_device
def value_at(grids, start, columns, shift, y, x):
    """A plane's value under sub-cell (y, x)."""
    return np.int32(grids[start + (y >> shift) * columns + (x >> shift)])


@jit_device
def counted(origin, level, shift, rows):
    """A plane's rows (or columns) under a block that starts at sub-cell `origin`."""
    return min(1 << (level - shift), rows - (origin >> shift))


@jit_kernel
def quadtree_cuda(grids, batch, kind, geometry, levels, colours):
    """Cut tiles: `grids` int16 one plane after another, `levels` [N, rows, columns] uint8."""
    nodes = cuda.shared.array(0, INT32)
    rows, columns, planes = levels.shape[1], levels.shape[2], geometry.shape[0]
    tx, ty = np.int64(cuda.threadIdx.x), np.int64(cuda.threadIdx.y)
    tiles = -(-columns // TILE)
    tile = np.int64(cuda.blockIdx.x)
    tile_y = tile // tiles
    top, left = tile_y * TILE, (tile - tile_y * tiles) * TILE
    y0, x0 = top + 2 * ty, left + 2 * tx
    n = np.int64(cuda.blockIdx.y)
    while n < batch:
        for k in range(planes):
            shift, own_columns = geometry[k, SHIFT], geometry[k, COLUMNS]
            start = geometry[k, START] * batch + n * geometry[k, ROWS] * own_columns
            low, high, total = LARGEST, SMALLEST, np.int32(0)
            mask = (1 << shift) - 1
            for t in range(4):
                y, x = y0 + (t >> 1), x0 + (t & 1)
                if y < rows and x < columns:
                    value = value_at(grids, start, own_columns, shift, y, x)
                    low, high = min(low, value), max(high, value)
                    if y & mask == 0 and x & mask == 0:
                        total = np.int32(total + value)
            at = 3 * NODES * k + node_of(1, ty, tx)
            nodes[at + LOW * NODES] = low
            nodes[at + HIGH * NODES] = high
            nodes[at + TOTAL * NODES] = total
        for level in range(2, MERGES + 1):
            cuda.syncthreads()
            across = 32 >> level
            if ty < across and tx < across:
                for k in range(planes):
                    base = 3 * NODES * k
                    at = base + node_of(level, ty << (level - 1), tx << (level - 1))
                    a = base + node_of(level - 1, ty << (level - 1), tx << (level - 1))
                    b, c, d = a + 1, a + 2 * across, a + 2 * across + 1
                    nodes[at] = min(min(nodes[a], nodes[b]), min(nodes[c], nodes[d]))
                    at, a, b, c, d = at + NODES, a + NODES, b + NODES, c + NODES, d + NODES
                    nodes[at] = max(max(nodes[a], nodes[b]), max(nodes[c], nodes[d]))
                    at, a, b, c, d = at + NODES, a + NODES, b + NODES, c + NODES, d + NODES
                    nodes[at] = np.int32(np.int32(nodes[a] + nodes[b]) + (nodes[c] + nodes[d]))
        cuda.syncthreads()
        leaf = 0
        for level in range(1, MERGES + 1):
            plain = leaf == level - 1
            for k in range(planes):
                at = 3 * NODES * k + node_of(level, ty, tx)
                spread = nodes[at + HIGH * NODES] - nodes[at + LOW * NODES]
                plain = plain and spread <= geometry[k, THRESHOLD]
            if plain:
                leaf = level
        write_leaf(grids, batch, kind, geometry, nodes, n, leaf, y0, x0, ty, tx, levels, colours)
        cuda.syncthreads()
        n += cuda.gridDim.y


@jit_device
def leaf_value(grids, batch, geometry, nodes, k, n, leaf, y, x, ty, tx):
    """A plane's mean over the leaf that holds sub-cell (y, x)."""
    shift, rows, columns = geometry[k, SHIFT], geometry[k, ROWS], geometry[k, COLUMNS]
    if leaf <= shift:
        start = geometry[k, START] * batch + n * rows * columns
        return value_at(grids, start, columns, shift, y, x)
    total = np.int64(nodes[3 * NODES * k + TOTAL * NODES + node_of(leaf, ty, tx)])
    down = counted(y >> leaf << leaf, leaf, shift, rows)
    across = counted(x >> leaf << leaf, leaf, shift, columns)
    return np.int32(mean(total, down * across, leaf - shift))


@jit_device
def write_leaf(grids, batch, kind, geometry, nodes, n, leaf, y0, x0, ty, tx, levels, colours):
    """Write level and colour of a thread's four sub-cells."""
    planes = geometry.shape[0]
    for t in range(4):
        y, x = y0 + (t >> 1), x0 + (t & 1)
        if y < levels.shape[1] and x < levels.shape[2]:
            a = leaf_value(grids, batch, geometry, nodes, 0, n, leaf, y, x, ty, tx)
            b, c = np.int32(0), np.int32(0)
            if planes > 1:
                b = leaf_value(grids, batch, geometry, nodes, 1, n, leaf, y, x, ty, tx)
                c = leaf_value(grids, batch, geometry, nodes, 2, n, leaf, y, x, ty, tx)
            levels[n, y, x] = np.uint8(MERGES - leaf)
            colours[n, y, x] = colour(kind, a, b, c)
