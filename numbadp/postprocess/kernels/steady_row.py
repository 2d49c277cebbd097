"""One row of the denoiser whose noise differs from cell to cell, sixteen cells at a time.

As in `reconstruct_row` sub-cells are four planes, a b / c d of every cell, and the dual lives in
the unit disc; but here every sub-cell has its weight 1 / (2 l), with l the noise scale of the
noisiest cell that its differences reach, and every cell its step l * l / 2 and its largest pull
l / 4.
The state is float32 [23, rows + 2, pitch]; the last row and the columns past the width are margins.
"""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from numbadp.compute.lanes import F32, I64, LANES, vector_of
from numbadp.postprocess.kernels.reconstruct_body import QUARTER
from numbadp.postprocess.kernels.reconstruct_row import (
    ACROSS,
    DOWN,
    VALUE,
    Row,
    divergence,
    every_lane,
    neighbours,
    pull,
    shrink,
    store_values,
)
from numbadp.postprocess.kernels.steady_denoise_body import PULL

WEIGHT, STEP, CAP, SEEN = 16, 20, 21, 22
STATE_PLANES = 23


def _fluxes(row, pitch):
    """Ascend the duals of the four sub-cells and project; weight times the new duals."""
    across, down = [], []
    for k, (own, right, below) in enumerate(neighbours(row, pitch)):
        w = row.load(WEIGHT + k)
        p, q = shrink(
            row.load(ACROSS + k) + (right - own) * w, row.load(DOWN + k) + (below - own) * w
        )
        row.store(p, ACROSS + k)
        row.store(q, DOWN + k)
        across.append(p * w)
        down.append(q * w)
    return across, down


def _update(row, pitch, left):
    """One iteration of sixteen cells; the fluxes that their right neighbours need."""
    across, down = _fluxes(row, pitch)
    before = row.builder.sub(I64(0), pitch)
    above = [row.load(DOWN + k, before) * row.load(WEIGHT + k, before) for k in (2, 3)]
    slopes = divergence(row, across, down, above, left)
    values = [row.load(VALUE + k) for k in range(4)]
    step = row.load(STEP)
    moved = [v + slope * step for v, slope in zip(values, slopes, strict=True)]
    mean = ((moved[0] + moved[1]) + (moved[2] + moved[3])) * QUARTER
    towards = pull(mean, row.load(SEEN), PULL, row.load(CAP))
    store_values(row, moved, [towards] * 4, values)
    return across[1], across[3]


def _from_the_left(row, first):
    """What flows in from the lanes before the first, which keep what they have; 0 at the rim."""
    builder, before = row.builder, I64(-LANES)
    inside = builder.icmp_signed(">", first, I64(0))
    nothing = ir.Constant(vector_of(F32), [0.0] * LANES)
    fluxes = [row.load(ACROSS + k, before) * row.load(WEIGHT + k, before) for k in (1, 3)]
    return [builder.select(inside, flux.value, nothing) for flux in fluxes]


@intrinsic
def steady_step(typingctx, base, plane, pitch, first, width):
    """Update the cells `first` to `width` - 1 of a row; `base` points to its first in plane 0."""
    size = types.int64
    signature = types.void(base, size, size, size, size)

    def codegen(context, builder, sig, args):
        base, plane, pitch, first, width = args

        def update(j, left):
            return _update(Row(builder, base, plane, j), pitch, left)

        start = _from_the_left(Row(builder, base, plane, first), first)
        every_lane(builder, width, update, first, start)
        return context.get_dummy_value()

    return signature, codegen
