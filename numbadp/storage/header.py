"""The public facts of a stored release: its plan (section HEAD) and its guarantee (section GUAR).

`numbadp.storage.codec` specifies the bytes.  The sampler's tables are not stored: they belong
to the mechanism, which makes them from the scale; their tau is.
"""

from dataclasses import MISSING, fields, replace
from fractions import Fraction
from math import inf

from numbadp.accounting.guarantee import Guarantee, Stage
from numbadp.checks import LARGEST_COUNT
from numbadp.errors import FileFormatError
from numbadp.plan import KeptCutoffs, Plan, PlanePlan
from numbadp.plan.coverage import WHOLE
from numbadp.plan.grid import MAX_CELL, grid_shape
from numbadp.storage.container import Reader, Writer, damaged

LAYOUTS = ("free", "uniform", "zones", "release", "private", "exact")
PRIVATE, NOT_PRIVATE = "differentially private", "not private"
_GREY = (Fraction(0), Fraction(255))
_CHROMA = (Fraction(-255, 2), Fraction(255, 2))
# By number: name, form, divisor and range of every plane.
PLANE_SETS = (
    (("grey", (1,), 1, _GREY),),
    (
        ("Y", (1, 2, 1), 4, _GREY),
        ("g", (-1, 2, -1), 4, _CHROMA),
        ("o", (1, 0, -1), 2, _CHROMA),
    ),
    (("R", (1, 0, 0), 1, _GREY), ("G", (0, 1, 0), 1, _GREY), ("B", (0, 0, 1), 1, _GREY)),
)
_MOST_SIDE = 2**31 - 1
_MOST_SENSITIVITY = 2**80
_MOST_SCALE = 2**50  # as in the mechanism's tables; fixed-point thresholds rely on it
_MOST_STAGES = 4096
_MOST_FRAMES = 1 << 16  # as in the mechanism
# The last three, and the last five of a guarantee, are in other sections or follow from the plan.
_PLAN_FIELDS = {
    "shape",
    "epsilon",
    "m",
    "layout",
    "planes",
    "leaves",
    "splits",
    "region",
    "exposure",
    "anchor",
}
_GUARANTEE_FIELDS = {"epsilon", "tau", "m", "channels", "stages", "releases", "batch"} | {
    "earlier",
    "covers",
    "id",
    "source",
    "earlier_tau",
}


def refuse_unknown(thing, known: set[str]) -> None:
    """Refuse to store something that has parts which this format would silently lose.

    Parameters
    ----------
    thing : dataclass instance
        What is to be stored.
    known : set of str
        Fields that are stored or follow from others.

    Raises
    ------
    FileFormatError
        If another field has anything but its default.
    """
    for field in fields(thing):
        value, default = getattr(thing, field.name), field.default
        if field.name not in known and (default is MISSING or value is not default):
            raise FileFormatError(
                f"a {type(thing).__name__} with {field.name!r} cannot be stored in a file of this "
                "version. Keep the release with pickle."
            )


def claim_of(epsilon) -> str:
    """Words that a file carries for its epsilon.

    Parameters
    ----------
    epsilon : Fraction
        Or ``math.inf``.

    Returns
    -------
    str
        ``"not private"`` where epsilon is infinite.
    """
    return NOT_PRIVATE if epsilon == inf else PRIVATE


def encode_plan(plan: Plan) -> bytes:
    """Write a plan.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    bytes
        Contents of HEAD.

    Raises
    ------
    FileFormatError
        If the plan has parts that the format does not know.
    """
    refuse_unknown(plan, _PLAN_FIELDS)
    if plan.layout not in LAYOUTS:
        raise FileFormatError(f"layout {plan.layout!r} cannot be stored; only {LAYOUTS} can.")
    writer = Writer()
    writer.count(len(plan.shape))
    for side in plan.shape:
        writer.count(side)
    writer.ratio(plan.epsilon)
    writer.count(plan.m)
    writer.text(plan.layout)
    writer.count(_plane_set(plan))
    for plane in plan.planes:
        writer.count(plane.cell)
        writer.count(plane.sensitivity)
        writer.ratio(plane.scale)
        writer.ratio(plane.cutoffs.tau)
    return writer.content()


def decode_plan(body: memoryview) -> Plan:
    """Read a plan, check that its parts fit together.

    Parameters
    ----------
    body : memoryview
        Contents of HEAD.

    Returns
    -------
    Plan
        Equal to the one that was stored; it draws no noise.

    Raises
    ------
    FileFormatError
        If it cannot be the plan of a release.
    """
    reader = Reader(body)
    shape = tuple(reader.count(_MOST_SIDE, least=1) for _ in range(reader.count(4, least=2)))
    channels = 1 if len(shape) == 2 else shape[-1]
    if channels not in (1, 3):
        raise damaged("pictures have 1 or 3 channels")
    epsilon, m, layout = reader.ratio(), reader.count(LARGEST_COUNT, least=1), reader.text()
    if layout not in LAYOUTS:
        raise FileFormatError(
            f"this release file has the layout {layout[:40]!a}, which this numbadp does not know. "
            "Use a newer numbadp."
        )
    names = PLANE_SETS[reader.count(len(PLANE_SETS) - 1)]
    if len(names[0][1]) != channels:
        raise damaged("its planes do not belong to such a picture")
    height, width = shape[1:3] if len(shape) == 4 else shape[:2]
    planes = tuple(_decode_plane(reader, facts, (height, width)) for facts in names)
    reader.finish()
    if epsilon == 0 or any(plane.cell < planes[0].cell for plane in planes):
        raise damaged("epsilon or the cells are impossible")
    return Plan(shape, epsilon, m, layout, planes)


