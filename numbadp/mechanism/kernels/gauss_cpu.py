"""Discrete Gaussian noise: attempts of thirty-two cells at a time, then of those that failed.

Proposals are the draws of `noise_cpu` and `store_words` is its ChaCha20, for cells in any order:
whoever is rejected stands in line for the next attempt.  Bits are those of `gauss_body`.
"""

import numpy as np
from numba import types
from numba.extending import intrinsic

from numbadp.compute.jit import jit
from numbadp.compute.lanes import (
    I64,
    LANES,
    Lanes,
    next_item,
    pointer_to,
    store_lanes,
    vector_of,
)
from numbadp.mechanism.kernels.gauss_body import (
    ACCEPT_BLOCK,
    ATTEMPTS,
    build_exponent,
    build_gauss,
)
from numbadp.mechanism.kernels.noise_body import SLOTS
from numbadp.mechanism.kernels.noise_cpu import DRAWS, GROUPS, build_draws, keystream, take_key

CHUNK = 2048  # cells a work item; the line of the rejected is as long
exponent = build_exponent(jit)
digit_of, below, propose, sample = build_gauss(jit)


def _loaded(builder, cells):
    """Numbers of cells in any order, a vector a group."""
    wide, groups = vector_of(I64), []
    for g in range(GROUPS):
        at = builder.bitcast(builder.gep(cells, [I64(LANES * g)]), wide.as_pointer())
        numbers = builder.load(at)
        numbers.align = 8
        groups.append(numbers)
    return groups


_one_block, _two_blocks = build_draws(1, _loaded), build_draws(2, _loaded)


@intrinsic
def store_words(typingctx, key, cells, image, tag, out):
    """Store a block of `DRAWS` cells at `out`: eight slots, `DRAWS` words each."""
    word = types.uint64
    signature = types.void(key, cells, word, word, out)

    def codegen(context, builder, sig, args):
        key, cells, image, tag, out = args
        groups = keystream(builder, key, _loaded(builder, cells), image, tag)
        for g, words in enumerate(groups):
            for slot, value in enumerate(words):
                store_lanes(Lanes(builder, value), out, I64(DRAWS * slot + LANES * g))
        return context.get_dummy_value()

    return signature, codegen


@jit
def propose_one_block(key, cells, image, tag, cuts, bits, out):
    """Proposals of one block as a function, so that it is compiled once."""
    return _one_block(
        pointer_to(key, 0), pointer_to(cells, 0), image, tag, pointer_to(cuts, 0),
        pointer_to(bits, 0), pointer_to(out, 0),
    )  # fmt: skip


@jit
def propose_two_blocks(key, cells, image, tag, cuts, bits, out):
    """The same of two blocks."""
    return _two_blocks(
        pointer_to(key, 0), pointer_to(cells, 0), image, tag, pointer_to(cuts, 0),
        pointer_to(bits, 0), pointer_to(out, 0),
    )  # fmt: skip


@jit
def words_of(key, cells, image, tag, out):
    """`store_words` as a function."""
    store_words(pointer_to(key, 0), pointer_to(cells, 0), image, tag, pointer_to(out, 0))


@jit
def attempt_group(key, cells, attempt, tag, tables, lanes, accepted, words, parts):
    """One attempt of `DRAWS` cells: proposals into `lanes`, 1 into `accepted` where they pass."""
    cuts, bits, numbers, start, accepts = tables
    factor, slope, most = numbers[0], numbers[1], numbers[2]
    image = np.uint64(attempt)
    if bits.size < SLOTS:
        tie = propose_one_block(key, cells, image, tag, cuts[0], bits, lanes)
    else:
        tie = propose_two_blocks(key, cells, image, tag, cuts[0], bits, lanes)
    digits = accepts.shape[1]
    for b in range(-(-digits // SLOTS)):
        block = np.uint64((ACCEPT_BLOCK + b) << 8)
        words_of(key, cells, image, tag + block, words[b])
    met = tie != np.uint64(0)
    for i in range(DRAWS):
        size = abs(lanes[i])
        accepted[i] = np.int64(size <= most)
        parts[0, i], parts[1, i] = exponent(min(size, most), factor, slope, start)
    for j in range(digits):
        half, shift, cuts_of = parts[1 - (j >> 3)], np.uint64(8 * (j & 7)), accepts[0, j]
        firsts = words[j // SLOTS, (j % SLOTS) * DRAWS : (j % SLOTS + 1) * DRAWS]
        for i in range(DRAWS):
            value = (half[i] >> shift) & np.uint64(255)
            cut = cuts_of[value]
            accepted[i] &= np.int64(firsts[i] < cut) | np.int64(value == np.uint64(0))
            met |= firsts[i] == cut
    if met:  # some word met some cut: the scalar sampler decides
        for i in range(DRAWS):
            lanes[i], accepted[i] = propose(
                key, cells[i], image, tag, cuts, bits, numbers, start, accepts
            )


@jit
def add_gauss_range(values, first, last, key, tag, tables, scratch):
    """Add noise to values[first:last], at most `CHUNK` of them; the rest is scratch."""
    line, cells, lanes, accepted, words, parts = scratch
    count = last - first
    for i in range(count):
        line[i] = np.uint64(first + i)
    attempt = 0
    while count > 0 and attempt < ATTEMPTS:
        kept = 0
        for g in range(0, count, DRAWS):
            here = min(DRAWS, count - g)
            for i in range(DRAWS):
                cells[i] = line[g + min(i, here - 1)]
            attempt_group(key, cells, attempt, tag, tables, lanes, accepted, words, parts)
            for i in range(here):
                if accepted[i] != 0:
                    values[np.int64(cells[i])] += lanes[i]
                else:
                    line[kept] = cells[i]
                    kept += 1
        count = kept
        attempt += 1


@jit
def gauss_cpu(counter, items, values, key, tag, tables):
    """Add noise to chunks of `values`, a flat array of int64."""
    line, cells = np.empty(CHUNK, np.uint64), np.empty(DRAWS, np.uint64)
    lanes, accepted = np.empty(DRAWS, np.int64), np.empty(DRAWS, np.int64)
    words = np.empty((2, SLOTS * DRAWS), np.uint64)
    parts = np.empty((2, DRAWS), np.uint64)
    scratch = (line, cells, lanes, accepted, words, parts)
    own = np.empty(key.size, np.uint32)
    if not take_key(key, own):
        return  # a wiped key: the release is over
    item = next_item(counter)
    while item < items:
        first = item * CHUNK
        last = min(first + CHUNK, values.size)
        add_gauss_range(values, first, last, own, tag, tables, scratch)
        item = next_item(counter)
    lanes[:] = 0
    accepted[:] = 0
    words[:] = np.uint64(0)
    parts[:] = np.uint64(0)
    own[:] = np.uint32(0)
