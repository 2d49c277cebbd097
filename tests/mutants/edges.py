"""The seeded faults of edges: conditions of claims, prices, plans and files that no other row covers."""

from .row import Mutant

EDGES = (
    Mutant(
        "file-whose-splits-leave-a-size-out", "storage/claims.py",
        "        or sides != expected\n", "",
        ("storage/test_claims.py::test_sizes_that_are_paid_leave_none_out",),
    ),
    Mutant(
        "file-whose-unpaid-splits-leave-a-size-out", "storage/claims.py",
        "        or sides != expected\n", "        or (isinstance(splits, Splits) and sides != expected)\n",
        ("storage/test_claims.py::test_sizes_that_are_paid_leave_none_out",),
    ),
    Mutant(
        "file-decided-on-no-size", "storage/claims.py",
        "        or not sides\n", "",
        ("storage/test_claims.py::test_sizes_that_are_paid_leave_none_out",),
    ),
    Mutant(
        "file-decided-without-leaves", "storage/claims.py",
        "        layout.levels is None\n        or not", "        not",
        ("storage/test_claims.py::test_leaves_are_no_wider_than_what_was_decided",),
    ),
    Mutant(
        "unpaid-leaves-wider-than-decided", "storage/claims.py",
        "MAX_LEAF >> int(layout.levels.min()) > sides[0]", "isinstance(splits, Splits) and MAX_LEAF >> int(layout.levels.min()) > sides[0]",
        ("storage/test_claims.py::test_leaves_are_no_wider_than_what_was_decided",),
    ),
    Mutant(
        "earlier-release-that-paid-less-for-its-layout", "storage/claims.py",
        "if (layouts[0].epsilon if layouts else 0) != guarantee.earlier:", "if False:",
        ("storage/test_claims.py::test_an_earlier_release_had_one_layout_and_paid_what_it_says",),
    ),
    Mutant(
        "earlier-release-with-two-layouts", "storage/claims.py",
        "names not in _NAME_SETS or len(layouts) > 1 or", "names not in _NAME_SETS or",
        ("storage/test_claims.py::test_an_earlier_release_had_one_layout_and_paid_what_it_says",),
    ),
    Mutant(
        "earlier-release-composed-for-the-price-of-one", "storage/claims.py",
        "        or times * count * worst", "        or count * worst",
        ("storage/test_claims.py::test_an_earlier_release_several_times_lost_several_times_as_much",),
    ),
    Mutant(
        "file-whose-zones-come-from-a-release", "storage/opening.py",
        '"zones": source is None, ', '',
        ("storage/test_claims.py::test_leaves_say_whose_they_are",),
    ),
    Mutant(
        "file-whose-own-leaves-are-anothers", "storage/opening.py",
        "(decided and source != guarantee) or not", "not",
        ("storage/test_claims.py::test_leaves_say_whose_they_are",),
    ),
    Mutant(
        "plan-on-leaves-of-other-pixels", "mechanism/planning.py",
        "    choice.check_coverage(covers)\n", "",
        ("mechanism/test_choices.py::test_refuses_leaves_of_a_release_that_shows_what_is_to_be_covered",),
    ),
    Mutant(
        "boxes-of-each-picture-on-mixed-leaves", "mechanism/planning.py",
        "    elif region is not None and region.each:\n", "    elif False:\n",
        ("mechanism/test_choices.py::test_refuses_boxes_of_each_picture_where_leaves_are_mixed",),
    ),
    Mutant(
        "plan-of-an-old-rule-used", "mechanism/planning.py",
        "_cached_measured if choice.rule is None and choice.leaves is None else _measured", "_cached_measured",
        ("mechanism/test_choices.py::test_a_rule_that_changed_is_read_anew",),
    ),
    Mutant(
        "release-that-spends-nothing-of-its-own", "accounting/ledger/price.py",
        "fresh <= 0 or earlier < 0", "earlier < 0",
        ("accounting/ledger/test_price.py::test_a_release_spends_something_of_its_own",),
    ),
    Mutant(
        "earlier-part-not-scaled", "accounting/ledger/price.py",
        "earlier=earlier * scaled", "earlier=earlier",
        ("accounting/ledger/test_price.py::test_an_earlier_part_that_is_due_is_scaled_as_the_rest",),
    ),
    Mutant(
        "splits-counted-for-one-picture", "accounting/guarantee.py",
        "draws=plan.batch * level.grid[0] * level.grid[1],", "draws=level.grid[0] * level.grid[1],",
        ("accounting/test_guarantee_layouts.py::test_draws_count_every_picture_of_a_batch",),
    ),
    Mutant(
        "ledger-with-more-charges-than-frames", "accounting/ledger/file.py",
        "sum(charge.count for charge in account.charges) <= account.frames", "True",
        ("accounting/ledger/test_file.py::test_more_charges_than_frames_are_refused",),
    ),
    Mutant(
        "time-told-to-a-ledger-of-frames", "accounting/ledger/__init__.py",
        "            if at is not None:\n                raise OptionError(NO_TIME)\n", "",
        ("accounting/ledger/test_ledger.py::test_a_time_is_for_a_window_of_time_alone",),
    ),
    Mutant(
        "noise-drawn-from-a-loaded-plan", "mechanism/noise.py",
        "if any(isinstance(plane.cutoffs, KeptCutoffs) for plane in plan.planes):", "if False:",
        ("storage/test_header.py::test_no_noise_can_be_drawn_from_a_loaded_plan",),
    ),
    Mutant(
        "ties-of-splits-not-counted", "mechanism/noise.py",
        "(*plan.cells, *squares)", "(*plan.cells, *[0 for _ in squares])",
        ("mechanism/test_noise.py::test_ties_of_paid_splits_count_too",),
    ),
    Mutant(
        "shared-tables-can-be-written", "mechanism/noise.py",
        "table.flags.writeable = False", "pass",
        ("mechanism/test_noise.py::test_tables_cannot_be_written",),
    ),
    Mutant(
        "whole-picture-of-some-pixels", "storage/stored_layout.py",
        "if pixels != size[0] * size[1]:", "if False:",
        ("storage/test_stored_layout.py::test_a_whole_picture_has_all_its_pixels",),
    ),
    Mutant(
        "region-with-a-short-name", "storage/stored_layout.py",
        "if len(digest) != _DIGEST_BYTES:", "if False:",
        ("storage/test_stored_layout.py::test_a_region_has_a_whole_name",),
    ),
    Mutant(
        "release-with-a-short-name", "storage/stored_layout.py",
        "if not {len(name) for name in names} <= {0, 2 * _ID_BYTES}:", "if False:",
        ("storage/test_stored_layout.py::test_releases_have_whole_names",),
    ),
    Mutant(
        "splits-of-odd-squares", "storage/stored_splits.py",
        "side & (side - 1) or not 0 < scale", "not 0 < scale",
        ("storage/test_stored_splits.py::test_sides_of_squares_are_powers_of_two",),
    ),
    Mutant(
        "pool-with-a-delta-of-nothing", "storage/pooled.py",
        "gauss != bool(target)", "False",
        ("storage/test_pooled.py::test_made_up_claims_are_refused",),
    ),
    Mutant(
        "coverage-known-by-its-digest-alone", "plan/coverage.py",
        "(self.shape, self.pixels) != (other.shape, other.pixels)", "False",
        ("plan/test_coverage.py::test_a_coverage_is_its_shape_its_number_of_pixels_and_its_digest",),
    ),
    Mutant(
        "picture-kept-beside-a-release-of-all-of-it", "release/release.py",
        "(background is None) != (plan.region is None) and not kept", "False",
        ("release/test_release.py::test_a_background_goes_with_a_region_alone",),
    ),
    Mutant(
        "layout-of-another-picture-published", "release/release.py",
        "layout.shape != (plan.height, plan.width) or layout", "layout",
        ("release/test_release.py::test_refuses_a_layout_of_another_picture",),
    ),
)  # fmt: skip
