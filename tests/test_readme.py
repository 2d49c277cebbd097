"""The README: its example runs as written, and CI runs its two commands."""

import re
from pathlib import Path

import pytest

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


def test_the_layouts_run_as_written(capsys):
    """Zones, an earlier release's leaves and boxes: what both spent is printed."""
    names = {}
    exec(compile(block_after("example: layouts"), "README.md", "exec"), names)
    assert capsys.readouterr().out == "2\n"
    assert names["door"].guarantee.epsilon == 1


def test_the_ledger_runs_as_written():
    """Forty frames fit a window of thirty."""
    import numbadp

    names = {}
    exec(compile(block_after("example: ledger"), "README.md", "exec"), names)
    with pytest.raises(numbadp.BudgetError):
        numbadp.pixelize(names["image"], epsilon=1, ledger=names["ledger"])


def test_a_face_costs_what_the_readme_says():
    """Point 5: at epsilon = 1 and m = 16, 10,000 pixels have epsilon = 625."""
    import numbadp
    from numbadp.guarantee import guarantee_of

    guarantee = guarantee_of(numbadp.Pixelizer((200, 200), epsilon=1, m=16).plan)
    assert guarantee.for_pixels(10_000).epsilon == 625
    assert "ε = 625" in README.read_text("utf-8")


@pytest.mark.parametrize("marker", ["demo", "test"])
def test_ci_finds_the_two_commands(marker):
    """Each command is one line that makes its own virtual environment."""
    lines = block_after(marker).strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("python3 -m venv .venv && ")
