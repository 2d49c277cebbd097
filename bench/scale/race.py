"""Processes that race on one store, each through all inputs, in orders of their own."""

import random
import subprocess
import sys
import time
from pathlib import Path

import numbadp
from bench.pictures import ROOT
from bench.scale.watching import Watcher

_SCRIPT = """\
import random, sys, numbadp
from pathlib import Path
paths = Path(sys.argv[2]).read_text().split("\\n")
order = list(range(len(paths)))
random.Random(int(sys.argv[3])).shuffle(order)
pixelize = numbadp.batch.Pixelize(epsilon=1, m=16, store=numbadp.Store(sys.argv[1]))
# Side by side through mostly the same order, so that both come to most inputs at once.
turns = sorted(order, key=lambda number: number + random.Random(number).random() * 2)
fresh = sum(pixelize.do(paths[number]).fresh for number in turns)
print(fresh)
"""


def race(paths: list[str], folder: Path, processes: int = 2) -> dict:
    """Have several processes do all inputs at once.

    Returns
    -------
    dict
        Inputs, processes, releases published by each, seconds, and all that was wrong.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = folder / "paths.txt"
    names.write_text("\n".join(paths))
    start = time.perf_counter()
    runners = [
        subprocess.Popen(
            [sys.executable, "-c", _SCRIPT, folder / "store", names, str(number)], cwd=ROOT,
            stdout=subprocess.PIPE, text=True,
        )
        for number in range(processes)
    ]  # fmt: skip
    fresh = [int(runner.communicate()[0]) for runner in runners]
    seconds = time.perf_counter() - start
    wrong = Watcher(folder / "store").end(paths)
    if sum(fresh) != len(paths):
        wrong.append(f"{sum(fresh)} tries say that they published {len(paths)} releases")
    chosen = random.Random(1).sample(paths, min(len(paths), 50))
    store = numbadp.Store(folder / "store")
    if any(store.get(path).plan.epsilon != 1 for path in chosen):
        wrong.append("a release has another epsilon")
    return {
        "inputs": len(paths), "processes": processes, "published": fresh, "seconds": seconds,
        "wrong": wrong,
    }  # fmt: skip
