"""``numbadp audit``: table, JSON, plot, exit codes."""

import json

import pytest

BROKEN = "import numpy\ndef release(image):\n    return image.sum() + numpy.random.laplace(0, 1)\n"


@pytest.fixture
def module(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken_release.py").write_text(BROKEN)
    return "broken_release:release"


def test_a_broken_callable_exits_with_1_and_writes_what_was_found(run, tmp_path, module):
    code, out, err = run(
        "audit", "--callable", module, "--shape", "4x4", "--cell", "4", "--m", "4",
        "--runs", "1000", "--json", "found.json", "--plot", "found.png",
    )  # fmt: skip
    assert code == 1
    assert "CLAIM REFUTED" in out and "3 of 3" in err
    data = json.loads((tmp_path / "found.json").read_text())
    assert data["refuted"] == 2 and len(data["rows"]) == 3
    assert data["rows"][0]["confidence"] == pytest.approx(1 - 0.001 / 3)
    assert (tmp_path / "found.png").read_bytes().startswith(b"\x89PNG")


def test_our_own_layout_exits_with_0(run):
    code, out, err = run("audit", "--runs", "1000", "--quiet")
    assert code == 0 and err == ""
    assert out.count("free, ") == out.count("not refuted") == 10


def test_results_that_could_not_be_kept_are_refused_before_the_work(run, tmp_path, module):
    (tmp_path / "old.json").write_text("old")
    arguments = ("audit", "--callable", module, "--runs", "1000", "--json")
    code, out, err = run(*arguments, "old.json")
    assert code == 2 and "old.json exists" in err and out == ""
    assert (tmp_path / "old.json").read_text() == "old"
    code, _, err = run(*arguments, "nowhere/new.json")
    assert code == 2 and "nowhere is no folder" in err
    (tmp_path / "folder").mkdir()
    for name in ("folder", "old.json/new.json", "n" * 300 + ".json"):
        code, out, err = run(*arguments, name, "--force")
        assert code == 2 and "cannot be written" in err and out == ""


@pytest.mark.parametrize(
    "wrong", [["--runs", "10"], ["--epsilon", "0"], ["--confidence", "1"], ["--m", "0"]]
)
def test_options_that_mean_nothing_exit_with_2(run, wrong):
    code, out, err = run("audit", *wrong)
    assert code == 2 and "error: " in err and out == ""
