"""A strip of one layer's outputs, as vector instructions: 32 columns of eight channels at a time.

Weights and activations are integers, kept as single precision: every product and every sum of them
is an integer below 2**24 (`numbadp.postprocess.weights` checks the worst case of each output), so
all are exact, and neither the order of sums nor a fused product can change a bit.
"""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from numbadp.compute.lanes import (
    F32,
    I32,
    I64,
    LANES,
    Lanes,
    larger,
    load_lanes,
    smaller,
    splat,
    store_lanes,
    vector_of,
)
from numbadp.postprocess.kernels.polish_body import MOST_ACTIVATION as MOST_SIGNED
from numbadp.postprocess.kernels.polish_body import SUBCELLS

OUTPUTS = 8  # channels of a strip
VECTORS = 2
COLUMNS = VECTORS * LANES
_TAPS = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
_WIDE = vector_of(F32)


def _multiply_add(builder, a, b, c):
    """Emit a * b + c, fused or not, as the processor likes."""
    kind = ir.FunctionType(_WIDE, [_WIDE] * 3)
    name = f"llvm.fmuladd.v{LANES}f32"
    function = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
    return builder.call(function, [a, b, c])


def _scalar(builder, pointer, offset):
    value = builder.load(builder.gep(pointer, [offset]))
    value.align = 4
    return value


def _sums(builder, at, inputs, weights, first, outputs):
    """Loop over the inputs; returns the sums of outputs x VECTORS vectors.

    `at(channel, dy, dx, vector)` is where a tap lies.
    """
    before, loop = builder.block, builder.append_basic_block()
    after = builder.append_basic_block()
    builder.branch(loop)
    builder.position_at_end(loop)
    channel = builder.phi(I64)
    sums = [builder.phi(_WIDE) for _ in range(outputs * VECTORS)]
    now = list(sums)
    base = builder.mul(channel, I64(len(_TAPS) * outputs))
    for tap, (dy, dx) in enumerate(_TAPS):
        values = [at(channel, dy, dx, v) for v in range(VECTORS)]
        for o in range(outputs):
            place = builder.add(base, I64(tap * outputs + o))
            weight = splat(builder, _scalar(builder, weights, place), F32).value
            for v in range(VECTORS):
                k = o * VECTORS + v
                now[k] = _multiply_add(builder, values[v], weight, now[k])
    following = builder.add(channel, I64(1))
    channel.add_incoming(I64(0), before)
    channel.add_incoming(following, loop)
    for phi, start, end in zip(sums, first, now, strict=True):
        phi.add_incoming(start, before)
        phi.add_incoming(end, loop)
    builder.cbranch(builder.icmp_signed("<", following, inputs), loop, after)
    builder.position_at_end(after)
    return now


def _activated(builder, value, scale, limits):
    """Scale, round half up, and clip to limits; what is cut off behind the point is positive."""
    least, most = limits
    half = Lanes(builder, value) * scale + (0.5 - least)
    clipped = smaller(larger(half, 0.0), most - least)
    whole = builder.fptosi(clipped.value, vector_of(I32))
    found = Lanes(builder, builder.sitofp(whole, _WIDE))
    return found + least if least else found


def _build_strip(limits, outputs=OUTPUTS):
    """Make the intrinsic; `limits` are those of activations, None for plain sums."""

    @intrinsic
    def strip(typingctx, source, plane, pitch, dilation, inputs, weights, rest, target, room):
        size = types.int64
        signature = types.void(source, size, size, size, size, weights, rest, target, size)

        def codegen(context, builder, sig, args):
            source, plane, pitch, dilation, inputs, weights, rest, target, room = args
            step = builder.mul(dilation, pitch)

            def at(channel, dy, dx, v):
                place = builder.add(builder.mul(channel, plane), I64(v * LANES))
                place = builder.add(place, builder.mul(step, I64(dy)))
                place = builder.add(place, builder.mul(dilation, I64(dx)))
                return load_lanes(builder, source, place, F32).value

            first = []
            for o in range(outputs):
                bias = splat(builder, _scalar(builder, rest, I64(2 * o)), F32).value
                first += [bias] * VECTORS
            sums = _sums(builder, at, inputs, weights, first, outputs)
            for o in range(outputs):
                scale = splat(builder, _scalar(builder, rest, I64(2 * o + 1)), F32)
                for v in range(VECTORS):
                    value = Lanes(builder, sums[o * VECTORS + v])
                    if limits is not None:
                        value = _activated(builder, value.value, scale, limits)
                    place = builder.add(builder.mul(I64(o), room), I64(v * LANES))
                    store_lanes(value, target, place)
            return context.get_dummy_value()

        return signature, codegen

    return strip


MOST_ACTIVATION = 1024
hidden_strip = _build_strip((0.0, float(MOST_ACTIVATION)))
last_strip = _build_strip(None)
# Those of `polish_cpu`.
signed_strip = _build_strip((-float(MOST_SIGNED), float(MOST_SIGNED)))
subcell_strip = _build_strip(None, SUBCELLS)
