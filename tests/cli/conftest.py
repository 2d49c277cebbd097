import os
import subprocess
import sys

import pytest
from PIL import Image

from numbadp import jit
from numbadp.cli import main


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    """A new folder for kernels."""
    return tmp_path_factory.mktemp("kernels")


@pytest.fixture(scope="session")
def run_apart(cache):
    """Run a command in a process of its own."""

    def run_command(*arguments):
        environment = {**os.environ, "NUMBADP_CACHE_DIR": str(cache)}
        environment.pop("NUMBADP_CACHE", None)
        return subprocess.run(
            [sys.executable, "-m", "numbadp", *map(str, arguments)],
            capture_output=True,
            text=True,
            env=environment,
        )

    return run_command


@pytest.fixture(scope="session")
def first_run(run_apart, tmp_path_factory):
    """The first run with a new cache: it compiles; everything later in this folder loads."""
    return run_apart("demo", "-o", tmp_path_factory.mktemp("first") / "demo")


@pytest.fixture(autouse=True)
def _leave_the_users_cache_alone(monkeypatch, cache):
    monkeypatch.setenv("NUMBADP_CACHE", "1")
    monkeypatch.setenv("NUMBADP_CACHE_DIR", str(cache))
    folder = jit.cache_folder
    folder.cache_clear()  # tests of the library ran without one
    yield
    folder.cache_clear()


@pytest.fixture
def picture():
    """A small picture whose four quarters tell the orientation."""
    image = Image.new("RGB", (60, 40), (250, 10, 10))
    image.paste((10, 250, 10), (30, 0, 60, 20))
    image.paste((10, 10, 250), (0, 20, 30, 40))
    return image


@pytest.fixture
def run(capsys, first_run):
    """Run a command in this process; returns exit code, stdout, stderr."""

    def run_command(*arguments):
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_command
