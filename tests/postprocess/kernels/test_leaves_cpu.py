"""The compiled leaf means: which cells belong together, their pixels, and their colours by rows."""

import numpy as np
from oracles import leaves as oracle

from numbadp.postprocess.colour import plane_kind
from numbadp.postprocess.kernels.leaves_cpu import (
    TOP,
    find_leaves,
    leaf_colours_cpu,
    leaf_means,
    leaf_means_cpu,
)
from numbadp.postprocess.leaves import layout_levels, leaf_grids
from numbadp.postprocess.reconstruct import frozen_rows
from postprocess.mixed import all_mixed, some_mixed, worked

from .items import assert_items_are_independent


def means_arguments(parts, out):
    """Return the kernel's arguments after the number of items."""
    plan, release = parts.plan, parts.release()
    t = leaf_grids(plan)
    flat = tuple(frozen_rows(plan, value) for value in release.values)
    return (
        flat,
        layout_levels(release.layout),
        t.counts,
        t.shifts,
        t.log_cells,
        t.grids,
        t.divisors,
        t.ranges,
        out,
    )


def blank(parts):
    """Return outputs full of a number that no kernel writes."""
    plan = parts.plan
    return tuple(
        np.full((plan.batch, p.grid[0] * p.grid[1]), -29999, np.int32) for p in plan.planes
    )


@all_mixed
def test_heads_cells_and_pixels_equal_the_reference(case):
    """Of every plane of the first picture.  Oracle: tests/oracles/leaves.py."""
    parts, _ = worked(case.id)
    plan, t = parts.plan, leaf_grids(parts.plan)
    levels = layout_levels(parts.release().layout)[0]
    measured = np.ones(case.size, bool) if plan.region is None else plan.region.mask
    for k, plane in enumerate(plan.planes):
        rows, width = plane.grid
        heads, cells, pixels = (np.full(rows * width, -7, np.int64) for _ in range(3))
        find_leaves(
            levels, t.counts[k], t.shifts[k], t.log_cells[k], rows, width, heads, cells, pixels
        )
        given = None if parts.levels is None else parts.levels[0]
        seen = 0
        for leaf in oracle.leaves_of(plane, plan.planes[0].cell, given, measured):
            head = leaf.head[0] * width + leaf.head[1]
            assert [heads[y * width + x] for y, x in leaf.cells] == [head] * len(leaf.cells)
            assert (cells[head], pixels[head]) == (len(leaf.cells), leaf.pixels)
            seen += len(leaf.cells)
        assert seen == heads.size


def test_means_are_clipped_rounded_to_even_and_shared_by_a_leaf():
    """By hand: halves to even, ends clipped, the middle without a pixel, copies of the head's."""
    heads = np.array([0, 0, 2, 3, 4, 5])
    pixels = np.array([128, 0, 128, 1, 1, 0])
    values = np.array([1, 999, 3, -5, 2**60, 77])
    means = np.full(6, -1, np.int32)
    leaf_means(values, heads, pixels, 1, 0.0, 64 * 255.0, np.int32(8160), means)
    assert means.tolist() == [0, 0, 2, 0, 64 * 255, 8160]


def test_the_top_level_is_that_of_one_pixel():
    """256 halves eight times."""
    assert 256 >> TOP == 1


@some_mixed("zones-grey", "region-ygo", "private-batch", "zones-batch")
def test_an_item_is_one_plane_of_one_picture(case):
    """Item k of leaf_means_cpu writes plane k // N of picture k % N alone."""
    parts, _ = worked(case.id)
    pictures = parts.plan.batch
    assert_items_are_independent(
        leaf_means_cpu,
        pictures * len(parts.values),
        lambda: blank(parts),
        lambda out: means_arguments(parts, out),
        lambda out: [(plane[n],) for plane in out for n in range(pictures)],
    )


@some_mixed("zones-grey", "region-ygo", "private-batch")
def test_an_item_of_colours_is_one_row_of_cells(case):
    """Item k of leaf_colours_cpu packs row k of the finest cells alone."""
    parts, _ = worked(case.id)
    plan, t = parts.plan, leaf_grids(parts.plan)
    means = tuple(
        np.random.default_rng(k)
        .integers(-8000, 16000, (plan.batch, p.grid[0] * p.grid[1]))
        .astype(np.int32)
        for k, p in enumerate(plan.planes)
    )
    rows, columns = plan.planes[0].grid
    assert_items_are_independent(
        leaf_colours_cpu,
        plan.batch * rows,
        lambda: (np.full((plan.batch, rows * columns), 171, np.uint32),),
        lambda out: (plane_kind(plan), means, t.grids, t.shifts, out[0]),
        lambda out: [
            (out[0][n, gy * columns : (gy + 1) * columns],)
            for n in range(plan.batch)
            for gy in range(rows)
        ],
    )
