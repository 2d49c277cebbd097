"""Cameras of tests: processes of their own, ended afterwards."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import numbadp

CAMERA = Path(__file__).with_name("rtsp_camera.py")


@pytest.fixture(scope="session")
def compiled():
    """All that a frame of these streams takes, compiled before one is waited for."""
    pixelizer, steady = numbadp.Pixelizer((48, 64, 3), epsilon=1), numbadp.TemporalFilter()
    for _ in range(3):
        steady.steady(pixelizer(np.zeros((48, 64, 3), np.uint8))).render()


@pytest.fixture
def camera(compiled):
    """Start a camera with so many connections and frames and pauses between these; its address."""
    started = []

    def start(connections, frames, pause):
        command = [sys.executable, str(CAMERA), str(connections), str(frames), str(pause)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE))
        port = int(started[-1].stdout.readline())
        return f"rtsp://127.0.0.1:{port}/camera"

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
