"""The comparison of two ways to share work: its figures, and what it says of a process that ends."""

import os

import numpy as np
import pytest

from bench import threads

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")


@pytest.mark.parametrize("way", threads.WAYS)
def test_both_ways_sum_the_same_cells(way):
    """Every pixel once, in the cell that it lies in."""
    picture = np.arange(37 * 24).reshape(37, 24).astype(np.uint8)
    cells = np.full((10, 6), 7)
    threads._way(way)(picture, cells)
    padded = np.zeros((40, 24), np.int64)
    padded[:37] = picture
    assert (cells == padded.reshape(10, 4, 6, 4).sum((1, 3))).all()


@needs_fork
def test_a_toy_measurement_is_a_table():
    """One process for each question; ours answers all of them."""
    section = threads.measure_threads(shape=(64, 96, 3), runs=1, calls=2)
    ours, theirs = section["rows"]
    assert all(isinstance(ours[question], list) for question in threads.QUESTIONS)
    assert min(ours["alone"]) > 0 and isinstance(theirs["alone"], list)
    machine = dict.fromkeys(("cpu", "cores", "system", "python", "numpy", "numba"), "x")
    table = threads.render_threads(section | {"machine": machine, "quiet": {"reasons": []}})
    assert table.count(threads.WAYS["queue"]) == 1 and "works" in table


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import os; os.abort()", "killed by SIGABRT"),
        ("raise SystemExit(3)", "fails"),
        ("import time; time.sleep(600)", "hangs"),
        ("print(1, 2.5)", [1, 2.5]),
    ],
)
def test_however_a_process_ends_is_said(program, said, monkeypatch):
    """A process that is killed, fails or hangs gives a word instead of numbers."""
    real = threads.subprocess.Popen
    if said == "hangs":
        monkeypatch.setattr(threads, "_TIMEOUT_S", 2)
    monkeypatch.setattr(
        threads.subprocess, "Popen",
        lambda command, **options: real([*command[:2], program], **options),
    )  # fmt: skip
    assert threads._ask("queue", "alone", (8, 8), 1) == said
    assert threads._medians([[1, 5], [3, 7]]) == [2, 6] and threads._medians([[1], "x"]) == "x"
