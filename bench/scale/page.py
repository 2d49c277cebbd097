"""The tables of docs/scale.md, written from kept results between markers."""

import json
import re
from pathlib import Path

from bench.pictures import ROOT
from bench.scale.control import shown_control
from bench.scale.simulation import Cluster, render_simulation
from bench.scale.speed import render_speed

PAGE, RESULTS = ROOT / "docs" / "scale.md", ROOT / "bench" / "results" / "scale.json"


def keep(path: Path, part: str, found: dict) -> None:
    """Put the results of one part beside those that are there."""
    results = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    if part == "kills":  # which may be run one setting after the other
        again = {row["setting"] for row in found["kills"]}
        before = results.get("kills", {"kills": [], "wrong": []})
        rows = [row for row in before["kills"] if row["setting"] not in again]
        found = {**found, "kills": [*rows, *found["kills"]]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**results, part: found}, indent=1) + "\n", "utf-8")


def update_page(page: Path = PAGE, results: Path = RESULTS) -> list[str]:
    """Write the tables anew; gives the names of those that there are results for."""
    kept = json.loads(results.read_text("utf-8"))
    text, done = page.read_text("utf-8"), []
    for part, render in RENDERERS.items():
        if part in kept:
            body = f"<!-- scale:{part} -->\n\n{render(kept[part])}\n\n<!-- /scale:{part} -->"
            pattern = f"<!-- scale:{part} -->.*?<!-- /scale:{part} -->"
            text = re.sub(pattern, lambda _, body=body: body, text, flags=re.DOTALL)
            done.append(part)
    page.write_text(text, "utf-8")
    return done


def _speed(found: dict) -> str:
    pictures = found["speed"][0]["pictures"]
    return (
        f"{render_speed(found['speed'])}\n\n{pictures} JPEGs of 1920 × 1080, ε = 1, m = 16, "
        f"medians of rounds ({found['rounds']}) in which engines take turns and are compared; the "
        "start (processes, kernels, libraries) is left out and told by itself.  The control, two "
        f"threads to one around the rounds: {shown_control(found['control'])}.  Where that is far "
        "below 2 for hashing the machine was busy, more workers cannot show, and the processors' "
        f"time alone compares what engines cost.  {_machine(found)}"
    )


def _kills(found: dict) -> str:
    lines = [
        "| job | runs | inputs a run | kills | tries charged | releases visible | wrong |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in found["kills"]:
        each = row["inputs"] // row["runs"]
        lines.append(
            f"| {row['setting']} | {row['runs']} | {each} | {row['kills']} "
            f"| {row.get('tries', '')} | {row['inputs']} | {len(row['wrong'])} |"
        )
    return "\n".join(lines)


def _race(found: dict) -> str:
    published = " and ".join(f"{number:,}" for number in found["published"])
    return (
        f"{found['processes']} processes through {found['inputs']:,} inputs at once published "
        f"{published}: {sum(found['published']):,} releases, {len(found['wrong'])} wrong."
    )


def _memory(found: dict) -> str:
    worker = (found["worker"]["after"] - found["worker"]["before"]) / 1024
    driver = (found["driver"]["after"] - found["driver"]["before"]) / 1024
    film = (found["film"]["after"] - found["film"]["before"]) / 1024
    short, long = (found["command"][name] / 1024 for name in ("short", "long"))
    return (
        f"A worker on pictures of 1920 × 1080 takes {worker:.0f} MiB beyond its interpreter, "
        f"and one on a video of as many {film:.0f} MiB.  A "
        f"queue of 10⁶ paths takes {driver:.1f} MiB more in the driver than one of 10⁴; the "
        f"command line peaks at {short:.0f} MiB with a list of 10⁴ and at {long:.0f} MiB with one "
        "of 10⁶ (a folder of as many is listed first)."
    )


def _simulate(found: dict) -> str:
    rows = [(n, Cluster(**cluster), result) for n, cluster, result in found["simulation"]]
    first = rows[0][1]
    return (
        f"{render_simulation(rows)}\n\n{1000 * first.picture_s:.0f} ms of a core a picture, "
        f"{1000 * first.look_s:.0f} ms for the store to answer, chunks of {first.chunk}, "
        f"{first.start_s:.0f} s until a worker is replaced, {100 * first.twice:g} % of the chunks "
        "done twice at once."
    )


def _machine(found: dict) -> str:
    machine = found["machine"]
    return f"{machine['cpu']}, {machine['cores']} cores, python {machine['python']}."


RENDERERS = {
    "speed": _speed, "kills": _kills, "race": _race, "memory": _memory, "simulate": _simulate
}  # fmt: skip
