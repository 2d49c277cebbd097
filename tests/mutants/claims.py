"""The seeded faults of claims and covers: forged files, blocks that leak, releases charged too little."""

from .row import Mutant

CLAIMED = "storage/claims.py"
BLOCKS = "accounting/ledger/blocks.py"
CHARGING = "accounting/ledger/charging.py"
ACCOUNT = "accounting/ledger/account.py"
_T_CLAIMS = "storage/test_claims.py::"
_T_BLOCKS = "accounting/ledger/test_blocks.py::"
_T_CHARGING = "accounting/ledger/test_charging.py::"
_T_ACCOUNT = "accounting/ledger/test_account.py::"
_T_FILE = "accounting/ledger/test_file.py::"

CLAIMS = (
    Mutant(
        "file-with-too-little-noise-believed", CLAIMED,
        "if loss > plan.epsilon:", "if loss > plan.epsilon * 10**9:",
        (_T_CLAIMS + "test_noise_smaller_than_epsilon_needs_is_refused",),
    ),
    Mutant(
        "file-with-another-sensitivity-believed", CLAIMED,
        "if counts not in ({least}, {most}):", "if not counts:",
        (_T_CLAIMS + "test_other_sensitivities_are_refused",),
    ),
    Mutant(
        "file-with-another-guarantee-believed", CLAIMED,
        "if replace(claimed, covers=rebuilt.covers) != rebuilt:", "if claimed.m != rebuilt.m:",
        (_T_CLAIMS + "test_guarantees_that_are_not_the_plans_are_refused",),
    ),
    Mutant(
        "file-with-splits-for-nothing-believed", CLAIMED,
        "parts += [(plan.splits.form, level) for level in plan.splits.levels]", "pass",
        (_T_CLAIMS + "test_a_split_that_pays_less_is_refused",),
    ),
    Mutant(
        "earlier-release-believed-without-its-stages", CLAIMED,
        "        > guarantee.epsilon - guarantee.earlier\n", "        > 10**99\n",
        (_T_CLAIMS + "test_what_the_earlier_release_spent_is_that_of_its_own_guarantee",),
    ),
    Mutant(
        "block-forgotten-by-other-threads", BLOCKS,
        "    _open[block] = True\n", "    _open.setdefault(block, False)\n    del _open[block]\n",
        (_T_CHARGING + "test_a_block_covers_a_pool_that_was_made_in_it_or_before",),
    ),
    Mutant(
        "block-closed-elsewhere-stays-open", BLOCKS,
        "block.void = not _opened_here(block)", "_opened_here(block)",
        (_T_BLOCKS + "test_a_generator_is_closed_from_anywhere",),
    ),
    Mutant(
        "release-passes-between-two-blocks", CHARGING,
        "if every and not given:", "if not every and given:",
        (_T_CHARGING
         + "test_a_thread_of_nobody_is_refused_beside_several_blocks_and_told_the_remedy",),
    ),
    Mutant(
        "blocks-of-others-charged", CHARGING,
        "    if own:\n        return own", "    if own and own is None:\n        return own",
        (_T_CHARGING + "test_requests_with_blocks_of_their_own_do_not_charge_each_other",),
    ),
    Mutant(
        "earlier-release-never-charged", ACCOUNT,
        "if price.earlier == 0 or (price.source and price.source in known):",
        "if price.earlier >= 0:",
        (_T_ACCOUNT
         + "test_an_earlier_release_that_was_not_charged_is_charged_with_the_first_that_uses_it",),
    ),
    Mutant(
        "release-known-without-its-name", ACCOUNT,
        "(price.source and price.source in known)", "(price.source in (*known, \"\"))",
        (_T_ACCOUNT + "test_without_an_id_an_earlier_release_counts_every_time",),
    ),
    Mutant(
        "mark-without-what-was-promised", "accounting/guarantee.py",
        "self.id, self.epsilon / most,", "self.id,",
        (_T_ACCOUNT + "test_a_mark_is_of_one_release_and_of_what_it_promised",),
    ),
    Mutant(
        "equal-leaves-of-two-releases-mixed-up", "plan/layout.py",
        'source = "" if self.guarantee is None else self.guarantee.id', 'source = ""',
        (_T_CHARGING + "test_two_releases_that_look_alike_are_two",),
    ),
    Mutant(
        "terms-of-a-new-file-believed", "accounting/ledger/__init__.py",
        "if account.terms != self._terms:", "if account.terms is None:",
        (_T_FILE + "test_a_file_that_was_made_anew_with_other_terms_is_refused",),
    ),
    Mutant(
        "plan-of-an-old-number-used", "mechanism/__init__.py",
        "    if not all(map(_never_changes, asked)):\n        asked", "    if False:\n        asked",
        ("mechanism/test_pixelize.py::test_options_are_read_anew_at_every_call",),
    ),
    Mutant(
        "cell-of-4.0-taken-for-a-planned-4", "mechanism/__init__.py",
        "maxsize=32, typed=True", "maxsize=32",
        ("mechanism/test_pixelize.py::test_an_option_is_refused_whatever_was_planned_before",),
    ),
    Mutant(
        "planted-link-followed", "files.py",
        "os.O_WRONLY | os.O_CREAT | os.O_EXCL", "os.O_WRONLY | os.O_CREAT",
        ("test_files.py::test_planted_links_are_never_followed",),
    ),
    Mutant(
        "rights-widened", "accounting/ledger/file.py",
        "            keep_mode(self.path, descriptor)\n", "",
        (_T_FILE + "test_the_files_permissions_stay",),
    ),
)  # fmt: skip
