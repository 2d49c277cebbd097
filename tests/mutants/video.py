"""The seeded faults of video: exposures, windows of time, budgets of clips, frames left bare."""

from .row import Mutant

EXPOSURE = "mechanism/exposure.py"
EXPOSE_CPU = "mechanism/kernels/exposure_cpu.py"
GUARANTEE = "accounting/guarantee.py"
PLANNING = "mechanism/planning.py"
WINDOWS = "accounting/ledger/windows.py"
FACTS = "video/facts.py"
FRAMES = "video/frames.py"
PROMISE = "video/promise.py"
TRACKS = "video/tracks.py"
MEASURING = "video/measuring.py"
LIVE = "video/live.py"
OPTIONS = "video/options.py"
LOOKING = "video/looking.py"
TIMED = "accounting/ledger/timed.py"
TEMPORAL_FRAMES = "release/temporal_frames.py"
STEADY_DENOISE = "postprocess/kernels/steady_denoise_body.py"
STEADY_FILTER = "postprocess/kernels/steady_filter_cpu.py"
STEADY_POLISH = "postprocess/kernels/steady_polish_cpu.py"
TEMPORAL_ISLANDS = "release/temporal_islands.py"
ADDRESSES = "video/addresses.py"
SERVING = "video/serving.py"
BEHIND = "video/behind.py"
SINKS = "video/sinks.py"
FILES = "video/files.py"
_T_EXPOSURE = "mechanism/test_exposure.py::"
_T_WINDOWS = "accounting/ledger/test_windows.py::"

