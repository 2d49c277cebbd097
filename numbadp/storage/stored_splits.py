"""How a stored release's leaves were decided: section SPLT.

It is absent for public leaves; counts, ratios and texts are those of `numbadp.storage.codec`.

SPLT, how leaves were decided: count 1, paid: counts ragged and of channels; for every channel
    count 128 + coefficient; count of planes; for every plane count 128 + weight; count of sizes;
    then for each, coarsest first: count side, count sensitivity, ratio scale, count 0 or 1 for a
    threshold of at least 0 or below, count of its distance from 0, ratio tau of one draw.  Count 2,
    unpaid: text score, count of sizes, for each count side and count threshold in 1/256.
"""

from numbadp.plan import ExactSplits, KeptCutoffs, Plan, SplitLevel, Splits
from numbadp.plan.grid import MAX_LEAF, grid_shape
from numbadp.plan.rules import SCORES
from numbadp.storage.container import Reader, Writer, damaged

_PAID, _UNPAID = 1, 2
_OFFSET = 128
_MOST = 2**80


def encode_splits(splits: Splits | ExactSplits) -> bytes:
    """Write how leaves were decided.

    Parameters
    ----------
    splits : Splits or ExactSplits
        Of a plan.

    Returns
    -------
    bytes
        Contents of SPLT.
    """
    writer = Writer()
    if isinstance(splits, ExactSplits):
        writer.count(_UNPAID)
        writer.text(splits.score)
        writer.count(len(splits.sides))
        for side, threshold in zip(splits.sides, splits.thresholds, strict=True):
            writer.count(side)
            writer.count(threshold)
        return writer.content()
    for number in (_PAID, splits.ragged):
        writer.count(number)
    for numbers in (splits.form, splits.weights):
        writer.count(len(numbers))
        for number in numbers:
            writer.count(_OFFSET + number)
    writer.count(len(splits.levels))
    for level in splits.levels:
        writer.count(level.side)
        writer.count(level.sensitivity)
        writer.ratio(level.scale)
        writer.count(int(level.threshold < 0))
        writer.count(abs(level.threshold))
        writer.ratio(level.cutoffs.tau)
    return writer.content()


def decode_splits(body: memoryview, plan: Plan) -> Splits | ExactSplits:
    """Read how leaves were decided.

    Parameters
    ----------
    body : memoryview
        Contents of SPLT.
    plan : Plan
        The plan of the same file.

    Returns
    -------
    Splits or ExactSplits
        Equal to what was stored; no noise can be drawn with it.

    Raises
    ------
    FileFormatError
        If it cannot be.
    """
    reader = Reader(body)
    if reader.count(_UNPAID, least=_PAID) == _UNPAID:
        score = reader.text()
        if score not in SCORES:
            raise damaged("its leaves were decided by an unknown score")
        pairs = [
            (reader.count(MAX_LEAF, least=2), reader.count(_MOST)) for _ in range(reader.count(8))
        ]
        reader.finish()
        return ExactSplits(score, tuple(p[0] for p in pairs), tuple(p[1] for p in pairs))
    ragged = reader.count(MAX_LEAF)
    form, weights = (
        tuple(reader.count(2 * _OFFSET) - _OFFSET for _ in range(reader.count(3, least=1)))
        for _ in range(2)
    )
    levels = tuple(_decode_level(reader, plan) for _ in range(reader.count(8, least=1)))
    reader.finish()
    return Splits(form, weights, ragged, levels)


def _decode_level(reader: Reader, plan: Plan) -> SplitLevel:
    side, sensitivity, scale = reader.count(MAX_LEAF, least=2), reader.count(_MOST), reader.ratio()
    sign, distance, tau = reader.count(1), reader.count(_MOST), reader.ratio()
    if side & (side - 1) or not 0 < scale < _MOST or not tau <= 1:
        raise damaged("its paid splits are impossible")
    grid = grid_shape(plan.height, plan.width, side)
    threshold = -distance if sign else distance
    return SplitLevel(side, grid, sensitivity, scale, threshold, KeptCutoffs(scale, tau))
