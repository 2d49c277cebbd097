"""Workers and drivers killed at random moments: one visible release an input, whatever happens.

The killer ends only processes that wrote down their own numbers as workers of its run.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import numbadp
from bench.pictures import ROOT
from bench.scale.watching import Watcher
from numbadp.batch.engines import run_chunks

BATCH, WORKERS = 4, 2
# Each try of a picture is made slower by so much, so that kills come in the middle of a run.
PAUSE_S = 0.004


class Recorded:
    """Pixelize, with the number of the process that does it written down."""

    def __init__(self, pixelize, pids):
        self.pixelize, self.pids = pixelize, str(pids)

    def __call__(self, batch):
        (Path(self.pids) / str(os.getpid())).touch()
        time.sleep(PAUSE_S * BATCH)
        if isinstance(batch, dict):
            return self.pixelize(batch)
        return self.pixelize(list(batch))


class Actor(Recorded):
    """The same as a class that Ray Data makes actors of."""


def with_ray_actors(work: Recorded, paths: list[str]) -> list[str]:
    """Ray Data's map_batches, two actors on two cores."""
    import ray

    data = ray.data.from_items([{"path": path} for path in paths])
    found = data.map_batches(
        Actor, fn_constructor_args=(work.pixelize, work.pids), batch_size=BATCH,
        batch_format="numpy", compute=ray.data.ActorPoolStrategy(size=WORKERS), num_cpus=0.5,
    )  # fmt: skip
    return [row["release"] for row in found.take_all()]


def with_dask_bag(work: Recorded, paths: list[str]) -> list[str]:
    """Dask's bag, of partitions."""
    import dask.bag

    bag = dask.bag.from_sequence(paths, partition_size=BATCH)
    return bag.map_partitions(work).compute()


def with_engine(name: str):
    """An engine of this package."""

    def run(work: Recorded, paths: list[str]) -> list[str]:
        chunks = iter([paths[k : k + BATCH] for k in range(0, len(paths), BATCH)])
        found = []
        for _, result in run_chunks(name, work, chunks, WORKERS, None):
            if isinstance(result, BaseException):
                raise result
            found += result
        return found

    return run


@contextmanager
def ray_session():
    """Ray on this machine, for several runs."""
    import ray

    os.environ["PYTHONPATH"] = str(ROOT)
    ray.init(num_cpus=WORKERS, include_dashboard=False, log_to_driver=False, logging_level="error")
    ray.data.DataContext.get_current().enable_progress_bars = False
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def dask_session():
    """Dask on this machine, for several runs."""
    import dask
    import distributed

    os.environ["PYTHONPATH"] = str(ROOT)
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1000}),
        distributed.LocalCluster(
            n_workers=WORKERS, threads_per_worker=1, dashboard_address=None, silence_logs="CRITICAL"
        ) as cluster,
        distributed.Client(cluster) as client,
        _revived(client),
    ):
        yield


@contextmanager
def _revived(client):
    """Replace workers that did not come back: Dask waits for them for ever."""
    from numbadp.batch.engines.dask_tasks import revive

    ended = threading.Event()

    def work():
        while not ended.wait(10):
            revive(client, WORKERS)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def no_session():
    """Engines that start with each run."""
    yield


SETTINGS = {
    "ray-actors": (ray_session, with_ray_actors),
    "ray": (ray_session, with_engine("ray")),
    "dask-bag": (dask_session, with_dask_bag),
    "processes": (no_session, with_engine("processes")),
}


def kill_workers(name: str, paths: list[str], folder: Path, runs: int, kills: int = 2) -> dict:
    """Run a job again and again while workers are killed.

    Returns
    -------
    dict
        Runs, kills, tries (of the ledger), inputs, and all that was wrong.
    """
    session, job = SETTINGS[name]
    total = {"setting": name, "runs": 0, "kills": 0, "tries": 0, "inputs": 0, "wrong": []}
    with session():
        for run in range(runs):
            place = folder / f"{name}-{run}"
            shutil.rmtree(place, ignore_errors=True)
            found = _one_run(job, paths, place, random.Random(run), kills)
            total["runs"] += 1
            for key in ("kills", "tries", "inputs"):
                total[key] += found[key]
            total["wrong"] += found["wrong"]
            shutil.rmtree(place, ignore_errors=True)
    return total


