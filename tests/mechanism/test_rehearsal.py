"""What is compiled ahead is what pictures are drawn with."""

import sys

import numpy as np
import pytest

from numbadp import pixelize
from numbadp.mechanism import rehearsal, running


def compiled_forms():
    """Count the compiled forms of every painting kernel."""
    return {
        f"{name}.{key}": len(value.signatures)
        for name, module in list(sys.modules.items())
        if name.startswith(rehearsal.KERNELS)
        for key, value in vars(module).items()
        if hasattr(value, "signatures")
    }


def test_what_is_drawn_ahead_is_all_that_pictures_need():
    """Grey, colour and batches, in every style: nothing is compiled that was not."""
    rehearsal.main()
    before = compiled_forms()
    assert sum(before.values()) >= 5
    for shape in ((40, 52), (41, 53, 3), (2, 24, 24, 3)):
        release = pixelize(np.zeros(shape, np.uint8), epsilon=1)
        for style in ("mosaic", "smooth", "cells"):
            release.render(style)
    assert compiled_forms() == before


@pytest.mark.parametrize("started", [True, False])
def test_a_release_asks_for_it_before_its_own_kernels(started, monkeypatch):
    """Once for each kind of plan; whatever the answer, the release is made."""
    asked = []
    monkeypatch.setattr(running, "_LOADED", set())
    monkeypatch.setattr(rehearsal, "draw_ahead", lambda: asked.append(1) or started)
    for _ in range(2):
        pixelize(np.zeros((8, 8), np.uint8), epsilon=1)
    assert len(asked) == 1
