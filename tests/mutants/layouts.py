"""The seeded faults of layouts and regions: splits that nobody pays for, promises that get lost."""

from .row import Mutant

PLANNING = "mechanism/planning.py"
SPLITS = "mechanism/splits.py"
SPLITS_CPU = "mechanism/kernels/splits_cpu.py"
GUARANTEE = "accounting/guarantee.py"
_T_SPLITS = "mechanism/test_splits.py::"
_T_SPLITS_CPU = "mechanism/kernels/test_splits_cpu.py::"
_T_ISLANDS = "mechanism/test_pixelize_islands.py::"
_T_PROMISES = "accounting/test_guarantee_layouts.py::"

LAYOUTS = (
    Mutant(
        "split-unpaid-by-the-leaves", PLANNING, "r / rest if pays else r", "r",
        (_T_SPLITS + "test_splits_and_leaves_cost_epsilon_by_brute_force",),
    ),
    Mutant(
        "split-with-half-its-noise", SPLITS,
        "scale = unit / (split_share(rule)", "scale = unit / 2 / (split_share(rule)",
        (_T_SPLITS + "test_splits_and_leaves_cost_epsilon_by_brute_force",),
    ),
    Mutant(
        "split-without-noise", SPLITS_CPU, "scores[x + i] += lanes[i]", "scores[x + i] += 0",
        (_T_SPLITS_CPU + "test_rows_of_noise_are_those_of_their_squares",),
    ),
    Mutant(
        "split-of-a-partial-square-asks-the-picture", SPLITS_CPU,
        "if counts[at] != side * side:", "if counts[at] == 0:",
        (_T_SPLITS_CPU + "test_partial_squares_follow_the_public_rule",),
    ),
    Mutant(
        "split-at-the-threshold", SPLITS_CPU,
        "split = scores[x] > thresholds[own]", "split = scores[x] >= thresholds[own]",
        (_T_SPLITS_CPU + "test_splitting_is_strictly_above_the_threshold",),
    ),
    Mutant(
        "score-sensitivity-of-grey-for-luma", "mechanism/score.py",
        "255 * m * sum(map(abs, form))", "255 * m",
        ("mechanism/test_score.py::test_sensitivity_by_hand",),
    ),
    Mutant(
        "contrast-without-its-diagonal", "mechanism/kernels/score_body.py",
        "max(across, max(down, diagonal))", "max(across, down)",
        ("mechanism/kernels/test_score_body.py::test_each_difference_can_be_the_largest",),
    ),
    Mutant(
        "splits-of-all-sizes-share-words", "mechanism/noise.py",
        "address_tag(SPLITS_STAGE + j, 0)", "address_tag(SPLITS_STAGE, 0)",
        ("mechanism/test_leaves.py::test_addresses_of_values_and_splits_are_distinct",),
    ),
    Mutant(
        "noise-at-cells-that-are-no-heads", "mechanism/kernels/leaves_cpu.py",
        "                values[cell + i] = 0", "                values[cell + i] += lanes[i]",
        ("mechanism/kernels/test_leaves_cpu.py::test_only_heads_get_noise",),
    ),
    Mutant(
        "background-shows-the-region", "mechanism/leaves.py",
        "np.copyto(background, array, where=~inside)", "np.copyto(background, array)",
        ("mechanism/test_running.py::test_the_background_has_no_pixel_of_the_region",),
    ),
    Mutant(
        "pixels-outside-the-region-measured", "mechanism/leaves.py",
        "np.copyto(measured, array, where=inside)", "np.copyto(measured, array)",
        ("mechanism/test_leaves.py::test_the_region_covers_its_pixels_alone[zones-grey]",),
    ),
    Mutant(
        "background-of-islands-shows-them", "mechanism/kernels/outside_cpu.py",
        "if islands[i, PICTURE] == n and", "if islands[i, PICTURE] > n and",
        ("mechanism/kernels/test_outside_cpu.py::test_an_item_copies_its_strip_without_the_inside",),
    ),
    Mutant(
        "background-shows-islands-that-begin-in-its-strip", "mechanism/kernels/outside_cpu.py",
        "islands[i, TOP] < last and", "islands[i, TOP] < first and",
        ("mechanism/kernels/test_outside_cpu.py::test_an_item_copies_its_strip_without_the_inside",),
    ),
    Mutant(
        "run-of-a-mask-ends-late", "compute/rows.py",
        "while x + LANES <= stop:\n        alike =",
        "while x + LANES <= row.size:\n        alike =",
        ("compute/test_rows.py::test_a_run_ends_at_its_first_other_byte_or_at_the_stop",),
        "compiled",
    ),
    Mutant(
        "a-way-down-from-the-first-run-is-enough", "plan/islands.py",
        "if counts[:-1].all():", "if counts[0]:",
        ("plan/test_islands.py::test_islands_are_the_connected_parts_of_a_mask",),
    ),
    Mutant(
        "boxes-that-touch-at-their-ends-are-two-islands", "plan/islands.py",
        'bottom[order], "right")', 'bottom[order], "left")',
        ("plan/test_islands.py::"
         "test_boxes_that_touch_at_a_corner_are_one_island_and_those_a_pixel_apart_are_two",),
    ),
    Mutant(
        "masks-of-islands-forgotten", "mechanism/kernels/measure_cpu.py",
        "shared[x] &= np.uint8(row[x] > 0)", "shared[x] &= np.uint8(row[x] >= 0)",
        (_T_ISLANDS + "test_any_region_is_measured_exactly",),
    ),
    Mutant(
        "what-rows-of-a-mask-share-counted-twice", "mechanism/kernels/measure_cpu.py",
        "np.uint8(row[x] > 0) & ~shared[x]", "np.uint8(row[x] > 0)",
        (_T_ISLANDS + "test_any_region_is_measured_exactly",),
    ),
    Mutant(
        "islands-share-addresses", "mechanism/sums.py",
        "bands[:, BASE + k] = table[home, START + k]", "bands[:, BASE + k] = start",
        (_T_ISLANDS + "test_no_two_cells_of_large_islands_share_an_address",),
    ),
    Mutant(
        "noise-for-the-smallest-region-of-a-batch", "plan/region.py",
        "pixels = max(map(_count, parts))", "pixels = min(map(_count, parts))",
        (_T_ISLANDS + "test_noise_is_for_the_picture_with_most_pixels",),
    ),
    Mutant(
        "copies-of-pixels-kept", "mechanism/running.py",
        "kernel_view(own.contiguous(measured))", "kernel_view(np.ascontiguousarray(measured))",
        ("mechanism/test_layout_attacks.py::test_the_copy_of_a_strided_picture_is_overwritten",),
    ),
    Mutant(
        "layouts-made-by-hand-not-checked", "mechanism/choices.py",
        'power_of_two("the layout\'s cell", layout.cell, MAX_LEAF)', "pass",
        ("mechanism/test_layout_attacks.py::"
         "test_a_hand_made_layout_cannot_pass_the_cells_that_sums_are_exact_for",),
    ),
    Mutant(
        "exact-layout-with-a-guarantee", GUARANTEE,
        "math.inf if plan.unpaid else plan.epsilon + earlier", "plan.epsilon + earlier",
        (_T_PROMISES + "test_unpaid_layouts_are_infinite_and_stay_so",),
    ),
    Mutant(
        "earlier-release-forgotten", GUARANTEE,
        "return source.for_pixels(plan.changes).epsilon, source.tau", "return Fraction(0), source.tau",
        (_T_PROMISES + "test_a_releases_leaves_add_its_epsilon_and_tau",),
    ),
    Mutant(
        "earlier-release-for-other-pixels", GUARANTEE,
        "source.for_pixels(plan.changes).epsilon", "source.epsilon",
        (_T_PROMISES + "test_an_earlier_release_for_other_pixels_is_scaled_by_group_privacy",),
    ),
)  # fmt: skip
