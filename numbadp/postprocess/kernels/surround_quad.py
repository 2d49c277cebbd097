"""Cells of four doubles each, one a plane, as vector instructions.

Arrays of cells are flat and named by a pointer; cells by their number.  No operation is reordered
or contracted, and a division by a power of two is the product with its inverse, to the last bit.
"""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from numbadp.compute.lanes import I32, I64

WIDE = 4  # planes side by side, all known at the same places: a vector of doubles
F64 = ir.DoubleType()
_QUAD = ir.VectorType(F64, WIDE)


def _place(builder, cells, number):
    at = builder.gep(cells, [builder.mul(number, I64(WIDE))])
    return builder.bitcast(at, _QUAD.as_pointer())


def _load(builder, cells, number):
    value = builder.load(_place(builder, cells, number))
    value.align = 8
    return value


def _store(builder, value, cells, number) -> None:
    builder.store(value, _place(builder, cells, number)).align = 8


def _all(number: float) -> ir.Constant:
    return ir.Constant(_QUAD, [number] * WIDE)


@intrinsic
def copy_quad(typingctx, cells, number, target):
    """Copy a cell to another."""
    signature = types.void(cells, types.int64, types.int64)

    def codegen(context, builder, sig, args):
        cells, number, target = args
        _store(builder, _load(builder, cells, number), cells, target)
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def mean_around(typingctx, cells, number, pitch, target):
    """Set a cell to the mean of those above, below, before and behind another."""
    size = types.int64
    signature = types.void(cells, size, size, size)

    def codegen(context, builder, sig, args):
        cells, number, pitch, target = args
        one = I64(1)
        around = [
            _load(builder, cells, builder.sub(number, pitch)),
            _load(builder, cells, builder.add(number, pitch)),
            _load(builder, cells, builder.sub(number, one)),
            _load(builder, cells, builder.add(number, one)),
        ]
        tall, wide = builder.fadd(*around[:2]), builder.fadd(*around[2:])
        mean = builder.fmul(builder.fadd(tall, wide), _all(1 / 4))
        _store(builder, mean, cells, target)
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def quarter_way(typingctx, cells, near, far, target):
    """Set a cell to what lies between two others, a quarter of the way from the first."""
    size = types.int64
    signature = types.void(cells, size, size, size)

    def codegen(context, builder, sig, args):
        cells, near, far, target = args
        most = builder.fmul(_all(3.0), _load(builder, cells, near))
        value = builder.fadd(most, _load(builder, cells, far))
        _store(builder, builder.fmul(value, _all(1 / 4)), cells, target)
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def mean_of(typingctx, cells, one, two, three, four, count, target):
    """Set a cell to the sum of four others, divided by a number."""
    size = types.int64
    signature = types.void(cells, size, size, size, size, types.float64, size)

    def codegen(context, builder, sig, args):
        cells, *four, count, target = args
        a, b, c, d = (_load(builder, cells, number) for number in four)
        total = builder.fadd(builder.fadd(a, b), builder.fadd(c, d))
        first = builder.insert_element(ir.Constant(_QUAD, ir.Undefined), count, I32(0))
        zeros = ir.Constant(ir.VectorType(I32, WIDE), [0] * WIDE)
        counts = builder.shuffle_vector(first, ir.Constant(_QUAD, ir.Undefined), zeros)
        _store(builder, builder.fdiv(total, counts), cells, target)
        return context.get_dummy_value()

    return signature, codegen
