"""A drawing backwards: every step but the denoising, with what the steps get when one draws."""

import numpy as np
import pytest

from numbadp import Layout, pixelize
from numbadp.postprocess import rehearsal

PLANS = {
    "whole": {},
    "islands": {"boxes": [(1, 2, 9, 9)]},
    "zones": {"layout": Layout.zones((20, 24), [((0, 0, 8, 8), 8)], default=4)},
}
STEPS = ("build_quadtree", "guide", "shrink", "polish_planes", "filter_planes")


@pytest.mark.parametrize("what", PLANS)
def test_each_step_is_run_backwards_on_planes_of_the_right_shape(what, monkeypatch):
    """As the painter has them."""
    release = pixelize(np.zeros((20, 24, 3), np.uint8), epsilon=1, **PLANS[what])
    seen = []
    for name in STEPS:
        step = getattr(rehearsal, name)

        def note(*arguments, step=step, name=name):
            seen.append((name, arguments))
            return step(*arguments)

        monkeypatch.setattr(rehearsal, name, note)
    release._painter.rehearse()
    assert [name for name, _ in seen] == list(STEPS)
    shapes = [grid.shape for grid in release._painter.grids]
    for name, (_, *arguments) in seen:
        grids = arguments[0 if name in ("build_quadtree", "shrink") else 1]
        assert [grid.shape for grid in grids] == shapes
