"""The benchmark of jobs: its simulation, its watcher, and its parts, small."""

import json
import os
import re
import subprocess
import sys
import time

import numpy as np
import pytest

import numbadp
from bench import __main__ as bench_main
from bench.scale.control import control, shown_control
from bench.scale.inputs import SMALL, write_jpegs
from bench.scale.page import PAGE, RENDERERS, update_page
from bench.scale.race import race
from bench.scale.simulation import Cluster, render_simulation, simulate, simulate_each
from bench.scale.speed import cpu_below, measure_speed, render_speed, verdicts
from bench.scale.watching import Watcher


def test_the_simulation_by_deaths_is_that_of_every_picture():
    """Hours, deaths and tries, in the mean over many jobs; each picture is visible once."""
    cluster = Cluster(4, 0.05, chunk=4, life_s=6.0, start_s=1.0, twice=0.0)
    chance = np.random.default_rng(1)
    fast = [simulate(3000, cluster, chance) for _ in range(300)]
    slow = [simulate_each(3000, cluster, chance) for _ in range(40)]
    assert all(one["visible"] == 3000 for one in slow)
    for name, allowed in (("hours", 0.03), ("deaths", 0.1), ("lost", 0.1)):
        a, b = (np.mean([one[name] for one in many]) for many in (fast, slow))
        assert abs(a - b) <= allowed * b, (name, a, b)
    assert "| 3,000 | 4 |" in render_simulation([(3000, cluster, fast[0])])


def test_without_deaths_every_picture_is_tried_once():
    """And a race doubles those of its chunk."""
    calm = Cluster(2, 0.05, life_s=1e12, twice=0.0)
    assert simulate(1000, calm, np.random.default_rng(1))["tries"] == 1000
    twice = Cluster(2, 0.05, life_s=1e12, twice=1.0)
    assert simulate(1000, twice, np.random.default_rng(1))["tries"] == 2000


def test_two_processes_that_race_publish_once(tmp_path):
    """10,000 inputs in python -m bench scale race."""
    found = race(write_jpegs(tmp_path / "in", 60, (32, 24)), tmp_path)
    assert found["wrong"] == [] and sum(found["published"]) == 60


@pytest.mark.parametrize("fault", ["changed", "cut", "gone", "uncharged"])
def test_the_watcher_sees_what_is_wrong(tmp_path, fault):
    """Power: each fault that jobs are watched for."""
    paths = write_jpegs(tmp_path / "in", 2, SMALL)
    ledger = numbadp.Ledger(9, path=tmp_path / "l.json")
    charged = None if fault == "uncharged" else ledger
    store = numbadp.Store(tmp_path / "s")
    numbadp.batch.Pixelize(1, store=store, ledger=charged)(paths)
    watcher = Watcher(tmp_path / "s", ledger)
    watcher.look(new_ones_only=False)
    held = next((tmp_path / "s").glob("*.dpz"))
    if fault == "changed":
        whole = held.read_bytes()
        held.unlink()
        numbadp.batch.Pixelize(1, store=store)(paths)
        assert held.read_bytes() != whole
    elif fault == "cut":
        (tmp_path / "s" / "half.dpz").write_bytes(held.read_bytes()[:500])
    elif fault == "gone":
        held.unlink()
    try:
        wrong = watcher.end(paths)
    except numbadp.StoreError as error:
        wrong = [str(error)]
    assert wrong


def test_speeds_are_told_with_shares(tmp_path):
    """A table with a row an engine and an output."""
    paths = write_jpegs(tmp_path / "in", 12, SMALL)
    found = measure_speed(paths, tmp_path, 1, (("threads", 1), ("processes", 1)))
    rows = found["speed"]
    table = render_speed(rows)
    assert [row["engine"] for row in rows] == ["threads", "processes"] * 2
    assert table.count("\n") == 5 and "| png | threads | 1 |" in table and "| 1.00 |" in table
    assert all(row["cpu"] > 0 and row["times"] > 0 and row["cost"] > 0 for row in rows)
    assert rows[0]["times"] == rows[0]["cost"] == 1 and len(found["control"]) == 2
    rows[1]["jobs"] = 2
    assert "processes takes ×" in verdicts(rows)[0]


def test_processor_time_is_that_of_all_processes_below():
    """Of one that runs, and of one that has ended."""
    script = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\n"
    before = cpu_below(os.getpid())
    subprocess.run([sys.executable, "-c", script], check=True)
    waits = subprocess.Popen([sys.executable, "-c", script + "input()"], stdin=subprocess.PIPE)
    end = time.monotonic() + 600
    while cpu_below(os.getpid()) - before < 0.6 and time.monotonic() < end:
        time.sleep(0.02)
    found = cpu_below(os.getpid()) - before
    waits.communicate(b"\n")
    assert 0.6 <= found < 5 and cpu_below(waits.pid) == 0


def test_the_control_says_what_threads_reach():
    """Of three kinds; ranges over all rounds."""
    found = control(2, 2)
    assert set(found) == {"hashing", "NumPy", "Python"} and min(found.values()) > 0
    shown = shown_control([found, {**found, "Python": found["Python"] + 1}])
    assert f"Python × {found['Python']:.2f} to {found['Python'] + 1:.2f}" in shown


def test_the_command_keeps_its_results(tmp_path, capsys):
    """``python -m bench scale simulate --json FILE``."""
    kept = tmp_path / "r.json"
    assert bench_main.main(["scale", "simulate", "--json", str(kept)]) == 0
    assert "1,000,000,000" in capsys.readouterr().out
    assert len(json.loads(kept.read_text())["simulate"]["simulation"]) == 8


def test_the_code_of_the_page_runs(tmp_path, monkeypatch):
    """What needs no engine: the first block, as it is written."""
    monkeypatch.chdir(tmp_path)
    paths = write_jpegs(tmp_path / "in", 2, SMALL)
    block = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[1]
    names = {"paths": paths}
    exec(block, names)
    assert names["store"].ids() == paths and names["found"] == names["pixelize"](paths)


def test_the_page_has_the_numbers_that_were_measured(tmp_path):
    """Every table is what `python -m bench scale page` writes from the kept results."""
    again = tmp_path / "scale.md"
    again.write_text(PAGE.read_text("utf-8"), "utf-8")
    assert set(update_page(again)) <= set(RENDERERS)
    assert again.read_text("utf-8") == PAGE.read_text("utf-8")
