"""Memory: what a call needs at its peak beyond the picture and the output.

Kernels allocate outside of Python, so the resident set of a fresh process is read: load the
kernels and run once on another picture of the same shape, free what can be freed, touch a new
picture and the output, read VmRSS, reset its high-water mark (``/proc/self/clear_refs``), call,
read VmHWM.  The largest of several calls counts.  Beside it stands the account of the arrays from
the plan.  Where ``/proc`` lacks these, only the account is given.

Freed memory that glibc keeps for later would count or not, by chance of its heap's layout.  The
process therefore runs twice: once with arrays above 64 KiB in mappings of their own
(``MALLOC_MMAP_THRESHOLD_``), which measures what the package holds and is judged; and once with
the allocator as it is, which is shown beside.
"""

import json
import os
import subprocess
import sys
from tempfile import TemporaryDirectory

from bench.arrays import account_bytes
from bench.pictures import ROOT, SIZES
from bench.speed import machine_line
from bench.tables import markdown_table, verdict
from numbadp.compute.workers import thread_count
from numbadp.mechanism.planning import build_plan

EPSILON, M = 4, 16
CELL = 8
LIMITS = {"cells": 0.25, "mosaic": 0.75, "smooth": None}  # share of the picture's bytes
_TIMEOUT_S = 600
_KEPT = {"NUMBADP_CACHE": "1"}  # compile once
_MAPPED = {"MALLOC_MMAP_THRESHOLD_": "65536"}


def measure_memory(sizes: list[str] | None = None) -> dict:
    """Measure every style on pictures of the sizes, each in a fresh process."""
    with TemporaryDirectory() as cache:  # one compilation serves all processes
        rows = [_row(size, style, cache) for size in sizes or list(SIZES) for style in LIMITS]
    return {"epsilon": EPSILON, "m": M, "cell": CELL, "threads": thread_count(), "rows": rows}


def memory_plan(size: str):
    """Plan of an RGB picture whose luma cells are `CELL` pixels wide."""
    plan = build_plan((*SIZES[size], 3), epsilon=EPSILON, m=M)
    if plan.planes[0].cell != CELL:
        raise RuntimeError(f"epsilon {EPSILON} gives cells of {plan.planes[0].cell}, not {CELL}.")
    return plan


def _row(size: str, style: str, cache: str) -> dict:
    plan = memory_plan(size)
    picture = plan.height * plan.width * 3
    extra = _measured_bytes(size, style, {**_KEPT, "NUMBADP_CACHE_DIR": cache, **_MAPPED})
    default = _measured_bytes(size, style, {**_KEPT, "NUMBADP_CACHE_DIR": cache})
    account = account_bytes(plan, style, thread_count())
    limit = LIMITS[style]
    judged = account if extra is None else extra
    return {
        "size": size, "style": style, "picture_bytes": picture, "extra_bytes": extra,
        "default_bytes": default, "account_bytes": account, "limit": limit,
        "met": None if limit is None else judged <= limit * picture,
    }  # fmt: skip


def _measured_bytes(size: str, style: str, settings: dict[str, str]) -> int | None:
    command = [sys.executable, "-m", "bench.memory_child", size, style]
    done = subprocess.run(
        command,
        cwd=ROOT, env={**os.environ, **settings},
        capture_output=True, text=True, timeout=_TIMEOUT_S, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"the memory measurement of {style} at {size} failed:\n{done.stderr}")
    return json.loads(done.stdout)["extra_bytes"]


def render_memory(section: dict) -> str:
    """Write the table and how it was measured."""
    header = ["release + style", "picture", "peak extra", "share", "at most", "met"]
    header += ["account", "as allocated"]
    lines = [_line(row) for row in section["rows"]]
    legend = (
        f"RGB, ε = {section['epsilon']}, m = {section['m']}: cells of {section['cell']} pixels. "
        "Peak of the resident set beyond the picture and the output, in a fresh process, on a new "
        f"picture, {section['threads']} threads; the release itself counts as extra. Account: the "
        "arrays that the plan implies. As allocated: what the process grows by when glibc may keep "
        "freed memory for later; the other figures are without that."
    )
    return "\n\n".join(
        [markdown_table(header, lines), legend, machine_line(section["machine"], section["quiet"])]
    )


def _line(row: dict) -> list[str]:
    extra, picture = row["extra_bytes"], row["picture_bytes"]
    return [
        f"{row['style']}, {row['size']}",
        f"{picture / 1e6:.1f} MB",
        "–" if extra is None else f"{extra / 1e6:.2f} MB",
        "–" if extra is None else f"{extra / picture:.0%}",
        "–" if row["limit"] is None else f"{row['limit']:.0%}",
        verdict(row["met"]),
        f"{row['account_bytes'] / picture:.0%}",
        "–" if row["default_bytes"] is None else f"{row['default_bytes'] / picture:.0%}",
    ]
