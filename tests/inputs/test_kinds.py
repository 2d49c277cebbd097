"""Where something comes from is told without importing anything."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from numbadp.inputs import is_path, is_pil, is_torch


def test_kinds():
    assert is_path("a.png") and is_path(Path("a.png")) and not is_path(b"a.png")
    assert is_pil(Image.new("L", (1, 1))) and not is_pil(np.zeros((1, 1)))
    assert not is_torch(np.zeros(1))


def test_tensors():
    torch = pytest.importorskip("torch", exc_type=ImportError)
    assert is_torch(torch.zeros(1)) and is_torch(torch.nn.Parameter(torch.zeros(1)))


def test_nothing_is_imported_for_that():
    script = (
        "import sys; from numbadp.inputs import is_pil, is_torch; "
        "is_torch(1) or is_pil(1) or print(*sorted({'torch', 'PIL', 'numba'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
