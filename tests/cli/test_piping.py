"""``-``: a picture comes in and goes out through pipes, whole, and nothing else gets into it."""

import io
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

GREY = np.full((48, 64), 90, np.uint8)


def png():
    stream = io.BytesIO()
    Image.fromarray(GREY).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def piped(first_run, tmp_path):
    def run(*arguments, content=b""):
        command = [sys.executable, "-m", "numbadp", "pixelize", *map(str, arguments)]
        return subprocess.run(
            command, input=content, capture_output=True, cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": os.getcwd()},
        )  # fmt: skip

    return run


def test_in_and_out(piped, tmp_path):
    done = piped("-", "-o", "-", "--epsilon", 1, "--format", "jpg", content=png())
    assert done.returncode == 0, done.stderr
    with Image.open(io.BytesIO(done.stdout)) as image:
        assert image.format == "JPEG" and image.size == (64, 48)
    assert list(tmp_path.iterdir()) == []


def test_in_or_out(piped, tmp_path):
    assert piped("-", "-o", "x.png", "--epsilon", 1, content=png()).returncode == 0
    done = piped("x.png", "-o", "-", "--epsilon", 1, "--box", "0,0,8,8")
    assert done.returncode == 0 and done.stdout.startswith(b"\x89PNG")
    assert [path.name for path in tmp_path.iterdir()] == ["x.png"]


def test_what_is_no_picture_gives_nothing(piped):
    done = piped("-", "-o", "-", "--epsilon", 1, content=b"hello")
    assert done.returncode == 1 and done.stdout == b"" and b"not a picture" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-", "a.png", "-o", "out"], "- takes one picture"),
        (["nothing.png", "-o", "-"], "takes one file"),
        (["-", "-o", "x.xyz"], "OUT must end with one of"),
        (["-", "-o", "-", "--json"], "both want stdout"),
    ],
)
def test_options_that_make_no_sense_are_refused(run, arguments, message):
    code, _, err = run("pixelize", *arguments, "--epsilon", 1)
    assert code == 2 and message in err
