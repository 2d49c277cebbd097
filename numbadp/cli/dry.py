"""``--dry-run``: the plan of every picture, from headers alone."""

from numbadp.cli.detecting import Looked
from numbadp.cli.masking import Masked
from numbadp.cli.regions import Bare, Whole, boxes_in
from numbadp.cli.saving import check_fits
from numbadp.cli.telling import facts_of
from numbadp.cli.terminal import count, shown
from numbadp.pictures.header import check_header
from numbadp.pictures.reading import read_header
from numbadp.pictures.rim import cover


def plan_of(job, covered, options, plan_options: dict) -> tuple[str, dict]:
    """Say what a run would do with one picture.

    Parameters
    ----------
    job : Job
        The picture.
    covered : Whole, Bare, Looked, Masked or Entry
        As of `Regions.of`.
    options : argparse.Namespace
        With ``max_pixels`` and ``rim``.
    plan_options : dict
        Options of a release.

    Returns
    -------
    line : str
        For the terminal.
    facts : dict
        For a report.

    Raises
    ------
    NumbadpError
        If the picture would fail.
    """
    from numbadp.accounting.guarantee import guarantee_of
    from numbadp.mechanism import Pixelizer

    header = read_header(job.content or job.source)
    check_header(header, options.max_pixels)
    check_fits(job.target, header.shape)
    height, width = header.shape[:2]
    start = f"{shown(job.source)} -> {shown(job.target)}: {width} x {height}"
    if isinstance(covered, Bare):
        return f"{start}, copied as it is, NOT PROTECTED", {"epsilon": "0", "boxes": []}
    if isinstance(covered, Looked):
        return f"{start}, epsilon = {shown(options.epsilon)} in what is found", {
            "epsilon": str(options.epsilon), "m": options.m,
        }  # fmt: skip
    boxes = mask = None
    if isinstance(covered, Masked):
        mask = covered.mask_of(job, header.shape, options.max_pixels)
    elif not isinstance(covered, Whole):
        boxes = boxes_in(covered, header.shape)
    wide = cover(header, boxes, mask, options.rim)
    plan = Pixelizer(header.shape, boxes=wide.boxes, mask=wide.mask, **plan_options).plan
    facts = facts_of(guarantee_of(plan), boxes)
    return (
        f"{start}, {count(facts['covered'], 'pixel')} covered with epsilon = {facts['epsilon']} "
        f"for up to {count(plan.m, 'changed pixel')}, cells of {plan.planes[0].cell} pixels",
        facts,
    )  # fmt: skip
