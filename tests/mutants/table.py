"""The seeded faults: one row each.

A row names a file below numbadp/, a text that occurs in it exactly once, what stands there instead,
and the smallest tests below tests/ of which one must fail.  `kernels` says how kernels that the
fault can reach are run: "python" leaves them uncompiled, "compiled" compiles them anew, which is
needed where vector instructions are built.
"""

from .advice import ADVICE
from .caches import CACHES
from .claims import CLAIMS
from .covering import COVERING
from .drawings import DRAWINGS
from .edges import EDGES
from .folders import FOLDERS
from .inputs import INPUTS
from .layouts import LAYOUTS
from .pictures import PICTURES
from .pools import POOLS
from .row import Mutant
from .stores import STORES
from .video import VIDEO

PLANNING = "mechanism/planning.py"
CUTOFFS = "mechanism/cutoffs.py"
NOISE = "mechanism/noise.py"
NOISE_BODY = "mechanism/kernels/noise_body.py"
NOISE_CPU = "mechanism/kernels/noise_cpu.py"
MEASURE_CPU = "mechanism/kernels/measure_cpu.py"
RELEASE_CPU = "mechanism/kernels/release_cpu.py"
CHACHA = "mechanism/kernels/chacha_body.py"
LEDGER = "accounting/ledger/account.py"
PRICE = "accounting/ledger/price.py"

_T_PLANNING = "mechanism/test_planning.py::"
_T_SUMS = "mechanism/test_sums.py::"
_T_CUTOFFS = "mechanism/test_cutoffs.py::"
_T_NOISE = "mechanism/test_noise.py::"
_T_BODY = "mechanism/kernels/test_noise_body.py::"
_T_LANES = "mechanism/kernels/test_noise_cpu.py::"
_T_RELEASE = "mechanism/test_pixelize.py::test_release_equals_reference"
_T_EXPOSURE = "mechanism/test_pixelize_exposure.py::"
_T_ACCOUNT = "accounting/ledger/test_account.py::"
_T_FILE = "accounting/ledger/test_file.py::"
_T_PRICE = "accounting/ledger/test_price.py::"

_DRAWS_ONE = _T_BODY + "test_draws_equal_reference[python-one block]"
_DRAWS_TWO = _T_BODY + "test_draws_equal_reference[python-two blocks]"
_TIES = _T_BODY + "test_ties_are_decided_by_the_next_limb"
_ANY_SUMS = _T_SUMS + "test_any_geometry_equals_reference"
_ANY_STEP = "test_an_interrupt_at_any_step_leaves_nothing_in_its_traceback"
_RFC = "mechanism/kernels/test_chacha_body.py::test_published_blocks[2.3.2-python]"

