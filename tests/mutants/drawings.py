"""The seeded faults of drawings: versions mixed up, gains exchanged, limits taken away."""

from .row import Mutant

GUIDE = "postprocess/guide.py"
GUIDE_CPU = "postprocess/kernels/guide_cpu.py"
GUIDE_BODY = "postprocess/kernels/guide_body.py"
DRAWING = "postprocess/drawing.py"
SHRINK = "postprocess/shrink.py"
SHRINK_BODY = "postprocess/kernels/shrink_body.py"
NET_CPU = "postprocess/kernels/net_cpu.py"
LEARNED = "postprocess/learned.py"
WEIGHTS = "postprocess/weights.py"
RIMS = "postprocess/rims.py"
RIMS_CPU = "postprocess/kernels/rims_cpu.py"
POLISH = "postprocess/polish.py"
POLISH_WEIGHTS = "postprocess/polish_weights.py"
POLISH_BODY = "postprocess/kernels/polish_body.py"
POLISH_CPU = "postprocess/kernels/polish_cpu.py"

_T_GUIDE = "postprocess/test_guide.py::"
_T_SHRINK = "postprocess/test_shrink.py::"
_T_RIMS = "postprocess/test_rims.py::"
_T_POLISH = "postprocess/test_polish.py::"
_T_NETS = "postprocess/test_polish_weights.py::"
_T_BANDS = "postprocess/kernels/test_polish_cpu.py::test_bands_equal_the_reference"
_T_EQUAL = _T_GUIDE + "test_planes_equal_the_reference"
_T_ISLANDS = _T_SHRINK + "test_islands_equal_the_reference"
_T_FILES = "postprocess/test_weights.py::test_a_net_of_another_version_is_another"
_T_ALONE = "postprocess/test_learned.py::test_version_3_takes_the_net_alone"
_T_CHANNELS = "postprocess/kernels/test_net_cpu.py::test_channels_equal_the_reference"
_T_RIM = _T_RIMS + "test_planes_equal_the_reference"
_T_DEPTHS = (
    _T_SHRINK
    + "test_ends_of_the_range_of_luma_in_whole_pictures_reach_as_deep_as_what_noise_is_left"
)
_T_ENDS = (
    "postprocess/kernels/test_shrink_body.py::"
    "test_ends_of_a_range_are_left_alone_without_depth_and_never_passed"
)

