"""Files of releases over many pictures: facts (section POOL) and noisy numbers (PVAL).

The container is that of `numbadp.storage.codec`: magic, version, checked sections.  A file has
either HEAD and its fellows, or POOL and PVAL.

POOL: text kind ("images", "plate", "visits"); counts: of sides (2 or 3), a count a side, cell,
    classes, bins, of the event's parts (0 or 3), these, most, frames; count of stages, and for each
    text name, text law ("laplace", "cube", "gauss"), ratio parameter (a scale, or a variance),
    counts size and vectors, counts L1, L2 squared and Linf of one unit's change, ratio tau; then
    text unit, text bounds ("enforced", "policy"), ratio epsilon, ratio target, count releases, text
    id.
PVAL: as VALS, one array a stage.

Everything else is computed: rho and epsilon of every stage follow from its change and its law.  A
file is refused unless its stages measure what such a plan measures, one unit changes what it does
there, and unit and bounds are those of its kind.
"""

from dataclasses import fields
from fractions import Fraction
from math import inf, prod

from numbadp.accounting.pooled import ENFORCED, POLICY, PoolGuarantee
from numbadp.accounting.zcdp import epsilon_of
from numbadp.checks import LARGEST_COUNT
from numbadp.errors import FileFormatError
from numbadp.plan.laws import LAWS, Change, Law, PoolStage
from numbadp.plan.pooled import IMAGES, PLATE, VISITS, Part, PoolPlan
from numbadp.storage.container import Reader, Writer, damaged, write_sections
from numbadp.storage.header import refuse_unknown
from numbadp.storage.stored_values import decode_arrays, encode_values

POOL, PVAL = b"POOL", b"PVAL"
_KINDS, _BOUNDS = (IMAGES, PLATE, VISITS), (ENFORCED, POLICY)
_MOST_SIDE, _MOST_STAGES, _MOST_CELL = 2**15, 2, 256
_ID_LENGTH = 32
# As in the mechanism's tables: scales of Laplace and of cubes, variances; whatever is larger could
# not be drawn, nor turned into a float.
MOST_PARAMETER = {"laplace": 2**50, "cube": 2**58, "gauss": 2**71}
_LEAST_PARAMETER = Fraction(1, 2**64)
_PLAN_FIELDS = {"kind", "shape", "cell", "stages", "classes", "bins", "event", "most"}
_GUARANTEE_FIELDS = {field.name for field in fields(PoolGuarantee)}


def encode_pooled(plan: PoolPlan, guarantee: PoolGuarantee, values, frames: int) -> bytes:
    """Write a release over many pictures.

    Parameters
    ----------
    plan : PoolPlan
        How it was made.
    guarantee : PoolGuarantee
        What it promises.
    values : tuple of ndarray of int64
        Noisy numbers, one array a stage.
    frames : int
        Of a plate.

    Returns
    -------
    bytes
        A file.

    Raises
    ------
    FileFormatError
        If it has parts that files cannot hold.
    """
    refuse_unknown(plan, _PLAN_FIELDS)
    writer = Writer()
    writer.text(plan.kind)
    _write_counts(writer, plan.shape)
    for number in (plan.cell, plan.classes, plan.bins):
        writer.count(number)
    _write_counts(writer, plan.event)
    for number in (plan.most, frames, len(plan.stages)):
        writer.count(number)
    for stage in plan.stages:
        _encode_stage(writer, stage)
    for text in (guarantee.unit, guarantee.bounds):
        writer.text(text)
    for ratio in (guarantee.epsilon, guarantee.target):
        writer.ratio(ratio)
    writer.count(guarantee.releases)
    writer.text(guarantee.id)
    return write_sections([(POOL, writer.content()), (PVAL, encode_values(values))])


def decode_pooled(sections, max_bytes: int):
    """Read a release over many pictures back.

    Parameters
    ----------
    sections : dict
        From tags to contents.
    max_bytes : int
        Most memory that its arrays may take.

    Returns
    -------
    tuple of PoolPlan, PoolGuarantee, tuple of ndarray and int
        What `encode_pooled` was given.

    Raises
    ------
    FileFormatError
        If they are none, or need more memory.
    """
    if set(sections) != {POOL, PVAL}:
        raise damaged("it holds neither a release nor a pool alone")
    reader = Reader(sections[POOL])
    plan, frames = _decode_plan(reader)
    guarantee = _decode_guarantee(reader, plan)
    reader.finish()
    _check_claims(plan, guarantee)
    needed = 8 * sum(map(prod, plan.value_shapes))
    if needed > max_bytes:
        raise FileFormatError(
            f"this file asks for {needed} bytes of memory; at most {max_bytes} are allowed. "
            f"Pass max_bytes={needed} if you trust it."
        )
    return plan, guarantee, decode_arrays(sections[PVAL], plan.value_shapes), frames


