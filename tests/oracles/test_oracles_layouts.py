"""Tests of the oracles of leaves and splits, on pictures small enough to work out by hand."""

from dataclasses import replace
from fractions import Fraction
from math import floor

import numpy as np
import pytest

from . import leaf_sums as leaves
from . import noise, pipeline, splits, sums
from .test_oracles import KEY, picture

GREY = pipeline.plan((8, 8), 1, 1, cell=2)
# One leaf of 4 x 4 pixels, four of 2 x 2 in the other three quarters.
QUARTERED = np.array([[6, 6, 7, 7], [6, 6, 7, 7], [7, 7, 7, 7], [7, 7, 7, 7]], np.uint8)


# --- leaves -----------------------------------------------------------------


@pytest.mark.parametrize("shape", [(9, 14), (9, 14, 3)])
@pytest.mark.parametrize("cell", [1, 4])
def test_leaves_of_one_cell_are_cells(shape, cell):
    """Where every base cell is a leaf, sums and noise are those of plain cells."""
    image, plan = picture(*shape), pipeline.plan(shape, 1, 1, cell=cell)
    flat = leaves.flat_levels(shape, cell)
    for found, plane in zip(leaves.measure(image, plan, flat), plan.planes, strict=True):
        np.testing.assert_array_equal(found, sums.cell_sums(image, plane.form, plane.cell))
    for found, expected in zip(
        leaves.draw_noise(plan, KEY, flat, image_index=2),
        pipeline.draw_noise(plan, KEY, 2),
        strict=True,
    ):
        np.testing.assert_array_equal(found, expected)


def test_a_leaf_holds_its_pixels_at_its_head():
    """The sum of a wide leaf is at its first base cell, its other cells hold 0."""
    image = picture(8, 8)
    (found,) = leaves.measure(image, GREY, QUARTERED)
    assert found[0, 0] == image[:4, :4].astype(int).sum()
    assert found[0, 1] == found[1, 0] == found[1, 1] == 0
    assert found[2, 3] == image[4:6, 6:8].astype(int).sum()
    assert found.sum() == image.astype(int).sum()


def test_chroma_leaves_are_the_wider_of_leaf_and_cell():
    """A chroma cell of 8 holds finer luma leaves; a luma leaf of 16 is one chroma leaf."""
    plan = pipeline.plan((16, 32, 3), Fraction(255, 100), 1, cell=4)
    assert [plane.cell for plane in plan.planes] == [4, 8, 8]
    levels = np.full((4, 8), 4, np.uint8)  # leaves of 16 ...
    levels[:, 4:] = 6  # ... and of 4
    counts = [leaves.leaf_counts(plan.shape, plane, levels, 4) for plane in plan.planes]
    assert counts[0] == {(0, 0): 256} | {(y, x): 16 for y in range(4) for x in range(4, 8)}
    assert counts[1] == counts[2] == {(0, 0): 256} | {(y, x): 64 for y in (0, 1) for x in (2, 3)}


def test_pixels_outside_the_mask_are_absent():
    """They are not summed, not counted, and a leaf without others has no value and no draw."""
    image, mask = picture(8, 8), np.zeros((8, 8), bool)
    mask[3, 3] = mask[6, 6] = True
    (found,) = leaves.measure(image, GREY, QUARTERED, mask)
    assert found[0, 0] == image[3, 3]
    assert found[3, 3] == image[6, 6]
    assert np.count_nonzero(found) == 2
    assert leaves.leaf_counts((8, 8), GREY.planes[0], QUARTERED, 2, mask) == {(0, 0): 1, (3, 3): 1}
    (drawn,) = leaves.draw_noise(GREY, KEY, QUARTERED, mask, image_index=1)
    cuts = noise.cutoffs(GREY.planes[0].scale)
    assert drawn[0, 0] == noise.sample(KEY, 0, 1, 0, 0, cuts)
    assert drawn[3, 3] == noise.sample(KEY, 15, 1, 0, 0, cuts)
    assert np.count_nonzero(drawn) <= 2


# --- paid splits ------------------------------------------------------------


@pytest.mark.parametrize("planes", ["grey", "ygo", "rgb"])
def test_splits_and_leaves_together_cost_epsilon(planes):
    """The worst corner of the difference cube costs exactly epsilon, splits included."""
    shape = (64, 64) if planes == "grey" else (64, 64, 3)
    plan = splits.private_plan(shape, Fraction(1, 3), 5, 4, (0, 3), 4, planes=planes)
    spending = [(q.form, q.scale) for q in plan.planes] + [(plan.form, s.scale) for s in plan.sizes]
    corners = np.ndindex(*(2,) * len(plan.form))
    cost = [
        5 * sum(abs(sum(a * (510 * d - 255) for a, d in zip(f, corner, strict=True))) / s for f, s in spending)
        for corner in corners
    ]  # fmt: skip
    assert max(cost) == Fraction(1, 3)


def test_sizes_and_shares():
    """From four base cells down to two, the share growing with every halving."""
    plan = splits.private_plan(
        (64, 64), Fraction(255, 16), 1, 4, (0, 3), 3
    )  # r = 16: uniform cell 2
    assert plan.ragged == 2
    assert [s.side for s in plan.sizes] == [8, 4]
    shares = [16 / s.scale for s in plan.sizes]
    assert shares == [splits.SHARE * Fraction(k, 4) for k in (1, 3)]
    leaf = 16 / (1 - splits.SHARE)
    coarse, fine = plan.sizes
    assert coarse.threshold == floor(4 * leaf - 3 * coarse.scale) < 0
    assert fine.threshold == floor(4 * leaf)
    assert splits.sides_between(min(4 * 128, 256), 128) == [256]
    assert splits.private_plan((64, 64), "1e-9", 1, 4, (0, 3), 4).planes[0].cell == 128


