"""The seeded faults of kept kernels and of forks: code from somewhere else, locks for ever."""

from .row import Mutant

CACHE = "compute/kernel_cache.py"
FOLDER = "compute/kernel_folder.py"
PARTS = "compute/kernel_parts.py"
LIBRARY = "compute/kernel_library.py"
FRONT = "compute/kernel_front.py"
AHEAD = "compute/ahead.py"
_T_CACHE = "compute/test_kernel_cache.py::"
_T_FOLDER = "compute/test_kernel_folder.py::"
_T_PARTS = "compute/test_kernel_parts.py::"

CACHES = (
    Mutant(
        "items-of-tuples-typed-as-any-number", FRONT,
        "            plain = tuple(args)\n", "            pass\n",
        ("compute/test_kernel_front.py::test_items_are_typed_as_numba_types_them",),
    ),
    Mutant(
        "helpers-without-passes-for-closures", FRONT,
        "if inside or p not in _UNNEEDED]", "if p not in _UNNEEDED]",
        ("compute/test_kernel_front.py::"
         "test_functions_inside_functions_go_through_all_passes",),
    ),
    Mutant(
        "child-that-ended-keeps-its-claim", AHEAD,
        "                self._claims = False\n                for place",
        "                for place",
        ("compute/test_ahead.py::test_a_child_that_ended_leaves_nothing_behind",),
    ),
    Mutant(
        "kernel-digest-not-compared", CACHE,
        "return whole and content[len(MARK) : start] == _digest(key, content[start:])",
        "return whole",
        (_T_CACHE + "test_every_flipped_bit_is_noticed_before_anything_is_unpickled",),
    ),
    Mutant(
        "kernel-digest-without-its-key", CACHE,
        "hashlib.sha256(hashlib.sha256(key).digest() + payload)", "hashlib.sha256(payload)",
        (_T_CACHE + "test_a_damaged_file_is_compiled_anew_and_replaced",),
    ),
    Mutant(
        "kernel-of-anybody-is-loaded", CACHE,
        "if regular and owned_by_us(status) else None", "if regular else None",
        (_T_CACHE + "test_a_file_that_others_may_write_is_not_loaded",),
    ),
    Mutant(
        "kernel-through-a-link", CACHE,
        "os.O_RDONLY | _NOFOLLOW", "os.O_RDONLY",
        (_T_CACHE + "test_a_link_to_an_intact_file_is_not_followed",),
    ),
    Mutant(
        "kernel-folder-of-somebody-else", FOLDER,
        "elif status.st_uid != os.geteuid():", "elif False:",
        (_T_FOLDER + "test_a_folder_of_somebody_else_is_refused",),
    ),
    Mutant(
        "kernel-folder-that-others-write", FOLDER,
        "elif status.st_mode & _OTHERS_WRITE:", "elif False:",
        (_T_FOLDER + "test_a_folder_that_others_may_write_is_refused",),
    ),
    Mutant(
        "kernel-folder-as-the-mask-says", FOLDER,
        "folder.mkdir(PRIVATE)", "folder.mkdir()\n        return True",
        (_T_FOLDER + "test_our_folders_are_ours_alone_whatever_the_mask",),
    ),
    Mutant(
        "kernel-hash-of-nothing", PARTS,
        "if there and len(files) > len(SHARED_SOURCE) else None", "",
        (_T_PARTS + "test_without_its_source_there_is_no_hash",),
    ),
    Mutant(
        "kernel-without-what-it-calls", PARTS,
        "self.add(function.__globals__[name])", "pass",
        (_T_PARTS + "test_all_that_a_kernel_is_made_of_is_in_its_key",),
    ),
    Mutant(
        "kernel-of-a-module-that-is-not-known", PARTS,
        "if _file_of(module) not in known_files():", "if False:",
        (_T_CACHE + "test_a_module_that_did_not_come_from_its_source_is_not_kept",),
    ),
    Mutant(
        "kernel-of-another-maker", PARTS,
        "digest.update(hashlib.sha256((root / name).read_bytes()).digest())", "pass",
        (_T_PARTS + "test_the_source_that_makes_the_files_gives_the_name",),
    ),
    Mutant(
        "kernel-with-a-class-by-name", PARTS,
        "            self.add(vars(kind)[name])", "            pass",
        (_T_PARTS + "test_a_class_is_all_its_members",),
    ),
    Mutant(
        "kernel-with-a-module-by-name", PARTS,
        'if name.partition(".")[0] not in _LIBRARIES:', "if False:",
        (_T_PARTS + "test_kernels_of_other_parts_are_not_kept",),
    ),
    Mutant(
        "kernel-whose-tuple-has-other-fields", PARTS,
        "fields = getattr(kind, \"fields\", ()) if named else ()", "fields = ()",
        (_T_PARTS + "test_the_fields_of_a_named_tuple_are_in_its_types_name",),
    ),
    Mutant(
        "kernels-taken-from-a-loose-folder", FOLDER,
        "_check(old)  # else", "pass  # else",
        (_T_FOLDER + "test_nothing_is_taken_over_from_a_folder_that_others_write",),
    ),
    Mutant(
        "kernels-after-the-charge", "mechanism/__init__.py",
        "        _load_kernels(array, prepared, place)\n        prepared = _named(prepared)\n"
        "        charge_budgets(prepared.guarantee, ledger)",
        "        prepared = _named(prepared)\n        charge_budgets(prepared.guarantee, ledger)\n"
        "        _load_kernels(array, prepared, place)",
        ("mechanism/test_running.py::test_a_compiler_that_fails_costs_nothing",),
    ),
    Mutant(
        "lock-of-a-thread-that-is-not-there", "compute/forks.py",
        "if self._owner != get_ident():", "if False:",
        ("compute/test_forks.py::test_a_lock_that_another_thread_holds_is_free_in_the_child",),
    ),
    Mutant(
        "fork-in-the-middle-of-the-compiler", "compute/forks.py",
        "_foreign.append((owner, name))", "pass",
        ("compute/test_forks.py::test_the_fork_waits_for_the_compiler",),
    ),
    Mutant(
        "array-returned-without-a-reference", LIBRARY,
        "kinds = [state.return_type]", "kinds = []",
        ("compute/test_kernel_library.py::"
         "test_only_helpers_that_make_or_return_arrays_count_references",),
    ),
    Mutant(
        "kernel-loaded-without-what-it-calls", CACHE,
        "if not provide(needs):", "if False:",
        (_T_CACHE + "test_a_kernel_whose_callees_are_not_to_be_had_is_compiled_anew",),
    ),
    Mutant(
        "kernel-that-calls-an-older-function", "compute/kernel_shared.py",
        "return all(need[0] in _shared for need in needs)", "return True",
        ("compute/test_kernel_shared.py::"
         "test_a_kernel_whose_callee_has_another_name_now_is_compiled_anew",),
    ),
)  # fmt: skip
