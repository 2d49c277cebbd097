"""``numbadp completion``: what a shell offers is what the commands take."""

import shutil
import subprocess

import pytest


def offered(run, *words):
    """What bash completes after some words."""
    if shutil.which("bash") is None:
        pytest.skip("no bash here")
    script = run("completion", "bash")[1]
    typed = " ".join(f"'{word}'" for word in ("numbadp", *words))
    script += f"\nCOMP_WORDS=({typed}); COMP_CWORD={len(words)}; _numbadp; echo ${{COMPREPLY[@]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_commands_and_options_are_offered(run):
    assert offered(run, "pix") == ["pixelize"]
    assert {"--detect", "--detect-model"} <= set(offered(run, "pixelize", "--det"))
    assert offered(run, "info", "--det") == []


def test_files_are_offered_where_no_option_begins(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo.png").touch()
    assert offered(run, "pixelize", "pho") == ["photo.png"]


@pytest.mark.parametrize(("shell", "start"), [("zsh", "autoload"), ("fish", "complete -c numbadp")])
def test_other_shells(run, shell, start):
    code, out, _ = run("completion", shell)
    assert code == 0 and out.startswith(start) and "detect-model" in out
    assert run("completion", "cmd")[0] == 2
