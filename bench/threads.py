"""Two ways to share a stage among threads: items from a counter, or Numba's ``prange``.

The same work (cell sums of bands of a picture) is compiled both ways; every figure comes from fresh
processes, since one of the two ends a process that calls it from two threads or after a fork.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from statistics import median

import numpy as np

from bench.pictures import ROOT, SIZES
from bench.speed import machine_line
from bench.tables import markdown_table, number

WAYS = {"queue": "nogil kernels on a queue", "prange": "parallel=True and prange"}
RUNS = 5
CALLS = 40
CALLERS = 4
THREADS = 2
_BAND, _CELL = 16, 4
_TIMEOUT_S = 120


def measure_threads(shape=(*SIZES["1080p"], 3), runs: int = RUNS, calls: int = CALLS) -> dict:
    """Measure both ways: compilation, one caller, several at once, a call after a fork."""
    rows = {way: {"way": way} for way in WAYS}
    for question in ("alone", "callers", "fork"):
        answers = {way: [] for way in WAYS}
        for _ in range(runs if question == "alone" else 1):
            for way in WAYS:
                answers[way].append(_ask(way, question, shape, calls))
        for way, found in answers.items():
            rows[way][question] = _medians(found)
    return {"shape": list(shape), "runs": runs, "calls": calls, "rows": list(rows.values())}


def _medians(answers: list):
    """Medians of several processes' numbers; the first thing that was said instead of numbers."""
    said = [answer for answer in answers if isinstance(answer, str)]
    return said[0] if said else [median(column) for column in zip(*answers, strict=True)]


def _ask(way: str, question: str, shape, calls: int) -> list[float] | str:
    """Answer of a fresh process; how it ended, if it gave none."""
    program = f"from bench.threads import answer; answer({way!r}, {question!r}, {shape!r}, {calls})"
    environment = {**os.environ, "NUMBA_NUM_THREADS": str(THREADS), "NUMBADP_CACHE": "0"}
    environment["NUMBADP_NUM_THREADS"] = str(THREADS)
    child = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        out, _ = child.communicate(timeout=_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        return "hangs"
    if child.returncode < 0:
        return f"killed by {signal.Signals(-child.returncode).name}"
    return [float(word) for word in out.split()] if child.returncode == 0 else "fails"


# --- in the process that answers ---------------------------------------------


def answer(way: str, question: str, shape, calls: int) -> None:
    """Print what a question asks for; runs in a process of its own."""
    picture = (np.arange(np.prod(shape)) % 251).astype(np.uint8).reshape(shape[0], -1)
    cells = np.zeros((-(-picture.shape[0] // _CELL), picture.shape[1] // _CELL), np.int64)
    call = _way(way)
    start = time.perf_counter()
    call(picture[:_BAND], cells[: _BAND // _CELL])
    compiled = time.perf_counter() - start
    print(*QUESTIONS[question](lambda: call(picture, cells), calls, compiled))


def _alone(call, calls, compiled) -> tuple[float, ...]:
    return compiled, median(_seconds(call) for _ in range(calls))


def _callers(call, calls, compiled) -> tuple[float, ...]:
    """Seconds a call when several threads call at once, and when they call in turn."""
    group = [
        threading.Thread(target=lambda: [call() for _ in range(calls)]) for _ in range(CALLERS)
    ]
    start = time.perf_counter()
    for thread in group:
        thread.start()
    for thread in group:
        thread.join()
    together = time.perf_counter() - start
    return (together / (CALLERS * calls),)


def _fork(call, calls, compiled) -> tuple[float, ...]:
    """Seconds of a call in a forked child of a process that has called before."""
    call()
    child = os.fork()
    if child == 0:
        call()
        os._exit(0)
    start = time.perf_counter()
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):  # end as the child did
        os.kill(os.getpid(), os.WTERMSIG(status))
        time.sleep(1)
    return (time.perf_counter() - start,)


QUESTIONS = {"alone": _alone, "callers": _callers, "fork": _fork}


def _seconds(call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _way(name: str):
    """Return one way to call ``band`` for every band of a picture."""
    import numba

    from numbadp.compute import workers
    from numbadp.compute.jit import jit
    from numbadp.compute.lanes import next_item

    def band(picture, cells, item):
        for y in range(item * _BAND, min((item + 1) * _BAND, picture.shape[0])):
            row, sums = picture[y], cells[y // _CELL]
            for x in range(sums.size):
                total = np.int64(0) if y % _CELL == 0 else sums[x]
                for k in range(_CELL):
                    total += row[x * _CELL + k]
                sums[x] = total

    if name == "prange":
        part = numba.njit(nogil=True)(band)

        @numba.njit(parallel=True, nogil=True)
        def parallel(picture, cells):
            for item in numba.prange(-(-picture.shape[0] // _BAND)):
                part(picture, cells, item)

        return parallel
    part = jit(band)

    @jit
    def kernel(counter, items, picture, cells):
        item = next_item(counter)
        while item < items:
            part(picture, cells, item)
            item = next_item(counter)

    def queue(picture, cells):
        cost = picture.size  # in ns, roughly
        workers.drain(kernel, -(-picture.shape[0] // _BAND), cost, picture, cells)

    return queue


# --- what is said of it ------------------------------------------------------


def render_threads(section: dict) -> str:
    """Write the table."""
    lines = []
    for row in section["rows"]:
        compiled, alone = _pair(row["alone"])
        lines.append(
            [WAYS[row["way"]], compiled, alone, _one(row["callers"]), _one(row["fork"], "works")]
        )
    header = [
        "way", "compile", "a call", f"a call, {CALLERS} callers at once", "in a forked child",
    ]  # fmt: skip
    height, width = section["shape"][:2]
    legend = (
        f"Cell sums of a picture of {width} x {height}, {THREADS} threads, in fresh processes; "
        f"compile and call are medians of {section['runs']} of them, taking turns."
    )
    machine = machine_line(section["machine"], section["quiet"])
    return "\n\n".join([markdown_table(header, lines), legend, machine])


def _pair(found) -> list[str]:
    if isinstance(found, str):
        return [found, "–"]
    return [f"{number(found[0])} s", f"{number(1e3 * found[1])} ms"]


def _one(found, instead: str | None = None) -> str:
    return found if isinstance(found, str) else instead or f"{number(1e3 * found[0])} ms"
