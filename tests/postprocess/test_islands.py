"""Releases of islands as pictures: the reference's bytes, in every style, on any number of threads."""

import numpy as np
import pytest
from cases import fixed_key
from hypothesis import given
from islands import all_islands, masks, oracle_render, oracle_values, some_islands

import numbadp
from numbadp.compute.workers import threads
from numbadp.mechanism import _pixelize
from numbadp.mechanism.planning import build_plan
from numbadp.postprocess import islands
from numbadp.postprocess.islands import island_tables
from numbadp.postprocess.reconstruct import reconstruct

STYLES = ("mosaic", "smooth", "cells")


@all_islands
@pytest.mark.parametrize("count", [1, 3])
def test_every_style_equals_the_reference(case, count, helpers_always):
    """Each island is denoised, merged and painted by itself.  Oracle: tests/oracles/islands.py."""
    image = case.image()
    values = oracle_values(case, image, fixed_key(4))
    release = _pixelize(image, case.plan(), fixed_key(4))
    with threads(count):
        for style in STYLES:
            expected = oracle_render(case, values, image, style)
            np.testing.assert_array_equal(release.render(style, version=0), expected)


@given(masks())
def test_islands_are_shelved_once_beside_others_with_as_many_rows(mask):
    """Every island is on one shelf, whose islands have equally many rows in every plane."""
    plan = build_plan((*mask.shape, 3), epsilon=9, mask=mask, cell=4)
    where = island_tables(plan)
    assert sorted(where.order.tolist()) == list(range(len(where.islands)))
    ends = where.shelves[:, 1].tolist()
    assert [0, *ends] == [*where.shelves[:, 0].tolist(), len(where.order)]
    for first, stop in where.shelves.tolist():
        heights = where.islands[where.order[first:stop], 3]
        for plane in plan.planes:
            assert len(set((-(-heights // plane.cell)).tolist())) == 1


@some_islands("boxes-many", "boxes-many-grey", "mask-specks-ygo", "boxes-cell-1")
def test_neighbours_on_a_shelf_do_not_meet(case, monkeypatch):
    """Alone on its shelf or beside others: the same bits of every island."""
    release = _pixelize(case.image(), case.plan(), fixed_key(4))
    together = reconstruct(case.plan(), release.values)
    monkeypatch.setattr(islands, "_SHELF", 1)
    island_tables.cache_clear()
    apart = reconstruct(case.plan(), release.values)
    assert len(island_tables(case.plan()).shelves) == len(case.plan().spots)
    island_tables.cache_clear()
    assert len(island_tables(case.plan()).shelves) == len(case.plan().spots)
    for a, b in zip(together, apart, strict=True):
        np.testing.assert_array_equal(a, b)


@some_islands("boxes-ygo", "mask-ring", "boxes-of-each", "mask-specks")
def test_each_island_has_a_quadtree_of_its_own(case):
    """Its box, its leaves, and the picture painted from them."""
    image = case.image()
    release = _pixelize(image, case.plan(), fixed_key(4))
    tree = release.quadtree()
    painted = image.reshape(case.plan().batch, *case.size, -1).copy()
    for (n, left, top, right, bottom), own in tree.islands:
        inside = True if own.region is None else own.region.mask[..., None]
        found = own.paint().reshape(bottom - top, right - left, -1)
        np.copyto(painted[n, top:bottom, left:right], found, where=inside)
    np.testing.assert_array_equal(painted.reshape(case.shape), release.render())
    assert len(tree) == sum(len(own) for _, own in tree.islands)
    assert tree.levels.size == sum(own.levels.size for _, own in tree.islands)


@some_islands("boxes-ygo", "mask-ring", "mask-batch")
def test_leaves_of_islands_are_a_layout_for_the_next_picture(case):
    """On the picture's grid nowhere wider than the islands' own; a release with it is made."""
    first = numbadp.pixelize(case.image(), epsilon=50, m=1, boxes=case.boxes, mask=_mask(case))
    layout = numbadp.Layout.from_release(first)
    sides = layout.sides.reshape(-1, *layout.sides.shape[-2:])
    assert (sides <= first.quadtree().sides).all()
    second = numbadp.pixelize(
        case.image(1), epsilon=9, m=1, boxes=case.boxes, mask=_mask(case), layout=first
    )
    assert second.guarantee.epsilon == 59
    assert second.render().shape == case.shape


def _mask(case):
    return None if case.mask is None else case.mask(case.size)


@some_islands("boxes-ygo", "mask-ring-grey", "boxes-of-each")
def test_an_upsampler_sees_every_island_by_itself(case):
    """Called once an island, with its grid; what it returns is cut to the island's own pixels."""
    release, seen = _pixelize(case.image(), case.plan(), fixed_key(4)), []

    def twice(grid, size):
        seen.append(grid.shape[:2])
        side = size[0] // grid.shape[0]
        return grid.repeat(side, 0).repeat(side, 1)

    found = release.render("smooth", upsampler=twice)
    side = case.plan().planes[0].subcell
    spots = case.plan().spots
    assert seen == [(-(-h // side), -(-w // side)) for h, w in spots[:, 3:5].tolist()]
    outside = ~np.stack(case.masks())
    given = case.image().reshape(*outside.shape, -1)
    np.testing.assert_array_equal(found.reshape(given.shape)[outside], given[outside])
