"""One row as vector instructions: the bodies' operations as written, the same bits in every lane."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from numbadp.compute.jit import jit
from numbadp.compute.lanes import (
    F32,
    I64,
    LANES,
    Lanes,
    load_lanes,
    pointer_to,
    store_lanes,
    vector_of,
)
from numbadp.postprocess.kernels import reconstruct_row

from .test_reconstruct_body import F, finite
from .test_reconstruct_body import pull as scalar_pull
from .test_reconstruct_body import shrink as scalar_shrink


def instructions_of(emit):
    """Return the opcodes and flags that a body emits on vectors."""
    vector = vector_of(F32)
    function = ir.Function(ir.Module(), ir.FunctionType(ir.VoidType(), [vector] * 4), "f")
    builder = ir.IRBuilder(function.append_basic_block())
    emit(*(Lanes(builder, argument) for argument in function.args))
    return [(i.opname, tuple(i.flags)) for i in builder.block.instructions]


def test_vectors_emit_the_operations_as_written():
    """Bound to lanes, the bodies emit plain IEEE operations, one by one, with no fast-math flag."""
    emitted = instructions_of(lambda p, q, *_: reconstruct_row.shrink(p, q))
    counts = {name: sum(op == name for op, _ in emitted) for name in ("fmul", "fadd", "fsub")}
    assert counts == {"fmul": 2 + 3 + 1 + 2, "fadd": 1, "fsub": 1}
    emitted += instructions_of(reconstruct_row.pull)
    assert not any(flags for _, flags in emitted)
    assert {op for op, _ in emitted} <= {
        "fmul", "fadd", "fsub", "fneg", "fcmp", "select", "bitcast", "lshr", "sub",
    }  # fmt: skip


@intrinsic
def apply_bodies(typingctx, given, out):
    """Run both bodies on four rows of lanes; three rows of results."""
    signature = types.void(given, out)

    def codegen(context, builder, sig, args):
        p, q, a, b = (load_lanes(builder, args[0], I64(LANES * k), F32) for k in range(4))
        rows = (*reconstruct_row.shrink(p, q), reconstruct_row.pull(p, q, a, b))
        for k, row in enumerate(rows):
            store_lanes(row, args[1], I64(LANES * k))
        return context.get_dummy_value()

    return signature, codegen


@jit
def vectors(given, out):
    apply_bodies(pointer_to(given, 0), pointer_to(out, 0))


shares = st.floats(0, 0.5, width=32)
lanes = st.lists(st.tuples(finite, finite, shares, shares), min_size=LANES, max_size=LANES)


@given(lanes)
def test_every_lane_has_the_bits_of_the_scalar_bodies(rows):
    """Vectors and plain float32 agree bit for bit.  Oracle: the bodies on NumPy scalars."""
    numbers = np.array(rows, F)
    out = np.zeros(3 * LANES, F)
    vectors(np.ascontiguousarray(numbers.T).ravel(), out)
    expected = [(*scalar_shrink(p, q), scalar_pull(p, q, a, b)) for p, q, a, b in numbers]
    np.testing.assert_array_equal(out.reshape(3, LANES).T, np.array(expected, F))
