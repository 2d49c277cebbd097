"""Pictures a second, path to PNG and path to .dpz, on every engine, with the shares of the work.

Engines take turns in every round and are compared within it, so that drift hits all alike; between
the rounds a control shows what two threads reach that need nothing but a core each.  What an engine
needs to start is left out and told by itself.  Seconds of the processors are those of the driver
and all processes below it, from the first results of every worker to the last.
"""

import os
import shutil
import threading
import time
from collections import Counter
from pathlib import Path
from statistics import median

import numbadp
from bench.scale.control import control
from numbadp.batch.engines import run_chunks
from numbadp.batch.engines.window import in_chunks
from numbadp.cli.working import Task, Work
from numbadp.compute.workers import threads

STAGES = ("decode", "release", "encode", "publish", "paint")
OWN = ("release", "encode", "paint")  # packing and painting are this package's work too
SETTINGS = (("threads", 1), ("threads", 2), ("processes", 2), ("ray", 2), ("dask", 2))
_WARM = 2  # chunks that every worker does while it starts: they load kernels and libraries
_TICKS = os.sysconf("SC_CLK_TCK")
AT_LEAST, AT_MOST = 1.7, 1.25  # of two threads to one; of an engine's processor time to one's


def measure_speed(
    paths: list[str], folder: Path, rounds: int, settings=SETTINGS, outputs=("png", "dpz")
) -> dict:
    """Time every setting in every round; rows, and what the control did around the rounds."""
    samples: dict = {}
    controls = [control()]
    for _ in range(rounds):
        for output in outputs:
            for engine, jobs in settings:
                row = _timed(engine, jobs, paths, folder / "out", output)
                samples.setdefault((output, engine, jobs), []).append(row)
        controls.append(control())
    rows = [
        {"output": output, "engine": engine, "jobs": jobs, "pictures": len(paths), **_medians(own)}
        for (output, engine, jobs), own in samples.items()
    ]
    for row in rows:
        base = samples.get((row["output"], "threads", 1))
        own = samples[row["output"], row["engine"], row["jobs"]]
        for name, key in (("times", "seconds"), ("cost", "cpu")):
            pairs = [(one[key], other[key]) for one, other in zip(base or own, own, strict=True)]
            row[name] = median(a / b if name == "times" else b / a for a, b in pairs)
    return {"speed": rows, "rounds": rounds, "control": controls}


def _medians(rows: list[dict]) -> dict:
    found = {name: median(row[name] for row in rows) for name in ("seconds", "start", "cpu")}
    return {
        **found, "stages": {name: median(row["stages"][name] for row in rows) for name in STAGES}
    }  # fmt: skip


class Named:
    """Work, with a name of who did it."""

    def __init__(self, work: Work):
        self.work = work

    def __call__(self, chunk: list[Task]) -> tuple[str, list[dict]]:
        return f"{os.getpid()} {threading.get_ident()}", self.work(chunk)


class _Start:
    """Over when every worker has done some chunks; half of the inputs in at the latest."""

    def __init__(self, jobs: int, inputs: int):
        self._jobs, self._latest = jobs, inputs // 2
        self._chunks: Counter = Counter()

    def is_over(self, worker: str, done: int) -> bool:
        self._chunks[worker] += 1
        ready = sum(count >= _WARM for count in self._chunks.values())
        return ready >= self._jobs or done >= self._latest


def _timed(engine: str, jobs: int, paths: list[str], out: Path, output: str) -> dict:
    shutil.rmtree(out, ignore_errors=True)
    store = numbadp.Store(out / "store")
    work = Work(numbadp.batch.Pixelize(epsilon=1, m=16, store=store), "mosaic", None, False)
    target = (lambda number: str(out / f"{number}.png")) if output == "png" else (lambda _: None)
    tasks = [Task(path, path, target(number)) for number, path in enumerate(paths)]
    chunks = in_chunks(iter(tasks), engine)
    stages, done, began, first = dict.fromkeys(STAGES, 0.0), 0, time.perf_counter(), None
    start = _Start(jobs, len(tasks))
    with threads(1):
        for _, found in run_chunks(engine, Named(work), chunks, jobs, None):
            if isinstance(found, BaseException):
                raise found
            worker, records = found
            done += len(records)
            if first is None and start.is_over(worker, done):
                first = done, time.perf_counter(), cpu_below(os.getpid())
            elif first is not None and done == len(tasks):
                last = done, time.perf_counter(), cpu_below(os.getpid())
            for record in records:
                if record["status"] != "released":
                    raise RuntimeError(record)
                for name, value in record["stages"].items():
                    stages[name] = stages.get(name, 0.0) + (value if first is not None else 0.0)
    shutil.rmtree(out, ignore_errors=True)
    pictures, seconds, cpu = (b - a for a, b in zip(first, last, strict=True))
    share = len(paths) / pictures
    return {
        "seconds": seconds * share, "cpu": max(cpu, 1 / _TICKS) * share, "start": first[1] - began,
        "stages": stages,
    }  # fmt: skip


def cpu_below(root: int) -> float:
    """Processor seconds of a process and all below it, of those that have ended as well."""
    parents, used = {}, {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            text = Path("/proc", name, "stat").read_text()
        except OSError:  # ended since
            continue
        fields = text.rpartition(")")[2].split()
        parents[int(name)] = int(fields[1])
        used[int(name)] = sum(map(int, fields[11:15])) / _TICKS  # its own, and of children it had
    total = 0.0
    for number, seconds in used.items():
        above = number
        while above not in (root, 0, 1):
            above = parents.get(above, 0)
        total += seconds if above == root else 0.0
    return total


def render_speed(rows: list[dict]) -> str:
    """A table in Markdown."""
    names = ["output", "engine", "workers", "pictures a second", "× one thread", "CPU ms a picture"]
    names += ["CPU × one thread", "start s", *STAGES, "numbadp's own"]
    lines = [f"| {' | '.join(names)} |", f"|---|---|{'---:|' * (len(names) - 2)}"]
    for row in rows:
        whole = sum(row["stages"].values())
        shares = [100 * row["stages"][name] / whole for name in STAGES]
        own = 100 * sum(row["stages"][name] for name in OWN) / whole
        lines.append(
            f"| {row['output']} | {row['engine']} | {row['jobs']} "
            f"| {row['pictures'] / row['seconds']:.1f} | {row['times']:.2f} "
            f"| {1000 * row['cpu'] / row['pictures']:.0f} | {row['cost']:.2f} "
            f"| {row['start']:.1f} | {' | '.join(f'{share:.0f} %' for share in shares)} "
            f"| {own:.0f} % |"
        )
    return "\n".join(lines)


def verdicts(rows: list[dict]) -> list[str]:
    """What was asked for, and what was reached."""
    lines = []
    for row in rows:
        if row["engine"] == "threads" and row["jobs"] > 1:
            lines.append(
                f"{row['output']}: {row['jobs']} threads do × {row['times']:.2f} what one does "
                f"(at least {AT_LEAST} is asked for)"
            )
        elif row["jobs"] > 1:
            lines.append(
                f"{row['output']}: {row['engine']} takes × {row['cost']:.2f} of one thread's "
                f"processor time after its start, and does × {row['times']:.2f} what it does (at "
                f"most × {AT_MOST} is asked for)"
            )
    return lines
