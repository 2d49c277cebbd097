"""Painting: flat cells, noisy cells as measured, and the smooth picture, to the last pixel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import paint as oracle

from numbadp import errors
from numbadp.postprocess.guide import finer_plan, refine
from numbadp.postprocess.paint import output_array, paint_cells, paint_flat, paint_smooth

from .releases import (
    BY_ID,
    NO_NOISE,
    STYLES,
    Case,
    all_cases,
    exact_values,
    expected_of,
    release_of,
    terrains,
    values_of,
    worked,
)

COLOURS = {
    1: [(0,), (1,), (127,), (254,), (255,)],
    3: [(255, 255, 255), (0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255), (9, 200, 77)],
}


@all_cases
def test_cells_equal_the_reference(case):
    """Noisy means, clipped.  Oracle: tests/oracles/paint.py."""
    values, expected = worked(case.id)
    np.testing.assert_array_equal(
        paint_cells(case.plan(), tuple(values)), expected.pictures["cells"]
    )


@all_cases
def test_smooth_equals_the_reference(case):
    """Rugged grids, not only denoised ones, are interpolated.  Oracle: tests/oracles/paint.py."""
    plan, grids = terrains(case, 7)
    planes = case.oracle_plan().planes
    size = plan.height, plan.width
    pictures = [oracle.paint_smooth(one, planes, size) for one in zip(*grids, strict=True)]
    np.testing.assert_array_equal(paint_smooth(plan, grids), np.reshape(pictures, case.shape))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("cell", [1, 2, 4, 8, 16, 128])
def test_flat_cells_fill_their_pixels(cell, channels):
    """Every pixel has its cell's colour, with every remainder at both edges."""
    rng = np.random.default_rng(cell)
    for cut in sorted({0, 1, cell // 2, cell - 1} - {cell}):
        shape = (2, 2 * cell - cut, 5 * cell - (cell - 1 - cut), channels)
        colours = rng.integers(0, 1 << 8 * channels, (2, 2, 5), np.uint32)
        y, x = np.arange(shape[1]) // cell, np.arange(shape[2]) // cell
        packed = colours[:, y][:, :, x]
        expected = np.stack([(packed >> 8 * c) & 255 for c in range(channels)], axis=-1)
        np.testing.assert_array_equal(paint_flat(colours, cell, shape), expected)


@pytest.mark.parametrize("cell", [1, 2, 4, 8, 32])
@pytest.mark.parametrize("epsilon", ["1", NO_NOISE])
@pytest.mark.parametrize("channels", [1, 3])
def test_one_colour_has_no_darker_border(channels, epsilon, cell):
    """Partial cells are divided by their true pixel count: a flat picture stays flat to the edge.

    Every style, whatever noise was planned for, with sums that happen to carry none.
    """
    for cut in sorted({0, 1, cell // 2, cell - 1} - {cell}):
        shape = (2 * cell - cut, 3 * cell - cut, channels)
        case = Case("flat", shape, epsilon, 1, {"cell": cell})
        for colour in COLOURS[channels]:
            release = release_of(case, exact_values(case, colour))
            for style in STYLES:
                drawn = release.render(style).reshape(-1, channels)
                assert (drawn == drawn[0]).all(), (style, colour, cut)
                # Drawn towards what is known, a colour may move where all is noise: the whole one.
                found = release.render(style, version=0).reshape(-1, channels)
                # Chroma of +-127.5 steps is clipped, one level at most.
                assert abs(found - np.array(colour)).max() <= (style != "cells" or channels == 3)
                assert (found == found[0]).all(), (style, colour, cut)


def test_a_partial_cell_is_divided_by_its_true_count():
    """Four cells of 4 x 4, 4 x 3, 1 x 4 and 1 x 3 pixels of one sum have four different means."""
    case = Case("partial", (5, 7), NO_NOISE, 1, {"cell": 4})
    found = release_of(case, [np.full((2, 2), 240)]).render("cells")
    assert found[0, 0] == 240 // 16
    assert found[0, 6] == 240 // 12
    assert found[4, 0] == 240 // 4
    assert found[4, 6] == 240 // 3
    assert np.unique(found).size == 4


def test_cells_clip_noise_and_round_halves_to_even_64ths():
    """Sums far outside the range paint 0 and 255; in between the mean is rounded once."""
    case = Case("clip", (1, 8), "1", 1, {"cell": 1})
    sums = np.array([[-(2**60), -1, 0, 1, 254, 255, 256, 2**60]])
    found = release_of(case, [sums]).render("cells")
    assert found.tolist() == [[0, 0, 0, 1, 254, 255, 255, 255]]


def test_chroma_is_clipped_before_it_meets_luma():
    """Chroma beyond +-127.5 counts as 127.5: black stays dark whatever its noise."""
    case = Case("chroma", (4, 4, 3), NO_NOISE, 1, {"cell": 4})
    huge = values_of(case, lambda k, plane, counts: counts * 0 + (2**60 if k else 0))
    found = release_of(case, huge).render("cells")
    assert found[0, 0].tolist() == [0, 128, 0]  # R = -127.5 + 127.5, G = 127.5, B = -255


def test_smooth_runs_straight_between_centres():
    """Two sub-cells of 0 and 64 levels: a ramp between their centres, flat outside."""
    case = Case("ramp", (2, 32), "1", 1, {"cell": 32})
    plan = case.plan()
    grid = np.array([[[0, 64 * 64]]], np.int16)
    expected = [0] * 8 + [4 * i + 2 for i in range(16)] + [64] * 8
    assert paint_smooth(plan, (grid,)).tolist() == [expected] * 2


@given(st.integers(0, 2**32))
def test_smooth_stays_within_the_neighbouring_sub_cells(seed):
    """Interpolation never leaves the range of the sub-cells around a pixel."""
    case = BY_ID["grey-tiles"]
    plan, (grid,) = terrains(case, seed)
    picture, side = paint_smooth(plan, (grid,)), plan.planes[0].subcell
    padded = np.pad((grid[0].astype(int) + 32) >> 6, 1, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
    y, x = (np.arange(n) // side for n in case.shape)
    assert (picture >= around.min(axis=(2, 3))[y][:, x]).all()
    assert (picture <= around.max(axis=(2, 3))[y][:, x]).all()


@pytest.mark.parametrize("name", ["grey-ragged", "ygo-coarse-ragged"])
def test_every_painter_takes_out(name):
    """paint_cells and paint_smooth paint into `out`, and refuse one that does not fit."""
    case = BY_ID[name]
    values, expected = worked(name)
    plan = case.plan()
    for paint, where, given_values, style in (
        (paint_cells, plan, tuple(values), "cells"),
        (paint_smooth, finer_plan(plan), refine(plan, tuple(values), expected.drawn), "smooth"),
    ):
        out = np.zeros(case.shape, np.uint8)
        assert paint(where, given_values, out) is out
        np.testing.assert_array_equal(out, expected.pictures[style])
        with pytest.raises(errors.OutputError, match="C-contiguous uint8"):
            paint(plan, given_values, out[:-1])


@pytest.mark.parametrize("shape", [(3, 4), (3, 4, 1), (3, 4, 3), (2, 3, 4, 3)])
def test_output_array_makes_what_is_missing(shape):
    """Without `out` a new uint8 array of the shape comes; a fitting one comes back itself."""
    made = output_array(shape, None)
    assert (made.dtype, made.shape) == (np.uint8, shape)
    assert made.flags.c_contiguous
    assert output_array(shape, made) is made
    with pytest.raises(errors.OutputError, match="Pass numpy.empty"):
        output_array(shape, made[::-1])


def test_the_cells_of_a_batch_are_painted_apart():
    """Two pictures of a batch whose values differ by sign paint black and white."""
    case = Case("batch", (2, 5, 6, 1), "1", 1, {"cell": 2})
    values = values_of(case, lambda k, plane, counts: counts * 10**6)
    values[0][1] *= -1
    found = release_of(case, values).render("cells")
    assert (found[0] == 255).all()
    assert (found[1] == 0).all()
    np.testing.assert_array_equal(found, expected_of(case, values).pictures["cells"])
