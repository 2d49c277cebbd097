"""Sixteen cells of a row of sub-cells, filtered at once: those of one kind of weights.

Rows lie in one buffer of int32, even columns of sub-cells, odd ones and residues, each with a cell
more on either side.  Products wrap; their sums stay below 2**31, so they are exact (filter_body).
"""

from numba import types
from numba.extending import intrinsic

from numbadp.compute.lanes import I32, I64, Lanes, load_lanes, splat, store_lanes
from numbadp.postprocess.kernels.filter_body import FAR, NEAR


class _Rows:
    """Loads of cells beside lane position j, and of weights, in every lane."""

    def __init__(self, builder, base, places, weights, j):
        self.builder, self.base, self.places = builder, base, places
        self.weights, self.j = weights, j

    def three(self, k):
        """The cells before, at and behind those of place k."""
        place = self.builder.load(self.builder.gep(self.places, [I64(k)]))
        at = self.builder.add(place, self.j)
        return [
            load_lanes(self.builder, self.base, self.builder.add(at, I64(i)), I32) for i in range(3)
        ]

    def weight(self, k):
        """Weight k."""
        return splat(self.builder, self.builder.load(self.builder.gep(self.weights, [I64(k)])), I32)


def _near(rows, k):
    """Products of one row of sub-cells, summed for even and for odd columns."""
    even, odd = rows.three(k), rows.three(NEAR + k)
    a, b, c, d, e = (rows.weight(k * NEAR + i) for i in range(NEAR))
    left = a * even[0] + b * odd[0] + c * even[1] + d * odd[1] + e * even[2]
    right = a * odd[2] + b * even[2] + c * odd[1] + d * even[1] + e * odd[0]
    return left, right


def _far(rows, k):
    """The same of one row of residues."""
    before, here, behind = rows.three(2 * NEAR + k)
    a, b, c = (rows.weight(NEAR * NEAR + k * FAR + i) for i in range(FAR))
    return a * before + b * here + c * behind, a * behind + b * here + c * before


def _where(kinds, kind, new, old):
    builder = kinds.builder
    same = builder.icmp_signed("==", kinds.value, kind.value)
    return Lanes(builder, builder.select(same, new.value, old.value))


@intrinsic
def filter_block(typingctx, base, places, weights, kinds, kind, left, right, j):
    """Set the sums of the cells j to j + 15 whose kind is `kind`.

    `base` points to the buffer, `places` to where in it rows begin: NEAR of even columns, NEAR of
    odd ones, FAR of residues.
    """
    signature = types.void(base, places, weights, kinds, types.int32, left, right, types.int64)

    def codegen(context, builder, sig, args):
        base, places, weights, kinds, kind, left, right, j = args
        rows = _Rows(builder, base, places, weights, j)
        parts = [_near(rows, k) for k in range(NEAR)] + [_far(rows, k) for k in range(FAR)]
        own, wanted = load_lanes(builder, kinds, j, I32), splat(builder, kind, I32)
        for sums, target in zip(zip(*parts, strict=True), (left, right), strict=True):
            total = sums[0]
            for part in sums[1:]:
                total = total + part
            old = load_lanes(builder, target, j, I32)
            store_lanes(_where(own, wanted, total, old), target, j)
        return context.get_dummy_value()

    return signature, codegen
