"""What is compiled ahead is what pictures are drawn with."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from numbadp import Layout, pixelize
from numbadp.compute.kernel_shared import share
from numbadp.mechanism import rehearsal, running

KERNELS = "numbadp.postprocess.kernels."
ZONES = Layout.zones((40, 52), [((0, 0, 16, 16), 16)], default=4)
FLOWS = {
    rehearsal.WHOLE: [((40, 52), {}), ((41, 53, 3), {}), ((2, 24, 24, 3), {})],
    rehearsal.ISLANDS: [
        ((40, 52), {"boxes": [(1, 2, 9, 9)]}),
        ((40, 52, 3), {"mask": np.indices((40, 52)).sum(0) % 40 < 9}),
    ],
    rehearsal.LEAVES: [((40, 52, 3), {"layout": ZONES}), ((40, 52), {"layout": "private"})],
}


def compiled_forms():
    """Count the compiled forms of every painting kernel."""
    return {
        f"{name}.{key}": len(value.signatures)
        for name, module in list(sys.modules.items())
        if name.startswith(KERNELS)
        for key, value in vars(module).items()
        if hasattr(value, "signatures")
    }


@pytest.mark.parametrize("what", FLOWS)
def test_what_is_drawn_ahead_is_all_that_pictures_need(what):
    """Grey, colour and batches, in every style that is: nothing is compiled that was not."""
    rehearsal.main(what)
    before = compiled_forms()
    assert sum(before.values()) >= 5
    for shape, options in FLOWS[what]:
        release = pixelize(np.zeros(shape, np.uint8), epsilon=1, **options)
        for style in ("mosaic", "smooth", "cells") if what == rehearsal.WHOLE else ("mosaic",):
            release.render(style)
    assert compiled_forms() == before


def test_what_kernels_share_has_one_form():
    """Another one, for arrays that may be written to say, would be compiled for its caller alone.

    In a process of its own: tests of kernels call them with other arrays as well.
    """
    code = "import json, test_rehearsal\nprint(json.dumps(test_rehearsal.shared_forms()))"
    paths = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": paths},
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert len(found) >= 5 and set(found.values()) == {1}, found


def shared_forms():
    """Draw every flow, and count the compiled forms of what kernels share."""
    for flow in FLOWS.values():
        for shape, options in flow:
            pixelize(np.zeros(shape, np.uint8), epsilon=1, **options).render()
    return {
        value.py_func.__qualname__: len(value.signatures)
        for name, module in list(sys.modules.items())
        if name.startswith("numbadp.") and ".kernels." in name
        for value in vars(module).values()
        if getattr(value, "link", None) is share
    }


@pytest.mark.parametrize("works", [True, False])
def test_a_release_asks_for_it_around_its_own_kernels(works, monkeypatch):
    """Once for each kind of plan, and for the right one; a compiler that fails ends it too."""
    asked = []

    @contextmanager
    def note(plan):
        asked.append(plan.anchor)
        try:
            yield
        finally:
            asked.append("end")

    def load(prepared):
        asked.append("kernels")
        if not works:
            raise MemoryError

    monkeypatch.setattr(running, "_LOADED", set())
    monkeypatch.setattr(rehearsal, "draw_ahead", note)
    monkeypatch.setattr(running, "_run_on_nothing", load)
    for _ in range(2):
        if works:
            pixelize(np.zeros((8, 8), np.uint8), epsilon=1)
        else:
            with pytest.raises(MemoryError):
                pixelize(np.zeros((8, 8), np.uint8), epsilon=1)
    once = ["picture", "kernels", "end"]
    assert asked == (once if works else once * 2)


@pytest.mark.parametrize("what", FLOWS)
def test_each_flow_has_its_own_kernels_compiled(what, monkeypatch):
    """The kind that a plan is of."""
    said = []
    monkeypatch.setattr(rehearsal, "ahead", lambda module, kind: said.append((module, kind)))
    for shape, options in FLOWS[what]:
        rehearsal.draw_ahead(rehearsal.build_plan(shape, epsilon=1, **options))
    assert set(said) == {("numbadp.mechanism.rehearsal", what)}
