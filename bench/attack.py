"""Attack: how often retrained attackers name the person on a protected face.

Every round splits each person's pictures in two, trains on one half and tests on the other, then
the other way round, so that every picture is tested once, under fresh noise.  Accuracies are means
over the rounds; their intervals (Clopper-Pearson, 95 %) count every picture once, since releasing
a picture again adds no evidence about other pictures.
"""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from statistics import mean

import numpy as np
from tqdm import tqdm

from bench.attackers import ATTACKERS, Task, look
from bench.faces import Faces, split_halves
from bench.protections import BEST, PLAIN, PROTECTIONS, REFERENCES, VALUES, Protection
from bench.scene import M
from bench.utility import epsilon_of
from numbadp import Pixelizer

SCALES = (64, 255, 1020, 4080, 8160, 16320, 32640, 65280, 261120)
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Effort:
    """How much is run.

    Attributes
    ----------
    rounds : int
        Splits, each with fresh releases of everything.
    copies : int
        Protected versions of each training picture.
    scales : tuple of int
        Noise scales of a sum, r = 255 m / epsilon.
    workers : int
        Processes.
    only : tuple of str
        Names of protections; all of them if empty.
    """

    rounds: int = 2
    copies: int = 8
    scales: tuple[int, ...] = SCALES
    workers: int = 2
    only: tuple[str, ...] = ()


FULL = Effort()
QUICK = Effort(rounds=1, copies=2, scales=(1020, 8160, 65280))
# What more work at drawing gives to an attacker: fewer rounds and copies than `FULL`.
EFFORTS = Effort(
    rounds=1, copies=4, scales=(1020, 4080, 8160, 16320, 65280),
    only=(PLAIN, "smooth", BEST, VALUES),
)  # fmt: skip


def measure_attack(faces: Faces, effort: Effort = FULL) -> dict:
    """Attack every protection at every scale."""
    cases = [(REFERENCES, i, None) for i in range(len(REFERENCES))]
    chosen = [i for i, p in enumerate(PROTECTIONS) if not effort.only or p.name in effort.only]
    cases += [(PROTECTIONS, i, r) for r in effort.scales for i in chosen]
    jobs = [(*case, number) for case in cases for number in range(effort.rounds)]
    found = _run_all(faces, effort, jobs)
    rounds = [found[i : i + effort.rounds] for i in range(0, len(found), effort.rounds)]
    return {
        "faces": faces.name, "people": int(faces.people.max()) + 1,
        "pictures": len(faces.people), "shape": list(faces.shape), "chance": faces.chance,
        "m": M, "confidence": CONFIDENCE, **asdict(effort),
        "face_epsilon": {str(r): whole_face_epsilon(faces, r) for r in effort.scales},
        "rows": [_row(table[i], r, own) for (table, i, r), own in zip(cases, rounds, strict=True)],
    }  # fmt: skip


def whole_face_epsilon(faces: Faces, scale: int) -> float:
    """Epsilon of one release for neighbours that differ in every pixel of a face."""
    height, width = faces.shape
    release = Pixelizer(faces.shape, epsilon=epsilon_of(scale), m=M)(faces.pictures[0])
    return float(release.guarantee.for_pixels(height * width).epsilon)


def interval(accuracy: float, pictures: int) -> tuple[float, float]:
    """Clopper-Pearson interval of an accuracy over so many pictures."""
    from scipy.stats import binomtest

    found = binomtest(round(accuracy * pictures), pictures).proportion_ci(CONFIDENCE)
    return float(found.low), float(found.high)


def strongest(row: dict) -> float:
    """Accuracy of the best attacker."""
    return max(row["accuracy"].values())


def name_faces(
    faces: Faces, protection: Protection, scale: int | None, copies: int, number: int
) -> dict[str, float]:
    """Train and test every attacker on both halves of a split; accuracies over all pictures."""
    seen = [look(protection.protect(faces.pictures, scale)) for _ in range(copies + 1)]
    training, tests = np.stack(seen[:-1]), seen[-1]
    right = dict.fromkeys(ATTACKERS, 0)
    for train, test in split_halves(faces.people, number):
        task = Task(training[:, train], faces.people[train], tests[test])
        for name, attack in ATTACKERS.items():
            right[name] += int((attack(task) == faces.people[test]).sum())
    return {name: count / len(faces.people) for name, count in right.items()}


def _row(protection: Protection, scale: int | None, rounds: list[dict]) -> dict:
    return {
        "protection": protection.name,
        "releases": protection.releases,
        "scale": scale,
        "accuracy": {name: mean(found[name] for found in rounds) for name in ATTACKERS},
    }


def _run_all(faces: Faces, effort: Effort, jobs: list[tuple]) -> list[dict]:
    """Every job's accuracies, in order; protections are sent to workers by their place."""
    jobs = [(table is REFERENCES, *rest) for table, *rest in jobs]
    if effort.workers == 1:
        _prepare(faces, effort.copies)
        return [_run(job) for job in jobs]
    context, arguments = get_context("spawn"), (faces, effort.copies)
    with ProcessPoolExecutor(effort.workers, context, _prepare, arguments) as pool:
        return list(tqdm(pool.map(_run, jobs), total=len(jobs), disable=None, leave=False))


_given: dict = {}  # what every job of this process needs


def _prepare(faces: Faces, copies: int) -> None:
    from threadpoolctl import threadpool_limits

    _given.update(faces=faces, copies=copies, limit=threadpool_limits(1))


def _run(job: tuple[bool, int, int | None, int]) -> dict[str, float]:
    reference, place, scale, number = job
    protection = (REFERENCES if reference else PROTECTIONS)[place]
    copies = 1 if reference else _given["copies"]  # without noise all copies are equal
    return name_faces(_given["faces"], protection, scale, copies, number)