def encode_exposure(plan: Plan) -> bytes:
    """Write how many frames a plan measures as one.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    bytes
        Contents of EXPO; empty where it is one.
    """
    if plan.exposure == 1:
        return b""
    writer = Writer()
    writer.count(plan.exposure)
    return writer.content()


def decode_exposure(body: memoryview, plan: Plan) -> Plan:
    """Read how many frames a plan measures as one.

    Parameters
    ----------
    body : memoryview
        Contents of EXPO.
    plan : Plan
        As HEAD has it.

    Returns
    -------
    Plan
        Of exposures.

    Raises
    ------
    FileFormatError
        If there can be no exposures of so many frames, or none of this plan.
    """
    reader = Reader(body)
    frames = reader.count(_MOST_FRAMES, least=2)
    reader.finish()
    if plan.layout not in ("free", "uniform") or len(plan.shape) == 4:
        raise damaged("there are no exposures of such a plan")
    planes = tuple(replace(plane, divisor=plane.divisor * frames) for plane in plan.planes)
    return replace(plan, planes=planes, exposure=frames)


def encode_guarantee(guarantee: Guarantee) -> bytes:
    """Write a guarantee.

    Parameters
    ----------
    guarantee : Guarantee
        The guarantee; every number is kept exactly.

    Returns
    -------
    bytes
        Contents of GUAR.

    Raises
    ------
    FileFormatError
        If the guarantee has parts that the format does not know.
    """
    refuse_unknown(guarantee, _GUARANTEE_FIELDS)
    writer = Writer()
    writer.text(claim_of(guarantee.epsilon))
    writer.ratio(guarantee.epsilon)
    writer.ratio(guarantee.tau)
    for number in (guarantee.m, guarantee.channels, guarantee.releases, guarantee.batch):
        writer.count(number)
    writer.count(len(guarantee.stages))
    for stage in guarantee.stages:
        refuse_unknown(stage, {"name", "epsilon", "sensitivity", "scale", "draws"})
        writer.text(stage.name)
        writer.ratio(stage.epsilon)
        writer.count(stage.sensitivity)
        writer.ratio(stage.scale)
        writer.count(stage.draws)
    return writer.content()


def decode_guarantee(body: memoryview, plan: Plan | None = None) -> Guarantee:
    """Read a guarantee.

    Parameters
    ----------
    body : memoryview
        Contents of GUAR.
    plan : Plan, optional
        The plan of the same file; None for the guarantee of another release.

    Returns
    -------
    Guarantee
        Equal to the one that was stored.

    Raises
    ------
    FileFormatError
        If it contradicts itself or the plan.
    """
    reader = Reader(body)
    claim, epsilon, tau = reader.text(), reader.ratio(), reader.ratio()
    if claim != claim_of(epsilon):
        raise damaged("what it claims and its epsilon differ")
    m, channels = reader.count(LARGEST_COUNT, least=1), reader.count(3, least=1)
    releases, batch = (reader.count(LARGEST_COUNT, least=1) for _ in range(2))
    stages = tuple(_decode_stage(reader) for _ in range(reader.count(_MOST_STAGES)))
    reader.finish()
    ours = plan is None or (m, channels, batch) == (plan.m, plan.channels, plan.pictures)
    if not ours or tau == inf:
        raise damaged("its guarantee does not belong to its plan")
    if epsilon != inf and any(inf in (stage.epsilon, stage.scale) for stage in stages):
        raise damaged("a stage is not private, and the whole is said to be")
    covers = WHOLE if plan is None else plan.covers
    return Guarantee(epsilon, tau, m, channels, stages, releases, batch, covers=covers)


def _plane_set(plan: Plan) -> int:
    facts = tuple(
        (p.name, p.form, p.divisor // plan.exposure, (p.low, p.high)) for p in plan.planes
    )
    if facts not in PLANE_SETS:
        raise FileFormatError("planes other than grey, Y g o and R G B cannot be stored.")
    return PLANE_SETS.index(facts)


def _decode_plane(reader: Reader, facts, size: tuple[int, int]) -> PlanePlan:
    name, form, divisor, (low, high) = facts
    cell = reader.count(MAX_CELL, least=1)
    sensitivity, scale = reader.count(_MOST_SENSITIVITY), reader.ratio()
    tau = reader.ratio()
    if cell & (cell - 1) or not 0 < scale <= _MOST_SCALE or not tau <= 1:
        raise damaged("the cells or the noise of a plane are impossible")
    return PlanePlan(
        name, form, divisor, low, high, cell, grid_shape(*size, cell), sensitivity, scale,
        KeptCutoffs(scale, tau),
    )  # fmt: skip


def _decode_stage(reader: Reader) -> Stage:
    name, epsilon = reader.text(), reader.ratio()
    sensitivity, scale = reader.count(_MOST_SENSITIVITY), reader.ratio()
    return Stage(name, epsilon, sensitivity, scale, reader.count(LARGEST_COUNT))
