"""The stored mosaic: as specified, as close to the rendered one as stated, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from oracles import dpz, paint
from postprocess.releases import (
    BY_ID,
    Case,
    all_cases,
    cases_with_values,
    noisy_release,
    release_of,
    terrains,
)

from numbadp.errors import FileFormatError
from numbadp.postprocess.quadtree import build_quadtree
from numbadp.storage.stored_mosaic import (
    decode_leaves,
    decode_tree,
    encode_leaves,
    encode_tree,
    mosaic_colours,
    mosaic_planes,
    mosaic_shape,
)

COLOUR = BY_ID["ygo-coarse-ragged"]


def parts_of(release):
    """Return levels and planes of a release's mosaic."""
    painter = release._painter
    levels = painter.quadtree.levels.reshape(mosaic_shape(release.plan))
    return levels, mosaic_planes(release.plan, painter.grids, levels)


def painted(plan, planes):
    """Return the colours of every finest sub-cell, [N, rows, columns, 3]."""
    packed = mosaic_colours(plan, planes)
    return (packed[..., None] >> np.arange(0, 24, 8, dtype=np.uint32)).astype(np.uint8)


def assert_close(plan, planes, tree):
    """Compare with the rendered mosaic: within 1 level with Y, g, o, else equal."""
    rendered = (tree._packed[..., None] >> np.arange(0, 24, 8, dtype=np.uint32)).astype(np.uint8)
    apart = np.abs(painted(plan, planes).astype(int) - rendered)
    assert apart.max() <= (plan.planes[0].name == "Y")


@all_cases
def test_the_stored_mosaic_is_as_close_as_stated(case):
    release = noisy_release(case)
    assert_close(release.plan, parts_of(release)[1], release.quadtree())
    plan, grids = terrains(case, 9)
    tree = build_quadtree(plan, grids)
    levels = tree.levels.reshape(grids[0].shape)
    assert_close(plan, mosaic_planes(plan, grids, levels), tree)


@given(cases_with_values())
def test_any_release_s_mosaic_is_as_close_as_stated(given_case):
    case, values = given_case
    release = release_of(case, values)
    assert_close(release.plan, parts_of(release)[1], release.quadtree())


def test_no_rounding_of_three_bytes_moves_a_colour_by_more_than_a_level():
    """All fractions of y, c and d, and both ends of chroma; power: 1 level is reached everywhere."""
    plan = Case("wide", (64, 64 * 64, 3), "40", 1, {"cell": 2, "planes": "auto"}).plan()
    plan = replace(plan, planes=tuple(replace(p, cell=2) for p in plan.planes))
    levels = np.full((1, 64, 64 * 64), 5, np.uint8)
    ends = (-8160, -31, 40 * 64, 8160 - 63)
    found = set()
    for c, d in [(a, b) for a in ends for b in ends]:
        steps = np.arange(64)
        y = np.broadcast_to(100 * 64 + steps[:, None], (64, 64 * 64))
        parts = y, np.tile(steps, 64)[None] + c, steps.repeat(64)[None] + d
        grids = tuple(np.broadcast_to(v, y.shape)[None].astype(np.int16) for v in parts)
        grids = (grids[0], *(np.minimum(g, 8160).astype(np.int16) for g in grids[1:]))
        rendered = paint.colours([g[0] for g in grids], plan.planes)
        stored = painted(plan, mosaic_planes(plan, grids, levels))[0]
        apart = stored.astype(int) - rendered
        found |= {(k, int(n)) for k in range(3) for n in np.unique(apart[..., k])}
    assert found == {(k, n) for k in range(3) for n in (-1, 0, 1)}


def test_grey_stays_grey():
    """No chroma is exactly byte 128, so a colourless release is stored without a tint."""
    plan = COLOUR.plan()
    grids = tuple(
        np.full((1, *(-(-n // p.subcell) for n in COLOUR.shape[:2])), 6400 * (k == 0), np.int16)
        for k, p in enumerate(plan.planes)
    )
    levels = build_quadtree(plan, grids).levels[None]
    assert (painted(plan, mosaic_planes(plan, grids, levels)) == 100).all()


@all_cases
def test_levels_and_planes_come_back(case):
    release = noisy_release(case)
    levels, planes = parts_of(release)
    again = decode_tree(memoryview(encode_tree(levels)), mosaic_shape(release.plan))
    np.testing.assert_array_equal(again, levels)
    body = memoryview(encode_leaves(release.plan, levels, planes))
    for found, plane in zip(decode_leaves(body, release.plan, again), planes, strict=True):
        np.testing.assert_array_equal(found, plane)
        assert not found.flags.writeable


def test_a_coarse_plane_has_one_byte_a_sub_cell():
    """Chroma is stored where it can differ: per leaf or per chroma sub-cell, not per luma leaf."""
    plan = BY_ID["ygo-tiles-noisy"].plan()
    shape, ratio = mosaic_shape(plan), plan.planes[1].subcell // plan.planes[0].subcell
    assert ratio > 1
    levels = np.full(shape, 5, np.uint8)
    rng = np.random.default_rng(1)
    planes = tuple(
        np.repeat(np.repeat(rng.integers(0, 256, [-(-n // r) for n in shape[1:]]), r, 0), r, 1)
        [None, : shape[1], : shape[2]].astype(np.uint8)
        for r in [p.subcell // plan.planes[0].subcell for p in plan.planes]
    )  # fmt: skip
    stream = dpz.Stream(encode_leaves(plan, levels, planes))
    for plane in plan.planes:
        r = plane.subcell // plan.planes[0].subcell
        stream.plane(-(-shape[1] // r) * -(-shape[2] // r))
    stream.done()


def test_leaves_that_do_not_fit_the_tree_are_refused():
    release = noisy_release(COLOUR)
    levels, planes = parts_of(release)
    body = encode_leaves(release.plan, levels, planes)
    for wrong in (body[:-1], body + b"x", b""):
        with pytest.raises(FileFormatError):
            decode_leaves(memoryview(wrong), release.plan, levels)
    with pytest.raises(FileFormatError, match="wrong size"):
        decode_leaves(memoryview(body), release.plan, np.full_like(levels, 5))


def test_trees_that_do_not_fit_the_picture_are_refused():
    levels = parts_of(noisy_release(COLOUR))[0]
    body = encode_tree(levels)
    for shape in ((1, 900, 900), (1, 1, 1)):
        with pytest.raises(FileFormatError):
            decode_tree(memoryview(body), shape)
    with pytest.raises(FileFormatError, match="out of range"):
        decode_tree(memoryview(dpz.count(10**9) + dpz.stored(b"")), levels.shape)
