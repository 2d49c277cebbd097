"""One row of the denoiser whose noise differs from cell to cell, sixteen cells at a time.

As in `reconstruct_row` sub-cells are four planes, a b / c d of every cell, and the dual lives in
the unit disc; but here every sub-cell has its weight 1 / (2 l), with l the noise scale of the
noisiest cell that its differences reach, and every cell its step l * l / 2 and its largest pull
l / 4.
The state is float32 [23, rows + 2, pitch]; the last row and the columns past the width are margins.
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
from numbadp.postprocess.kernels.reconstruct_body import GUESS, QUARTER, build_pull, build_shrink

BAR, VALUE, ACROSS, DOWN, WEIGHT, STEP, CAP, SEEN = 0, 4, 8, 12, 16, 20, 21, 22
STATE_PLANES = 23
PULL = 0.2  # of the difference between a cell's mean and what was measured


def _plain(function):
    return function


def _guess(x: Lanes) -> Lanes:
    builder, kind = x.builder, vector_of(I32)
    half = builder.lshr(builder.bitcast(x.value, kind), ir.Constant(kind, [1] * LANES))
    bits = builder.sub(ir.Constant(kind, [GUESS] * LANES), half)
    return Lanes(builder, builder.bitcast(bits, vector_of(F32)))


_shrink = build_shrink(_plain, mul, larger, smaller, _guess)
_pull = build_pull(_plain, larger, smaller)


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


def _fluxes(row, pitch):
    """Ascend the duals of the four sub-cells and project; weight times the new duals."""
    a, b, c, d = (row.load(BAR + k) for k in range(4))
    a_right, c_right = row.load(BAR, I64(1)), row.load(BAR + 2, I64(1))
    a_below, b_below = row.load(BAR, pitch), row.load(BAR + 1, pitch)
    across, down = [], []
    neighbours = ((a, b, c), (b, a_right, d), (c, d, a_below), (d, c_right, b_below))
    for k, (own, right, below) in enumerate(neighbours):
        w = row.load(WEIGHT + k)
        p, q = _shrink(
            row.load(ACROSS + k) + (right - own) * w, row.load(DOWN + k) + (below - own) * w
        )
        row.store(p, ACROSS + k)
        row.store(q, DOWN + k)
        across.append(p * w)
        down.append(q * w)
    return across, down


def _slopes(row, pitch, across, down, left):
    """Divergence at the four sub-cells; `left` holds the fluxes of b and d of the lanes before."""
    above = row.builder.sub(I64(0), pitch)
    c_above = row.load(DOWN + 2, above) * row.load(WEIGHT + 2, above)
    d_above = row.load(DOWN + 3, above) * row.load(WEIGHT + 3, above)
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


def _update(row, pitch, left):
    """One iteration of sixteen cells; the fluxes that their right neighbours need."""
    across, down = _fluxes(row, pitch)
    slopes = _slopes(row, pitch, across, down, left)
    values = [row.load(VALUE + k) for k in range(4)]
    step = row.load(STEP)
    moved = [v + slope * step for v, slope in zip(values, slopes, strict=True)]
    mean = ((moved[0] + moved[1]) + (moved[2] + moved[3])) * QUARTER
    towards = _pull(mean, row.load(SEEN), PULL, row.load(CAP))
    for k, (v, old) in enumerate(zip(moved, values, strict=True)):
        new = v - towards
        row.store((new + new) - old, BAR + k)
        row.store(new, VALUE + k)
    return across[1], across[3]


@intrinsic
def steady_step(typingctx, base, plane, pitch, width):
    """Update one row of cells; `base` points to its first cell in plane 0."""
    signature = types.void(base, types.int64, types.int64, types.int64)

    def codegen(context, builder, sig, args):
        base, plane, pitch, width = args
        before, loop = builder.block, builder.append_basic_block()
        after = builder.append_basic_block()
        builder.branch(loop)
        builder.position_at_end(loop)
        j = builder.phi(I64)
        left = [builder.phi(vector_of(F32)) for _ in range(2)]
        fluxes = _update(_Row(builder, base, plane, j), pitch, left)
        following = builder.add(j, I64(LANES))
        j.add_incoming(I64(0), before)
        j.add_incoming(following, loop)
        for phi, lanes in zip(left, fluxes, strict=True):
            phi.add_incoming(ir.Constant(vector_of(F32), [0.0] * LANES), before)
            phi.add_incoming(lanes.value, loop)
        builder.cbranch(builder.icmp_signed("<", following, width), loop, after)
        builder.position_at_end(after)
        return context.get_dummy_value()

    return signature, codegen
