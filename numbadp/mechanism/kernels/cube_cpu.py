"""Noise on flat vectors: points of cubes, and discrete Laplace values, many at a time.

One block of keystream serves eight uniform integers.  Bits are those of `cube_body` and
`noise_body`.
"""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.compute.lanes import next_item
from numbadp.mechanism.kernels.cube_body import build_uniform
from numbadp.mechanism.kernels.gauss_body import build_wide
from numbadp.mechanism.kernels.gauss_cpu import words_of
from numbadp.mechanism.kernels.noise_body import SLOTS
from numbadp.mechanism.kernels.noise_cpu import DRAWS, draw_lanes, take_key

CHUNK = 4096  # values a work item, a multiple of SLOTS * DRAWS
word, uniform = build_uniform(jit)
high = build_wide(jit)


@jit
def cube_group(first, key, tag, radius, cells, words, drawn):
    """Draw ``SLOTS * DRAWS`` integers of -radius to radius, from value `first` on, into `drawn`."""
    count = np.uint64(2 * radius + 1)
    for i in range(DRAWS):
        cells[i] = np.uint64(first // SLOTS + i)
    words_of(key, cells, np.uint64(0), tag, words)
    met = False
    for slot in range(SLOTS):
        own = words[slot * DRAWS : (slot + 1) * DRAWS]
        for i in range(DRAWS):
            low = own[i] * count
            met |= low > ~count  # further limbs could carry: decided below
            drawn[i * SLOTS + slot] = np.int64(high(own[i], count)) - radius
    if met:
        for i in range(SLOTS * DRAWS):
            drawn[i] = np.int64(uniform(key, np.uint64(first + i), tag, count)) - radius


@jit
def cube_cpu(counter, items, values, each, radii, key, tag):
    """Add noise to `values`, whose parts of `each` values have radii of their own."""
    cells, words = np.empty(DRAWS, np.uint64), np.empty(SLOTS * DRAWS, np.uint64)
    drawn = np.empty(SLOTS * DRAWS, np.int64)
    own = np.empty(key.size, np.uint32)
    if not take_key(key, own):
        return  # a wiped key: the release is over
    item = next_item(counter)
    while item < items:
        for first in range(item * CHUNK, min((item + 1) * CHUNK, values.size), SLOTS * DRAWS):
            last = min(first + SLOTS * DRAWS, values.size)
            start = first
            while start < last:
                part = start // each
                stop = min(last, (part + 1) * each)
                cube_group(first, own, tag, radii[part], cells, words, drawn)
                for i in range(start, stop):
                    values[i] += drawn[i - first]  # cube.py, step 5: below 2**62
                start = stop
        item = next_item(counter)
    words[:] = np.uint64(0)
    drawn[:] = 0
    own[:] = np.uint32(0)


@jit
def laplace_cpu(counter, items, values, key, tag, cuts, bits):
    """Add discrete Laplace noise to chunks of `values`."""
    lanes = np.empty(DRAWS, np.int64)
    own = np.empty(key.size, np.uint32)
    if not take_key(key, own):
        return
    item = next_item(counter)
    while item < items:
        last = min((item + 1) * CHUNK, values.size)
        for cell in range(item * CHUNK, last, DRAWS):
            count = min(DRAWS, last - cell)
            draw_lanes(cell, count, own, np.uint64(0), tag, cuts, bits, lanes)
            for i in range(count):
                values[cell + i] += lanes[i]
        item = next_item(counter)
    lanes[:] = 0
    own[:] = np.uint32(0)


@jit
def radius_word(key, cell, attempt, tag):
    """One word of a radius (cube.py, step 3)."""
    return word(key, cell, attempt, tag, 0)
