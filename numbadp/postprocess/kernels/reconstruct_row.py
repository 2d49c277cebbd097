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


class Row:
    """Loads and stores of one row of cells at lane position j."""

    def __init__(self, builder, base, plane, j):
        self.builder, self.base, self.plane, self.j = builder, base, plane, j

    def _at(self, plane, offset):
        at = self.builder.add(self.builder.mul(self.plane, I64(plane)), self.j)
        return self.builder.add(at, offset)

    def load(self, plane, offset=None):
        """Sixteen cells of a plane, `offset` further on."""
        return load_lanes(self.builder, self.base, self._at(plane, offset or I64(0)), F32)

    def store(self, lanes, plane):
        """Write sixteen cells of a plane."""
        store_lanes(lanes, self.base, self._at(plane, I64(0)))


def neighbours(row, pitch):
    """Each of the four sub-cells of a cell, and those to the right and below."""
    a, b, c, d = (row.load(BAR + k) for k in range(4))
    a_right, c_right = row.load(BAR, I64(1)), row.load(BAR + 2, I64(1))
    a_below, b_below = row.load(BAR, pitch), row.load(BAR + 1, pitch)
    return (a, b, c), (b, a_right, d), (c, d, a_below), (d, c_right, b_below)


def _dual(row, pitch, weight):
    """New duals of the four sub-cells: ascend along the differences, project."""
    across, down = [], []
    for k, (own, right, below) in enumerate(neighbours(row, pitch)):
        dx, dy = right - own, below - own
        if weight != 1:
            dx, dy = dx * weight, dy * weight
        p, q = shrink(row.load(ACROSS + k) + dx, row.load(DOWN + k) + dy)
        row.store(p, ACROSS + k)
        row.store(q, DOWN + k)
        across.append(p)
        down.append(q)
    return across, down


def divergence(row, across, down, above, left):
    """Divergence at the four sub-cells, from what flows out of each to the right and down.

    `above` is what flows in from c and d of the row before, `left` from b and d of the lanes
    before.
    """
    c_above, d_above = above
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


def store_values(row, moved, towards, values):
    """Keep what has moved, less `towards`, and as far again beyond it."""
    for k, (v, step, old) in enumerate(zip(moved, towards, values, strict=True)):
        new = v - step
        row.store((new + new) - old, BAR + k)
        row.store(new, VALUE + k)


def _pull_shared(moved, seen, coefficients, caps):
    """Four sub-cells share one measured value: pull their mean."""
    mean = ((moved[0] + moved[1]) + (moved[2] + moved[3])) * QUARTER
    return [pull(mean, seen[0], coefficients[0], caps[0])] * 4


def _pull_each(moved, seen, coefficients, caps):
    """Every sub-cell is a measured cell of its own."""
    return [pull(*one) for one in zip(moved, seen, coefficients, caps, strict=True)]


def every_lane(builder, width, step, first=None, start=None):
    """Loop over a row, sixteen cells at a time; `step(j, left)` returns what the next ones need.

    `left` holds the vectors that the step before returned; at `first`, the row's begin by default,
    those of `start`, zeros by default.
    """
    first = I64(0) if first is None else first
    start = [ir.Constant(vector_of(F32), [0.0] * LANES)] * 2 if start is None else start
    before, loop = builder.block, builder.append_basic_block()
    after = builder.append_basic_block()
    builder.branch(loop)
    builder.position_at_end(loop)
    j = builder.phi(I64)
    left = [builder.phi(vector_of(F32)) for _ in range(2)]
    found = step(j, left)
    following = builder.add(j, I64(LANES))
    j.add_incoming(first, before)
    j.add_incoming(following, loop)
    for phi, lanes, begins in zip(left, found, start, strict=True):
        phi.add_incoming(begins, before)
        phi.add_incoming(lanes.value, loop)
    builder.cbranch(builder.icmp_signed("<", following, width), loop, after)
    builder.position_at_end(after)


def _build_row_step(pulls, measured: int, ascent: float, descent: float):
    """Intrinsic that updates one row of cells; `measured` values a cell, 1 or 4.

    As many coefficients and caps a cell lie `pitch` apart.
    """

    @intrinsic
    def row_step(typingctx, base, plane, pitch, width, seen, seen_plane, coefficient, cap):
        size = types.int64
        signature = types.void(base, size, size, size, seen, size, coefficient, cap)

        def codegen(context, builder, sig, args):
            base, plane, pitch, width, seen, seen_plane, coefficient, cap = args

            def update(j, left):
                row = Row(builder, base, plane, j)
                across, down = _dual(row, pitch, ascent)
                before = builder.sub(I64(0), pitch)
                above = row.load(DOWN + 2, before), row.load(DOWN + 3, before)
                slopes = divergence(row, across, down, above, left)
                values = [row.load(VALUE + k) for k in range(4)]
                moved = [v + slope * descent for v, slope in zip(values, slopes, strict=True)]
                sources = (
                    Row(builder, seen, seen_plane, j),
                    Row(builder, coefficient, pitch, j),
                    Row(builder, cap, pitch, j),
                )
                towards = pulls(moved, *([s.load(k) for k in range(measured)] for s in sources))
                store_values(row, moved, towards, values)
                return across[1], across[3]

            every_lane(builder, width, update)
            return context.get_dummy_value()

        return signature, codegen

    return row_step


shared_step = _build_row_step(_pull_shared, 1, 1.0, 0.125)
each_step = _build_row_step(_pull_each, 4, 0.5, 0.25)
