"""The seeded faults of pools: changes, bounds of contributions, laws, budgets, files."""

from .row import Mutant

_CHANGES, _POOLED = "plan/changes.py", "plan/pooled.py"
_T_IMAGES = "mechanism/pool/test_images.py::"
_QUOTA, _T_QUOTA = "mechanism/pool/quota.py", "mechanism/pool/test_quota.py::"
_T_PLATE = "mechanism/pool/test_plate.py::"
_PLANNING, _T_PLANNING = "mechanism/pool/planning.py", "mechanism/pool/test_planning.py::"
_GAUSS, _T_GAUSS = "mechanism/pool/gauss.py", "mechanism/pool/test_gauss.py::"
_CUBE, _T_CUBE = "mechanism/pool/cube.py", "mechanism/pool/test_cube.py::"
_DRAWING, _T_DRAWING = "mechanism/pool/drawing.py", "mechanism/pool/test_drawing.py::"
_POOL, _T_POOL = "mechanism/pool/pool.py", "mechanism/pool/test_pool.py::"
_LEDGER, _T_LEDGER = "accounting/ledger/pooled.py", "accounting/ledger/test_pooled.py::"

POOLS = (
    Mutant(
        "pool-image-counts-half", _CHANGES,
        "        255 * height * width * channels,", "        127 * height * width * channels,",
        (_T_IMAGES + "test_one_image_more_changes_what_is_declared",),
    ),
    Mutant(
        "pool-cells-change-as-one-pixel", _CHANGES,
        "        255 * min(cell, height) * min(cell, width),", "        255,",
        (_T_IMAGES + "test_one_image_more_changes_what_is_declared",),
    ),
    Mutant(
        "pool-owner-pays-for-one-image", _POOLED,
        "sums_change(self.shape, self.cell).times(self.most)", "sums_change(self.shape, self.cell)",
        (_T_IMAGES + "test_the_plans_noise_pays_for_that_change",),
    ),
    Mutant(
        "pool-owner-counts-once", _POOLED,
        "COUNTS_CHANGE.times(self.most)", "COUNTS_CHANGE",
        (_T_IMAGES + "test_the_plans_noise_pays_for_that_change",),
    ),
    Mutant(
        "pool-one-image-of-an-owner-too-many", _QUOTA,
        "kept = rank + before[which] < self._most", "kept = rank + before[which] <= self._most",
        (_T_QUOTA + "test_the_first_items_of_every_owner_count",),
    ),
    Mutant(
        "pool-owner-forgotten-between-calls", _QUOTA,
        "kept = rank + before[which] < self._most", "kept = rank < self._most",
        (_T_QUOTA + "test_the_first_items_of_every_owner_count",),
    ),
    Mutant(
        "pool-event-moves-one-bin", _CHANGES,
        "2 * frames**2 * touched", "frames**2 * touched",
        (_T_PLATE + "test_the_bound_is_attained",),
    ),
    Mutant(
        "pool-event-fits-its-cells", _CHANGES,
        "-(-(box - 1) // cell) + 1", "-(-box // cell)",
        (_T_PLATE + "test_the_bound_is_attained", _T_PLATE + "test_an_event_changes_what_is_declared"),
    ),
    Mutant(
        "pool-visitor-of-one-cell", _CHANGES,
        "return Change(most, most, 1)", "return Change(most, 1, 1)",
        ("mechanism/pool/test_visits.py::test_a_visitor_changes_what_is_declared",
         "mechanism/pool/test_visits.py::test_noise_pays_for_the_visitor"),
    ),
    Mutant(
        "pool-rho-halved", _PLANNING,
        "asked = Fraction(part.change.square) / (2 * rho)",
        "asked = Fraction(part.change.square) / (4 * rho)",
        (_T_PLANNING + "test_the_budget_is_kept",),
    ),
    Mutant(
        "pool-shares-not-taken", _PLANNING,
        "_pure_law(part, budget.epsilon * share)", "_pure_law(part, budget.epsilon)",
        (_T_PLANNING + "test_the_budget_is_kept",),
    ),
    Mutant(
        "pool-tau-beyond-delta", _PLANNING,
        "tau > budget.delta * _KEPT:", "tau > 1 + budget.delta * _KEPT:",
        (_T_PLANNING + "test_too_small_a_delta_is_refused",),
    ),
    Mutant(
        "pool-cube-pays-the-largest-for-all", "plan/laws.py",
        'change.largest if self.kind == "cube" else change.total', "change.largest",
        ("plan/test_laws.py::test_each_law_is_paid_by_its_own_norm",),
    ),
    Mutant(
        "gauss-variance-rounded-down", _GAUSS,
        "return int(Fraction(2**shift) / (2 * variance)), shift",
        "return int(Fraction(2**shift) / (2 * variance)) + 1, shift",
        (_T_GAUSS + "test_noise_is_never_less_than_asked",),
    ),
    Mutant(
        "gauss-acceptance-above-one", _GAUSS,
        "for y in (0, peak, peak + 1))", "for y in (0, peak))",
        (_T_GAUSS + "test_no_exponent_is_negative", _T_GAUSS + "test_parameters_equal_reference"),
    ),
    Mutant(
        "gauss-cuts-rounded-down", _GAUSS,
        "    half = 1 << (drop - 1)\n", "    half = 0\n",
        (_T_GAUSS + "test_cuts_are_rounded_to_nearest",),
    ),
    Mutant(
        "cube-radius-always-accepted", _CUBE,
        "if radius >= 0 and _accepted(tables, radius, key, at):", "if radius >= 0:",
        (_T_CUBE + "test_radii_follow_the_exact_law",),
    ),
    Mutant(
        "cube-tau-of-a-small-radius", _CUBE,
        "Fraction(2 * largest + 1, 2**193)", "Fraction(1, 2**193)",
        (_T_CUBE + "test_tau_is_small_and_grows_with_what_is_drawn",),
    ),
    Mutant(
        "cube-carry-dropped", "mechanism/kernels/cube_body.py",
        "carry = high(limb, count) + np.uint64(total < low)", "carry = high(limb, count)",
        ("mechanism/kernels/test_cube_body.py::test_carries_reach_the_value",),
    ),
    Mutant(
        "pool-laws-share-words", _DRAWING,
        "GAUSS_STAGE = 16, 17, 18, 19", "GAUSS_STAGE = 16, 17, 17, 19",
        (_T_DRAWING + "test_each_law_has_its_own_words",),
    ),
    Mutant(
        "pool-stages-share-words", _DRAWING,
        "return address_tag(stage, plane)", "return address_tag(stage, 0)",
        (_T_DRAWING + "test_noise_is_addressed",),
    ),
    Mutant(
        "pool-released-twice", _POOL,
        "            self._over = True\n", "            self._over = False\n",
        (_T_POOL + "test_a_second_release_is_refused",),
    ),
    Mutant(
        "pool-keeps-its-sums", _POOL,
        "        finally:\n            self._forget()", "        finally:\n            pass",
        (_T_POOL + "test_nothing_exact_is_left",),
    ),
    Mutant(
        "pool-checked-and-not-charged", _POOL,
        "charge_budgets(guarantee, self._ledger)", "check_budgets(guarantee, self._ledger)",
        (_T_POOL + "test_an_open_block_is_charged",),
    ),
    Mutant(
        "zcdp-without-delta", "accounting/zcdp.py",
        "inverse = logarithm(1 / delta, bits)[1]", "inverse = 0",
        ("accounting/test_zcdp.py::test_never_below_the_formula_at_its_own_order",),
    ),
    Mutant(
        "ledger-takes-the-largest-rho", _LEDGER,
        "rho=self.rho + guarantee.rho)", "rho=max(self.rho, guarantee.rho))",
        (_T_LEDGER + "test_rhos_add",),
    ),
    Mutant(
        "ledger-adds-other-units", _LEDGER,
        "if guarantee.unit != self.unit:", "if guarantee.unit is None:",
        (_T_LEDGER + "test_other_units_are_refused",),
    ),
    Mutant(
        "pool-file-with-a-smaller-change-believed", "storage/pooled.py",
        "if found != list(plan.parts):", "if len(found) != len(plan.parts):",
        ("storage/test_pooled.py::test_made_up_claims_are_refused",),
    ),
    Mutant(
        "pool-file-about-another-unit-believed", "storage/pooled.py",
        "guarantee.unit not in plan.units or", "False or",
        ("storage/test_pooled.py::test_made_up_claims_are_refused",),
    ),
    Mutant(
        "pool-file-with-a-smaller-epsilon-believed", "storage/pooled.py",
        "if epsilon < (epsilon_of(cost, target) if gauss else cost):", "if epsilon < 0:",
        ("storage/test_pooled.py::test_a_stated_guarantee_must_follow_from_the_plan",),
    ),
)  # fmt: skip