def _encode_stage(writer: Writer, stage: PoolStage) -> None:
    writer.text(stage.name)
    writer.text(stage.law.kind)
    writer.ratio(stage.law.parameter)
    change = stage.change
    for number in (stage.law.size, stage.vectors, change.total, change.square, change.largest):
        writer.count(number)
    writer.ratio(stage.tau)


def _decode_stage(reader: Reader) -> PoolStage:
    name, kind, parameter = reader.text(), _one_of(reader, LAWS), _positive(reader)
    size, vectors = (reader.count(LARGEST_COUNT, least=1) for _ in range(2))
    total, square, largest = (reader.count(2**160, least=1) for _ in range(3))
    tau = reader.ratio()
    if not _LEAST_PARAMETER <= parameter <= MOST_PARAMETER[kind]:
        raise damaged("a law is none that was ever drawn")
    if not 0 < tau < 1:
        raise damaged("no table leaves such a total variation")
    law = Law(kind, parameter, size)
    return PoolStage(name, law, vectors, Change(total, square, largest), tau)


def _decode_plan(reader: Reader) -> tuple[PoolPlan, int]:
    kind = _one_of(reader, _KINDS)
    shape = _read_counts(reader, (2, 3), _MOST_SIDE)
    cell, classes = reader.count(_MOST_CELL, least=1), reader.count(2**31, least=1)
    bins = reader.count(256)
    event = _read_counts(reader, (0, 3), LARGEST_COUNT)
    most, frames = reader.count(LARGEST_COUNT, least=1), reader.count(2**62)
    stages = tuple(_decode_stage(reader) for _ in range(reader.count(_MOST_STAGES, least=1)))
    fits = (kind == PLATE) == bool(bins) == bool(event) and (kind == IMAGES or classes == 1)
    if (
        not fits
        or cell & (cell - 1)
        or (bins and 256 % bins)
        or (len(shape) == 3 and shape[2] not in (1, 3))
    ):
        raise damaged("its plan is none that a pool has")
    return PoolPlan(kind, shape, cell, stages, classes, bins, event, most), frames


def _decode_guarantee(reader: Reader, plan: PoolPlan) -> PoolGuarantee:
    unit, bounds = reader.text(), _one_of(reader, _BOUNDS)
    epsilon, target = _positive(reader), reader.ratio()
    releases, identity = reader.count(LARGEST_COUNT, least=1), reader.text()
    kinds = {stage.law.kind == "gauss" for stage in plan.stages}
    cost = sum((stage.loss for stage in plan.stages), Fraction(0)) * releases
    gauss = kinds == {True}
    if len(kinds) > 1 or not 0 <= target < 1 or gauss != bool(target):
        raise damaged("its guarantee does not belong to its plan")
    if epsilon < (epsilon_of(cost, target) if gauss else cost):
        raise damaged("its guarantee does not belong to its plan")
    if identity and (len(identity) != _ID_LENGTH or not set(identity) <= set("0123456789abcdef")):
        raise damaged("a name is none")
    tau = sum((stage.tau for stage in plan.stages), Fraction(0)) * releases
    return PoolGuarantee(
        unit, epsilon, cost if gauss else None, target, tau, plan.stages, plan.most, bounds,
        releases, identity,
    )  # fmt: skip


def _check_claims(plan: PoolPlan, guarantee: PoolGuarantee) -> None:
    """Refuse stages that are not the plan's, and a promise about another unit than its own."""
    found = [Part(stage.name, stage.vectors, stage.law.size, stage.change) for stage in plan.stages]
    if found != list(plan.parts):
        raise damaged("its stages do not belong to its plan")
    bounds = POLICY if plan.kind == PLATE else ENFORCED
    if guarantee.unit not in plan.units or guarantee.bounds != bounds:
        raise damaged("its guarantee does not belong to its plan")
    if plan.kind == PLATE and plan.most != plan.event[0]:
        raise damaged("its plan is none that a pool has")


def _write_counts(writer: Writer, numbers) -> None:
    writer.count(len(numbers))
    for number in numbers:
        writer.count(number)


def _read_counts(reader: Reader, lengths: tuple[int, ...], most: int) -> tuple[int, ...]:
    length = reader.count(max(lengths))
    if length not in lengths:
        raise damaged("a list has the wrong length")
    return tuple(reader.count(most, least=1) for _ in range(length))


def _one_of(reader: Reader, names: tuple[str, ...]) -> str:
    name = reader.text()
    if name not in names:
        raise damaged(f"it names {name[:40]!a}, which this numbadp does not know")
    return name


def _positive(reader: Reader) -> Fraction:
    value = reader.ratio()
    if not 0 < value < inf:
        raise damaged("a number is out of range")
    return value