DRAWINGS = (
    Mutant(
        "rims-of-version-2-for-good", SHRINK,
        "    if version < 3:\n", "    if version < 4:\n", (_T_ISLANDS,),
    ),
    Mutant(
        "rims-of-all-planes-by-sub-cells-of-the-first", "postprocess/kernels/shrink_cpu.py",
        " and numbers[stop, 0] == numbers[first, 0]:", ":", (_T_ISLANDS,),
    ),
    Mutant(
        "rims-of-planes-by-the-form-of-the-first", "postprocess/kernels/surround_cpu.py",
        "numbers[k, 3] * r +", "numbers[0, 3] * r +", (_T_ISLANDS,), "compiled",
    ),
    Mutant(
        "rims-relaxed-towards-themselves", "postprocess/kernels/surround_quad.py",
        "builder.sub(number, pitch)", "builder.sub(number, I64(0))",
        ("postprocess/kernels/test_surround_quad.py::"
         "test_every_step_has_its_own_bits_and_writes_one_cell",), "compiled",
    ),
    Mutant(
        "guesses-of-rims-over-those-of-the-next-plane", "postprocess/kernels/shrink_cpu.py",
        "end = (stop - first) * tall * wide", "end = (k + 1 - first) * tall * wide",
        (_T_ISLANDS,),
    ),
    Mutant(
        "rims-of-version-3-too-early", SHRINK,
        "    if version < 3:\n", "    if version < 2:\n", (_T_ISLANDS,),
    ),
    Mutant(
        "ends-of-version-3-too-early", SHRINK,
        "whole = version > 2 and", "whole = version > 1 and", (_T_DEPTHS,),
    ),
    Mutant(
        "ends-of-regions", SHRINK,
        "version > 2 and plan.region is None", "version > 2", (_T_DEPTHS,),
    ),
    Mutant(
        "ends-of-chroma", SHRINK,
        "if whole and plane.low >= 0 else 0", "if whole else 0", (_T_DEPTHS,),
    ),
    Mutant(
        "ends-without-a-limit", SHRINK,
        "min(isqrt(int(noise)), _DEEPEST)", "isqrt(int(noise))", (_T_DEPTHS,),
    ),
    Mutant(
        "ends-less-steep", SHRINK_BODY,
        "STEEP = 1126", "STEEP = 1024", (_T_ENDS,),
    ),
    Mutant(
        "ends-passed", SHRINK_BODY,
        "return min(max(value, low), high)", "return value", (_T_ENDS,),
    ),
    Mutant(
        "chroma-follows-in-version-2", DRAWING,
        "self.version > 2 and", "self.version > 1 and",
        (_T_GUIDE + "test_only_chroma_of_whole_pictures_on_one_grid_follows",),
    ),
    Mutant(
        "chroma-follows-in-tv", DRAWING,
        'self.version > 2 and self.method != "tv"', "self.version > 2",
        (_T_GUIDE + "test_only_chroma_of_whole_pictures_on_one_grid_follows",),
    ),
    Mutant(
        "gains-of-planes-exchanged", GUIDE,
        'GAINS = {"g": (3.12, 0.39, 1.03, 0.17), "o":', 'GAINS = {"o": (3.12, 0.39, 1.03, 0.17), "g":',
        (_T_EQUAL, _T_GUIDE + "test_sums_and_moves_fit"),
    ),
    Mutant(
        "near-gains-far-away", GUIDE_CPU,
        "numbers[FAR], numbers[FAR_REST]", "numbers[NEAR], numbers[NEAR_REST]", (_T_EQUAL,),
    ),
    Mutant(
        "residues-without-a-cap", GUIDE_BODY,
        "found += min(max(more, -most), most)", "found += more",
        ("postprocess/kernels/test_guide_body.py", _T_EQUAL),
    ),
    Mutant(
        "slopes-without-a-floor", GUIDE_BODY,
        "16 * square - luma * luma + floor", "16 * square - luma * luma + 1",
        ("postprocess/kernels/test_guide_body.py", _T_EQUAL),
    ),
    Mutant(
        "chroma-follows-cells-of-one-pixel", GUIDE,
        "plan.planes[k].cell >= finest > 1", "plan.planes[k].cell >= finest",
        (_T_GUIDE + "test_only_chroma_of_whole_pictures_on_one_grid_follows",),
    ),
    Mutant(
        "rims-within-sub-cells-of-version-2", RIMS,
        "drawing.version > 2 and plan.anchor", "drawing.version > 1 and plan.anchor",
        (_T_RIMS + "test_only_wide_sub_cells_of_islands_take_from_rims",),
    ),
    Mutant(
        "rims-instead-of-what-is-measured", RIMS_CPU,
        " - np.int32(means[y, x])", "", (_T_RIM,),
    ),
    Mutant(
        "rims-out-of-range", RIMS_CPU,
        "np.int16(min(max(value, low), high))", "np.int16(value)", (_T_RIM,),
    ),
    Mutant(
        "polished-in-version-2", POLISH,
        "if version < 3:", "if version < 2:",
        (_T_POLISH + "test_luma_is_polished_from_version_3_on_and_chroma_filtered",), "compiled",
    ),
    Mutant(
        "chroma-polished", POLISH,
        "if plan.planes[k].low >= 0)", "if True)",
        (_T_POLISH + "test_luma_is_polished_from_version_3_on_and_chroma_filtered",), "compiled",
    ),
    Mutant(
        "net-of-another-noise", POLISH,
        "bucket_of(plane) // 2", "bucket_of(plane) // 3",
        (_T_POLISH + "test_every_noise_has_the_net_of_its_octave",), "compiled",
    ),
    Mutant(
        "weights-of-other-nets-taken", POLISH_WEIGHTS,
        "    if hashlib.sha256(content).hexdigest() != DIGEST:", "    if False:",
        (_T_NETS + "test_a_damaged_file_is_refused",),
    ),
    Mutant(
        "nets-move-flat-planes", POLISH_WEIGHTS,
        "if kernel[:, :, :SUBCELLS].sum((2, 3, 4)).any():", "if False:",
        (_T_NETS + "test_what_would_not_be_exact_is_refused",),
    ),
    Mutant(
        "nets-with-inexact-sums", POLISH_WEIGHTS,
        "if worst >= _EXACT or activated", "if activated",
        (_T_NETS + "test_what_would_not_be_exact_is_refused",),
    ),
    Mutant(
        "polish-rounds-down", POLISH_BODY,
        "np.int32(nearest(np.float32(total) * gain))", "np.int32(np.float32(total) * gain)",
        ("postprocess/kernels/test_polish_body.py",), "compiled",
    ),
    Mutant(
        "polish-without-the-row-below", POLISH_CPU,
        "pair = 2 * (y & 1)", "pair = 0", (_T_BANDS,), "compiled",
    ),
    Mutant(
        "polish-sees-nothing-beyond-its-band", POLISH_CPU,
        "top, end = max(begin - 2, 0), min(stop + 2, down)",
        "top, end = max(begin - 2, 0), min(stop + 1, down)", (_T_BANDS,), "compiled",
    ),
    Mutant(
        "larger-net-in-version-2", WEIGHTS,
        "2: _FIRST, 3: _SECOND", "2: _SECOND, 3: _SECOND",
        (_T_FILES,),
    ),
    Mutant(
        "smaller-net-in-version-3", WEIGHTS,
        "2: _FIRST, 3: _SECOND", "2: _FIRST, 3: _FIRST", (_T_FILES,),
    ),
    Mutant(
        "turned-rows-in-version-3", LEARNED,
        "TURNS if version < 3 else TURNS[:4]", "TURNS", (_T_ALONE,), "compiled",
    ),
    Mutant(
        "filters-averaged-in-version-3", LEARNED,
        "filtered(plan) if version == 2 else ()", "filtered(plan)", (_T_ALONE,), "compiled",
    ),
    Mutant(
        "base-of-cells-in-version-3", LEARNED,
        "interpolated(means) if version < 3 else", "interpolated(means) if version else",
        (_T_ALONE,), "compiled",
    ),
    Mutant(
        "side-for-noise", NET_CPU,
        "numbers[LEVEL] if c == OWN else numbers[SIDE]", "numbers[LEVEL]", (_T_CHANNELS,),
    ),
    Mutant(
        "sums-of-the-last-layer-not-bounded", WEIGHTS,
        "inputs * (_LAST_UNITS if k else 1)", "inputs",
        ("postprocess/test_weights.py::test_the_largest_inputs_count",),
    ),
    Mutant(
        "row-of-a-coarser-plane-kept", "postprocess/kernels/quadtree_cpu.py",
        "y & ((1 << shift) - 1) == 0", "y & ((2 << shift) - 1) == 0",
        ("postprocess/test_quadtree.py::test_every_case_equals_the_reference",),
    ),
    Mutant(
        "squares-of-a-video-half-repeated", "postprocess/kernels/yuv_cpu.py",
        "for k in range(each):", "for k in range((each + 1) // 2):",
        ("postprocess/kernels/test_yuv_cpu.py::"
         "test_every_side_is_repeated_and_the_margin_of_a_plane_is_left",),
    ),
)  # fmt: skip
