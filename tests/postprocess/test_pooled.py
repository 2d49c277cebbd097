"""What is drawn from pools: means, plates, heat maps, from noisy numbers alone."""

from fractions import Fraction

import numpy as np
import pytest

from numbadp import errors
from numbadp.accounting.pooled import PoolGuarantee
from numbadp.plan.laws import Change, Law, PoolStage
from numbadp.plan.pooled import IMAGES, PLATE, VISITS, PoolPlan
from numbadp.release.pooled import build_pool_release

GUARANTEE = PoolGuarantee("image", Fraction(1), None, Fraction(0), Fraction(0), ())


def release(kind, shape, cell, values, scale=1, frames=0, **options):
    """Return a release with given numbers and noise of some scale."""
    stage = PoolStage("x", Law("laplace", Fraction(scale), 1), 1, Change(1, 1, 1), Fraction(0))
    plan = PoolPlan(kind, shape, cell, (stage,) * len(values), **options)
    return build_pool_release(plan, GUARANTEE, tuple(values), frames)


def images(counts=(4, 0), shape=(4, 6), cell=2):
    """Return two classes of flat pictures: 100 and black."""
    rows, columns = -(-shape[0] // cell), -(-shape[1] // cell)
    sums = np.zeros((2, rows, columns, 1), np.int64)
    pixels = PoolPlan(IMAGES, shape, cell, ()).cell_pixels[..., None]
    sums[0] = counts[0] * (2 * 100 - 255) * pixels
    return release(IMAGES, shape, cell, [sums, np.array(counts)], classes=2)


@pytest.mark.parametrize("style", ["smooth", "cells"])
def test_means_are_sums_over_noisy_counts(style):
    """A class of flat pictures is that flat picture, ragged cells too; an empty class is grey."""
    drawn = images(shape=(5, 7), cell=4).render(style)
    assert (drawn[0] == 100).all()
    assert set(np.unique(drawn[1])) <= {127, 128}


def test_counts_below_one_do_no_harm():
    """Noise may make a count negative; nothing is divided by zero."""
    assert images(counts=(-3, 1)).render().shape == (2, 4, 6)


def test_cells_are_flat_and_smooth_is_between():
    """Two halves: flat cells keep the edge, the smooth style is linear between middles."""
    sums = np.zeros((1, 1, 2, 1), np.int64)
    sums[0, 0] = [[1000 * 4 * -255], [1000 * 4 * 255]]
    made = release(IMAGES, (2, 4), 2, [sums, np.array([1000])], classes=1)
    assert made.render("cells")[0, 0].tolist() == [0, 0, 255, 255]
    smooth = made.render("smooth")[0, 0].tolist()
    assert smooth == sorted(smooth)
    assert 0 < smooth[1] < smooth[2] < 255


def test_a_plate_is_the_mean_about_the_fullest_bin():
    """Votes of two neighbouring bins give the value between; far noise does not count."""
    votes = np.zeros((1, 2, 1, 17), np.int64)
    votes[0, 0, 0, [3, 4, 12]] = 600, 200, 90
    votes[0, 1, 0, [0, 16]] = -50, 700
    made = release(PLATE, (1, 2), 1, [votes], bins=16, event=(1, 1, 1), frames=900)
    assert made.render("cells").tolist() == [[round(16 * (3 + 0.25)), 255]]


def test_heat_maps_are_hot_where_counts_are():
    """The fullest cell is the brightest; empty ones are black, or the picture below."""
    counts = np.array([[-20, 0, 900], [0, 100, 0]])
    made = release(VISITS, (20, 48), 16, [counts])
    drawn = made.render("cells")
    assert drawn.shape == (20, 48, 3)
    bright = drawn.sum(-1)
    assert bright[2, 40] == bright.max() > bright[18, 24] > 0 == bright[2, 2]
    street = np.full((20, 48), 90, np.uint8)
    over = made.render("cells", over=street)
    assert over[2, 2].tolist() == [90, 90, 90]
    assert over[2, 40].sum() > 270
    assert made.means("cells")[0, 0] == 0


def test_what_cannot_be_drawn_is_refused():
    """Styles, and pictures below a heat map."""
    made = images()
    with pytest.raises(errors.OptionError, match="no mosaic"):
        made.render("mosaic")
    with pytest.raises(errors.OptionTypeError, match="style"):
        made.render(3)
    with pytest.raises(errors.OptionError, match="heat map"):
        made.render(over=np.zeros((4, 6), np.uint8))
    heat = release(VISITS, (16, 16), 16, [np.array([[3]])])
    with pytest.raises(errors.ShapeError, match=r"the shape \(16, 16, 3\); got \(4, 6\)"):
        heat.render(over=np.zeros((4, 6), np.uint8))
    with pytest.raises(errors.ArrayTypeError, match="uint8"):
        heat.render(over=np.zeros((16, 16)))
