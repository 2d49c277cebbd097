"""The GPU benchmark's harness, without a GPU: in the simulator at toy size, and its arithmetic."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from simulator import run_python

from bench import gpu_peers
from bench.gpu import Findings, crossover_side
from bench.gpu_table import render_gpu, targets

TOY = """
import json, pathlib, sys, warnings
warnings.filterwarnings("ignore", "overflow encountered")
sys.path.insert(0, {root!r})
from bench import gpu
gpu.EPSILON = 300
import gpu_child
from numbadp.postprocess import leaves, leaves_cuda, reconstruct_cuda
gpu_child.use_small_blocks()
reconstruct_cuda.ITERATIONS = sys.modules["numbadp.postprocess.reconstruct"].ITERATIONS = 1
leaves.ITERATIONS = leaves_cuda.ITERATIONS = 1
found = gpu.measure_gpu({{"toy": (16, 16)}}, frames=(2,), rounds=1, sides=(8,), noise_shape=(2, 3))
pathlib.Path({path!r}).write_text(json.dumps(found))
"""


SLOW = "the toy benchmark takes the simulator a minute: set NUMBADP_SLOW=1 to run it"


@pytest.fixture(scope="module")
def section(tmp_path_factory):
    """Figures of the simulator: they mean nothing, but every case has run."""
    if not os.environ.get("NUMBADP_SLOW"):
        pytest.skip(SLOW)
    path = tmp_path_factory.mktemp("gpu") / "gpu.json"
    run_python(TOY.format(root=str(Path(__file__).parents[2]), path=str(path)))
    return json.loads(path.read_text())


def test_every_case_runs_in_the_simulator(section):
    names = {(row["case"], row["style"]) for row in section["rows"]}
    styles = ("cells", "mosaic", "smooth")
    assert {(case, style) for case in ("kernels", "end to end", "cpu") for style in styles} < names
    assert {("copy", ""), ("up", ""), ("down", ""), ("release", "")} < names
    assert section["device"] == {"name": "simulator"} and section["noise"]["draws"] == 6


def test_the_tables_render(section):
    text = render_gpu(section)
    assert "toy × 2" in text and "end to end mosaic" in text and "exact samples a second" in text


def test_targets_are_judged_only_where_measured(section):
    assert [t["met"] for t in targets(section)][:5] == [None] * 5
    row = {"size": "4K", "frames": 64, "median_ms": 1.0}
    rows = [row | {"case": "copy", "style": ""}, row | {"case": "kernels", "style": "cells"}]
    judged = targets({"rows": rows, "noise": {"per_second": 4e9}})
    assert judged[0]["measured"] == 1 and judged[0]["met"] and judged[1]["met"] is None
    assert judged[-1]["met"] is False


@pytest.mark.parametrize(
    ("wins", "side"),
    [((False, True, True), 2), ((True, False, True), 3), ((True, True, False), None)],
)
def test_the_crossover_is_where_the_gpu_begins_to_win_for_good(wins, side):
    entries = [{"side": n, "cpu_ms": 1, "cuda_ms": 0.5 if w else 2} for n, w in enumerate(wins, 1)]
    assert crossover_side(entries) == side


def test_every_case_has_its_own_try(capsys):
    """What fails is said and kept in its place, and everything is saved after each case."""
    saved = []
    found = Findings({"rounds": 1}, lambda section: saved.append(json.loads(json.dumps(section))))
    assert not found.take("noise", lambda: 1 / 0)
    found.rows("broken", lambda: {}["rows"])
    found.rows("good", lambda: [{"case": "copy"}])
    assert found.take("crossover", lambda: [])
    assert [e["case"] for e in found.section["errors"]] == ["noise", "broken"]
    assert "noise: ZeroDivisionError" in capsys.readouterr().err
    assert [len(s["rows"]) for s in saved] == [0, 0, 1, 1] and saved[0]["noise"] is None


def test_what_could_not_be_measured_is_told_in_the_table():
    section = {
        "rows": [], "noise": None, "crossover": None, "rounds": 1, "epsilon": 1, "m": 16,
        "device": {"name": "none"}, "errors": [{"case": "noise", "error": "ZeroDivisionError: x"}],
    }  # fmt: skip
    text = render_gpu(section)
    assert "Not measured: noise: ZeroDivisionError: x." in text
    assert not any(t["met"] for t in targets(section))


def test_without_a_device_the_command_says_so():
    from bench.gpu import measure_gpu
    from numbadp import BackendError
    from numbadp.compute.backend import backends

    if backends()[1].available:
        pytest.skip("there is a device")
    with pytest.raises(BackendError, match="'cuda' cannot run"):
        measure_gpu()


def test_a_missing_peer_is_left_out(monkeypatch):
    monkeypatch.setattr(gpu_peers, "find_spec", lambda name: None)
    assert not any(peer.available for peer in gpu_peers.PEERS)
    assert gpu_peers._padded(np.zeros((1, 17, 32, 3), np.uint8)).shape == (1, 32, 32, 3)
