"""Usage: help, version, exit code 2."""

import subprocess
import sys

import pytest

from numbadp import __version__


@pytest.mark.parametrize("command", [[], ["pixelize"], ["demo"], ["info"], ["render"], ["doctor"]])
def test_help_is_printed(run, command):
    code, out, _ = run(*command, "--help")
    assert code == 0 and "usage: numbadp" in out


def test_version(run):
    assert run("--version") == (0, f"numbadp {__version__}\n", "")


def test_help_loads_neither_numba_nor_numpy_nor_pillow():
    script = (
        "import sys; from numbadp.cli import main; code = main(['pixelize', '--help']);"
        "heavy = {'numba', 'numpy', 'PIL', 'tqdm'} & set(sys.modules); sys.exit(bool(code or heavy))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True).returncode == 0


def test_python_m_numbadp_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "numbadp", "--version"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, f"numbadp {__version__}\n")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["paint"],
        ["pixelize"],
        ["pixelize", "a.png", "-o", "b.png"],
        ["pixelize", "a.png", "b.png", "--epsilon", "1"],
        ["pixelize", "a.png", "-o", "b.png", "--epsilon", "one"],
        ["pixelize", "a.png", "-o", "b.png", "--epsilon", "0"],
        ["pixelize", "a.png", "-o", "b.png", "--epsilon", "nan"],
        ["pixelize", "a.png", "-o", "b.png", "--epsilon=-1"],
        ["pixelize", "a.png", "-o", "b.png", "--epsilon", "1e-30"],
        ["pixelize", "a.png", "-o", "b.png", "--epsilon", "1", "--m", "0"],
        ["pixelize", "a.png", "-o", "b.png", "--epsilon", "1", "--m", "1.5"],
        ["pixelize", "a.png", "-o", "b.png", "--epsilon", "1", "--cell", "7"],
        ["pixelize", "a.png", "-o", "b.png", "--epsilon", "1", "--cell", "big"],
        ["pixelize", "a.png", "-o", "b.png", "--epsilon", "1", "--layout", "tree"],
        ["pixelize", "a.png", "-o", "b.png", "--epsilon", "1", "--style", "oil"],
        ["pixelize", "a.png", "-o", "b.png", "--epsilon", "1", "--max-pixels", "0"],
        ["pixelize", "a.png", "-o", "b.gif", "--epsilon", "1"],
        ["demo", "--epsilon", "0"],
        ["info", "a.png", "--cell", "3"],
        ["pixelize", "a.png", "-o", "b.dpz", "--epsilon", "1", "--payload", "all"],
        ["render", "a.dpz"],
        ["render", "a.dpz", "-o", "b.gif"],
        ["render", "a.dpz", "-o", "b.png", "--style", "oil"],
        ["render", "a.dpz", "-o", "b.png", "--max-bytes", "0"],
    ],
)
def test_wrong_usage_exits_with_2_and_writes_nothing(
    run, tmp_path, monkeypatch, picture, arguments
):
    monkeypatch.chdir(tmp_path)
    picture.save("a.png")
    code, out, err = run(*arguments)
    assert code == 2 and out == "" and "error: " in err and "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_an_unavailable_backend_is_named_with_the_remedy(run, tmp_path, picture, monkeypatch):
    from numbadp.errors import BackendError

    def refuse(name):
        raise BackendError(f"backend {name!r} cannot run: no driver; use backend='cpu'.")

    monkeypatch.setattr("numbadp.mechanism.choose_backend", refuse)
    picture.save(tmp_path / "a.png")
    code, _, err = run(
        "pixelize",
        tmp_path / "a.png",
        "-o",
        tmp_path / "b.png",
        "--epsilon",
        "1",
        "--backend",
        "cuda",
    )
    assert code == 2 and "cannot run" in err and not (tmp_path / "b.png").exists()