_BUDGET = (
    Mutant(
        "sensitivity-halved", PLANNING,
        "r = Fraction(255 * changes) / epsilon", "r = Fraction(255 * changes, 2) / epsilon",
        (_T_PLANNING + "test_worst_loss_is_epsilon_by_brute_force",),
    ),
    Mutant(
        "sensitivity-of-one-channel-alone", PLANNING,
        "sum(map(abs, form)) * 255 * changes", "255 * changes",
        (_T_SUMS + "test_declared_sensitivity_is_reached_by_every_plane",),
    ),
    Mutant(
        "sensitivity-of-one-pixel-alone", "mechanism/sums.py",
        "return 255 * m * sum(map(abs, form))", "return 255 * sum(map(abs, form))",
        (_T_SUMS + "test_neighbours_stay_within_declared_sensitivity_and_epsilon",),
    ),
    Mutant(
        "large-cells-summed-in-sixteen-bits", "mechanism/sums.py",
        "MOST_AT_ONCE = 256", "MOST_AT_ONCE = 1024",
        (_T_SUMS + "test_the_largest_cells_do_not_wrap",),
    ),
    Mutant(
        "noise-for-the-rows-of-large-cells-alone", RELEASE_CPU,
        "        noise_band(values, band, shifts.size",
        "        if band[2] < -(-pictures.shape[1] // (cell << shifts[0])):\n"
        "            noise_band(values, band, shifts.size",
        ("mechanism/kernels/test_release_cpu.py::test_one_pass_is_the_two_passes[grey-cell-512]",),
    ),
    Mutant(
        "chroma-scales-swapped", PLANNING,
        '4, Fraction(10), _CHROMA_RANGE),\n    ("o", (1, 0, -1), 2, Fraction(20, 3)',
        '4, Fraction(20, 3), _CHROMA_RANGE),\n    ("o", (1, 0, -1), 2, Fraction(10)',
        (_T_PLANNING + "test_plans_equal_reference[ygo-even]",),
    ),
    Mutant(
        "epsilon-not-split-over-channels", PLANNING,
        '("B", (0, 0, 1), 1, Fraction(3)', '("B", (0, 0, 1), 1, Fraction(1)',
        (_T_PLANNING + "test_worst_loss_is_epsilon_by_brute_force",),
    ),
    Mutant(
        "wrong-recipes-are-not-refused", PLANNING,
        "if loss != epsilon:", "if loss > 4 * epsilon:",
        (_T_PLANNING + "test_a_wrong_recipe_is_refused",),
    ),
    Mutant(
        "loss-at-one-corner-of-the-cube-only", "accounting/loss.py",
        "product((-255, 255), repeat=channels)", "product((255,), repeat=channels)",
        (_T_PLANNING + "test_corners_of_the_colour_cube_cost_what_the_statement_says",
         _T_PLANNING + "test_worst_loss_is_epsilon_by_brute_force",
         _T_PLANNING + "test_a_wrong_recipe_is_refused"),
    ),
    Mutant(
        "epsilon-through-a-float", "plan/epsilon.py",
        "return Fraction(value)\n", "return Fraction(float(value))\n",
        ("plan/test_epsilon.py",),
    ),
    Mutant(
        "epsilon-of-a-float-rounded-to-decimals", "plan/epsilon.py",
        "return Fraction(float(value))", "return Fraction(str(float(value)))",
        ("plan/test_epsilon.py",),
    ),
    Mutant(
        "scales-beyond-the-proof-of-no-overflow", CUTOFFS,
        "MAX_SCALE = 2**50", "MAX_SCALE = 2**56",
        (_T_PLANNING + "test_the_largest_scale_is_the_last_one",
         _T_CUTOFFS + "test_limits_of_the_scale", _T_CUTOFFS + "test_noisy_sums_cannot_wrap"),
    ),
    Mutant(
        "deep-pictures-are-taken", "inputs/dtypes.py",
        "if dtype == np.uint8:", 'if dtype.kind in "iu":',
        ("mechanism/test_inputs.py::test_refuses",),
    ),
)  # fmt: skip

_TABLES = (
    Mutant(
        "cuts-rounded-down", CUTOFFS,
        "low, high = (interval[0] + half) >> drop, (interval[1] + half) >> drop",
        "low, high = interval[0] >> drop, interval[1] >> drop",
        (_T_CUTOFFS + "test_cuts_equal_reference",),
    ),
    Mutant(
        "digit-repeated-in-the-tables", CUTOFFS,
        "for _ in range(width):\n            power", "for _ in range(width - 1):\n            power",
        (_T_CUTOFFS + "test_cuts_equal_reference",),
    ),
    Mutant(
        "tail-of-the-geometric-not-charged", CUTOFFS,
        "error += power[1]", "error += 0 * power[1]",
        (_T_CUTOFFS + "test_tau_certifies_the_stored_cuts", _T_CUTOFFS + "test_cuts_equal_reference"),
    ),
    Mutant(
        "rounding-of-the-digits-not-charged", CUTOFFS,
        "error += _word_error(cuts, tails, precision)", "error += 0",
        (_T_CUTOFFS + "test_a_cut_off_by_one_shows_in_the_certificate",
         _T_CUTOFFS + "test_tau_certifies_the_stored_cuts"),
    ),
    Mutant(
        "too-few-digits", CUTOFFS, "_REACH = 134", "_REACH = 20",
        (_T_CUTOFFS + "test_digits_reach_134_scales",),
    ),
    Mutant(
        "table-of-another-plane's-scale", NOISE,
        "cuts = tuple(cut_limbs(part.cutoffs) for part in parts)",
        "cuts = tuple(cut_limbs(parts[0].cutoffs) for part in parts)",
        (_T_NOISE + "test_tables_hold_the_plan",),
    ),
    Mutant(
        "limbs-in-the-wrong-order", NOISE,
        "LIMB_BITS * (LIMBS - 1 - i)", "LIMB_BITS * i",
        (_T_NOISE + "test_tables_hold_the_plan", _DRAWS_ONE),
    ),
    Mutant(
        "words-shared-by-the-planes", NOISE,
        "address_tag(VALUES_STAGE, k)", "address_tag(VALUES_STAGE, 0)",
        (_T_NOISE + "test_tables_hold_the_plan", _T_RELEASE + "[ygo-even]"),
    ),
)  # fmt: skip

