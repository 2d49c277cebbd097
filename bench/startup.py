"""Start-up: what an import costs, and the command line's first and later runs.

Imports are timed inside fresh processes, two kinds taking turns, so that the interpreter's own
start does not hide a difference.  The command line is timed from outside, as users wait for it.
Flows (a grey picture, boxes, a file and so on) each run in a fresh process that finds the kernels
of the first flow; what a flow adds is what it takes less when it finds its own kernels too.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from PIL import Image

from bench.pictures import ROOT, SIZES, photo_of_size
from bench.speed import machine_line
from bench.tables import markdown_table, number, verdict

RUNS = 15
LATER_RUNS = 5
IMPORTS = {
    "base": "import numpy, PIL.Image",
    "package": "import numbadp",
    "names": "from numbadp import pixelize",
}
IMPORT_LIMIT = 1.25  # times the base
FIRST_LIMIT_S, LATER_LIMIT_S = 25, 1.5
COMMAND = "`numbadp pixelize`, 1080p JPEG to PNG"
_TIMEOUT_S = 600
FIRST_FLOW = "colour"
_DRAWN = "numbadp.pixelize(picture, epsilon=1{}).render({})"
FLOWS = {
    FIRST_FLOW: _DRAWN.format("", ""),
    "grey": _DRAWN.format("", "").replace("picture", "picture[..., 0].copy()"),
    "cells": _DRAWN.format("", "'cells'"),
    "smooth": _DRAWN.format("", "'smooth'"),
    "boxes": _DRAWN.format(", boxes=[(8, 8, 50, 60)]", ""),
    "mask": _DRAWN.format(", mask=picture[..., 0] > 90", ""),
    "zones": _DRAWN.format(
        ", layout=numbadp.Layout.zones(picture.shape, [((0, 0, 64, 64), 16)], default=4)", ""
    ),
    "private": _DRAWN.format(", layout='private'", ""),
    "exact": _DRAWN.format(", layout='exact'", ""),
    "file out": "numbadp.pixelize(picture, epsilon=1).save(file)",
    "file in": "numbadp.load(known).render()",
}
FIRST_FLOW_LIMIT_S, FLOW_LIMIT_S = 8, 2.5
FLOW_LIMITS_S = {"private": 6, "exact": 6}
_FLOW = """
import sys, time
import numpy as np
file, known = sys.argv[1:]
picture = (np.arange(96 * 128 * 3) % 251).astype(np.uint8).reshape(96, 128, 3)
import warnings
warnings.simplefilter("ignore")
start = time.perf_counter()
import numbadp
{}
print(time.perf_counter() - start)
"""


def measure_startup(runs: int = RUNS) -> dict:
    """Time imports, interleaved, then the command line with an empty cache and with a full one."""
    times = {name: [] for name in IMPORTS}
    for _ in range(runs):
        for name, statement in IMPORTS.items():
            times[name].append(_import_seconds(statement))
    first, *later = _command_seconds()
    return {
        "runs": runs,
        "import_s": {name: median(values) for name, values in times.items()},
        "first_s": first[0],
        "first_cpu_s": first[1],
        "later_s": median(wall for wall, _ in later),
        "later_cpu_s": median(cpu for _, cpu in later),
        "later_runs": len(later),
        "flows": measure_flows(),
    }


def measure_flows(flows=FLOWS) -> dict:
    """Seconds of the first flow with nothing kept, and what every other one adds to it."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        known, first = folder / "known.dpz", folder / "first"
        found = {FIRST_FLOW: {"s": _run_flow(flows[FIRST_FLOW], first, folder)}}
        save = f"numbadp.pixelize(picture, epsilon=1).save({str(known)!r})"
        _run_flow(save, folder / "other", folder)
        for name in flows.keys() - {FIRST_FLOW}:
            cache = folder / name.replace(" ", "-")
            shutil.copytree(first, cache)
            alone, again = (_run_flow(flows[name], cache, folder) for _ in range(2))
            found[name] = {"s": max(0.0, alone - again)}
        return {name: found[name] for name in flows}


