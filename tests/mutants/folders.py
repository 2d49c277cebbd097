"""The seeded faults of folders and files: faces left bare, pictures paid twice, files left open."""

from .row import Mutant

REGIONS = "cli/regions.py"
PARTS = "parts.py"
_T_REGIONS = "cli/test_regions.py::"
_T_PARTS = "test_parts.py::"
_T_PAID = "cli/test_before_charging.py::"

FOLDERS = (
    Mutant(
        "bare-name-serves-every-folder", REGIONS, "if len(found) == 1:", "if found:",
        (_T_REGIONS + "test_names",),
    ),
    Mutant(
        "bare-name-goes-before-a-path", REGIONS, "for entries in (exact, bare):",
        "for entries in (bare, exact):", (_T_REGIONS + "test_names",),
    ),
    Mutant(
        "bare-name-beside-its-path-left-out", REGIONS,
        "if job not in taken or names.is_whole(entry, job)", "if job not in taken",
        (_T_REGIONS + "test_a_path_and_the_bare_name_that_is_the_whole_path_are_two_entries",),
    ),
    Mutant(
        "picture-without-boxes-copied", REGIONS,
        'if self.on_none == "fail":', 'if self.on_none == "never":',
        (_T_REGIONS + "test_pictures_without_boxes",),
    ),
    Mutant(
        "boxes-file-names-twice", "cli/boxes/json_files.py", "if name in named:", "if not name:",
        ("cli/boxes/test_json_files.py::test_a_name_that_stands_twice_is_refused",),
    ),
    Mutant(
        "faulty-box-left-out", "cli/boxes/entry.py", "if self.fault is not None:", "if not self.boxes:",
        ("cli/boxes/test_entry.py::test_the_first_fault_stays_and_nothing_is_covered",),
    ),
    Mutant(
        "boxes-rounded-inwards", "cli/boxes/entry.py",
        "return floor(left), floor(top), ceil(right), ceil(bottom)",
        "return ceil(left), ceil(top), floor(right), floor(bottom)",
        ("cli/boxes/test_entry.py::test_rounding_goes_outwards_and_shares_are_of_the_picture",),
    ),
    Mutant(
        "boxes-of-the-stored-picture", "cli/boxes/entry.py",
        "self.size != (width, height)", "{*self.size} != {width, height}",
        ("cli/boxes/test_entry.py::test_a_picture_of_another_size_is_another_picture",),
    ),
    Mutant(
        "landmarks-taken-for-a-polygon", "cli/boxes/tables.py",
        "if len(words) < 7:", "if len(words) < 700:",
        ("cli/boxes/test_tables.py::test_landmarks_and_poses_leave_nothing_of_their_box_bare",),
    ),
    Mutant(
        "shares-beyond-the-rim-are-pixels", "cli/boxes/entry.py",
        "-1 <= side <= 2", "0 <= side <= 1",
        ("cli/boxes/test_entry.py::test_shares_that_cross_the_rim_and_whole_ones_are_shares_too",),
    ),
    Mutant(
        "one-file-released-by-every-name", "cli/jobs.py",
        "groups.setdefault(known, [])", "groups.setdefault(file, [])",
        ("cli/test_jobs.py::test_one_file_under_several_names_is_done_once_and_told",),
    ),
    Mutant(
        "size-checked-after-the-charge", "cli/pixelize.py",
        "        check_fits(job.target, shape)\n        boxes", "        boxes",
        (_T_PAID + "test_a_format_that_cannot_hold_the_size",),
    ),
    Mutant(
        "second-signal-cuts-the-rescue-short", "cli/__init__.py",
        "if not received:", "if True:",
        (_T_PAID + "test_a_signal_that_ends_after_the_charge_keeps_the_release",),
    ),
    Mutant(
        "place-checked-after-the-charge", PARTS,
        "(check_place(target, replace), source)", "(source,)",
        (_T_PARTS + "test_places_that_cannot_be_are_refused_before_anything_is_made",),
    ),
    Mutant(
        "no-room-set-aside", PARTS, "if not room:", "if room:",
        (_T_PARTS + "test_no_room_is_an_error_at_once",),
    ),
    Mutant(
        "part-open-to-others", PARTS, "_create_locked(folder, 0o600)", "_create_locked(folder, 0o644)",
        (_T_PARTS + "test_no_class_of_users_gets_more_than_source_and_existing_give",),
    ),
    Mutant(
        "output-wider-than-its-source", PARTS, "mode &= allowed", "mode |= allowed",
        (_T_PARTS + "test_no_class_of_users_gets_more_than_source_and_existing_give",),
    ),
    Mutant(
        "part-of-a-running-process-removed", PARTS,
        "locked = _lock(descriptor)", "locked = True",
        (_T_PARTS + "test_a_lock_keeps_a_part_whatever_number_it_has",),
    ),
    Mutant(
        "part-kept-while-its-number-is-in-use", PARTS,
        "locked is None and _is_alive(number)", "_is_alive(number)",
        (_T_PARTS + "test_a_zombie_keeps_no_part",),
    ),
)  # fmt: skip
