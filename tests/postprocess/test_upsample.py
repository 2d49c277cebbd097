"""Upsamplers: what they are given, what they may give back, and where pixels end up."""

import numpy as np
import pytest
from cases import ExpectFail, failing
from PIL import Image

from numbadp import errors
from numbadp.postprocess.drawing import DEFAULT
from numbadp.postprocess.guide import finer_plan
from numbadp.postprocess.upsample import grid_picture

from .releases import BY_ID, Case, all_cases, exact_values, noisy_release, release_of, some_rows

COLOUR = BY_ID["ygo-coarse-ragged"]
BATCH = BY_ID["batch-ygo-coarse"]
DIFFERENT = ("grey-ragged", "grey-with-channel", "ygo-coarse-ragged", "rgb-ragged", "batch-grey")


def lanczos(grid, size):
    """Enlarge by Pillow, as the documentation shows."""
    enlarged = Image.fromarray(grid).resize(size[::-1], Image.Resampling.LANCZOS)
    return np.asarray(enlarged)


def nearest(grid, size):
    """Repeat every sub-cell."""
    side = size[0] // grid.shape[0]
    return grid.repeat(side, 0).repeat(side, 1)


@all_cases
def test_repeating_the_grid_is_the_finest_flat_picture(case):
    """Each pixel is its sub-cell's, also where the last sub-cells are cut.  Oracle: NumPy."""
    release = noisy_release(case)
    found = release.render("smooth", upsampler=nearest)
    small = grid_picture(finer_plan(release.plan), release._painter.fine_of(DEFAULT))
    side = release.plan.planes[0].subcell
    size = (release.plan.height, release.plan.width)
    y, x = (np.arange(n) // side for n in size)
    np.testing.assert_array_equal(found, small[:, y][:, :, x].reshape(case.shape))


@some_rows(*DIFFERENT)
def test_it_is_given_one_pixel_a_sub_cell_and_whole_sub_cells_to_fill(case):
    release, seen = noisy_release(case), []

    def spy(grid, size):
        seen.append((grid, size))
        return nearest(grid, size)

    release.render("smooth", upsampler=spy)
    plan, side = release.plan, release.plan.planes[0].subcell
    rows, columns = -(-plan.height // side), -(-plan.width // side)
    assert len(seen) == plan.batch
    for grid, size in seen:
        assert grid.dtype == np.uint8
        assert grid.shape[:2] == (rows, columns) and size == (rows * side, columns * side)
        assert grid.shape[2:] == (case.shape[-1:] if len(case.shape) > 2 else ())


def test_the_grid_of_one_plane_size_is_the_denoised_planes():
    """Where all planes have the same sub-cells the grid shows them as they are."""
    release = noisy_release(BY_ID["rgb-ragged"])
    small = grid_picture(release.plan, release._painter.grids)
    for k, grid in enumerate(release._painter.grids):
        np.testing.assert_array_equal(small[..., k], np.clip((grid + 32) >> 6, 0, 255))


def test_the_grid_interpolates_coarser_colour():
    """Chroma between the centres of its sub-cells is blended, not repeated."""
    release = noisy_release(COLOUR)
    luma, *chroma = (grid.copy() for grid in release._painter.grids)
    luma[...], chroma[1][...] = 64 * 100, 0
    chroma[0][...] = 0
    chroma[0][:, :, 1:] = 64 * 40
    row = grid_picture(release.plan, (luma, *chroma))[0, 0, :, 1].astype(int)
    assert row[0] == 100 and row[-1] == 140
    assert (np.diff(row) >= 0).all() and len(set(row.tolist())) > 2


@some_rows("ygo-coarse-ragged", "grey-ragged")
def test_lanczos_keeps_a_plain_picture(case):
    colour = (90,) if len(case.shape) == 2 else (90, 120, 60)
    release = release_of(case, exact_values(case, colour))
    found = release.render("smooth", upsampler=lanczos, version=0)
    assert found.shape == case.shape
    assert np.abs(found.reshape(-1, len(colour)).astype(int) - colour).max() <= 1


def test_lanczos_stays_where_bilinear_is():
    """Nothing moves: on a slope both agree, which a shift by half a sub-cell would not."""
    case = Case("slope", (40, 75), "8", 1, {"cell": 8})
    plan = case.plan()
    side = plan.planes[0].subcell
    rows, columns = -(-plan.height // side), -(-plan.width // side)
    release = release_of(case, exact_values(case, (90,)))
    slope = (64 * 20 + 64 * 2 * side * np.arange(columns))[None, None].repeat(rows, 1)
    release._painter._grids[DEFAULT] = (slope.astype(np.int16),)
    assert slope.max() < 64 * 255
    smooth, fine = release.render("smooth"), release.render("smooth", upsampler=lanczos)
    inner = slice(2 * side, (columns - 2) * side)
    assert np.abs(smooth.astype(int) - fine)[:, inner].max() <= 1


def test_out_is_filled_and_returned():
    out = np.zeros(BATCH.shape, np.uint8)
    release = noisy_release(BATCH)
    assert release.render("smooth", out=out, upsampler=nearest) is out
    np.testing.assert_array_equal(out, release.render("smooth", upsampler=nearest))


def test_what_it_does_to_its_grid_stays_with_it():
    """The grid is its own: writing into it changes neither the release nor the next call."""
    release = noisy_release(COLOUR)
    before = release.render("smooth", upsampler=nearest)

    def vandal(grid, size):
        grid[...] = 0
        return nearest(grid, size)

    assert not release.render("smooth", upsampler=vandal).any()
    np.testing.assert_array_equal(release.render("smooth", upsampler=nearest), before)


def test_its_own_errors_come_through():
    def failing_model(grid, size):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        noisy_release(COLOUR).render("smooth", upsampler=failing_model)


SIZE = (40, 30, 3)
ANSWERS = [
    ExpectFail(name, answer, errors.UpsamplerError, match)
    for name, answer, match in [
        ("none", None, "got None"),
        ("a list", [1], "got list"),
        ("an image", Image.new("RGB", (4, 4)), "got Image"),
        ("floats", np.zeros(SIZE), "float64"),
        ("signed", np.zeros(SIZE, np.int8), "int8"),
        ("cropped", np.zeros((37, 29, 3), np.uint8), r"\(37, 29, 3\)"),
        ("turned", np.zeros((30, 40, 3), np.uint8), r"\(30, 40, 3\)"),
        ("grey", np.zeros(SIZE[:2], np.uint8), r"\(40, 30\)"),
        ("a batch", np.zeros((1, *SIZE), np.uint8), r"\(1, 40, 30, 3\)"),
    ]
]


@failing(*ANSWERS)
def test_refuses_answers(bad):
    seen = []

    def answer(grid, size):
        seen.append((*size, 3))
        return bad.given

    with pytest.raises(bad.error, match=bad.match) as caught:
        noisy_release(COLOUR).render("smooth", upsampler=answer)
    assert f"uint8 array of shape {seen[0]}" in str(caught.value)
    assert len(seen) == 1


@failing(
    ExpectFail("mosaic", ("mosaic", nearest), errors.OptionError, "belongs to style 'smooth'"),
    ExpectFail("cells", ("cells", nearest), errors.OptionError, "belongs to style 'smooth'"),
    ExpectFail("name", ("smooth", "lanczos"), errors.OptionTypeError, "must be callable; got 'lan"),
    ExpectFail("picture", ("smooth", np.ones(3)), errors.OptionTypeError, "got ndarray"),
    ExpectFail("style", ("oil", nearest), errors.OptionError, "style must be one of"),
)
def test_refuses_uses(bad):
    style, upsampler = bad.given
    with pytest.raises(bad.error, match=bad.match):
        noisy_release(COLOUR).render(style, upsampler=upsampler)
