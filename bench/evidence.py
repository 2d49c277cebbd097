"""What the package's advice is read from, and the page that shows the advice.

`numbadp/data/evidence.json` holds the few figures of the results that `numbadp.advise` needs; the
tables of `docs/advice.md` are what it says then.
"""

import json
import re
from pathlib import Path
from statistics import mean

import numbadp
from bench.attack import interval, strongest
from bench.attack_report import ONE_RELEASE
from bench.pictures import DOCS
from bench.protections import AVERAGED, VALUES
from bench.readme import RESULTS
from bench.tables import markdown_table, number

EVIDENCE = Path(numbadp.__file__).parent / "data" / "evidence.json"
PAGE = DOCS / "advice.md"
STYLE = "mosaic"  # what `render` draws by default
OBJECTS = ("face", "plate", "person", "text", "whole")
_MARKED = re.compile("<!-- bench:advice -->.*?<!-- /bench:advice -->", re.DOTALL)


def evidence_from(results: dict) -> dict:
    """Pick the figures that advice needs out of the results."""
    return {
        "source": "/".join(RESULTS.parts[-3:]),
        "photos": _photos(results["utility"]),
        "attack": _attack(results["attack"]),
        "solid": _solid(results["solid"]),
    }


def evidence_text(results: dict) -> str:
    """The file of the package, as text."""
    return json.dumps(evidence_from(results), indent=1, ensure_ascii=False) + "\n"


def save_evidence(results: dict, path: Path = EVIDENCE) -> Path:
    """Write the file of the package."""
    path.write_text(evidence_text(results), "utf-8")
    return path


def _photos(section: dict) -> dict:
    rows = section["grey"]
    scales = sorted({row["scale"] for row in rows})
    errors = [[row["mse"][STYLE] for row in rows if row["scale"] == scale] for scale in scales]
    sizes = [row["megapixels"] for row in rows]
    return {
        "count": len({row["photo"] for row in rows}),
        "megapixels": [min(sizes), max(sizes)],
        "scales": scales,
        "value": [_short(mean(each)) for each in errors],
        "low": [min(each) for each in errors],
        "high": [max(each) for each in errors],
    }


def _attack(section: dict) -> dict:
    height, width = section["shape"]
    names = {1: ONE_RELEASE}
    names |= {k: (f"mean of {k}, denoised", f"mean of {k}, {VALUES}") for k in AVERAGED}
    plain = [row for row in section["rows"] if row["protection"] == "nothing"]
    return {
        "people": section["people"], "pictures": section["pictures"], "size": [width, height],
        "chance": section["chance"], "confidence": section["confidence"],
        "unprotected": max(map(strongest, plain)),
        "curves": [_named(section, releases, own) for releases, own in names.items()],
    }  # fmt: skip


def _named(section: dict, releases: int, protections: tuple[str, ...]) -> dict:
    """Strongest attack on any of our pictures, by scale, with its interval."""
    best = []
    for scale in section["scales"]:
        own = [r for r in section["rows"] if r["protection"] in protections]
        best.append(max(strongest(row) for row in own if row["scale"] == scale))
    bounds = [interval(accuracy, section["pictures"]) for accuracy in best]
    return {
        "releases": releases, "scales": section["scales"], "value": best,
        "low": [_short(low) for low, _ in bounds], "high": [_short(high) for _, high in bounds],
    }  # fmt: skip


def _solid(section: dict) -> dict:
    rows = section["rows"]
    return {
        "box": section["box"],
        "scales": [row["scale"] for row in rows],
        "value": [row["mse"][STYLE] for row in rows],
        "low": [row["least"][STYLE] for row in rows],
        "high": [row["most"][STYLE] for row in rows],
    }


def _short(value: float) -> float:
    return float(f"{value:.6g}")


def advice_tables() -> str:
    """One table an object, in a picture of 1920 x 1080 that is released once."""
    return "\n\n".join(_table(name) for name in OBJECTS)


def _table(name: str) -> str:
    advice = numbadp.advise(name)
    hidden = advice.hidden
    lines = [[str(o.m), *_figures(o)] for o in advice.options]
    lines.append(["solid box", "0", "0", "–", "0", "–", "100", "–", "no noise, no flicker"])
    header = ["m, pixels", "ε of a picture", "ε of the object", "cell", "noise, grey levels"]
    header += ["MSE of a photo", "object error, %", "faces named, %", "finding"]
    title = f"### {name.capitalize()}: {hidden.width} × {hidden.height} pixels"
    return "\n\n".join([title, hidden.reason, markdown_table(header, lines)])


def _figures(option) -> list[str]:
    return [
        number(float(option.epsilon)), number(float(option.object_epsilon)), str(option.cell),
        number(float(option.noise)), _range(option.mse, 1), _error(option.object_error),
        _range(option.attack, 100), option.finding,
    ]  # fmt: skip


def _range(found, factor: int) -> str:
    if found is None:
        return "not measured"
    value, low, high = (f"{factor * v:.0f}" for v in (found.value, found.low, found.high))
    return f"{value} ({low}–{high})"


def _error(found: float | None) -> str:
    return "not measured" if found is None else f"{100 * found:.0f}"


def page_text(text: str) -> str:
    """The page with its tables made anew."""
    body = f"<!-- bench:advice -->\n\n{advice_tables()}\n\n<!-- /bench:advice -->"
    return _MARKED.sub(lambda _: body, text)


def update_page(path: Path = PAGE) -> None:
    """Rewrite the tables of the page from the evidence as it is now."""
    from numbadp.advice.evidence import load_evidence

    load_evidence.cache_clear()
    path.write_text(page_text(path.read_text("utf-8")), "utf-8")
