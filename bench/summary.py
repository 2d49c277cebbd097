"""The README's one small table: a figure from each section that has the whole of it."""

from statistics import mean

from bench.attack import strongest
from bench.attack_report import ONE_RELEASE
from bench.tables import markdown_table, number

SECTIONS = ("speed", "memory", "startup", "storage", "attack")
_SCALE = 4080  # r at epsilon = 1 and m = 16, which all these figures are for


def render_summary(results: dict) -> str:
    """Pick one line from each section: what a newcomer asks first."""
    speed, attack = results["speed"], results["attack"]
    rows = [[_speed_name(size), _speed(speed, size)] for size in ("1080p", "4K")]
    share = next(_share(r) for r in results["memory"]["rows"] if _is_mosaic(r))
    rows.append(["memory beyond the picture and its mosaic, 1080p", f"{share:.0%} of the picture"])
    start = results["startup"]
    first, later = number(start["first_s"]), number(start["later_s"])
    rows.append(["`numbadp pixelize`: first run, later runs", f"{first} s, {later} s"])
    sizes = [r["bytes"]["mosaic"] for r in results["storage"]["rows"] if r["epsilon"] == "1"]
    rows.append(["a stored mosaic, 1080p, ε = 1, m = 16", f"{number(mean(sizes) / 1e3)} kB"])
    rows.append(
        ["faces that retrained attackers name, no protection", _named(attack, ("nothing",))]
    )
    rows.append(["the same, ε = 1, m = 16", _named(attack, ONE_RELEASE, _SCALE)])
    rows.append(["the same, ε = 1/16, m = 16", _named(attack, ONE_RELEASE, 16 * _SCALE)])
    return markdown_table(["what", "measured"], rows)


def _speed_name(size: str) -> str:
    return f"release and mosaic of a new {size} RGB picture, two cores"


def _speed(section: dict, size: str) -> str:
    row = next(
        r
        for r in section["rows"]
        if (r["case"], r["size"], r["threads"]) == ("release + mosaic", size, 2)
    )
    return f"{number(row['median_ms'])} ms, {number(row['ratio'])} × copying it"


def _is_mosaic(row: dict) -> bool:
    return (row["style"], row["size"]) == ("mosaic", "1080p")


def _share(row: dict) -> float:
    return row["extra_bytes"] / row["picture_bytes"]


def _named(section: dict, protections: tuple[str, ...], scale: int | None = None) -> str:
    rows = section["rows"]
    found = [r for r in rows if r["protection"] in protections and r["scale"] == scale]
    return f"{max(map(strongest, found)):.0%} (chance {section['chance']:.1%})"
