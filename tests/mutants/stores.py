"""The seeded faults of stores and jobs: second releases, unpaid ones, half-written ones."""

from .row import Mutant

_T_STORE = "batch/test_store.py::"
_T_FOLDER = "batch/test_folder.py::"
_T_CHARGING = "batch/test_charging.py::"
_T_FILMS = "batch/test_films.py::"

STORES = (
    Mutant(
        "taken-name-replaced", "free_names.py", "os.link(part, target)", "os.replace(part, target)",
        ("test_free_names.py::test_a_free_name_is_taken_and_a_taken_one_is_kept",),
    ),
    Mutant(
        "rename-replaces", "free_names.py", "_HERE, _NO_REPLACE = -100, 1", "_HERE, _NO_REPLACE = -100, 0",
        ("test_free_names.py::test_a_free_name_is_taken_and_a_taken_one_is_kept",),
    ),
    Mutant(
        "release-not-durable", "parts.py", "os.fsync(self.stream.fileno())", "self.stream.fileno()",
        (_T_FOLDER + "test_the_file_and_its_name_are_forced_to_the_disk_in_order",),
    ),
    Mutant(
        "store-not-looked-into", "batch/measuring.py", "if found is not None:", "if found == 0:",
        (_T_STORE + "test_the_content_of_an_input_says_nothing_about_its_id",),
    ),
    Mutant(
        "other-plan-handed-on", "batch/store.py", "if terms is not None and", "if terms == 0 and",
        (_T_STORE + "test_another_plan_under_the_same_id_is_refused",),
    ),
    Mutant(
        "other-input-handed-on", "batch/store.py", 'if record["id"] != identity:',
        'if record["id"] == "":', (_T_STORE + "test_a_file_under_a_wrong_name_is_not_handed_on",),
    ),
    Mutant(
        "loser-hands-on-its-own", "batch/store.py",
        "return found, False", "return self._files.where(name), True",
        (_T_STORE + "test_the_loser_of_a_race_hands_on_what_the_winner_published",),
    ),
    Mutant(
        "names-of-ids-meet", "batch/identity.py", "_STEM, _DIGEST = 48, 32", "_STEM, _DIGEST = 2, 1",
        ("batch/test_identity.py::test_inputs_of_one_name_in_many_folders_have_names_of_their_own",),
    ),
    Mutant(
        "failing-depends-on-the-noise", "batch/stages.py", "_VALUE = 8", "_VALUE = 2",
        ("batch/test_stages.py::test_room_is_enough_whatever_the_noise_is",),
    ),
    Mutant(
        "boxes-are-no-part-of-the-terms", "batch/terms.py", '"boxes": _boxes_text', '"boxes": lambda boxes: ""',
        ("batch/test_terms.py::test_every_option_that_changes_a_release_is_in_the_terms",),
    ),
    Mutant(
        "object-put-over-another", "batch/objects.py",
        'self._system.pipe_file(key, content, mode="create")  # step 1',
        "self._system.pipe_file(key, content)  # step 1",
        ("batch/test_objects.py::test_a_store_of_objects_is_a_store",),
    ),
    Mutant(
        "job-charged-one-picture", "batch/charging.py", "replace(promise, batch=count,",
        "replace(promise, batch=1,", (_T_CHARGING + "test_many_of_one_plan_are_one_step",),
    ),
    Mutant(
        "found-nothing-covers-nothing", "batch/boxes.py", "if not boxes and on_none",
        "if boxes is None and on_none",
        ("batch/test_boxes.py::test_finding_nothing_is_no_permission",),
    ),
    Mutant(
        "covering-all-is-no-part-of-the-terms", "batch/boxes.py", 'f", else {on_none}"', '""',
        ("batch/test_pixelize.py::"
         "test_pictures_in_which_nothing_is_found_may_be_covered_whole",),
    ),
    Mutant(
        "clip-has-room-for-one-frame", "batch/films.py", "film.frames * (A_FRAME + whole)\n    rooms",
        "(A_FRAME + whole)\n    rooms", (_T_FILMS + "test_the_room_is_enough_whatever_the_noise_is",),
    ),
    Mutant(
        "clip-charged-one-frame", "batch/films.py", "compose(film.frames)", "compose(1)",
        (_T_FILMS + "test_the_driver_charges_what_workers_would",),
    ),
    Mutant(
        "boxed-frames-measured-until-the-budget-ends", "batch/films.py",
        "    _check_budget(film, asked)\n", "",
        (_T_FILMS + "test_a_budget_that_does_not_reach_measures_nothing",),
    ),
    Mutant(
        "frames-without-boxes-are-not-told", "batch/films.py", 'if bare and asked.on_none == "fail":',
        "if bare < 0:",
        (_T_FILMS + "test_a_frame_in_which_nothing_is_found_costs_nothing_or_is_covered_whole",),
    ),
    Mutant(
        "clip-knows-not-whose-it-is", "batch/films.py",
        "record=record_of(identity, ask.terms)", "record=None",
        (_T_FILMS + "test_a_video_is_one_release_of_all_its_frames",),
    ),
    Mutant(
        "growth-is-no-part-of-the-terms", "cli/detecting.py",
        'f"{options.detect}, grow {looked.grow:g}"', 'f"{options.detect}"',
        ("cli/test_engines.py::test_workers_look_by_themselves",),
    ),
    Mutant(
        "pages-given-back", "compute/pages.py",
        "    choose(_TRIM, _KEPT)\n", "",
        ("compute/test_pages.py::test_both_thresholds_are_set",),
    ),
    Mutant(
        "what-travels-together-fails-together", "batch/engines/window.py",
        "        if len(chunk) == 1:\n            return False\n", "        return False\n",
        ("batch/engines/test_window.py::test_a_chunk_that_failed_comes_back_one_by_one",),
    ),
    Mutant(
        "videos-travel-with-pictures", "cli/engines.py",
        "self._left(queue, before), engine, _is_film)", "self._left(queue, before), engine)",
        ("cli/test_engines.py::test_a_video_travels_alone",),
    ),
    Mutant(
        "rim-without-boxes-left-out", "cli/fitting.py",
        'if options.rim != "coded" and not any(boxed):', "if False:",
        ("cli/test_fitting.py::test_an_option_is_applied_or_refused_before_it_costs",),
    ),
    Mutant(
        "numbered-pictures-take-what-is-for-videos", "cli/fitting.py",
        "_refuse(options, _CODED, _NUMBERED)", "pass",
        ("cli/test_fitting.py::test_numbered_pictures_are_not_coded_as_videos_are",),
    ),
    Mutant(
        "video-named-as-a-picture", "cli/fitting.py",
        "in FORMATS and not os.path.isdir(target)", "in ()",
        ("cli/test_fitting.py::test_a_video_is_not_named_as_a_picture",),
    ),
    Mutant(
        "numbered-pictures-open-to-more", "video/sinks.py",
        "PartFile(place, force, source=self._status)", "PartFile(place, force)",
        ("video/test_painting.py::test_a_clip_painted_into_a_folder_is_numbered_pictures",),
    ),
    Mutant(
        "lent-memory-believed", "pictures/memory.py",
        "if lent.length != image.width * image.height * width or lent.offset:", "if False:",
        ("pictures/test_memory.py::test_another_number_of_pixels_is_refused",),
    ),
    Mutant(
        "limit-of-pillow-stays-off", "pictures/silence.py",
        "before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, limit",
        "before, Image.MAX_IMAGE_PIXELS = None, limit",
        ("pictures/test_silence.py::test_whoever_leaves_first_the_old_settings_come_back",),
    ),
)  # fmt: skip
