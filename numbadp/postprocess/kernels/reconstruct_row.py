"""One row of cells of the primal-dual iteration, as vector instructions: sixteen cells at a time.

Sub-cells are kept as four planes, a b / c d of every cell, so that all neighbours of sixteen cells
are contiguous and a cell's four sub-cells share a lane.  The state is float32
[16, rows + 2, pitch]: planes 0-3 extrapolated values, 4-7 values, 8-11 horizontal and 12-15
vertical dual; the first and last row and the columns past the width are margins.
"""

from operator import mul

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
    store_lanes,
    vector_of,
)
from numbadp.postprocess.kernels.reconstruct_body import (
    GUESS,
    QUARTER,
    build_pull,
    build_shrink,
)

BAR, VALUE, ACROSS, DOWN = 0, 4, 8, 12
STATE_PLANES = 16


def _plain(function):
    return function


def _guess(x: Lanes) -> Lanes:
    builder, kind = x.builder, vector_of(I32)
    half = builder.lshr(builder.bitcast(x.value, kind), ir.Constant(kind, [1] * LANES))
    bits = builder.sub(ir.Constant(kind, [GUESS] * LANES), half)
    return Lanes(builder, builder.bitcast(bits, vector_of(F32)))


# LLVM fuses nothing that is not marked for it, and `Lanes` marks nothing.
shrink = build_shrink(_plain, mul, larger, smaller, _guess)
pull = build_pull(_plain, larger, smaller)


class _Row:
    """Loads and stores of one row of cells at lane position j."""

    def __init__(self, builder, base, plane, j):
        self.builder, self.base, self.plane, self.j = builder, base, plane, j

    def _at(self, plane, offset):
        at = self.builder.add(self.builder.mul(self.plane, I64(plane)), self.j)
        return self.builder.add(at, offset)

    def load(self, plane, offset=None):
        return load_lanes(self.builder, self.base, self._at(plane, offset or I64(0)), F32)

    def store(self, lanes, plane):
        store_lanes(lanes, self.base, self._at(plane, I64(0)))


def _dual(row, pitch, weight):
    """New duals of the four sub-cells: ascend along the differences, project."""
    a, b, c, d = (row.load(BAR + k) for k in range(4))
    a_right, c_right = row.load(BAR, I64(1)), row.load(BAR + 2, I64(1))
    a_below, b_below = row.load(BAR, pitch), row.load(BAR + 1, pitch)
    across, down = [], []
    neighbours = ((a, b, c), (b, a_right, d), (c, d, a_below), (d, c_right, b_below))
    for k, (own, right, below) in enumerate(neighbours):
        dx, dy = right - own, below - own
        if weight != 1:
            dx, dy = dx * weight, dy * weight
        p, q = shrink(row.load(ACROSS + k) + dx, row.load(DOWN + k) + dy)
        row.store(p, ACROSS + k)
        row.store(q, DOWN + k)
        across.append(p)
        down.append(q)
    return across, down


def _divergence(row, pitch, across, down, left):
    """Divergence of the dual at the four sub-cells; `left` holds b and d of the lanes before."""
    above = row.builder.sub(I64(0), pitch)
    c_above, d_above = row.load(DOWN + 2, above), row.load(DOWN + 3, above)
    shift = ir.Constant(vector_of(I32), [LANES - 1 + i for i in range(LANES)])
    b_left, d_left = (
        Lanes(row.builder, row.builder.shuffle_vector(before, now.value, shift))
        for before, now in zip(left, (across[1], across[3]), strict=True)
    )
    return (
        (across[0] - b_left) + (down[0] - c_above),
        (across[1] - across[0]) + (down[1] - d_above),
        (across[2] - d_left) + (down[2] - down[0]),
        (across[3] - across[2]) + (down[3] - down[1]),
    )


def _pull_shared(moved, seen, coefficient, cap):
    """Four sub-cells share one measured value: pull their mean."""
    mean = ((moved[0] + moved[1]) + (moved[2] + moved[3])) * QUARTER
    return [pull(mean, seen[0], coefficient, cap)] * 4


def _pull_each(moved, seen, coefficient, cap):
    """Every sub-cell is a measured cell of its own."""
    return [pull(v, y, coefficient, cap) for v, y in zip(moved, seen, strict=True)]


def _build_row_step(pulls, measured: int, ascent: float, descent: float):
    """Intrinsic that updates one row of cells; `measured` values a cell, 1 or 4."""

    @intrinsic
    def row_step(typingctx, base, plane, pitch, width, seen, seen_plane, coefficient, cap):
        size = types.int64
        signature = types.void(base, size, size, size, seen, size, coefficient, cap)

        def codegen(context, builder, sig, args):
            base, plane, pitch, width, seen, seen_plane, coefficient, cap = args
            before, loop = builder.block, builder.append_basic_block()
            after = builder.append_basic_block()
            builder.branch(loop)
            builder.position_at_end(loop)
            j = builder.phi(I64)
            left = [builder.phi(vector_of(F32)) for _ in range(2)]
            row = _Row(builder, base, plane, j)
            across, down = _dual(row, pitch, ascent)
            slopes = _divergence(row, pitch, across, down, left)
            values = [row.load(VALUE + k) for k in range(4)]
            moved = [v + slope * descent for v, slope in zip(values, slopes, strict=True)]
            measures = _Row(builder, seen, seen_plane, j)
            towards = pulls(
                moved,
                [measures.load(k) for k in range(measured)],
                load_lanes(builder, coefficient, j, F32),
                load_lanes(builder, cap, j, F32),
            )
            for k, (v, step, old) in enumerate(zip(moved, towards, values, strict=True)):
                new = v - step
                row.store((new + new) - old, BAR + k)
                row.store(new, VALUE + k)
            following = builder.add(j, I64(LANES))
            j.add_incoming(I64(0), before)
            j.add_incoming(following, loop)
            for phi, lanes in zip(left, (across[1], across[3]), strict=True):
                phi.add_incoming(ir.Constant(vector_of(F32), [0.0] * LANES), before)
                phi.add_incoming(lanes.value, loop)
            builder.cbranch(builder.icmp_signed("<", following, width), loop, after)
            builder.position_at_end(after)
            return context.get_dummy_value()

        return signature, codegen

    return row_step


shared_step = _build_row_step(_pull_shared, 1, 1.0, 0.125)
each_step = _build_row_step(_pull_each, 4, 0.5, 0.25)
