"""Markdown tables and the few ways in which numbers are written."""


def markdown_table(header: list[str], rows: list[list[str]]) -> str:
    """Align cells into a Markdown table; the first column is text, the others are numbers."""
    table = [header, *rows]
    if any(len(row) != len(header) for row in rows):
        raise ValueError(f"every row must have {len(header)} cells.")
    widths = [max(3, *(len(row[i]) for row in table)) for i in range(len(header))]
    lines = ["| " + " | ".join(_padded(row, widths)) + " |" for row in table]
    rule = "|" + "|".join(_rule(i, width) for i, width in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def number(value: float | None, digits: int = 3) -> str:
    """Write a number with `digits` significant digits, never in exponents; a dash for None."""
    if value is None:
        return "–"
    if value == 0:
        return "0"
    places = max(0, digits - 1 - _magnitude(abs(value), digits))
    return f"{value:.{places}f}"


def verdict(met: bool | None) -> str:
    """Write whether a bound is met; a dash where it was not judged."""
    return "–" if met is None else "yes" if met else "**no**"


def _magnitude(value: float, digits: int) -> int:
    """Power of ten of the first digit, after rounding to `digits` digits."""
    return int(f"{value:.{digits - 1}e}".split("e")[1])


def _padded(row: list[str], widths: list[int]) -> list[str]:
    first, *others = zip(row, widths, strict=True)
    return [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]


def _rule(column: int, width: int) -> str:
    return "-" * (width + 2) if column == 0 else "-" * (width + 1) + ":"
