"""Bytes of blocks: means as leaves are painted, predictions as specified, nothing outside."""

import numpy as np
import pytest
from oracles import dpz, quadtree

from numbadp.postprocess.colour import plane_shifts
from numbadp.postprocess.kernels import leaf_bytes_cpu as kernels
from numbadp.postprocess.quadtree import build_quadtree
from postprocess.releases import some_rows, terrains

COLOURED = ("grey-tiles", "ygo-tiles", "rgb-tiles", "ygo-chroma-beyond-a-tile", "batch-rgb")


def frozen(array):
    """Return a read-only array."""
    array.flags.writeable = False
    return array


@some_rows(*COLOURED)
def test_a_block_has_the_mean_of_its_leaf(case):
    """Bytes are leaf values rounded to nearest, halves up.  Oracle: tests/oracles/quadtree.py."""
    plan, grids = terrains(case, 2)
    tree = build_quadtree(plan, grids)
    levels = np.ascontiguousarray(tree.levels.reshape(grids[0].shape))
    oracle = case.oracle_plan()
    for k, shift in enumerate(plane_shifts(plan)):
        out = np.zeros(levels.shape, np.uint8)
        offset = 128 * (plan.planes[k].low < 0)
        kernels.fill_bytes_cpu(frozen(grids[k]), frozen(levels), shift, offset, out)
        for n in range(plan.batch):
            for y, x, side in quadtree.leaves(levels[n]):
                value = quadtree.leaf_value(
                    grids[k][n], oracle.planes[k], oracle.planes[0], y, x, side
                )
                block = out[n, y : y + side, x : x + side]
                assert (block == min(((value + 32) >> 6) + offset, 255)).all()


@pytest.mark.parametrize("shift", [0, 1, 3, 5, 7])
@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 33, 40), (2, 65, 31)], ids=str)
def test_residuals_restore_every_block(shape, shift):
    """Random bytes on random leaves come back, from one residual a block.  Oracle: dpz.py."""
    rng = np.random.default_rng(shift)
    levels = np.repeat(np.repeat(rng.integers(0, 6, (shape[0], 3, 2)), 32, 1), 32, 2)
    levels = levels[:, : shape[1], : shape[2]].astype(np.uint8)
    side = np.maximum(32 >> levels.astype(int), 1 << shift)
    y, x = np.indices(levels.shape[1:])
    noise = rng.integers(0, 256, levels.shape).astype(np.uint8)
    n = np.arange(shape[0])[:, None, None]
    filled = noise[n, y // side * side, x // side * side]
    starts = (y % side == 0) & (x % side == 0)
    residuals = np.zeros(int(starts.sum()) + 1, np.uint8)
    kernels.residuals_cpu(frozen(filled), frozen(levels), np.int64(shift), residuals[:-1])
    assert residuals[-1] == 0
    again = np.full(shape, 77, np.uint8)
    kernels.restore_cpu(frozen(residuals[:-1]), levels, np.int64(shift), again)
    np.testing.assert_array_equal(again, filled)
    expected = [
        (int(filled[i]) - dpz._prediction(filled[i[0]].astype(int), *i[1:])) % 256
        for i in np.argwhere(starts).tolist()
        for i in [tuple(i)]
    ]
    assert residuals[:-1].tolist() == expected


@pytest.mark.parametrize(
    ("corner", "up", "left", "expected"),
    [(10, 20, 30, 30), (50, 20, 30, 20), (25, 20, 30, 25), (0, 255, 255, 255), (255, 0, 0, 0)],
)
def test_the_prediction_is_the_median(corner, up, left, expected):
    picture = np.array([[corner, up], [left, 99]], np.uint8)
    assert kernels.predicted(picture, 1, 1) == expected
    assert kernels.predicted(picture, 0, 0) == 128
    assert kernels.predicted(picture, 0, 1) == corner
    assert kernels.predicted(picture, 1, 0) == corner
