"""Sixteen sub-cells of one row of the iteration over mixed leaves, as vector instructions.

The same operations in the same order as the scalar loops of `reconstruct_leaves_cpu`, which take
what is left of a row: the same bits in every lane.  All arguments are pointers to the first of the
sixteen; steps are single numbers.
"""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from numbadp.lanes import F32, I64, Lanes, load_lanes, splat, store_lanes
from numbadp.postprocess.kernels.reconstruct_row import shrink


class _Row:
    """Loads and stores of sixteen neighbours at a pointer."""

    def __init__(self, builder):
        self.builder = builder

    def load(self, pointer, offset: int = 0) -> Lanes:
        return load_lanes(self.builder, pointer, I64(offset), F32)

    def store(self, lanes: Lanes, pointer) -> None:
        store_lanes(lanes, pointer, I64(0))

    def spread(self, number: ir.Value) -> Lanes:
        return splat(self.builder, number, F32)


@intrinsic
def dual_lanes(typingctx, bar, below, across, down, ascent):
    """Ascend the duals along the differences to the right and below, and project."""
    signature = types.void(bar, below, across, down, types.float32)

    def codegen(context, builder, sig, args):
        bar, below, across, down, ascent = args
        row = _Row(builder)
        step, own = row.spread(ascent), row.load(bar)
        p = row.load(across) + (row.load(bar, 1) - own) * step
        q = row.load(down) + (row.load(below) - own) * step
        for lanes, pointer in zip(shrink(p, q), (across, down), strict=True):
            row.store(lanes, pointer)
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def primal_lanes(typingctx, value, across, down, above, descent, moved):
    """Descend along the divergence of the duals; `above` is the dual row before."""
    signature = types.void(value, across, down, above, types.float32, moved)

    def codegen(context, builder, sig, args):
        value, across, down, above, descent, moved = args
        row = _Row(builder)
        slope = (row.load(across) - row.load(across, -1)) + (row.load(down) - row.load(above))
        row.store(row.load(value) + slope * row.spread(descent), moved)
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def move_lanes(typingctx, moved, wide, value, bar):
    """New values, and their extrapolation."""
    signature = types.void(moved, wide, value, bar)

    def codegen(context, builder, sig, args):
        moved, wide, value, bar = args
        row = _Row(builder)
        new = row.load(moved) - row.load(wide)
        row.store((new + new) - row.load(value), bar)
        row.store(new, value)
        return context.get_dummy_value()

    return signature, codegen
