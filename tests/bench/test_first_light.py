"""The command for a bare machine: its control flow at toy size in the simulator, its parts alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cases import CASES
from gpu_temporal import FILMS
from layout_cases import LAYOUT_CASES

from bench import first_light, first_light_packages

BENCH = Path(first_light.__file__).parent


def run(folder, **environment):
    """Run the command and return its summary's stages by name, its exit code and its output."""
    done = subprocess.run(
        [str(BENCH / "first_light.sh"), str(folder)], capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHON": sys.executable, "WHEELS": str(folder / "none")} | environment,
        timeout=3600,
    )  # fmt: skip
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["running"] == ""
    return {entry["stage"]: entry for entry in summary["stages"]}, done.returncode, done.stdout


def read(folder, name):
    return json.loads((folder / name).read_text())


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """Run every stage but the benchmark: one fails, one hangs, the others are to be none the worse."""
    folder = tmp_path_factory.mktemp("light")
    stages, code, told = run(
        folder, NUMBA_ENABLE_CUDASIM="1", STAGES="packages env equality gpu hello sanitizer profile",
        LIMITS="packages=900 env=900 equality=900 gpu=1 hello=900 sanitizer=900 profile=900",
        TESTS="tests/no_such_file.py", CUDA_HOME="/nowhere",
    )  # fmt: skip
    return folder, stages, code, told


def test_a_stage_that_fails_or_hangs_stops_no_other(toy):
    _, stages, code, told = toy
    assert [entry["status"] for entry in stages.values()] == [
        "ok", "ok", "failed", "timed out", "ok", "ok", "ok"
    ]  # fmt: skip
    assert stages["gpu"]["limit"] == 1 and stages["gpu"]["seconds"] <= 10 and code == 1
    assert "=== equality: failed" in told


def test_every_stage_leaves_its_file(toy):
    folder, *_ = toy
    assert read(folder, "env.json")["device"] == {"name": "simulator"}
    assert read(folder, "env.json")["packages"]["numba"]["works"]
    found = read(folder, "hello.json")
    assert found["hello"] == {"equal": True} and found["steps"]["cells"]["equal"]
    assert all(found["steps"][f"plane {k}"] == {"equal": True, "differ": 0} for k in range(3))
    flows = read(folder, "profile.json")["profile"]["flows"]
    names = {name: {row["kernel"] for row in flow["kernels"]} for name, flow in flows.items()}
    once = {"measure_rgb_cuda", "noise_cuda", "colours_cuda", "flat_words_cuda"}
    assert names.keys() == {"toy", "toy steady"} and names["toy"] == once
    assert {"noise_cuda", "read_cuda", "decide_cuda"} <= names["toy steady"]
    rows = [row for flow in flows.values() for row in flow["kernels"]]
    assert all(row["bytes"] > 0 and row["ms"] > 0 for row in rows)
    assert "=== profile, at most" in (folder / "log.txt").read_text()


TESTS = """
import pytest
pytestmark = pytest.mark.gpu

def test_good():
    pass

def test_bad():
    assert "bits" == "other bits"

@pytest.mark.skipif(True, reason="no library")
def test_skipped():
    pass
"""


def test_equality_tells_what_every_test_did(tmp_path):
    """Passed, failed and skipped, with reasons, in one file that is whole after each test."""
    (tmp_path / "test_some.py").write_text(TESTS)
    stages, code, _ = run(tmp_path, STAGES="equality", TESTS=str(tmp_path / "test_some.py"))
    found = read(tmp_path, "equality.json")
    assert code == 1 and stages["equality"]["status"] == "failed"
    assert found["finished"] and [found[k] for k in ("passed", "failed", "skipped")] == [1, 1, 1]
    told = {entry["test"].rpartition("::")[2]: entry for entry in found["tests"]}
    assert "other bits" in told["test_bad"]["why"] and "no library" in told["test_skipped"]["why"]
    assert told["test_good"]["outcome"] == "passed"


def test_what_cannot_be_collected_is_a_failure(tmp_path):
    (tmp_path / "test_broken.py").write_text("import no_such_module_anywhere\n")
    run(tmp_path, STAGES="equality", TESTS=str(tmp_path / "test_broken.py"))
    found = read(tmp_path, "equality.json")
    assert found["failed"] == 1 and "no_such_module_anywhere" in found["tests"][0]["why"]


def test_all_default_limits_together_are_below_nine_minutes():
    """Also where every stage hangs, and two seconds pass before it is killed."""
    text = (BENCH / "first_light.sh").read_text()
    (line,) = (line for line in text.splitlines() if line.startswith("declare -A limit="))
    limits = [int(word.partition("]=")[2]) for word in line[line.index("(") + 1 : -1].split()]
    assert len(limits) == 7 and sum(limits) + 2 * len(limits) < 9 * 60
    assert "timeout -k 2 " in text


def test_the_small_rows_exist():
    names = [case.id for case in (*CASES, *LAYOUT_CASES, *FILMS)]
    assert set(first_light.SMALL) <= set(names)


@pytest.mark.parametrize(
    ("installed", "taken"),
    [("2.4.6", False), ("2.5.0", True), ("2.5.0rc1", True), ("1.25.2", True), (None, True)],
)
def test_only_what_does_not_work_is_taken_from_wheels(monkeypatch, tmp_path, installed, taken):
    """The newest wheel, of packages that are absent, too old or too new."""

    class Found:
        def __init__(self, version):
            self.version = version

    def distribution(name):
        if name == "numpy" and installed is None:
            raise first_light_packages.PackageNotFoundError
        return Found(installed if name == "numpy" else "99" if name != "numba-cuda" else "0.30.4")

    monkeypatch.setattr(first_light_packages, "distribution", distribution)
    monkeypatch.setattr(first_light_packages, "tool_is_absent", lambda package: False)
    for name in ("numpy-2.4.6-cp312.whl", "numpy_other-1.0-cp312.whl", "pytest-9.2.0-py3.whl"):
        (tmp_path / name).touch()
    found = [path.name for path in first_light_packages.wheels_to_take(tmp_path)]
    assert found == ["numpy-2.4.6-cp312.whl"] * taken


@pytest.mark.parametrize("code", [0, 9])
def test_the_sanitizer_is_heard(tmp_path, monkeypatch, code):
    """Both checks run, one after the other, whatever the first one says; its words are kept."""
    tool = tmp_path / "compute-sanitizer"
    tool.write_text(f"#!/bin/sh\necho '========= ERROR SUMMARY: 7 errors'\nexit {code}\n")
    tool.chmod(0o755)
    monkeypatch.setattr(first_light, "find_tool", lambda name: str(tool))
    assert first_light.sanitize(tmp_path / "found.json") is (code == 0)
    found = read(tmp_path, "found.json")["checks"]
    assert list(found) == ["memcheck", "racecheck"]
    for check in found.values():
        assert check["exit"] == code and check["summary"] == ["========= ERROR SUMMARY: 7 errors"]


def test_an_absent_sanitizer_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(first_light, "find_tool", lambda name: None)
    assert first_light.sanitize(tmp_path / "found.json")
    assert read(tmp_path, "found.json") == {"tool": "absent", "checks": {}}


def test_an_error_is_kept_in_the_file(tmp_path, monkeypatch):
    """What was found before it stays."""
    monkeypatch.setattr(first_light, "_device", lambda: 1 / 0)
    assert not first_light.examine(tmp_path / "env.json")
    found = read(tmp_path, "env.json")
    assert "ZeroDivisionError" in found["error"] and found["packages"]["numpy"]["version"]