def _one_run(job, paths: list[str], place: Path, chance, kills: int) -> dict:
    pids = place / "pids"
    pids.mkdir(parents=True)
    ledger = numbadp.Ledger(10**6, path=place / "ledger.json")
    store = numbadp.Store(place / "store")
    pixelize = numbadp.batch.Pixelize(epsilon=1, m=16, store=store, ledger=ledger)
    watcher = Watcher(place / "store", ledger)
    killer = _Killer(pids, place / "store", len(paths), chance, kills)
    try:
        found = job(Recorded(pixelize, pids), paths)
    finally:
        killed = killer.end()
        wrong = watcher.end(paths)
    again = pixelize(paths)
    if sorted(found) != sorted(again) or len(set(again)) != len(paths):
        wrong.append("workers gave other paths than the store")
    if ledger.spent < len(paths):
        wrong.append(f"the ledger has {ledger.spent} for {len(paths)} releases")
    return {"kills": killed, "tries": int(ledger.spent), "inputs": len(paths), "wrong": wrong}


class _Killer:
    """Kills a worker whenever a random share of the inputs is there."""

    def __init__(self, pids: Path, store: Path, inputs: int, chance, kills: int):
        self._pids, self._store, self._chance = pids, store, chance
        self._moments = sorted(chance.randrange(1, inputs) for _ in range(kills))
        self._done, self._ended = 0, threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def _work(self) -> None:
        while self._moments and not self._ended.wait(0.002):
            there = sum(1 for _ in self._store.glob("*.dpz")) if self._store.exists() else 0
            if there >= self._moments[0]:
                self._moments.pop(0)
                time.sleep(self._chance.random() * 0.03)
                self._kill_one()

    def _kill_one(self) -> None:
        workers = [int(name) for name in os.listdir(self._pids)]
        workers = [number for number in workers if number != os.getpid()]
        self._chance.shuffle(workers)
        for number in workers:
            with suppress(OSError):
                if not _is_of(number):
                    continue
                os.kill(number, signal.SIGKILL)
                self._done += 1
                return

    def end(self) -> int:
        """Stop; gives the number of kills."""
        self._ended.set()
        self._thread.join()
        return self._done


def _is_of(number: int) -> bool:
    """Whether a process that wrote down its number still is what it was."""
    with open(f"/proc/{number}/stat") as stream:
        return stream.read().rpartition(")")[2].split()[0] not in "ZX"


def kill_drivers(paths: list[str], folder: Path, runs: int, engine: str = "processes") -> dict:
    """Kill the command line itself at random moments, and give the same command again."""
    total = {"setting": f"driver, {engine}", "runs": 0, "kills": 0, "inputs": 0, "wrong": []}
    source = str(Path(paths[0]).parent)
    for run in range(runs):
        chance, place = random.Random(run), folder / f"driver-{run}"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        store = place / "out" / "numbadp-releases"
        ledger = numbadp.Ledger(10**6, path=place / "ledger.json")
        watcher = Watcher(store, ledger)
        command = [
            sys.executable, "-m", "numbadp", "pixelize", source, "-o", place / "out",
            "--epsilon", "1", "--engine", engine, "--jobs", WORKERS, "--ledger",
            place / "ledger.json", "--quiet",
        ]  # fmt: skip
        code = None
        for stop in [*sorted(chance.randrange(1, len(paths)) for _ in range(2)), None]:
            code, killed = _drive([str(word) for word in command], store, stop)
            total["kills"] += killed
        wrong = watcher.end(paths)
        if code != 0:
            wrong.append(f"the last run ended with {code}")
        wrong += _check_manifest(place / "out", paths)
        total["runs"] += 1
        total["inputs"] += len(paths)
        total["wrong"] += wrong
        shutil.rmtree(place, ignore_errors=True)
    return total


def _drive(command: list[str], store: Path, stop: int | None) -> tuple[int, int]:
    driver = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    while stop is not None and driver.poll() is None:
        if store.exists() and sum(1 for _ in store.glob("*.dpz")) >= stop:
            driver.send_signal(signal.SIGKILL)
            driver.wait()
            return -9, 1
        time.sleep(0.002)
    return driver.wait(), 0


def _check_manifest(out: Path, paths: list[str]) -> list[str]:
    last = {}
    for line in (out / "jobs.jsonl").read_text().splitlines():
        with suppress(ValueError):
            record = json.loads(line)
            last[record["id"]] = record["status"]
    painted = len(list(out.glob("*.png")))
    if sorted(last) != sorted(paths) or set(last.values()) - {"released", "kept"}:
        return [f"the manifest has {len(last)} ids, {set(last.values())}"]
    return [] if painted == len(paths) else [f"{painted} pictures for {len(paths)} inputs"]
