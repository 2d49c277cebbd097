"""Speed: every case as a ratio to np.copyto of the same picture in the same rounds."""

from itertools import cycle

from bench.bounds import judge
from bench.cases import BASE, PARALLEL, Case, cases_of
from bench.pictures import SIZES
from bench.scene import EPSILON, M, scenes
from bench.tables import markdown_table, number, verdict
from bench.timing import Turn, ratio_to, run_rounds, summary_ms
from numbadp.compute.workers import thread_count

ROUNDS = 40
_BUFFERS = {
    "same": "; every call reads and writes the same arrays, whatever caches hold of them",
    "fresh": "; every call takes the next of more pictures than the caches hold",
}
TITLES = {
    "copy": "",
    "ours": "numbadp: ",
    "boxes": "boxes: ",
    "stages": "stage: ",
    "plain": "not private: ",
    "dp-pix": "DP-Pix: ",
}


def measure_speed(sizes: list[str], rounds: int = ROUNDS, buffers: str = "same") -> dict:
    """Run the case table on pictures of the sizes, all cases interleaved.

    `buffers` is ``"same"``: every call reads and writes the same two arrays, as a benchmark in a
    loop does; or ``"fresh"``: each takes the next of more arrays than the caches hold.
    """
    cases = {(size, case.id): case for size in sizes for case in cases_of(size)}
    turns = [_turn(name, case, buffers) for name, case in cases.items()]
    samples = run_rounds(turns, rounds)
    base = {name[0]: name for name, case in cases.items() if case.name == BASE}
    rows = [
        _row(name[0], case, summary_ms(samples, name), ratio_to(samples, name, base[name[0]]))
        for name, case in cases.items()
    ]
    facts = {"epsilon": EPSILON, "m": M, "rounds": rounds, "buffers": buffers}
    return {**facts, "rows": rows, "bounds": judge(rows)}


def _turn(name: tuple[str, str], case: Case, buffers: str) -> Turn:
    calls = cycle([case.build(scene) for scene in scenes(name[0], buffers == "fresh")])
    return Turn(name, lambda: next(calls)(), case.threads, case.every)


def _row(size: str, case: Case, times: dict, ratio: float) -> dict:
    row = {
        "case": case.name, "group": case.group, "size": size,
        "parallel": case.threads is PARALLEL,
        "threads": thread_count() if case.threads is PARALLEL else case.threads,
        **times, "ratio": ratio,
    }  # fmt: skip
    if case.values:
        row["ns_a_value"] = times["median_ms"] * 1e6 / case.values
    return row


def render_speed(section: dict) -> str:
    """Write the tables: pictures, noise, bounds."""
    rows, machine = section["rows"], section["machine"]
    sizes = [size for size in SIZES if any(r["size"] == size for r in rows)]
    parts = [_pictures_table(rows, sizes), _legend(section)]
    noise = [r for r in rows if r["group"] == "noise"]
    if noise:
        header = ["noise alone, scale 4080, 1 thread", "ns a value"]
        parts.append(markdown_table(header, [[r["case"], number(r["ns_a_value"])] for r in noise]))
    header = ["bound", "measured", "at most", "met"]
    lines = [
        [b["bound"], number(b["measured"]), number(b["limit"], 2), verdict(b["met"])]
        for b in section["bounds"]
    ]
    parts.append(markdown_table(header, lines))
    parts.append(machine_line(machine, section["quiet"]))
    return "\n\n".join(parts)


def _pictures_table(rows: list[dict], sizes: list[str]) -> str:
    """One line a case and number of threads; for every size ms and ratio."""
    shown = [r for r in rows if r["group"] in TITLES]
    names = dict.fromkeys((r["group"], r["case"], r["parallel"], r["threads"]) for r in shown)
    found = {(r["case"], r["parallel"], r["size"]): r for r in shown}
    lines = []
    for group, case, parallel, count in names:
        line = [f"{TITLES[group]}{case}", str(count)]
        for size in sizes:
            row = found.get((case, parallel, size), {})
            line += [number(row.get("median_ms")), number(row.get("ratio"))]
        lines.append(line)
    header = ["RGB picture", "threads"]
    for size in sizes:
        header += [f"{size} ms", "× copy"]
    return markdown_table(header, lines)


def _legend(section: dict) -> str:
    return (
        f"Medians of {section['rounds']} interleaved rounds at ε = {section['epsilon']}, "
        f"m = {section['m']} (slow cases: fewer rounds). × copy: the ratio to one-thread np.copyto "
        f"of the same picture in the same round{_BUFFERS[section['buffers']]}. OpenCV and Pillow "
        "pixelate plainly: **not private**. Their pictures are prepared beforehand (padded for "
        "OpenCV, a PIL image for Pillow), and OpenCV uses its own threads. DP-Pix in NumPy draws "
        "floating-point noise. Stages by themselves: with their inputs in place."
    )


def machine_line(machine: dict, quiet: dict) -> str:
    """One line on where the figures come from; says so when that machine was not quiet."""
    versions = ", ".join(
        f"{name} {machine[name]}" for name in ("python", "numpy", "numba") if name in machine
    )
    place = f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}"
    line = f"Measured on {place}, {versions}."
    if quiet["reasons"]:
        line += f" **The machine was not quiet**: {'; '.join(quiet['reasons'])}."
    return line
