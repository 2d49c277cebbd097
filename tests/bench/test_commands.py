"""The command line of the benchmarks: which sections a command measures, and what it keeps."""

import json
from types import SimpleNamespace

import pytest

from bench import __main__ as bench_main
from bench import readme


def sections(*argv):
    return bench_main._sections(bench_main._parser().parse_args(argv))


def test_utility_measures_shares_and_methods():
    assert sections("utility") == ["utility", "methods"]
    assert sections("methods") == ["methods"]


def test_attack_needs_faces(capsys):
    assert sections("attack", "--faces", "orl") == ["attack"]
    assert sections("all", "--faces", "orl") == [
        name for name in readme.RENDERERS if name not in readme.ON_REQUEST
    ]
    assert not {"attack", "solid"} & set(sections("all"))
    said = capsys.readouterr().err
    assert all(f"{name} is left out: pass --faces" in said for name in ("attack", "solid"))
    assert sections("solid", "--faces", "orl") == ["solid"]
    for name in ("attack", "solid"):
        with pytest.raises(SystemExit):
            sections(name)


@pytest.mark.parametrize(("flags", "rounds"), [((), 2), (("--quick",), 1)])
def test_quick_is_asked_for(monkeypatch, flags, rounds):
    monkeypatch.setattr(bench_main, "read_faces", lambda folder: folder)
    monkeypatch.setattr(bench_main, "measure_attack", lambda faces, effort: (faces, effort))
    options = bench_main._parser().parse_args(["attack", "--faces", "orl", *flags])
    faces, effort = bench_main._measure("attack", options)
    assert faces == "orl" and effort.rounds == rounds


def test_a_measured_section_is_printed_in_full_and_kept(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(bench_main, "check_quiet", lambda: SimpleNamespace(
        quiet=True, reasons=[], foreign_load=0, spin_spread=0, copy_spread=0))  # fmt: skip
    row = {
        "method": "known", "private": True, "scale": 64, "mse": 4, "mse_spread": 0, "psnr": 42,
        "psnr_spread": 0, "ssim": 1, "ssim_spread": 0, "photos": {"p": [4, 1]},
    }  # fmt: skip
    section = {"m": 16, "releases": 2, "photos": [{"name": "p"}], "missing": [], "rows": [row]}
    monkeypatch.setattr(bench_main, "find_photos", lambda folder: [])
    monkeypatch.setattr(bench_main, "measure_methods", lambda photos, releases: dict(section))
    kept = tmp_path / "results.json"
    assert bench_main.main(["methods", "--json", str(kept)]) == 0
    printed = capsys.readouterr().out
    assert "| known " in printed and "PSNR dB" in printed
    assert json.loads(kept.read_text())["methods"]["rows"] == [row]
