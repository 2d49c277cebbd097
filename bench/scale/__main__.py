"""``python -m bench scale PART``: what holds of jobs beyond one process, measured."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

from bench.machine import describe_machine
from bench.scale.control import shown_control
from bench.scale.inputs import FULL_HD, SMALL, write_film, write_jpegs
from bench.scale.kills import SETTINGS, kill_drivers, kill_workers
from bench.scale.memory import FILM, command_memory, driver_memory, worker_memory
from bench.scale.page import keep, update_page
from bench.scale.race import race
from bench.scale.simulation import Cluster, render_simulation, simulate
from bench.scale.speed import SETTINGS as SPEEDS
from bench.scale.speed import measure_speed, render_speed, verdicts

PARTS = ("kills", "race", "speed", "memory", "simulate", "page")


def main(argv: list[str] | None = None) -> int:
    """Run one part; 1 if anything was wrong."""
    options = _parser().parse_args(argv)
    folder = Path(options.folder or tempfile.mkdtemp(prefix="numbadp-scale-"))
    try:
        found = _PARTS[options.part](options, folder)
    finally:
        if options.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        keep(Path(options.json), options.part, {**found, "machine": describe_machine()})
    return 1 if found.get("wrong") else 0


def _kills(options, folder: Path) -> dict:
    paths = write_jpegs(folder / "in", options.inputs or 200, SMALL)
    wrong, rows = [], []
    for name in options.settings or [*SETTINGS, "driver"]:
        if name == "driver":
            row = kill_drivers(paths, folder, options.runs)
        else:
            row = kill_workers(name, paths, folder, options.runs)
        rows.append(row)
        wrong += row["wrong"]
        tries = f", {row['tries']} tries charged" if "tries" in row else ""
        print(
            f"{row['setting']}: {row['runs']} runs of {len(paths)} inputs, {row['kills']} kills"
            f"{tries}, {row['inputs']} releases visible, {len(row['wrong'])} wrong",
            flush=True,
        )
    print(*wrong, sep="\n")
    return {"kills": rows, "wrong": wrong}


def _race(options, folder: Path) -> dict:
    paths = write_jpegs(folder / "in", options.inputs or 10_000, (32, 24))
    found = race(paths, folder)
    print(
        f"{found['processes']} processes, {found['inputs']} inputs each, {found['seconds']:.0f} s: "
        f"published {found['published']}, {len(found['wrong'])} wrong"
    )
    print(*found["wrong"], sep="\n")
    return found


def _speed(options, folder: Path) -> dict:
    paths = write_jpegs(folder / "in", options.inputs or 500, FULL_HD)
    chosen = [row for row in SPEEDS if not options.settings or row[0] in options.settings]
    found = measure_speed(paths, folder, options.runs, chosen, options.outputs)
    print(render_speed(found["speed"]))
    print(f"control, two threads to one: {shown_control(found['control'])}")
    print(*verdicts(found["speed"]), sep="\n")
    return found


def _memory(options, folder: Path) -> dict:
    paths = write_jpegs(folder / "in", options.inputs or 20, FULL_HD)
    worker, driver = worker_memory(paths), driver_memory(10**6)
    (folder / "film").mkdir(exist_ok=True)
    film = worker_memory([write_film(folder / "film" / "a.mp4", FILM, FULL_HD)])
    small = write_jpegs(folder / "small", 20, SMALL)
    command = command_memory(small, 10**6)
    beyond = (worker["after"] - worker["before"]) / 1024
    more = (driver["after"] - driver["before"]) / 1024
    longer = (command["long"] - command["short"]) / 1024
    print(
        f"a worker, {len(paths)} pictures of 1920 x 1080: {beyond:.0f} MiB beyond the interpreter"
    )
    beyond = (film["after"] - film["before"]) / 1024
    print(f"a worker, a video of {FILM} frames of as many: {beyond:.0f} MiB")
    print(f"a driver, 10^6 paths after 10^4: {more:.1f} MiB more at the peak")
    print(f"the command line, a list of 10^6 after one of 10^4: {longer:.1f} MiB more at the peak")
    return {"worker": worker, "driver": driver, "command": command, "film": film}


def _simulate(options, folder: Path) -> dict:
    chance, rows = np.random.default_rng(1), []
    for pictures, workers in ((10**6, 2), (10**7, 64), (10**8, 1000), (10**9, 1000)):
        for life in (24.0, 1.0):
            cluster = Cluster(workers, options.picture_ms / 1000, life_s=life * 3600)
            rows.append((pictures, cluster, simulate(pictures, cluster, chance)))
    print(render_simulation(rows))
    return {"simulation": [(n, vars(cluster), found) for n, cluster, found in rows]}


def _page(options, folder: Path) -> dict:
    print(f"written: {', '.join(update_page())}")
    return {}


_PARTS = {
    "kills": _kills, "race": _race, "speed": _speed, "memory": _memory, "simulate": _simulate,
    "page": _page,
}  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench scale", description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--inputs", type=int, help="how many pictures")
    parser.add_argument("--runs", type=int, default=3, help="rounds of speed, runs of kills")
    parser.add_argument("--settings", nargs="*", help="engines; default: all")
    parser.add_argument("--outputs", nargs="*", default=("png", "dpz"), help="for speed")
    parser.add_argument("--picture-ms", type=float, default=60.0, help="of a core, for simulate")
    parser.add_argument("--folder", help="keep what is written here")
    parser.add_argument("--json", help="results, to which this part is added")
    return parser


if __name__ == "__main__":
    sys.exit(main())