_SAMPLER = (
    Mutant(
        "words-shared-by-the-stages", NOISE_BODY,
        "stage << 24 | plane << 16", "plane << 16",
        (_T_BODY + "test_tags_are_injective_and_leave_block_and_limb_free",),
    ),
    Mutant(
        "digit-dropped", NOISE_BODY,
        "for i in range(bits.size):", "for i in range(bits.size - 1):",
        (_T_BODY + "test_every_input_of_a_6_bit_model_gives_the_exact_law[7-places2-7-whole]",),
        "compiled",
    ),
    Mutant(
        "gate-word-reused-by-the-first-digit", NOISE_BODY,
        "slot = (i + 1) % SLOTS", "slot = i % SLOTS", (_DRAWS_ONE,),
    ),
    Mutant(
        "block-reused-by-the-later-digits", NOISE_BODY,
        "tag = tag + np.uint64(256)", "tag = tag + np.uint64(0)", (_DRAWS_TWO,),
    ),
    Mutant(
        "digits-at-the-wrong-place", NOISE_BODY,
        "place = place << bits[i]", "place = place << 1", (_DRAWS_TWO,),
    ),
    Mutant(
        "double-zero", NOISE_BODY,
        "magnitude = np.int64(1)", "magnitude = np.int64(0)", (_DRAWS_ONE,),
    ),
    Mutant(
        "sign-lost", NOISE_BODY,
        "nonzero * (1 - 2 * negative) * magnitude", "nonzero * magnitude", (_DRAWS_ONE,),
    ),
    Mutant(
        "cut-compared-the-wrong-way", NOISE_BODY,
        "return np.int64(first < cuts[0, cut])", "return np.int64(first <= cuts[0, cut] + 2**50)",
        (_DRAWS_ONE, _DRAWS_TWO, _TIES),
    ),
    Mutant(
        "ties-not-decided", NOISE_BODY,
        "return np.int64(further < cuts[limb, cut])", "return np.int64(0)", (_TIES,),
    ),
    Mutant(
        "ties-decided-by-the-word-that-tied", NOISE_BODY,
        "tag + np.uint64(limb)", "tag", (_TIES,),
    ),
    Mutant(
        "image-missing-from-the-address", NOISE_BODY,
        "cell >> np.uint64(32), image, tag)", "cell >> np.uint64(32), np.uint64(0), tag)",
        (_DRAWS_ONE,),
    ),
    Mutant(
        "counter-wraps-at-32-bits", NOISE_BODY,
        "cell & MASK, cell >> np.uint64(32)", "cell & MASK, np.uint64(0)", (_DRAWS_ONE,),
    ),
    Mutant(
        "counter-wraps-at-8-bits", NOISE_BODY,
        "cell & MASK, cell", "cell & np.uint64(255), cell", (_DRAWS_ONE,),
    ),
    Mutant("too-few-rounds", CHACHA, "DOUBLE_ROUNDS = 10", "DOUBLE_ROUNDS = 4", (_RFC,)),
    Mutant(
        "key-not-added-at-the-end", CHACHA, "wrap(s[4] + k0)", "wrap(s[4])", (_RFC,),
    ),
    Mutant(
        "sums-of-words-not-wrapped", CHACHA, "return x & MASK", "return x",
        (_RFC, "mechanism/kernels/test_chacha_body.py::test_extreme_words_wrap[4294967295-python]"),
    ),
)  # fmt: skip

