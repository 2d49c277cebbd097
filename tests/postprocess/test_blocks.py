"""Even squares: any side, anchored, with a default that the noise decides."""

import numpy as np
import pytest
from cases import ExpectFail, failing, fixed_key
from islands import some_islands
from oracles import blocks as oracle
from oracles import pipeline

import numbadp
from numbadp import errors
from numbadp.mechanism import _pixelize
from numbadp.plan.islands import START
from numbadp.postprocess.blocks import corner_of, default_side, square_numbers
from numbadp.postprocess.islands import island_tables

from .mixed import BY_ID as MIXED
from .mixed import worked as worked_mixed
from .releases import BY_ID, all_cases, noisy_release, worked

DIFFERENT = ("grey-ragged", "ygo-coarse-ragged", "rgb-ragged", "batch-ygo-coarse", "ygo-tiles")


@pytest.mark.parametrize("side", [1, 3, 4, 7, 16, 1000])
@pytest.mark.parametrize("name", DIFFERENT)
def test_any_side_equals_the_reference(name, side):
    """Squares that cut sub-cells, and one that holds the picture.  Oracle: tests/oracles/blocks.py."""
    case, expected = BY_ID[name], worked(name)[1]
    planes, found = case.oracle_plan().planes, noisy_release(case).render("blocks", side=side)
    size = case.shape[1:3] if len(case.shape) == 4 else case.shape[:2]
    pictures = [
        oracle.paint_blocks(grids, planes, size, min(side, max(size)))
        for grids in zip(*expected.drawn, strict=True)
    ]
    np.testing.assert_array_equal(found, np.reshape(pictures, case.shape))


@pytest.mark.parametrize("side", [5, 8])
def test_squares_meet_at_the_corner_of_the_region(side):
    case = MIXED["region-grey"]
    parts = worked_mixed("region-grey")[0]
    found = parts.release().render("blocks", side=side)
    corner = corner_of(case.plan())
    assert corner == (6, 5)
    inside = found[6:29, 5:29]
    for k in range(0, 23 - side, side):
        square = inside[k : k + side, k : k + side]
        assert (square == square[0, 0]).all()


@all_cases
def test_the_default_side_follows_from_the_noise(case):
    plan = case.plan()
    wanted = pipeline.default_side(case.oracle_plan())
    assert square_numbers(plan, None)[2] == wanted
    assert default_side(plan) >= 2 * plan.planes[0].subcell


@failing(
    ExpectFail("zero", ("blocks", 0), errors.OptionError, "side must be from 1"),
    ExpectFail("half", ("blocks", 2.5), errors.OptionTypeError, "side"),
    ExpectFail("elsewhere", ("mosaic", 8), errors.OptionError, "belongs to style 'blocks'"),
)
def test_refuses(bad):
    style, side = bad.given
    with pytest.raises(bad.error, match=bad.match):
        noisy_release(BY_ID["grey-ragged"]).render(style, side=side)


@pytest.mark.parametrize("side", [1, 5, 8, 999])
@some_islands("boxes-ygo", "boxes-ygo-fine", "mask-ring", "mask-specks-ygo", "boxes-of-each-grey")
def test_squares_of_islands_equal_the_reference(case, side):
    """Every island's own grid, from its corner on.  Oracle: tests/oracles/blocks.py."""
    release, planes = _pixelize(case.image(), case.plan(), fixed_key(4)), case.oracle_plan().planes
    grids, image = release._painter.grids, case.image().reshape(case.plan().batch, *case.size, -1)
    expected, sides = image.copy(), [plane.subcell for plane in case.plan().planes]
    for spot in island_tables(case.plan()).subs.tolist():
        n, top, left, height, width = spot[:5]
        own = []
        for k, one in enumerate(sides):
            rows, columns = -(-height // one), -(-width // one)
            cells = grids[k][0, spot[START + k] :][: rows * columns]
            own.append(cells.reshape(rows, columns))
        drawn = oracle.paint_blocks(own, planes, (height, width), min(side, max(height, width)))
        box = np.s_[n, top : top + height, left : left + width]
        inside = case.masks()[n][box[1:]][..., None]
        expected[box] = np.where(inside, drawn.reshape(height, width, -1), expected[box])
    found = release.render("blocks", side=side)
    np.testing.assert_array_equal(found, expected.reshape(case.shape))


def test_squares_of_islands_begin_at_their_corners():
    """Even squares in every box, all pixels outside as they were."""
    rng = np.random.default_rng(2)
    for picture in (
        rng.integers(0, 256, (120, 150), np.uint8),
        rng.integers(0, 256, (120, 150, 3), np.uint8),
    ):
        boxes = [(10, 20, 90, 100), (100, 3, 140, 30)]
        drawn = numbadp.pixelize(picture, epsilon=10, m=1, boxes=boxes, cell=4).render(
            "blocks", side=13
        )
        outside = np.ones((120, 150), bool)
        for left, top, right, bottom in boxes:
            outside[top:bottom, left:right] = False
            inside = drawn[top:bottom, left:right]
            for y in range(0, bottom - top, 13):
                for x in range(0, right - left, 13):
                    square = inside[y : y + 13, x : x + 13]
                    assert (square == square[0, 0]).all()
        np.testing.assert_array_equal(drawn[outside], picture[outside])
