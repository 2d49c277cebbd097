"""The seeded faults of reading pictures: what is covered is not what the user sees."""

from .row import Mutant

INPUTS = "mechanism/inputs.py"
CODING = "pictures/coding.py"
CONVERT = "pictures/convert.py"
DEPTH = "pictures/depth.py"
HEADER = "pictures/header.py"
READING = "pictures/reading.py"
RIM = "pictures/rim.py"
_T_RIM = "pictures/test_rim.py::"
_T_CODING = "pictures/test_coding.py::"
_T_CONVERT = "pictures/test_convert.py::"
_T_ORIENTATION = "pictures/test_orientation.py::"
_BLOCKS = _T_RIM + "test_nothing_outside_depends_on_the_inside_of_a_jpeg"

PICTURES = (
    Mutant(
        "boxes-before-orientation", READING, "to_array(upright, ", "to_array(image, ",
        (_T_ORIENTATION + "test_both_entrances_show_what_exif_transpose_shows",),
    ),
    Mutant(
        "blocks-in-upright-coordinates", RIM,
        "stored = turn_mask_back(inside, header.orientation)", "stored = inside",
        (_T_RIM + "test_blocks_lie_in_the_coordinates_of_the_file",),
    ),
    Mutant(
        "rim-not-of-whole-blocks", RIM,
        "return _dilated(_whole_blocks(read, block.size), block.after)",
        "return _dilated(read, block.after)",
        (_BLOCKS,),
    ),
    Mutant(
        "rim-of-luma-alone", CODING, "for pair in factors:\n", "for pair in factors[:1]:\n",
        (_BLOCKS,),
    ),
    Mutant(
        "rim-without-smooth-upsampling", CODING,
        "return (_BLEND_PX if factor > 1 else 0) + smoothed", "return smoothed",
        (_BLOCKS,),
    ),
    Mutant(
        "rim-without-the-encoder's-filter", CODING, "_ENCODER_PX = 2", "_ENCODER_PX = 0",
        (_T_RIM + "test_other_kinds_of_jpeg", _T_CODING + "test_blocks_of_a_jpeg_follow_its_sampling"),
    ),
    Mutant(
        "unfinished-scans-not-counted", CODING,
        "complete = frame.complete", "complete = True",
        (_T_CODING + "test_that_reach_holds",),
    ),
    Mutant(
        "pictures-turned-in-place-taken-as-stored", CODING,
        "stream is None or not _lies_as_stored(image, stream)", "False",
        (_T_CODING + "test_what_was_turned_in_its_place_has_blocks_elsewhere",
         _T_RIM + "test_a_jpeg_that_was_turned_in_its_place_is_told_covered_or_refused"),
    ),
    Mutant(
        "rim-without-the-encoder's-smoothing", CODING, "_SMOOTHING_PX = 1", "_SMOOTHING_PX = 0",
        (_T_RIM + "test_a_smoothing_encoder_reads_over_the_edge_of_a_block",),
    ),
    Mutant(
        "copies-of-webp-taken-as-arrays", CODING, '"exif", "timestamp"}', '"exif"}',
        (_T_CODING + "test_changed_copies_of_webp_and_avif_say_so_too",),
    ),
    Mutant(
        "orientation-behind-pixels-passed-over", "pictures/orientation.py",
        'if image.format != "PNG" or not getattr(image, "tile", None):', "if True:",
        (_T_ORIENTATION + "test_what_stands_behind_the_pixels_of_a_png_counts_in_every_way",),
    ),
    Mutant(
        "announced-colours-passed-over", "pictures/profile.py",
        "announced = Announced() if stream is None else find_announced(stream)",
        "announced = Announced()",
        ("pictures/test_announced.py::test_profiles_that_pillow_passes_over_are_applied",
         "pictures/test_announced.py::test_code_points_are_told"),
    ),
    Mutant(
        "icons-taken-for-8-bits", DEPTH, "if head[:4] in (_ICON, _CURSOR, _ICONS):", "if False:",
        ("pictures/test_depth.py::test_deep_files_are_refused_in_one_sentence",),
    ),
    Mutant(
        "lossy-webp-taken-as-lossless", CODING,
        'return b"VP8L" in found and b"VP8 " not in found', "return True",
        (_T_CODING + "test_a_webp_is_lossless_only_if_all_of_it_is",),
    ),
    Mutant(
        "palettes-taken-as-lossless", CODING, "if image.mode in _INDEXED:", "if False:",
        (_T_CODING + "test_these_spread_without_a_bound",),
    ),
    Mutant(
        "rim-left-out-by-the-api", INPUTS,
        "else cover(facts, boxes, mask, rim)", "else (boxes, mask, None)",
        (_T_RIM + "test_the_caller_chooses",),
    ),
    Mutant(
        "rim-left-out-by-the-command-line", "cli/pixelize.py",
        "cover = picture.cover(boxes, mask, self.options.rim)",
        "cover = picture.cover(boxes, mask, self.options.rim)._replace(boxes=boxes, mask=mask)",
        ("cli/test_covered.py::test_the_rim_of_a_jpeg_is_covered_and_told",),
    ),
    Mutant(
        "hidden-colours-measured", CONVERT,
        "white.paste(plain, mask=alpha)", "white.paste(plain)",
        (_T_CONVERT + "test_erased_pixels_are_white_and_the_others_exact",),
    ),
    Mutant(
        "transparent-palettes-overlooked", CONVERT,
        'return image.mode in _ALPHA or "transparency" in image.info', "return image.mode in _ALPHA",
        (_T_CONVERT + "test_files_of_erased_pixels_by_both_entrances",),
    ),
    Mutant(
        "masked-pixels-measured", "inputs/arrays.py",
        "if isinstance(array, np.ma.MaskedArray):", "if False:",
        ("mechanism/test_inputs.py::test_masked_arrays_are_refused",),
    ),
    Mutant(
        "depth-by-mode-alone", DEPTH,
        "or (stream is not None and stored_bits(stream) > 8)", "",
        ("pictures/test_depth.py::test_deep_files_are_refused_in_one_sentence",),
    ),
    Mutant(
        "previews-taken", HEADER, "if header.preview:", "if False:",
        ("pictures/test_previews.py::test_previews_are_refused_by_both_entrances",),
    ),
    Mutant(
        "profiles-dropped", CONVERT, "if colours.convert is not None:", "if False:",
        ("pictures/test_profile.py::test_swapped_primaries_are_swapped_back",),
    ),
)  # fmt: skip
