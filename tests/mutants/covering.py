"""Seeded faults of what a promise covers: pixels, regions, and how many of them can change."""

from .row import Mutant

COVERAGE = "plan/coverage.py"
ACCOUNT = "accounting/ledger/account.py"

_T_CLAIMS = "accounting/ledger/test_account_regions.py::"
_T_PROMISES = "accounting/test_guarantee_layouts.py::"
_T_ACCOUNT = "accounting/ledger/test_account.py::"
_T_FILES = "mechanism/test_layout_attacks.py::"
_CAPPED = _T_PROMISES + "test_noise_and_promises_stop_at_the_pixels_that_can_change"

COVERING = (
    Mutant(
        "noise-for-fewer-pixels-than-can-change", "mechanism/planning.py",
        "changes = covers.most(m)", "changes = max(covers.most(m) // 2, 1)",
        (_T_CLAIMS + "test_no_claim_is_below_the_loss", _CAPPED),
    ),
    Mutant(
        "noise-for-more-pixels-than-can-change", "mechanism/planning.py",
        "changes = covers.most(m)", "changes = m", (_CAPPED,),
    ),
    Mutant(
        "group-privacy-forgets-what-is-covered", "accounting/guarantee.py",
        "Fraction(self.covers.most(k), self.covers.most(self.m))", "Fraction(k, self.m)",
        (_T_CLAIMS + "test_no_claim_is_below_the_loss", _CAPPED),
    ),
    Mutant(
        "price-forgets-what-is-covered", "accounting/ledger/price.py",
        "Fraction(covers.most(m), covers.most(guarantee.m))", "Fraction(m, guarantee.m)",
        ("accounting/ledger/test_price.py::test_no_more_pixels_are_paid_than_can_change",),
    ),
    Mutant(
        "any-region-covers-any-other", COVERAGE,
        "self.whole or (self.known and self == other)", "True",
        (_T_CLAIMS + "test_no_claim_is_below_the_loss",),
    ),
    Mutant(
        "regions-of-one-size-are-the-same", COVERAGE,
        "self.known and self == other", "self.known and self.pixels == other.pixels",
        ("plan/test_coverage.py::test_regions_are_equal_iff_they_have_the_same_pixels",),
    ),
    Mutant(
        "a-region-without-a-name-covers-itself", COVERAGE,
        "self.known and self == other", "self == other",
        ("plan/test_coverage.py::test_what_is_not_known_is_in_no_region",),
    ),
    Mutant(
        "digest-of-another-mask", "plan/region.py", "np.packbits(self.mask)", "np.packbits(self.mask[:1])",
        ("plan/test_coverage.py::test_no_pixel_is_left_out_of_a_digest",),
    ),
    Mutant(
        "earlier-release-paid-for-a-small-region-alone", ACCOUNT,
        'self.regions == "one" or price.covers.whole', "True",
        ("accounting/ledger/test_account.py::test_an_earlier_release_is_paid_for_all_that_it_counts_for",),
    ),
    Mutant(
        "ledger-forgets-the-pixels", ACCOUNT,
        "self.covers is not None and not price.covers.contains(self.covers)", "self.epsilon < 0",
        (_T_CLAIMS + "test_no_claim_is_below_the_loss",),
    ),
    Mutant(
        "ledger-is-about-the-last-region", ACCOUNT,
        "self if self.covers is not None else replace(self, covers=first)",
        "replace(self, covers=first)",
        (_T_ACCOUNT + "test_the_first_charge_says_what_an_account_is_about",),
    ),
    Mutant(
        "charge-forgets-how-many-pixels-it-is-for", ACCOUNT,
        "            return pixels\n", "            return None\n",
        (_T_ACCOUNT + "test_fewer_pixels_than_were_asked_for_cost_as_much_as_they_do",),
    ),
    Mutant(
        "sizes-rounded-the-wrong-way", ACCOUNT,
        "if pixels < self.m or pixels == below:", "if pixels >= self.m or pixels == below:",
        (_T_ACCOUNT + "test_any_number_of_sizes_is_kept_in_few_charges_and_never_understated",),
    ),
    Mutant(
        "budget-for-fewer-pixels-understated", ACCOUNT,
        "self.epsilon * max(Fraction(1), Fraction(k, self.m))", "self.epsilon * Fraction(k, self.m)",
        (_T_CLAIMS + "test_no_claim_is_below_the_loss",),
    ),
    Mutant(
        "older-ledger-takes-any-region", "accounting/ledger/file.py",
        'covers = _UNNAMED if content["charges"] else None',
        'covers = _WHOLE if content["charges"] else None',
        ("accounting/ledger/test_file.py::"
         "test_a_file_of_version_1_stays_readable_and_takes_whole_pictures_alone",),
    ),
    Mutant(
        "older-region-taken-for-the-whole-picture", "accounting/guarantee.py",
        'state["covers"] = UNNAMED', 'state["covers"] = WHOLE',
        (_T_PROMISES + "test_pickles_of_before_name_no_region",),
    ),
    Mutant(
        "leaves-of-a-release-of-other-pixels", "mechanism/choices.py",
        "source is not None and not source.covers.contains(covers)", "source is False",
        (_T_CLAIMS + "test_no_claim_is_below_the_loss",
         _T_PROMISES + "test_leaves_of_a_release_that_shows_what_this_one_covers_are_refused"),
    ),
    Mutant(
        "chain-of-an-older-file-given-a-name", "accounting/guarantee.py",
        "return plan.covers if known else UNNAMED", "return plan.covers",
        (_T_FILES + "test_an_older_file_does_not_say_which_pixels_its_layout_covered",),
    ),
    Mutant(
        "file-believed-on-its-guarantee", "storage/claims.py",
        "if replace(claimed, covers=rebuilt.covers) != rebuilt:", "if False:",
        (_T_FILES + "test_a_file_cannot_say_that_an_earlier_release_spent_less",),
    ),
    Mutant(
        "file-believed-on-chained-regions", "storage/opening.py",
        "if source.covers.known and not source.covers.contains(plan.covers):", "if False:",
        (_T_FILES + "test_a_file_cannot_chain_releases_of_other_pixels",),
    ),
)  # fmt: skip
