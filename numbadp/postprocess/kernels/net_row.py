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
ROW = 3  # taps beside each other, and below each other
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


def _sums(builder, at, inputs, weights, first, outputs, plane, step):
    """Loop over the inputs' rows; returns the sums of outputs x VECTORS vectors.

    `at(place, dx, vector)` is where a tap lies; a row of taps at a time is a third of the code of a
    whole input, which counts where it is compiled.
    """
    before, loop = builder.block, builder.append_basic_block()
    after = builder.append_basic_block()
    above = builder.neg(step)
    builder.branch(loop)
    builder.position_at_end(loop)
    row, place, dy = (builder.phi(I64) for _ in range(3))
    sums = [builder.phi(_WIDE) for _ in range(outputs * VECTORS)]
    now = list(sums)
    base = builder.mul(row, I64(ROW * outputs))
    for tap in range(ROW):
        values = [at(place, tap - 1, v) for v in range(VECTORS)]
        for o in range(outputs):
            offset = builder.add(base, I64(tap * outputs + o))
            weight = splat(builder, _scalar(builder, weights, offset), F32).value
            for v in range(VECTORS):
                k = o * VECTORS + v
                now[k] = _multiply_add(builder, values[v], weight, now[k])
    last = builder.icmp_signed("==", dy, I64(ROW - 1))
    further = builder.sub(plane, builder.mul(step, I64(ROW - 1)))
    following = builder.add(row, I64(1))
    for phi, start, end in (
        (row, I64(0), following),
        (place, above, builder.add(place, builder.select(last, further, step))),
        (dy, I64(0), builder.select(last, I64(0), builder.add(dy, I64(1)))),
        *zip(sums, first, now, strict=True),
    ):
        phi.add_incoming(start, before)
        phi.add_incoming(end, loop)
    rows = builder.mul(inputs, I64(ROW))
    builder.cbranch(builder.icmp_signed("<", following, rows), loop, after)
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

            def at(place, dx, v):
                place = builder.add(place, I64(v * LANES))
                place = builder.add(place, builder.mul(dilation, I64(dx)))
                return load_lanes(builder, source, place, F32).value

            first = []
            for o in range(outputs):
                bias = splat(builder, _scalar(builder, rest, I64(2 * o)), F32).value
                first += [bias] * VECTORS
            sums = _sums(builder, at, inputs, weights, first, outputs, plane, step)
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
