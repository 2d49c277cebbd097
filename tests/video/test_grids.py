"""Two grids, of which released numbers choose."""

from fractions import Fraction
from types import SimpleNamespace

import pytest

from numbadp.video.grids import WAIT, Grids


@pytest.mark.parametrize(
    ("r", "coarse", "fine"), [(255, 4, 4), (1020, 8, 4), (4080, 16, 8), (16320, 32, 16)]
)
def test_cells(r, coarse, fine):
    grids = Grids((256, 256), epsilon=Fraction(255 * 16, r))
    assert grids.coarse.plan.planes[0].cell == coarse
    assert grids.fine.plan.planes[0].cell == fine
    assert grids.fine.plan.epsilon == grids.coarse.plan.epsilon


def test_one_grid_where_it_was_asked_for():
    for options in ({"cell": 16}, {"layout": "uniform"}, {"choice": "coarse"}):
        grids = Grids((64, 64), epsilon=1, **options)
        assert grids.fine is grids.coarse


def test_calm_scenes_are_measured_finely_and_moving_ones_at_once_coarsely():
    grids = Grids((256, 256), epsilon=1)
    calm = SimpleNamespace(moving=0.1, restarted=False)
    for _ in range(WAIT - 1):
        grids.look(calm)
        assert grids.current is grids.coarse
    grids.look(calm)
    assert grids.current is grids.fine
    grids.look(SimpleNamespace(moving=0.1, restarted=True))
    assert grids.current is grids.coarse
    for _ in range(2 * WAIT):
        grids.look(SimpleNamespace(moving=0.3, restarted=False))
    assert grids.current is grids.coarse  # neither calm nor busy: as it was
