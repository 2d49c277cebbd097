"""One row of the iteration over mixed leaves, as vector instructions: sixteen sub-cells at a time.

The same operations in the same order as the scalar loops of `reconstruct_leaves_cpu`, which take
what is left of a row: the same bits in every lane.  All arrays are pointers to the row's first
sub-cell; steps are single numbers.
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
    load_lanes,
    splat,
    store_lanes,
    vector_of,
)
from numbadp.postprocess.kernels.reconstruct_row import shrink


class _Row:
    """Loads and stores of sixteen neighbours at lane position j."""

    def __init__(self, builder, j):
        self.builder, self.j = builder, j

    def load(self, pointer, offset: int = 0) -> Lanes:
        return load_lanes(self.builder, pointer, self.builder.add(self.j, I64(offset)), F32)

    def store(self, lanes: Lanes, pointer) -> None:
        store_lanes(lanes, pointer, self.j)

    def before(self, lanes: Lanes, earlier: ir.Value) -> Lanes:
        """Left neighbours of all lanes; `earlier` are the sixteen before."""
        shift = ir.Constant(vector_of(I32), [LANES - 1 + i for i in range(LANES)])
        return Lanes(self.builder, self.builder.shuffle_vector(earlier, lanes.value, shift))


def _step(row, pointers, steps, left) -> Lanes:
    """Ascend the duals and project, then descend along their divergence."""
    bar, below, across, down, above, value, moved = pointers
    own = row.load(bar)
    p = row.load(across) + (row.load(bar, 1) - own) * steps[0]
    q = row.load(down) + (row.load(below) - own) * steps[0]
    p, q = shrink(p, q)
    row.store(p, across)
    row.store(q, down)
    slope = (p - row.before(p, left)) + (q - row.load(above))
    row.store(row.load(value) + slope * steps[1], moved)
    return p


@intrinsic
def step_lanes(typingctx, bar, below, across, down, above, value, moved, last, ascent, descent):
    """Step whole vectors of a row that end before `last`; returns how many sub-cells that were.

    `above` is the dual row before; left of the first sub-cell lies a dual of 0.
    """
    arrays = (bar, below, across, down, above, value, moved)
    signature = types.int64(*arrays, types.int64, types.float32, types.float32)

    def codegen(context, builder, sig, args):
        *pointers, last, ascent, descent = args
        steps = [splat(builder, step, F32) for step in (ascent, descent)]
        before, loop = builder.block, builder.append_basic_block()
        body, after = builder.append_basic_block(), builder.append_basic_block()
        builder.branch(loop)
        builder.position_at_end(loop)
        j, left = builder.phi(I64), builder.phi(vector_of(F32))
        following = builder.add(j, I64(LANES))
        builder.cbranch(builder.icmp_signed("<=", following, last), body, after)
        builder.position_at_end(body)
        p = _step(_Row(builder, j), pointers, steps, left)
        builder.branch(loop)
        j.add_incoming(I64(0), before)
        j.add_incoming(following, body)
        left.add_incoming(ir.Constant(vector_of(F32), [0.0] * LANES), before)
        left.add_incoming(p.value, body)
        builder.position_at_end(after)
        return j

    return signature, codegen


@intrinsic
def move_lanes(typingctx, moved, wide, value, bar):
    """New values of sixteen sub-cells, and their extrapolation."""
    signature = types.void(moved, wide, value, bar)

    def codegen(context, builder, sig, args):
        moved, wide, value, bar = args
        row = _Row(builder, I64(0))
        new = row.load(moved) - row.load(wide)
        row.store((new + new) - row.load(value), bar)
        row.store(new, value)
        return context.get_dummy_value()

    return signature, codegen