def _run_flow(program: str, cache: Path, folder: Path) -> float:
    """Seconds of a flow in a fresh process, the package's import included."""
    environment = {**os.environ, "NUMBADP_CACHE": "1", "NUMBADP_CACHE_DIR": str(cache)}
    files = [str(folder / "out.dpz"), str(folder / "known.dpz")]
    done = subprocess.run(
        [sys.executable, "-c", _FLOW.format(program), *files],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True,
    )  # fmt: skip
    return float(done.stdout)


def _import_seconds(statement: str) -> float:
    program = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True,
    )  # fmt: skip
    return float(done.stdout)


def _command_seconds() -> list[tuple[float, float]]:
    """Wall and CPU time of the first run, kernels not yet compiled, and of the later ones."""
    with TemporaryDirectory() as folder:
        picture = Path(folder) / "street.jpg"
        Image.fromarray(photo_of_size(*SIZES["1080p"])).save(picture, quality=90)
        cache = Path(folder) / "cache"
        return [_run_command(picture, cache, k) for k in range(1 + LATER_RUNS)]


def _run_command(picture: Path, cache: Path, k: int) -> tuple[float, float]:
    environment = {**os.environ, "NUMBADP_CACHE": "1", "NUMBADP_CACHE_DIR": str(cache)}
    out = picture.with_name(f"out{k}.png")
    command = [sys.executable, "-m", "numbadp", "pixelize", str(picture), "-o", str(out)]
    before, start = _children_seconds(), time.perf_counter()
    done = subprocess.run(
        [*command, "--epsilon", "1"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False,
    )  # fmt: skip
    elapsed = time.perf_counter() - start
    cpu = _children_seconds() - before
    if done.returncode != 0 or not out.is_file():
        raise RuntimeError(f"numbadp pixelize failed ({done.returncode}):\n{done.stderr}")
    return elapsed, cpu


def _children_seconds() -> float:
    """CPU time of the processes that were waited for; 0 where unknown."""
    spent = os.times()
    return spent.children_user + spent.children_system


def render_startup(section: dict) -> str:
    """Write the table."""
    times = section["import_s"]
    ratio = times["package"] / times["base"]
    met = verdict(ratio <= IMPORT_LIMIT)
    lines = [
        _seconds_line(f"`{IMPORTS['base']}`", times["base"]),
        _seconds_line(f"`{IMPORTS['package']}`", times["package"]),
        ["the same, times the first line", number(ratio), str(IMPORT_LIMIT), met],
        _seconds_line(f"`{IMPORTS['names']}`", times["names"]),
        _seconds_line(f"{COMMAND}, first run", section["first_s"], FIRST_LIMIT_S),
        _seconds_line("its CPU time", section["first_cpu_s"]),
        _seconds_line(f"{COMMAND}, later runs", section["later_s"], LATER_LIMIT_S),
        _seconds_line("their CPU time", section["later_cpu_s"]),
        *(_flow_line(name, flow["s"]) for name, flow in section.get("flows", {}).items()),
    ]
    legend = (
        f"Medians of {section['runs']} fresh processes for imports (time inside the process, "
        f"taking turns) and of {section['later_runs']} later runs. The first run compiles the "
        "kernels that it needs and keeps them."
    )
    if "flows" in section:
        legend += (
            " What a flow adds: a fresh process that finds the kernels of the first "
            "`pixelize(…).render()` alone, less one that finds all."
        )
    table = markdown_table(["start-up", "measured", "at most", "met"], lines)
    return "\n\n".join([table, legend, machine_line(section["machine"], section["quiet"])])


def _flow_line(name: str, seconds: float) -> list[str]:
    if name == FIRST_FLOW:
        return _seconds_line("first `pixelize(…).render()`", seconds, FIRST_FLOW_LIMIT_S)
    return _seconds_line(f"{name} adds", seconds, FLOW_LIMITS_S.get(name, FLOW_LIMIT_S))


def _seconds_line(text: str, seconds: float, limit: float | None = None) -> list[str]:
    bound = "–" if limit is None else f"{limit} s"
    met = None if limit is None else seconds <= limit
    return [text, f"{number(seconds)} s", bound, verdict(met)]