_VECTORS = (
    Mutant(
        "image-missing-from-the-vectors", NOISE_CPU,
        "for v in (image, tag)]", "for v in (tag, tag)]",
        (_T_LANES + "test_lanes_give_the_block_of_rfc_8439",), "compiled",
    ),
    Mutant(
        "counter-wraps-in-the-vectors", NOISE_CPU,
        "ir.Constant(vector_of(I64), [32] * LANES))\n    return [Lanes(",
        "ir.Constant(vector_of(I64), [63] * LANES))\n    return [Lanes(",
        (_T_LANES + "test_the_counter_carries_into_word_13",), "compiled",
    ),
    Mutant(
        "words-shared-by-two-groups-of-lanes", NOISE_CPU,
        "list(range(LANES * g, LANES * (g + 1)))", "list(range(LANES))",
        (_T_LANES + "test_lanes_give_the_block_of_rfc_8439",), "compiled",
    ),
    Mutant(
        "double-zero-in-the-vectors", NOISE_CPU,
        "self.magnitude = ir.Constant(vector_of(I64), [1] * LANES)",
        "self.magnitude = ir.Constant(vector_of(I64), [0] * LANES)",
        (_T_NOISE + "test_noise_equals_reference[1-grey-ragged]",), "compiled",
    ),
    Mutant(
        "block-reused-in-the-vectors", NOISE_CPU,
        "builder.add(tag, I64(256 * b))", "builder.add(tag, I64(0 * b))",
        (_T_NOISE + "test_noise_equals_reference[1-grey-two-blocks]",), "compiled",
    ),
    Mutant(
        "ties-ignored-in-the-vectors", NOISE_CPU,
        "met = builder.or_(met, tie)", "met = builder.and_(met, tie)",
        (_T_LANES + "test_ties_in_any_word_and_lane_are_resolved",), "compiled",
    ),
    Mutant(
        "noise-in-place-of-the-sum", NOISE_CPU,
        "values[cell + i] += lanes[i]", "values[cell + i] = lanes[i]",
        (_T_LANES + "test_noise_is_added",), "compiled",
    ),
)  # fmt: skip

_MEASURING = (
    Mutant(
        "channel-forgotten", "mechanism/kernels/measure_body.py",
        "coefficients[1] * second", "0 * coefficients[1] * second", (_ANY_SUMS,),
    ),
    Mutant(
        "partial-cell-divided-before-the-noise", MEASURE_CPU,
        "values[row + (whole >> shift)] += total\n",
        "values[row + (whole >> shift)] += total * cell // (columns.size - whole * cell)\n",
        (_T_SUMS + "test_neighbours_stay_within_declared_sensitivity_and_epsilon",),
    ),
    Mutant(
        "means-rounded-to-uint8-before-the-noise", MEASURE_CPU,
        "values[row + (x >> shift)] += total\n", "values[row + (x >> shift)] += total // cell * cell\n", (_ANY_SUMS,),
    ),
    Mutant(
        "edge-pixels-counted-twice", MEASURE_CPU,
        "for k in range(whole * cell, columns.size):\n            total += columns[k]",
        "for k in range(whole * cell, columns.size):\n            total += 2 * columns[k]",
        (_T_SUMS + "test_neighbours_stay_within_declared_sensitivity_and_epsilon",),
    ),
    Mutant(
        "last-column-of-colour-forgotten", MEASURE_CPU,
        "for k in range(whole * cell, pixels):", "for k in range(whole * cell, pixels - 1):",
        (_ANY_SUMS,),
    ),
    Mutant(
        "last-rows-forgotten", "compute/rows.py", "while y < last:", "while y + 1 < last:",
        (_ANY_SUMS,),
    ),
    Mutant(
        "sums-of-the-last-picture-kept", MEASURE_CPU,
        "band[CEASE + k]] = 0", "band[CEASE + k]] *= 1",
        ("mechanism/kernels/test_measure_cpu.py::test_measuring_replaces_what_was_there",),
    ),
    Mutant(
        "same-noise-in-every-picture-of-a-batch", RELEASE_CPU,
        "np.uint64(band[IMAGE])", "np.uint64(0)",
        ("mechanism/test_pixelize.py::test_a_batch_is_its_pictures_with_their_own_noise",),
    ),
    Mutant(
        "first-row-of-a-band-without-noise", RELEASE_CPU,
        "values[k][0], band[BEGIN + k], band", "values[k][0], band[BEGIN + k] + 1, band",
        (_T_RELEASE + "[grey-ragged]",),
    ),
)  # fmt: skip

