"""Pictures a second, path to PNG and path to .dpz, on every engine, with the shares of the work.

Engines take turns in every round, so that drift hits all alike.  What an engine needs to start is
measured by itself: a run without a picture.
"""

import hashlib
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numbadp
from numbadp.batch.engines import run_chunks
from numbadp.cli.working import Task, Work
from numbadp.compute.workers import threads

STAGES = ("decode", "release", "encode", "publish", "paint")
OWN = ("release", "encode", "paint")  # packing and painting are this package's work too
_CHUNKS = {"threads": 1}
_USUAL_CHUNK = 4
SETTINGS = (("threads", 1), ("threads", 2), ("processes", 2), ("ray", 2), ("dask", 2))


def measure_speed(
    paths: list[str], folder: Path, rounds: int, settings=SETTINGS, outputs=("png", "dpz")
) -> list[dict]:
    """Time every setting; rows with medians over the rounds."""
    samples: dict = {}
    for _ in range(rounds):
        for output in outputs:
            for engine, jobs in settings:
                row = _timed(engine, jobs, paths, folder / "out", output)
                samples.setdefault((output, engine, jobs), []).append(row)
    return [
        {
            "output": output, "engine": engine, "jobs": jobs, "pictures": len(paths),
            "seconds": median(row["seconds"] for row in rows),
            "start": median(row["start"] for row in rows),
            "stages": {name: median(row["stages"][name] for row in rows) for name in STAGES},
        }
        for (output, engine, jobs), rows in samples.items()
    ]  # fmt: skip


def _timed(engine: str, jobs: int, paths: list[str], out: Path, output: str) -> dict:
    shutil.rmtree(out, ignore_errors=True)
    store = numbadp.Store(out / "store")
    work = Work(numbadp.batch.Pixelize(epsilon=1, m=16, store=store), "mosaic", None, False)
    target = (lambda number: str(out / f"{number}.png")) if output == "png" else (lambda _: None)
    tasks = [Task(path, path, target(number)) for number, path in enumerate(paths)]
    size = _CHUNKS.get(engine, _USUAL_CHUNK)
    chunks = [tasks[k : k + size] for k in range(0, len(tasks), size)]
    stages, done, began, ready = dict.fromkeys(STAGES, 0.0), 0, time.perf_counter(), None
    with threads(1):
        # The first chunks of every worker load kernels and libraries: that is the start.
        for _, records in run_chunks(engine, work, iter(chunks), jobs, None):
            if isinstance(records, BaseException):
                raise records
            done += len(records)
            if ready is None and done >= _WARM * jobs * size:
                ready, first = time.perf_counter(), done
            elif ready is not None:
                last, final = time.perf_counter(), done
            for record in records:
                if record["status"] != "released":
                    raise RuntimeError(record)
                for name, value in record["stages"].items():
                    stages[name] = stages.get(name, 0.0) + (value if ready is not None else 0.0)
    rate = (final - first) / (last - ready)
    shutil.rmtree(out, ignore_errors=True)
    return {"seconds": len(paths) / rate, "start": ready - began, "stages": stages}


_WARM = 3  # chunks a worker


def control(jobs: int = 2, calls: int = 24) -> float:
    """How much more threads get done that only hash, which needs nothing but a core each.

    On a machine that is busy otherwise it is far below `jobs`, and so is everything else then.
    """
    data = bytes(4_000_000)

    def work(_):
        hashlib.sha256(data).digest()

    taken = []
    for workers in (1, jobs, 1, jobs, 1, jobs):
        start = time.perf_counter()
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(work, range(calls)))
        taken.append(time.perf_counter() - start)
    return min(taken[::2]) / min(taken[1::2])


def render_speed(rows: list[dict]) -> str:
    """A table in Markdown."""
    names = ["output", "engine", "workers", "pictures a second", "× one thread", "start s"]
    names += [*STAGES, "numbadp's own"]
    lines = [f"| {' | '.join(names)} |", f"|---|---|{'---:|' * (len(names) - 2)}"]
    for row in rows:
        base = next(
            r
            for r in rows
            if (r["output"], r["engine"], r["jobs"]) == (row["output"], "threads", 1)
        )
        whole = sum(row["stages"].values())
        shares = [100 * row["stages"][name] / whole for name in STAGES]
        own = 100 * sum(row["stages"][name] for name in OWN) / whole
        lines.append(
            f"| {row['output']} | {row['engine']} | {row['jobs']} "
            f"| {row['pictures'] / row['seconds']:.1f} | {base['seconds'] / row['seconds']:.2f} "
            f"| {row['start']:.1f} | {' | '.join(f'{share:.0f} %' for share in shares)} "
            f"| {own:.0f} % |"
        )
    return "\n".join(lines)
