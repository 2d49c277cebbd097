"""``numbadp completion``: what a shell offers is what the commands take."""

import os
import re
import select
import shutil
import signal
import subprocess
import time

import pytest


def _bash(script, line):
    """What its function leaves in COMPREPLY."""
    words = line.split(" ")
    typed = " ".join(f"'{word}'" for word in words)
    script += f"\nCOMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}; _numbadp\n"
    script += "printf '%s\\n' \"${COMPREPLY[@]}\""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.split("\n")


def _fish(script, line):
    """What it would show."""
    command = ["fish", "--no-config", "-c", f"source script; complete -C '{line}'"]
    with open("script", "w") as stream:
        stream.write(script)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [row.partition("\t")[0] for row in done.stdout.splitlines()]


def _zsh(script, line):
    """What stands in the line after a tab or two, of a shell that nobody has set up."""
    import pty

    with open("script", "w") as stream:
        stream.write(script)
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="dumb", HOME=os.getcwd(), COLUMNS="200")
        os.execvp("zsh", ["zsh", "-f", "-i"])
    try:
        _read(terminal, None)
        # The listing may be long, and is shown at once; nothing is asked.
        os.write(terminal, b'LISTMAX=999; stty cols 200 rows 99; source ./script; echo re""ady\n')
        _read(terminal, b"ready")
        _read(terminal, None)
        os.write(terminal, line.encode() + b"\t\t")
        return re.split(r"\s+", _read(terminal, None).decode(errors="replace"))
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def _read(terminal, until, patience=60.0):
    """As far as some text, or until nothing more comes for three seconds."""
    found, end = b"", time.monotonic() + patience
    while time.monotonic() < end and (until is None or until not in found):
        if not select.select([terminal], [], [], 3.0 if until is None else 0.2)[0]:
            if until is None:
                break
            continue
        found += os.read(terminal, 1 << 16)
    return found


_SHELLS = {"bash": _bash, "fish": _fish, "zsh": _zsh}


@pytest.fixture(params=_SHELLS)
def offered(request, run, tmp_path, monkeypatch):
    """What a shell offers for a line."""
    if shutil.which(request.param) is None:
        pytest.skip(f"no {request.param} here")
    monkeypatch.chdir(tmp_path)
    script = run("completion", request.param)[1]
    return lambda line: _SHELLS[request.param](script, line)


def test_commands_and_options_are_offered(offered):
    """The only command, all options that begin so, and none of another command."""
    assert "pixelize" in offered("numbadp pix")
    assert {"--detect", "--detect-model"} <= set(offered("numbadp pixelize --det"))
    assert "--detect" not in offered("numbadp info --det")


def test_files_are_offered_where_no_option_begins(offered, tmp_path):
    """By their whole names, with blanks; and none in place of a command."""
    (tmp_path / "photo.png").touch()
    assert "photo.png" in offered("numbadp pixelize pho")
    assert "photo.png" not in offered("numbadp pho")


def test_names_with_blanks_are_one(run, tmp_path, monkeypatch):
    """In bash, which would take them apart, or for patterns; nothing in a name is run."""
    if shutil.which("bash") is None:
        pytest.skip("no bash here")
    monkeypatch.chdir(tmp_path)
    for name in ("my photo.png", "a b", "*", "[ab]", "$(touch ran)"):
        (tmp_path / name).touch()
    script = run("completion", "bash")[1]
    assert _bash(script, "numbadp pixelize my") == ["my photo.png", ""]
    offered = ["$(touch ran)", "*", "[ab]", "a b", "my photo.png", ""]
    assert sorted(_bash(script, "numbadp pixelize ")) == sorted(offered)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("shell", "start"),
    [("bash", "_numbadp"), ("zsh", "_numbadp"), ("fish", "complete -c numbadp")],
)
def test_every_shell_has_its_script(run, shell, start):
    code, out, _ = run("completion", shell)
    assert code == 0 and out.startswith(start) and "detect-model" in out
    assert run("completion", "cmd")[0] == 2
