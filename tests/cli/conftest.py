import os
import subprocess
import sys

import pytest

from numbadp.cli import main


@pytest.fixture(scope="session")
def run_apart():
    """Run a command in a process of its own, kernels kept in a folder."""

    def run_command(cache, *arguments):
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
    """The first run with the suite's cache: whatever follows need not say that it compiles."""
    folder = tmp_path_factory.mktemp("first") / "demo"
    return run_apart(os.environ["NUMBADP_CACHE_DIR"], "demo", "-o", folder)


@pytest.fixture(autouse=True)
def compilers_take_no_time(monkeypatch):
    """What commands say does not depend on which kernels are kept, and how busy this machine is."""
    monkeypatch.setattr("numbadp.cli.kernels.PATIENCE_S", 3600.0)


@pytest.fixture
def run(capsys, first_run):
    """Run a command in this process; returns exit code, stdout, stderr."""

    def run_command(*arguments):
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_command
