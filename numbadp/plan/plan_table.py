"""A plan printed as a table: the budget, before any pixel is read."""

from numbadp.numbers import colour_text, few_digits, power_above, size_text


def plan_table(plan) -> str:
    """Print a plan.

    Parameters
    ----------
    plan : numbadp.Plan
        The plan.

    Returns
    -------
    str
        A line a plane and a line a level of paid splits, between a headline and a footer.
    """
    rows = [_row(plane, _grid(plan, k)) for k, plane in enumerate(plan.planes)]
    lines = [_headline(plan), _COLUMNS, *rows]
    lines += [_split_row(level, plan.splits.form) for level in plan.split_levels]
    return "\n".join([*lines, *_footer(plan)])


def _headline(plan) -> str:
    size = f"{size_text(plan.shape)}, {colour_text(plan.shape)}"
    capped = f" (noise for the {plan.changes} covered)" if plan.changes < plan.m else ""
    frames = "" if plan.exposure == 1 else f", exposures of {plan.exposure} frames"
    return (
        f"plan for {size}{frames}: epsilon = {plan.epsilon}, m = {plan.m} pixels{capped}, "
        f"layout = {plan.layout!r}"
    )


def _footer(plan):
    most = "at most " if plan.mixed else ""
    yield (
        f"{most}{plan.draws} noise values a release; jointly exactly epsilon = {plan.epsilon}; "
        f"tau <= {power_above(plan.tau)}"
    )
    if plan.unpaid:
        sides = ", ".join(map(str, plan.splits.sides))
        yield (
            f"NOT PRIVATE: squares of {sides} pixels are split by the {plan.splits.score} of the "
            "picture itself, unpaid; that epsilon covers the values alone"
        )
    if plan.leaves is not None:
        yield f"leaves: {plan.leaves}"
    if plan.region is not None:
        yield f"only these pixels are measured and covered: {plan.region}"


_COLUMNS = (
    f"{'plane':<6}{'form':<10}{'cell':>6}{'grid':>12}{'sensitivity':>13}"
    f"{'noise scale of a sum':>22}{'of a mean (grey levels)':>25}{'epsilon alone':>15}"
)


def _grid(plan, k: int) -> str:
    if plan.anchor == "islands":
        return f"{plan.cells[k]} cells"
    return _across(plan.planes[k].grid)


def _across(grid: tuple[int, ...]) -> str:
    """Cells across and down, as the sides of pictures are named."""
    return f"{grid[1]}x{grid[0]}"


def _row(plane, grid: str) -> str:
    form = ",".join(map(str, plane.form))
    return (
        f"{plane.name:<6}{form:<10}{plane.cell:>6}{grid:>12}{plane.sensitivity:>13}"
        f"{few_digits(plane.scale, 6):>22}{few_digits(plane.level_scale, 4):>25}"
        f"{few_digits(plane.epsilon_alone, 4):>15}"
    )


def _split_row(level, form: tuple[int, ...]) -> str:
    text = ",".join(map(str, form))
    grid = _across(level.grid)
    return (
        f"{'split':<6}{text:<10}{level.side:>6}{grid:>12}{level.sensitivity:>13}"
        f"{few_digits(level.scale, 6):>22}{'':>25}{few_digits(level.epsilon_alone, 4):>15}"
    )