VIDEO = (
    Mutant(
        "exposure-counted-as-one-picture", GUARANTEE,
        "        batch=plan.pictures,", "        batch=plan.batch,",
        (_T_EXPOSURE + "test_the_guarantee_is_for_each_frame_and_ledgers_charge_all",),
    ),
    Mutant(
        "noise-shared-out-over-an-exposure", PLANNING,
        "    r = Fraction(255 * changes) / epsilon\n",
        "    r = Fraction(255 * changes) / epsilon / (exposure if isinstance(exposure, int) else 1)\n",
        (_T_EXPOSURE + "test_a_frames_change_moves_the_sums_as_it_would_alone",),
    ),
    Mutant(
        "exposure-of-other-frames-taken", EXPOSURE,
        "    if image.shape != wanted:", "    if image.shape[1:] != wanted[1:]:",
        (_T_EXPOSURE + "test_frames_must_be_frames",),
    ),
    Mutant(
        "sums-of-single-frames-not-forgotten", EXPOSURE,
        "tuple(own.zeros(value.shape, np.int64) for value in values)",
        "tuple(np.zeros(value.shape, np.int64) for value in values)",
        (_T_EXPOSURE + "test_a_wiped_key_and_failures_leave_nothing",),
    ),
    Mutant(
        "window-forgets-too-early", WINDOWS,
        "self._recent[0][0] <= time - self.seconds", "self._recent[0][0] < time",
        (_T_WINDOWS + "test_no_window_passes_the_budget_and_nothing_is_refused_for_nothing",),
    ),
    Mutant(
        "window-passed-by-the-last-frame", WINDOWS,
        "self.spent + cost <= self.epsilon", "self.spent < self.epsilon",
        (_T_WINDOWS + "test_no_window_passes_the_budget_and_nothing_is_refused_for_nothing",),
    ),
    Mutant(
        "time-that-goes-back-believed", WINDOWS,
        "if self._now is not None and time < self._now:", "if self._now is None and time < 0:",
        (_T_WINDOWS + "test_time_may_not_go_back",),
    ),
    Mutant(
        "frames-of-a-window-miscounted", FACTS,
        "bisect_left(times, time + length, lo=k) - k", "bisect_left(times, time + length, lo=k) - k - 1",
        ("video/test_facts.py::test_most_frames_in_any_window",),
    ),
    Mutant(
        "clip-not-shared-out", PROMISE,
        "    exact = total / frames\n", "    exact = total\n",
        ("video/test_promise.py::test_a_clips_epsilon_is_shared_out_and_rounded_down",),
    ),
    Mutant(
        "clip-charged-for-one-frame", MEASURING,
        "self._options.ledger.charge(one.compose(count))", "self._options.ledger.charge(one)",
        ("video/test_measuring.py::test_a_clip_is_charged_at_once",),
    ),
    Mutant(
        "box-not-held", TRACKS,
        "            if number - track.seen <= self._hold:\n", "            if number == track.seen:\n",
        ("video/test_tracks.py::test_a_box_is_held_after_it_was_last_found",),
    ),
    Mutant(
        "frames-between-two-findings-bare", TRACKS,
        "                self._between(before, known.seen, known.cover, number)\n", "",
        ("video/test_tracks.py::test_frames_between_two_findings_are_covered_on_the_way",),
    ),
    Mutant(
        "frames-without-a-box-shown-by-default", OPTIONS,
        '    on_none: str = "fail"\n', '    on_none: str = "copy"\n',
        ("video/test_options.py::"
         "test_a_frame_without_a_box_is_an_error_unless_it_is_said_what_then",),
    ),
    Mutant(
        "frames-without-a-box-found-while-measuring", LOOKING,
        "        if bare:\n", "        if bare and len(bare) == len(self._boxes):\n",
        ("video/test_frames.py::"
         "test_a_frame_without_a_box_is_an_error_before_anything_is_measured",),
    ),
    Mutant(
        "streams-charged-to-nobody", FRAMES,
        "None if self.facts else options.ledger", "None",
        ("video/test_frames.py::test_streams_are_charged_frame_by_frame",),
    ),
    Mutant(
        "page-served-to-everybody", ADDRESSES,
        'HERE, PORT = "127.0.0.1", 8080', 'HERE, PORT = "0.0.0.0", 8080',
        ("video/test_addresses.py::"
         "test_pages_are_served_on_this_machine_unless_another_is_named",),
    ),
    Mutant(
        "page-served-under-foreign-names", SERVING,
        "        if self.server.local and not _names", "        if not self.server.local and not _names",
        ("video/test_serving.py::test_a_foreign_name_that_leads_here_is_refused",),
    ),
    Mutant(
        "filter-promises-more-than-the-release", TEMPORAL_FRAMES,
        "        self.guarantee, self.plan = release.guarantee, release.plan\n",
        "        self.guarantee, self.plan = release.guarantee.for_pixels(1), release.plan\n",
        ("release/test_temporal.py::test_the_guarantee_is_that_of_the_release",),
    ),
    Mutant(
        "earlier-drawings-of-steadied-frames-filtered", "postprocess/steady_polish.py",
        " if drawing.filters else grid", "",
        ("release/test_temporal.py::test_a_version_of_drawings_keeps_its_bits",),
    ),
    Mutant(
        "frame-on-a-gpu-promises-more-than-the-release", "release/temporal_cuda.py",
        "        self.guarantee, self.plan = release.guarantee, release.plan\n",
        "        self.guarantee, self.plan = release.guarantee.for_pixels(1), release.plan\n",
        ("release/test_temporal_cuda.py::test_a_frame_promises_what_its_release_does",),
    ),
    Mutant(
        "filter-mixes-host-memory-and-a-gpu", "release/temporal.py",
        "        if _on_device(release):\n            raise", "        if False:\n            raise",
        ("release/test_temporal.py::"
         "test_a_filter_in_host_memory_refuses_a_release_that_lives_elsewhere",),
    ),
    Mutant(
        "filter-goes-on-under-another-mask", TEMPORAL_ISLANDS,
        "    if a[2:] != b[2:] or mask != island.mask:", "    if a[2:] != b[2:]:",
        ("release/test_temporal_islands.py::test_islands_of_another_mask_begin_anew",),
    ),
    Mutant(
        "steadied-block-stays-as-it-moved", STEADY_DENOISE,
        " or before != 0", "",
        ("postprocess/kernels/test_steady_denoise_cpu.py::test_what_has_settled_is_drawn_once_more",),
    ),
    Mutant(
        "filters-of-steadied-frames-for-another-noise", STEADY_FILTER,
        "np.int32(noise[j] > edge)", "np.int32(noise[j] < edge)",
        ("postprocess/test_steady_filters.py::test_planes_equal_the_reference",), "compiled",
    ),
    Mutant(
        "earlier-drawings-of-steadied-frames-polished", "postprocess/steady_polish.py",
        "drawing.filters and drawing.version > 2 and", "drawing.filters and",
        ("postprocess/test_steady_polish.py::"
         "test_red_green_and_blue_are_polished_and_chroma_is_filtered",),
    ),
    Mutant(
        "nets-of-steadied-frames-for-another-noise", STEADY_POLISH,
        "shares[j] = share / levels[j]", "shares[j] = share / levels[0]",
        ("postprocess/test_steady_polish.py::test_planes_equal_the_reference",), "compiled",
    ),
    Mutant(
        "activations-beside-what-is-drawn-forgotten", STEADY_POLISH,
        "range(max(VECTORS * s - 1, 0), min(VECTORS * (s + 1) + 1, blocks))",
        "range(VECTORS * s, min(VECTORS * (s + 1), blocks))",
        ("postprocess/test_steady_polish.py::test_what_was_not_drawn_anew_stays",), "compiled",
    ),
    Mutant(
        "steady-boxes-promise-more-than-the-release", TEMPORAL_ISLANDS,
        "        self.guarantee, self.plan = release.guarantee, release.plan\n",
        "        self.guarantee, self.plan = release.guarantee.for_pixels(1), release.plan\n",
        ("release/test_temporal_islands.py::"
         "test_nothing_outside_is_changed_and_the_guarantee_is_the_releases",),
    ),
    Mutant(
        "cover-smaller-than-the-grown-box", TRACKS,
        "            if _inside(needed, moved):\n                return moved\n",
        "            return moved\n",
        ("video/test_tracks.py::test_a_cover_that_is_too_large_or_too_small_is_made_anew",),
    ),
    Mutant(
        "window-of-time-forgets-earlier-charges", TIMED,
        "        window.go_on(self.stamps, self.now)\n", "        window.go_on((), self.now)\n",
        ("accounting/ledger/test_timed.py::"
         "test_no_window_passes_the_budget_and_nothing_is_refused_for_nothing",),
    ),
    Mutant(
        "times-rounded-early", TIMED,
        "        slots[slot] = time, cost", "        slots[slot] = slots.get(slot, (time,))[0], cost",
        ("accounting/ledger/test_timed.py::test_too_many_times_are_rounded_late",),
    ),
    Mutant(
        "window-of-time-not-told-when", "accounting/ledger/__init__.py",
        "        if at is None:\n            raise OptionError(\n",
        "        if at is None:\n            at = 0\n        if at is None:\n            raise OptionError(\n",
        ("accounting/ledger/test_timed.py::"
         "test_a_window_of_time_has_to_be_told_when_and_others_must_not",),
    ),
    Mutant(
        "frames-coded-two-at-once", BEHIND,
        "        self.settle()\n        if thread_count", "        if thread_count",
        ("video/test_behind.py::test_an_error_comes_with_the_next_job_which_is_not_begun",),
    ),
    Mutant(
        "interrupt-closes-what-is-written-to", BEHIND,
        "        while self._job is not None:", "        if self._job is not None:",
        ("video/test_behind.py::test_closing_waits_through_interrupts",),
    ),
    Mutant(
        "file-closed-while-a-frame-is-coded", SINKS,
        "            self._coding.close()", "            pass",
        ("video/test_files.py::test_a_run_that_stops_while_a_frame_is_coded_leaves_nothing",),
    ),
    Mutant(
        "frames-told-before-they-are-written", FILES,
        "taken, sink.behind)", "taken, 0)",
        ("video/test_files.py::"
         "test_frames_are_told_of_once_they_are_written_and_wait_one_at_a_time",),
    ),
)  # fmt: skip
