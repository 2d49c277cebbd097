"""Standard streams that are missing, closed, full, cut off or of few characters: all commands."""

import io
import os
import subprocess
import sys

import pytest

import numbadp
from numbadp.cli import main
from numbadp.cli.streams import Stream, standard_streams

POSIX = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
SHELL = pytest.mark.skipif(os.name == "nt", reason="needs a shell")
COMMANDS = {
    "pixelize": ["pixelize", "in", "-o", "out", "--epsilon", "1"],
    "render": ["render", "a.dpz", "-o", "b.png"],
    "info": ["info", "grün ε.png"],
    "info-release": ["info", "a.dpz"],
    "demo": ["demo", "-o", "out"],
    "audit": ["audit", "--runs", "2000", "--json", "audit.json"],
    "doctor": ["doctor"],
    "help": ["--help"],
    "help-pixelize": ["pixelize", "--help"],
    "version": ["--version"],
}
WRITES = {"pixelize": "out/c.png", "render": "b.png", "demo": "out/guarantee.txt",
          "audit": "audit.json"}  # fmt: skip
PRINTS = set(COMMANDS) - {"pixelize", "render"}


@pytest.fixture
def here(tmp_path, monkeypatch, picture, first_run):
    """A folder with what the commands need."""
    monkeypatch.chdir(tmp_path)
    os.mkdir("in")
    for name in ("a.png", "grün ε.png", "in/c.jpg", "in/d.png", "in/grün ε.png"):
        picture.save(name)
    with open("in/broken.png", "wb") as stream:
        stream.write(b"x")
    numbadp.pixelize(picture, epsilon=1).save("a.dpz")
    return tmp_path


def shell(line, encoding="utf-8"):
    """Run a line in a shell, `numbadp` being this interpreter's."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "NUMBADP_CACHE": "1"}
    command = f'numbadp() {{ "{sys.executable}" -m numbadp "$@"; }}; {line}'
    return subprocess.run(
        ["bash", "-c", command], capture_output=True, env=environment, stdin=subprocess.DEVNULL
    )


def line_of(name):
    """A command as a shell takes it."""
    return "numbadp " + " ".join(f"'{part}'" for part in COMMANDS[name])


def expected(name):
    """The status of the work itself: one picture of the folder is broken."""
    return 1 if name == "pixelize" else 0


def check_written(name):
    """What a command writes is there, whatever became of its words."""
    if name in WRITES:
        assert os.path.getsize(WRITES[name]) > 0
    if name == "pixelize":
        assert sorted(os.listdir("out")) == ["c.png", "d.png", "grün ε.png"]


@pytest.mark.parametrize("name", COMMANDS)
def test_without_streams_everything_is_done(here, name, monkeypatch):
    """A windowed app has none: no error, the status is that of the work."""
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert main(COMMANDS[name]) == expected(name)
    assert sys.stdout is None and sys.stderr is None
    monkeypatch.undo()
    os.chdir(here)
    check_written(name)


@SHELL
@pytest.mark.parametrize("name", ["pixelize", "info", "demo", "help"])
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_closed_streams(here, name, closed):
    """As in cron: nothing is lost, and no file gets the number of a stream."""
    done = shell(f"{line_of(name)} {closed}")
    assert done.returncode == expected(name), done.stderr
    assert b"Traceback" not in done.stderr
    check_written(name)


@POSIX
@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_stdout_is_told_and_nothing_else_is_lost(here, name):
    done = shell(f"{line_of(name)} >/dev/full")
    assert done.returncode == (1 if name in PRINTS else expected(name))
    assert b"Traceback" not in done.stderr and b"Exception" not in done.stderr
    if name in PRINTS:
        assert done.stderr.count(b"standard output was lost: No space left on device") == 1
    check_written(name)


@POSIX
@pytest.mark.parametrize("name", ["pixelize", "render", "info", "demo", "audit", "doctor"])
def test_a_full_stderr_loses_words_alone(here, name):
    done = shell(f"{line_of(name)} 2>/dev/full")
    assert done.returncode == expected(name)
    check_written(name)


@SHELL
@pytest.mark.parametrize("name", ["pixelize", "info", "demo", "help"])
def test_a_closed_pipe(here, name):
    """The reader is gone before the first word."""
    done = shell(f"({line_of(name)}; echo $? >status) 2>&1 | true; sleep 0.1")
    for _ in range(300):
        if os.path.exists("status") and os.path.getsize("status"):
            break
        subprocess.run(["sleep", "0.1"])
    with open("status") as stream:
        status = int(stream.read())
    assert status == (1 if name in PRINTS else expected(name))
    assert b"Traceback" not in done.stderr and b"Exception" not in done.stderr
    check_written(name)


@SHELL
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("name", ["pixelize", "info", "info-release", "demo", "help"])
def test_terminals_of_few_characters(here, name, encoding):
    """What a terminal cannot show is escaped."""
    done = shell(line_of(name), encoding)
    assert done.returncode == expected(name) and b"Traceback" not in done.stderr
    if name == "info":
        text = done.stdout.decode(encoding)
        assert ("\\u03b5.png" in text) == (encoding in ("ascii", "cp1252"))
    check_written(name)


class Bad(io.StringIO):
    """A stream that refuses every call with one error."""

    def __init__(self, error):
        super().__init__()
        self.raised = error

    def write(self, text):
        raise self.raised

    def flush(self):
        raise self.raised

    def isatty(self):
        return True


@pytest.mark.parametrize("error", [OSError(5, "no terminal"), ValueError("closed"),
                                   BrokenPipeError(32, "broken")])  # fmt: skip
def test_whatever_a_stream_raises_is_remembered(error):
    stream = Stream(Bad(error))
    assert stream.write("words") == 5
    stream.flush()
    assert stream.error is error and stream.settle() is error and stream.isatty()


def test_a_bar_on_a_terminal_that_breaks(here, monkeypatch, capsys):
    """tqdm writes to it as well; the pictures are done."""
    monkeypatch.setattr(sys, "stderr", Bad(OSError(5, "gone")))
    assert main(COMMANDS["pixelize"]) == 1
    check_written("pixelize")


def test_closed_file_objects_and_files_without_a_number():
    stream = io.StringIO()
    stream.close()
    lost = Stream(stream)
    lost.write("x")
    assert isinstance(lost.settle(), ValueError) and not lost.isatty()


def test_streams_are_given_back_whatever_happens():
    before = sys.stdout, sys.stderr
    with pytest.raises(KeyError), standard_streams() as own:
        assert (sys.stdout, sys.stderr) == own
        raise KeyError
    assert (sys.stdout, sys.stderr) == before


@POSIX
def test_a_host_keeps_its_stdout(tmp_path):
    """In a program of somebody else's the stream leads where it led before."""
    script = (
        "import os, sys; from numbadp.cli import main\n"
        "full = os.open('/dev/full', os.O_WRONLY); kept = os.dup(1); os.dup2(full, 1)\n"
        "code = main(['--version']); same = os.fstat(1).st_rdev == os.fstat(full).st_rdev\n"
        "os.dup2(kept, 1); print(code, same)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "1 True\n" and done.returncode == 0