@pytest.mark.parametrize(
    ("quarters", "expected"),
    [((1, 1, 1, 1), 0), ((9, 0, 0, 0), 9), ((5, 5, 1, 1), 8), ((5, 1, 1, 5), 8), ((4, 0, 3, 0), 7)],
)
def test_contrast_by_hand(quarters, expected):
    """H is the largest of the three differences of pairs of quarters."""
    image = np.array(quarters, np.uint8).reshape(2, 2).repeat(2, 0).repeat(2, 1)
    assert splits.contrast(image, (1,), 0, 0, 4) == 4 * expected


def test_whole_squares_follow_contrast_and_noise():
    """At huge epsilon the tree is that of the raw contrasts; the draw's address is the square's."""
    image = np.zeros((16, 16), np.uint8)
    image[9, 3] = 255
    plan = splits.private_plan((16, 16), 100_000, 1, 4, (0, 0), 4, coarsest=8)
    assert [s.side for s in plan.sizes] == [8, 4, 2]
    levels = splits.private_levels(image, plan, KEY)
    expected = np.full((16, 16), 5)
    expected[8:, :8] = 6
    expected[8:12, :4] = 7
    expected[8:10, 2:4] = 8
    np.testing.assert_array_equal(levels, expected)
    loud = splits.private_plan((16, 16), 1, 1, 4, (0, 3), 4, cell=1, coarsest=8)
    z = noise.sample(KEY, 2, 3, 1, 0, noise.cutoffs(loud.sizes[0].scale))
    for shift in (0, 1):
        at = replace(loud.sizes[0], threshold=255 + z - shift)
        here = replace(loud, sizes=(at, *loud.sizes[1:]))
        assert splits.is_split(image, here, KEY, None, 3, 0, 8, 0) == bool(shift)


def test_ragged_squares_follow_the_public_rule():
    """Cut or masked squares ignore pixels; empty ones are never split."""
    plan = splits.private_plan((9, 8), 100_000, 1, 4, (0, 3), 4, coarsest=8, cell=1)
    plan = replace(plan, ragged=2)
    for image in (np.zeros((9, 8), np.uint8), picture(9, 8)):
        levels = splits.private_levels(image, plan, KEY)
        assert (levels[8:] == 7).all()  # a single row: split down to 2 pixels, not to 1
        mask = np.zeros((9, 8), bool)
        mask[0, 0] = True
        masked = splits.private_levels(image, plan, KEY, mask)
        assert masked[0, 0] == masked[1, 1] == 7
        assert masked[2, 2] == 7
        assert masked[4, 4] == 6
        assert masked[8, 0] == 5


# --- raw splits -------------------------------------------------------------


def raw_plan(score, threshold, cell=1, coarsest=2, shape=(4, 4)):
    """Return a raw plan with one threshold for every size, 1/256 of the unit."""
    sides = splits.sides_between(coarsest, cell)
    return splits.exact_plan(
        shape, 1, 1, 30, score=score, cell=cell, coarsest=coarsest, thresholds=[threshold] * len(sides)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("score", "cell", "complexity"),
    [("variance", 1, 25), ("range", 1, 10), ("gradient", 2, 50), ("gradient", 1, 0)],
)
def test_raw_scores_by_hand(score, cell, complexity):
    """Left half 0, right half 10: variance 25, range 10, 100 in every second pixel of a cell."""
    image = np.zeros((4, 4), np.uint8)
    image[:, 1::2] = 10
    for above in (0, 1):
        plan = raw_plan(score, 256 * complexity - above, cell, 4)
        assert splits.is_complex(image, plan, 0, 0, 0) == bool(above)


def test_ragged_raw_squares_use_their_own_pixels():
    """A square cut to one row has the statistics of that row."""
    image = np.array([[0, 0, 0, 0], [0, 0, 0, 0], [0, 10, 0, 0]], np.uint8)
    plan = raw_plan("variance", 256 * 25 - 1, shape=(3, 4))
    np.testing.assert_array_equal(
        splits.exact_levels(image, plan), [[7, 7, 7, 7], [7, 7, 7, 7], [8, 8, 7, 7]]
    )


def test_colour_adds_variances_and_compares_ranges():
    """Variance and gradient add over channels, the range is the largest one."""
    image = np.zeros((2, 2, 3), np.uint8)
    image[:, 1, 0], image[:, 1, 1] = 10, 20
    for score, complexity in (("variance", 125), ("range", 20)):
        plan = splits.exact_plan(
            (2, 2, 3), 1, 1, 30, score=score, cell=1, coarsest=2, thresholds=[256 * complexity - 1]
        )
        assert splits.is_complex(image, plan, 0, 0, 0)
        plan = replace(plan, sizes=(replace(plan.sizes[0], threshold=256 * complexity),))
        assert not splits.is_complex(image, plan, 0, 0, 0)


def test_automatic_thresholds():
    """30 l**2 for the variance, twice its root for the range, and at most 2**20."""
    plane = pipeline.plan((64, 64), 1, 1).planes[0]  # r = 255
    assert splits.automatic_threshold(plane, 8, 30, "variance") == int(256 * 30 * (255 / 64) ** 2)
    assert splits.automatic_threshold(plane, 8, 30, "range") == int(512 * 30**0.5 * 255 / 64)
    assert splits.automatic_threshold(plane, 1, 30, "gradient") == 2**28
