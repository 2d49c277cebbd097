"""Tables of the attack: what epsilon and m buy against retrained attackers."""

from fractions import Fraction

from bench.attack import interval, strongest
from bench.attackers import ATTACKERS
from bench.protections import AVERAGED, BEST, PLAIN, STYLES, VALUES
from bench.tables import markdown_table, number
from bench.utility import epsilon_of

NEIGHBOURS = (1, 16, 64, 256)  # pixels
EPSILONS = (Fraction(1, 4), 1, 4)
ONE_RELEASE = (*STYLES, BEST, VALUES)
_COLUMNS = ("DP-Pix, 16 px", *STYLES, BEST, VALUES, f"mean of {AVERAGED[-1]}, denoised")


def render_attack(section: dict) -> str:
    """Write references, accuracies by scale, and what each m and epsilon come to."""
    tables = (_references(section), _by_scale(section), _by_neighbours(section))
    return "\n\n".join([tables[0], tables[1], _legend(section), tables[2], _reading(section)])


def render_attackers(section: dict) -> str:
    """Write every attacker's accuracy in every case; for the terminal."""
    lines = [
        [row["protection"], str(row["scale"] or "–"), *map(_percent, row["accuracy"].values())]
        for row in section["rows"]
    ]
    return markdown_table(["protection", "r = 255 m / ε", *ATTACKERS], lines)


def render_efforts(section: dict) -> str:
    """Write what each effort of drawing gives to an attacker, beside the numbers themselves."""
    header = ["r = 255 m / ε", f"ε at m = {section['m']}", PLAIN, "smooth", BEST, VALUES]
    lines = []
    for scale in section["scales"]:
        found = [strongest(_find(section, name, scale)) for name in header[2:]]
        line = [str(scale), number(float(epsilon_of(scale)))]
        lines.append([*line, *(_with_interval(section, a) for a in found)])
    legend = (
        f"The same faces and attackers, {section['copies']} protected versions of every training "
        f"picture, {section['rounds']} round: per cent named rightly by the strongest attacker."
    )
    return f"{markdown_table(header, lines)}\n\n{legend} {_reading_of_efforts(section)}"


def _reading_of_efforts(section: dict) -> str:
    """Whether a picture gave more than the numbers it is drawn from, in words from the figures."""
    above = [
        str(scale)
        for scale in section["scales"]
        if max(strongest(_find(section, name, scale)) for name in (PLAIN, "smooth", BEST))
        > strongest(_find(section, VALUES, scale))
    ]
    if above:
        return (
            f"At r = {', '.join(above)} a picture gave these attackers more than the numbers did."
        )
    return "At no scale did a picture give these attackers more than the numbers did."


def _references(section: dict) -> str:
    rows = [row for row in section["rows"] if row["scale"] is None]
    lines = [[r["protection"], *(_with_interval(section, a) for a in r["accuracy"].values())]
             for r in rows]  # fmt: skip
    return markdown_table(["not private: named rightly, %", *ATTACKERS], lines)


def _by_scale(section: dict) -> str:
    """Strongest attacker's accuracy, one line a scale, one column a protection."""
    height, width = section["shape"]
    header = ["r = 255 m / ε", f"ε at m = {section['m']}", f"ε of a face, {width} × {height}"]
    columns = [name for name in _COLUMNS if _find(section, name, section["scales"][0])]
    lines = []
    for scale in section["scales"]:
        epsilons = float(epsilon_of(scale)), section["face_epsilon"][str(scale)]
        found = [strongest(_find(section, name, scale)) for name in columns]
        line = [str(scale), *map(number, epsilons)]
        lines.append([*line, *(_with_interval(section, a) for a in found)])
    return markdown_table([*header, *columns], lines)


def _by_neighbours(section: dict) -> str:
    """Best attack on one release of ours, one line an m, one column an epsilon."""
    lines = []
    for m in NEIGHBOURS:
        accuracies = [_best_at(section, 255 * m / Fraction(epsilon)) for epsilon in EPSILONS]
        lines.append([str(m), *map(_percent, accuracies)])
    header = ["m, pixels: one release, strongest attack, %"]
    return markdown_table([*header, *(f"ε = {number(float(e))}" for e in EPSILONS)], lines)


def _best_at(section: dict, scale: Fraction) -> float | None:
    """Best accuracy on one release at a scale; scales in the table are rounded to integers."""
    scale = next((r for r in section["scales"] if abs(r - scale) < 1), None)
    found = [_find(section, name, scale) for name in ONE_RELEASE]
    known = [row for row in found if row]
    return max(map(strongest, known)) if known else None


def _find(section: dict, protection: str, scale: int | None) -> dict | None:
    own = (row for row in section["rows"] if row["protection"] == protection)
    return next((row for row in own if row["scale"] == scale), None)


def _percent(accuracy: float | None) -> str:
    return number(None if accuracy is None else 100 * accuracy)


def _with_interval(section: dict, accuracy: float) -> str:
    low, high = interval(accuracy, section["pictures"])
    return f"{100 * accuracy:.0f} ({100 * low:.0f}–{100 * high:.0f})"


def _legend(section: dict) -> str:
    return (
        f"Faces: {section['faces']}, {section['people']} people, {section['pictures']} pictures; "
        f"chance {100 * section['chance']:.3g} %. Per cent named rightly by the strongest of "
        f"{len(ATTACKERS)} attackers ({', '.join(ATTACKERS)}), trained on {section['copies']} "
        f"protected versions of half of the pictures of everybody and tested on one of each of "
        f"the others; {section['rounds']} rounds. In brackets: {section['confidence']:.0%} "
        "Clopper-Pearson over the pictures, taken as independent. Taking the strongest lifts "
        f"chance a little. {VALUES[0].upper()}{VALUES[1:]}: the release's own numbers, which hold "
        f"at least as much as any picture drawn from them. Mean of {AVERAGED[-1]}: the attacker "
        f"has {AVERAGED[-1]} releases of every picture, which together cost {AVERAGED[-1]} ε."
    )


def _reading(section: dict) -> str:
    """What the figures say, in words made from them."""
    found = {r: _best_at(section, Fraction(r)) for r in section["scales"]}
    plain = max(strongest(r) for r in section["rows"] if r["scale"] is None)
    known = [r for r in section["scales"] if found[r] >= plain / 2]
    lost = [r for r in section["scales"] if _reaches_chance(section, found[r])]
    parts = []
    if known:
        parts.append(
            f"Up to r = {known[-1]} (ε = {number(float(epsilon_of(known[-1])))} at "
            f"m = {section['m']}) at least half of the people that are named without any "
            "protection are still named."
        )
    if lost:
        parts.append(
            f"From r = {lost[0]} (ε = {number(float(epsilon_of(lost[0])))}) the interval of the "
            "best attack on one release reaches chance."
        )
    return " ".join(parts) or "No scale of this run hides or shows everybody."


def _reaches_chance(section: dict, accuracy: float) -> bool:
    return interval(accuracy, section["pictures"])[0] <= section["chance"]