_KEYS = (
    Mutant(
        "key-reused-between-releases", "mechanism/__init__.py",
        "from numbadp.mechanism.entropy import Key, fresh_id, fresh_key\n",
        "from numbadp.mechanism.entropy import KEY_BYTES, Key, fresh_id\n\n\n"
        "def fresh_key(own):\n    return Key(bytes(range(KEY_BYTES)))\n\n\n",
        ("mechanism/test_pixelize.py::test_a_batch_is_its_pictures_with_their_own_noise",
         _T_EXPOSURE + "test_threads_sharing_a_pixelizer_draw_different_noise",
         _T_EXPOSURE + "test_forked_children_neither_hang_nor_repeat"),
    ),
    Mutant(
        "key-without-entropy", "mechanism/entropy.py",
        "    draw_into(key.words)  # step 1\n", "    key.words[:] = 7\n",
        ("mechanism/test_entropy.py",),
    ),
    Mutant(
        "key-of-128-bits", "mechanism/entropy.py",
        "words.nbytes) == 0", "words.nbytes // 2) == 0",
        ("mechanism/test_entropy.py",),
    ),
    Mutant(
        "key-not-wiped", "mechanism/entropy.py", "    own.add(key.words)  # step 2\n", "",
        ("mechanism/test_entropy.py",),
    ),
    Mutant(
        "key-through-bytes-of-python", "mechanism/entropy.py",
        "    draw_into(key.words)  # step 1\n",
        "    key.words[:] = np.frombuffer(os.urandom(KEY_BYTES), np.uint32)\n",
        ("mechanism/test_entropy.py",),
    ),
    Mutant(
        "generator-that-fails-is-believed", "mechanism/entropy.py",
        "failed = 0 if done else ctypes.get_errno() or errno.EIO", "failed = 0",
        ("mechanism/test_entropy.py",),
    ),
    Mutant(
        "generator-that-writes-nothing-is-believed", "mechanism/entropy.py",
        "    if not np.count_nonzero(words):  # step 3", "    if False:  # step 3",
        ("mechanism/test_entropy.py",),
    ),
    Mutant(
        "stack-of-the-kernel-left", "mechanism/draining.py",
        "                wipe_stack(*_NOTHING)  # step 1: the same way down as the kernel's\n",
        "                pass\n",
        ("mechanism/test_draining.py::test_a_kernel_that_fails_is_wiped_behind",),
    ),
    Mutant(
        "stage-drained-without-wiping", "mechanism/draining.py",
        "workers.drain(traceless(kernel),", "workers.drain(kernel,",
        ("mechanism/test_draining.py::test_every_thread_wipes_behind_itself",),
    ),
    Mutant(
        "stack-wiped-less-deep-than-kernels-go", "mechanism/kernels/stack_cpu.py",
        "STACK_BYTES = 64 * 1024", "STACK_BYTES = 16 * 1024",
        ("mechanism/kernels/test_stack_cpu.py",), "compiled",
    ),
    Mutant(
        "stack-wiped-with-a-gap", "mechanism/kernels/stack_cpu.py",
        "ir.Constant(i64, size), volatile", "ir.Constant(i64, size // 2), volatile",
        ("mechanism/kernels/test_stack_cpu.py::test_wiping_covers_all_it_says",), "compiled",
    ),
    Mutant(
        "scratch-not-overwritten", "compute/forgetting.py",
        "        self.when_done(np.ndarray.fill, array, 0)\n", "",
        ("compute/test_forgetting.py",),
    ),
    Mutant(
        "scratch-stops-at-an-error", "compute/forgetting.py",
        "                first = first or error\n", "                raise\n",
        ("compute/test_forgetting.py",),
    ),
    Mutant(
        "bytes-not-overwritten", "compute/forgetting.py",
        "    if len(data) > 1:\n", "    if len(data) > 99:\n",
        ("compute/test_forgetting.py",),
    ),
    Mutant(
        "release-guarded-once", "mechanism/running.py",
        "    with own, own:  # step 3", "    with own:  # step 3",
        (_T_EXPOSURE + _ANY_STEP,),
    ),
    Mutant(
        "key-and-copies-guarded-once", "mechanism/__init__.py",
        "        with own, own:\n            array = read_array(image, self._asked, own)\n",
        "        with own:\n            array = read_array(image, self._asked, own)\n",
        (_T_EXPOSURE + _ANY_STEP,),
    ),
    Mutant(
        "copy-made-before-its-guard", "compute/forgetting.py",
        "        self.when_done(np.ndarray.fill, array, 0)\n        return array\n",
        "        array = array.copy()\n        self.when_done(np.ndarray.fill, array, 0)\n"
        "        return array.copy()\n",
        (_T_EXPOSURE + _ANY_STEP,),
    ),
    Mutant(
        "copies-of-pillow-kept-in-a-traceback", "pictures/convert.py",
        "        clear_frames(error.__traceback__)  # Pillow's hold copies\n", "",
        ("mechanism/test_inputs.py::test_a_failing_conversion_keeps_no_frame_of_pillow",),
    ),
    Mutant(
        "bytes-of-files-kept", "pictures/opening.py",
        "    own.when_done(forget_bytes, content)\n", "",
        ("pictures/test_opening.py::test_what_was_taken_of_a_file_is_overwritten",),
    ),
    Mutant(
        "conversions-of-pillow-kept", "pictures/convert.py",
        "    own.when_done(forget_image, image)\n", "",
        ("mechanism/test_inputs.py::test_every_copy_on_the_way_is_forgotten",),
    ),
    Mutant(
        "pictures-converted-before-the-budget-is-asked", "mechanism/__init__.py",
        "    announced, prepared = announced_shape(image, facts), None\n    if announced",
        "    announced, prepared = None, None\n    if announced",
        ("accounting/ledger/test_charging.py::test_what_tells_its_shape_is_refused_before_it_is_converted",),
    ),
    Mutant(
        "stage-closed-once", "compute/workers.py",
        "    finally:  # an interrupt may have come as the job was closed for the first time\n"
        "        job.close()\n", "    finally:\n        pass\n",
        ("compute/test_workers_late.py::test_an_interrupt_at_any_step_waits_for_helpers",),
    ),
    Mutant(
        "key-shown", "mechanism/entropy.py",
        'return "Key(<secret>)"', 'return f"Key({self.words})"',
        (_T_EXPOSURE + "test_a_key_says_and_gives_away_nothing",),
    ),
)  # fmt: skip

