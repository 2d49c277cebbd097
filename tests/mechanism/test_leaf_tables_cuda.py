"""Tables of leaves and splits for the GPU say what the plan says."""

from simulator import run_python

START = """
import numpy as np
from layout_cases import LAYOUT_CASES
from numbadp.plan.region import measured_counts
from numbadp.mechanism.kernels import leaves_cuda, splits_cuda
from numbadp.mechanism.leaf_tables_cuda import pooled_counts, pyramid_of, split_rules
"""


def test_pooled_counts_are_those_of_larger_cells():
    """Measured pixels of every square, in regions and at ragged edges."""
    run_python(
        START + "for case in LAYOUT_CASES:\n"
        "    plan = case.plan()\n"
        "    for plane, levels in zip(plan.planes, pooled_counts(plan)):\n"
        "        for j, found in enumerate(levels):\n"
        "            side = plane.cell << j\n"
        "            expected = measured_counts((plan.height, plan.width), side, plan.region)\n"
        "            assert (found.ravel() == expected).all()\n"
    )


def test_squares_of_all_planes_and_levels_lie_apart():
    """Starts in the pyramid partition the sums of a batch, and the public table."""
    run_python(
        START + "for case in LAYOUT_CASES:\n"
        "    plan = case.plan()\n"
        "    counts = pooled_counts(plan)\n"
        "    pyramid = pyramid_of(plan.batch, counts)\n"
        "    for column, each in ((leaves_cuda.START, plan.batch), (leaves_cuda.PUBLIC_START, 1)):\n"
        "        end = 0\n"
        "        for k, levels in enumerate(counts):\n"
        "            for j, own in enumerate(levels):\n"
        "                assert pyramid[k, j, column] == end\n"
        "                assert tuple(pyramid[k, j, :2]) == own.shape\n"
        "                end += each * own.size\n"
    )


def test_raw_statistics_take_half_a_gigabyte_or_one_picture():
    """However large the batch: 64 pictures of 4K over single pixels are looked at one by one."""
    run_python(
        "from numbadp.mechanism.leaf_tables_cuda import part_of_batch\n"
        "from numbadp.mechanism.kernels.exact_cuda import STATISTICS\n"
        "fine, usual = 2160 * 3840 * 4 // 3, 540 * 960 * 4 // 3\n"
        "assert part_of_batch(64, fine) == 1 and 8 * STATISTICS * fine < 1 << 30\n"
        "part = part_of_batch(64, usual)\n"
        "assert 8 <= part < 64 and part * 8 * STATISTICS * usual <= 1 << 29\n"
        "assert part_of_batch(3, 100) == 3 and part_of_batch(1, fine) == 1\n"
    )


def test_squares_that_are_not_whole_follow_the_public_rule():
    """They are split while wider than the plan says and measured at all; others are asked."""
    run_python(
        START + "met = set()\n"
        "for case in LAYOUT_CASES:\n"
        "    plan = case.plan()\n"
        "    if case.kind != 'private':\n"
        "        continue\n"
        "    cell, splits = plan.planes[0].cell, plan.splits\n"
        "    rules = split_rules(splits, pooled_counts(plan)[0], cell)\n"
        "    for level, found in zip(splits.levels, rules, strict=True):\n"
        "        size = plan.height, plan.width\n"
        "        counts = measured_counts(size, level.side, plan.region).tolist()\n"
        "        for count, rule in zip(counts, found.ravel().tolist(), strict=True):\n"
        "            expected = splits_cuda.ASKED\n"
        "            if count < level.side**2:\n"
        "                wide = count > 0 and level.side > splits.ragged\n"
        "                expected = splits_cuda.SPLIT if wide else splits_cuda.WHOLE\n"
        "            assert rule == expected\n"
        "            met.add(rule)\n"
        "assert len(met) == 3\n"
    )


def test_pyramids_reach_the_widest_leaf_and_no_further():
    """Of every plane: leaves given or possible, by a search over the layout itself."""
    run_python(
        START + "heights = set()\n"
        "for case in LAYOUT_CASES:\n"
        "    plan = case.plan()\n"
        "    widest = plan.planes[0].cell\n"
        "    if plan.leaves is not None:\n"
        "        widest = int(plan.leaves.sides.max())\n"
        "    if plan.splits is not None:\n"
        "        paid = case.kind == 'private'\n"
        "        sides = [s.side for s in plan.splits.levels] if paid else plan.splits.sides\n"
        "        widest = max(sides)\n"
        "    for plane, levels in zip(plan.planes, pooled_counts(plan), strict=True):\n"
        "        assert plane.cell << (len(levels) - 1) == max(widest, plane.cell), case.id\n"
        "        heights.add(len(levels))\n"
        "assert len(heights) >= 4\n"
    )
