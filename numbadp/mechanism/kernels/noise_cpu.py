"""Discrete Laplace noise for thirty-two cells at a time.

`draw_one_block` and `draw_two_blocks` are the scalar sampler of `noise_body` on vectors: the same
words, compared with the most significant limb of every cut.  They report whether any word equals
any cut; then, with probability below 2**-51 a call, the scalar sampler decides them.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from numbadp.compute.jit import jit, jit_shared
from numbadp.compute.lanes import (
    I1,
    I32,
    I64,
    LANES,
    Lanes,
    pointer_to,
    rotate_left,
    splat,
    store_lanes,
    vector_of,
)
from numbadp.mechanism.kernels.chacha_body import CONSTANTS, DOUBLE_ROUNDS, build_double_round
from numbadp.mechanism.kernels.noise_body import GATE_CUTS, SLOTS, build_draw

# Two groups of lanes: a vector instruction takes two cycles on some processors.
GROUPS = 2
DRAWS = GROUPS * LANES

draw = build_draw(jit)
_double_round = build_double_round(lambda f: f, lambda x: x, rotate_left)


def keystream(builder, key, cells, image, tag):
    """Eight vectors of 64-bit words a group: lane i of group g belongs to cell cells[g][i]."""
    shared = [splat(builder, ir.Constant(I32, constant), I32) for constant in CONSTANTS]
    for i in range(8):
        shared.append(splat(builder, builder.load(builder.gep(key, [I64(i)])), I32))
    last = [splat(builder, builder.trunc(v, I32), I32) for v in (image, tag)]
    states = [shared + _halves(builder, numbers) + last for numbers in cells]
    finals = _rounds(builder, states)
    return [
        _wide_words(builder, [a + b for a, b in zip(final, state, strict=True)])
        for final, state in zip(finals, states, strict=True)
    ]


def _halves(builder, cells):
    """Words 12 and 13 of a group's states: the cells' low and high halves."""
    high = builder.lshr(cells, ir.Constant(vector_of(I64), [32] * LANES))
    return [Lanes(builder, builder.trunc(v, vector_of(I32))) for v in (cells, high)]


def neighbours(builder, cell):
    """Numbers of neighbouring cells from `cell` on, a vector a group."""
    steps = [list(range(LANES * g, LANES * (g + 1))) for g in range(GROUPS)]
    first = splat(builder, cell, I64)
    return [(first + Lanes(builder, ir.Constant(vector_of(I64), row))).value for row in steps]


def _wide_words(builder, words):
    """Join 16 words of 32 bits to 8 of 64, the first the low half."""
    wide, shift = vector_of(I64), ir.Constant(vector_of(I64), [32] * LANES)
    halves = [builder.zext(word.value, wide) for word in words]
    return [builder.or_(halves[2 * i], builder.shl(halves[2 * i + 1], shift)) for i in range(SLOTS)]


def _rounds(builder, states):
    """The twenty rounds of every group as one loop, so that their latencies overlap."""
    before, loop, after = builder.block, builder.append_basic_block(), builder.append_basic_block()
    builder.branch(loop)
    builder.position_at_end(loop)
    count = builder.phi(I64)
    count.add_incoming(I64(0), before)
    flat = [lanes for state in states for lanes in state]
    phis = [builder.phi(lanes.value.type) for lanes in flat]
    inside = [Lanes(builder, phi) for phi in phis]
    results = [_double_round(tuple(inside[16 * g : 16 * g + 16])) for g in range(len(states))]
    following = builder.add(count, I64(1))
    count.add_incoming(following, loop)
    for phi, first, again in zip(phis, flat, [x for r in results for x in r], strict=True):
        phi.add_incoming(first.value, before)
        phi.add_incoming(again.value, loop)
    builder.cbranch(builder.icmp_unsigned("<", following, I64(DOUBLE_ROUNDS)), loop, after)
    builder.position_at_end(after)
    return results


class _Digits:
    """Magnitude and ties while digit words are read; loops run as often as there are cuts."""

    def __init__(self, builder, cuts, bits, tie):
        self.builder, self.cuts, self.bits, self.tie = builder, cuts, bits, tie
        self.magnitude = ir.Constant(vector_of(I64), [1] * LANES)
        self.shift, self.cut = I64(0), I64(GATE_CUTS)

    def read(self, word, index: int) -> None:
        """Add one digit: the number of cuts above the word, at its place."""
        builder = self.builder
        width = builder.load(builder.gep(self.bits, [I64(index)]))
        count = builder.sub(builder.shl(I64(1), width), I64(1))
        digit = self._count_below(word, count)
        self.magnitude = builder.add(
            self.magnitude, builder.shl(digit, splat(builder, self.shift, I64).value)
        )
        self.shift = builder.add(self.shift, width)
        self.cut = builder.add(self.cut, count)

    def _count_below(self, word, count):
        builder = self.builder
        before, loop = builder.block, builder.append_basic_block()
        after = builder.append_basic_block()
        builder.branch(loop)
        builder.position_at_end(loop)
        i, digit, tie = builder.phi(I64), builder.phi(vector_of(I64)), builder.phi(vector_of(I1))
        i.add_incoming(I64(0), before)
        digit.add_incoming(ir.Constant(vector_of(I64), [0] * LANES), before)
        tie.add_incoming(self.tie, before)
        cut = _cut(builder, self.cuts, builder.add(self.cut, i))
        less = builder.zext(builder.icmp_unsigned("<", word, cut), vector_of(I64))
        digit_next = builder.add(digit, less)
        tie_next = builder.or_(tie, builder.icmp_unsigned("==", word, cut))
        i_next = builder.add(i, I64(1))
        for phi, value in ((i, i_next), (digit, digit_next), (tie, tie_next)):
            phi.add_incoming(value, loop)
        builder.cbranch(builder.icmp_unsigned("<", i_next, count), loop, after)
        builder.position_at_end(after)
        self.tie = tie_next
        return digit_next


def _cut(builder, cuts, index):
    return splat(builder, builder.load(builder.gep(cuts, [index])), I64).value


def _signed(builder, magnitude, nonzero, negative):
    zero = ir.Constant(vector_of(I64), [0] * LANES)
    signed = builder.select(negative, builder.sub(zero, magnitude), magnitude)
    return Lanes(builder, builder.select(nonzero, signed, zero))


def build_draws(blocks: int, cells_at):
    """Intrinsic that stores `DRAWS` values at `out`; returns 0 unless some word met a cut.

    `cells_at(builder, where)` gives the numbers of the cells, a vector a group.
    """

    @intrinsic
    def store_draws(typingctx, key, where, image, tag, cuts, bits, out):
        word = types.uint64
        signature = word(key, where, word, word, cuts, bits, out)

        def codegen(context, builder, sig, args):
            key, where, image, tag, cuts, bits, out = args
            cells = cells_at(builder, where)
            groups = keystream(builder, key, cells, image, tag)
            for b in range(1, blocks):
                more = keystream(builder, key, cells, image, builder.add(tag, I64(256 * b)))
                groups = [a + b for a, b in zip(groups, more, strict=True)]
            met = I64(0)
            for g, words in enumerate(groups):
                values, tie = _values(builder, words, cuts, bits)
                store_lanes(values, out, I64(LANES * g))
                met = builder.or_(met, tie)
            return met

        return signature, codegen

    return store_draws


def _values(builder, words, cuts, bits):
    """Sixteen values from their words, and whether any word equals any cut."""
    any_cut, negative_cut = (_cut(builder, cuts, I64(i)) for i in range(GATE_CUTS))
    nonzero = builder.icmp_unsigned("<", words[0], any_cut)
    negative = builder.icmp_unsigned("<", words[0], negative_cut)
    tie = builder.or_(
        builder.icmp_unsigned("==", words[0], any_cut),
        builder.icmp_unsigned("==", words[0], negative_cut),
    )
    digits = _Digits(builder, cuts, bits, tie)
    for index, value in enumerate(words[1:]):
        digits.read(value, index)
    values = _signed(builder, digits.magnitude, nonzero, negative)
    return values, builder.zext(builder.bitcast(digits.tie, ir.IntType(LANES)), I64)


draw_one_block = build_draws(1, neighbours)
draw_two_blocks = build_draws(2, neighbours)


@jit
def take_key(key, own):
    """Copy a key; tell whether it is one: a wiped key is all 0.

    Wiping the caller's key cannot change the noise of a band under way.
    """
    some = np.uint32(0)
    for i in range(own.size):
        own[i] = key[i]
        some = np.uint32(some | own[i])
    return some != np.uint32(0)


@jit_shared
def draw_lanes(cell, count, key, image, tag, cuts, bits, lanes):
    """Draw the noise of `count` cells from `cell` on into `lanes`, int64 of `DRAWS`."""
    flat = cuts[0]
    at = np.uint64(cell)
    if bits.size < SLOTS:
        tie = draw_one_block(
            pointer_to(key, 0),
            at,
            image,
            tag,
            pointer_to(flat, 0),
            pointer_to(bits, 0),
            pointer_to(lanes, 0),
        )
    else:
        tie = draw_two_blocks(
            pointer_to(key, 0),
            at,
            image,
            tag,
            pointer_to(flat, 0),
            pointer_to(bits, 0),
            pointer_to(lanes, 0),
        )
    if tie != np.uint64(0):
        for i in range(count):
            lanes[i] = draw(key, np.uint64(cell + i), image, tag, cuts, bits)


@jit
def add_noise_range(values, first, last, base, key, image, tag, cuts, bits, lanes):
    """Add noise to values[first:last]; `lanes` is int64 scratch of `DRAWS`.

    Value i has the address of cell i - base of its picture.
    """
    for cell in range(first, last, DRAWS):
        count = min(DRAWS, last - cell)
        draw_lanes(cell - base, count, key, image, tag, cuts, bits, lanes)
        for i in range(count):
            values[cell + i] += lanes[i]  # noise.py, step 5: below 2**63