_GUARANTEES = (
    Mutant(
        "group-privacy-the-wrong-way", "accounting/guarantee.py",
        "Fraction(self.covers.most(k), self.covers.most(self.m))",
        "Fraction(self.covers.most(self.m), self.covers.most(k))",
        ("accounting/test_guarantee.py::test_k_pixels_cost_k_over_m_exactly",),
    ),
    Mutant(
        "tau-of-further-releases-forgotten", "accounting/guarantee.py",
        "(self.tau - self.earlier_tau) * n", "(self.tau - self.earlier_tau)", ("accounting/test_guarantee.py::test_releases_add",),
    ),
    Mutant(
        "delta-without-its-second-term", "accounting/guarantee.py",
        "(1 + exp_above(", "(0 + exp_above(",
        ("accounting/test_guarantee.py::test_delta_is_a_tight_upper_bound",),
    ),
    Mutant(
        "exponential-rounded-down", "accounting/guarantee.py",
        "total += 2 * term", "total -= total >> 20",
        ("accounting/test_guarantee.py::test_delta_is_a_tight_upper_bound",),
    ),
)  # fmt: skip

_LEDGERS = (
    Mutant(
        "budget-passed-by-the-last-release", LEDGER,
        "if self._most(price) > self.epsilon:", "if self.spent > self.epsilon:",
        (_T_ACCOUNT + "TestAccount",),
    ),
    Mutant(
        "window-one-frame-short", LEDGER,
        "kept = 0 if self.window is None else self.window - 1",
        "kept = 0 if self.window is None else max(self.window - 2, 0)",
        (_T_ACCOUNT + "test_a_charge_is_refused_exactly_where_a_window_would_pass_the_budget",),
    ),
    Mutant(
        "windows-inside-a-batch-not-tried", LEDGER,
        "candidates.add(self.window - older)", "candidates.add(most)",
        (_T_ACCOUNT + "test_a_charge_is_refused_exactly_where_a_window_would_pass_the_budget",),
    ),
    Mutant(
        "batch-charged-as-one-picture", PRICE,
        "frames=guarantee.batch * guarantee.releases,", "frames=guarantee.releases,",
        (_T_ACCOUNT + "test_a_batch_costs_epsilon_for_each_of_its_pictures",),
    ),
    Mutant(
        "charge-for-other-pixels-the-wrong-way", PRICE,
        "Fraction(covers.most(m), covers.most(guarantee.m))",
        "Fraction(covers.most(guarantee.m), covers.most(m))",
        (_T_PRICE + "test_other_numbers_of_pixels_are_scaled_exactly",),
    ),
    Mutant(
        "no-guarantee-taken-for-a-small-one", PRICE,
        "if guarantee.epsilon == math.inf:", "if guarantee.epsilon < 0:",
        (_T_PRICE + "test_no_budget_covers_a_release_without_guarantee",),
    ),
    Mutant(
        "tau-rounded-down", PRICE, "math.ceil(min(tau", "math.floor(min(tau",
        (_T_PRICE + "test_tau_is_rounded_up_to_the_grid_of_the_file",),
    ),
    Mutant(
        "releases-not-charged", "mechanism/__init__.py",
        "charge_budgets(prepared.guarantee, self._ledger)",
        "check_budgets(prepared.guarantee, self._ledger)",
        ("accounting/ledger/test_charging.py::test_each_release_is_charged_once",),
    ),
    Mutant(
        "pictures-read-before-the-refusal", "mechanism/__init__.py",
        "        check_budgets(prepared.guarantee, self._ledger)\n", "",
        ("accounting/ledger/test_charging.py::test_a_pixelizer_refuses_before_it_touches_the_picture",),
    ),
    Mutant(
        "open-blocks-not-charged", "accounting/ledger/charging.py",
        "[*_covering(given), *given]", "given",
        ("accounting/ledger/test_charging.py::"
         "test_every_release_inside_a_block_is_charged_and_none_outside",),
    ),
    Mutant(
        "forked-copy-spends-again", "accounting/ledger/memory.py",
        "if os.getpid() != self._process:", "if os.getpid() == 0:",
        ("accounting/ledger/test_memory.py::test_a_forked_copy_refuses_to_spend_the_budget_again",),
    ),
    Mutant(
        "charge-not-durable", "accounting/ledger/file.py",
        "os.fsync(stream.fileno())", "stream.fileno()",
        (_T_FILE + "test_a_charge_is_on_the_disk_before_its_name_is",),
    ),
    Mutant(
        "ledger-written-in-place", "accounting/ledger/file.py",
        'part = self.path.with_name(f"{self.path.name}.part")', "part = self.path",
        (_T_FILE + "test_a_full_disk_is_an_error_and_loses_nothing",),
    ),
    Mutant(
        "ledger-not-locked", "accounting/ledger/file.py",
        'FileLock(f"{self.path}.lock",', 'FileLock(f"{self.path}.lock{id(self)}",',
        (_T_FILE + "test_a_lock_that_nobody_frees_is_an_error_and_no_hang",),
    ),
    Mutant(
        "older-copy-taken", "accounting/ledger/file.py",
        "if account.frames < self._seen:", "if account.frames < 0:",
        (_T_FILE + "test_an_older_copy_is_noticed",),
    ),
    Mutant(
        "loss-rounded-down", "accounting/ledger/pld.py", "math.ceil(charge.epsilon", "math.floor(charge.epsilon",
        ("accounting/ledger/test_pld.py::test_a_grid_that_does_not_fit_errs_upwards",),
    ),
)  # fmt: skip

MUTANTS = (
    *_BUDGET, *_TABLES, *_SAMPLER, *_VECTORS, *_MEASURING, *_KEYS, *_GUARANTEES, *_LEDGERS,
    *LAYOUTS, *ADVICE, *CACHES, *CLAIMS, *COVERING, *DRAWINGS, *EDGES, *FOLDERS, *INPUTS, *PICTURES, *POOLS,
    *STORES, *VIDEO,
)  # fmt: skip
