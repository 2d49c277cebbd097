"""Seeded faults of what users bring: boxes that shrink, masks that forget, faces left bare."""

from .row import Mutant

BOXES = "inputs/boxes.py"
MASKS = "inputs/masks.py"
REGIONS = "inputs/regions.py"
DETECTING = "cli/detecting.py"

_T_BOXES = "inputs/test_boxes.py::"
_T_MASKS = "inputs/test_masks.py::test_kinds"
_T_REGIONS = "inputs/test_regions.py::"
_T_DETECTING = "cli/test_detecting.py::"

INPUTS = (
    Mutant(
        "boxes-are-rounded-inwards", BOXES,
        "[floor(left), floor(top), ceil(right), ceil(bottom)]",
        "[ceil(left), ceil(top), floor(right), floor(bottom)]",
        (_T_BOXES + "test_floats_are_rounded_outwards",),
    ),
    Mutant(
        "centres-are-taken-for-corners", BOXES,
        'if box_format == "cxcywh":', "if False:", (_T_BOXES + "test_formats",),
    ),
    Mutant(
        "shares-are-taken-for-pixels", BOXES,
        "all(-1 <= side <= 2 for side in box)", "False",
        (_T_BOXES + "test_what_is_no_box_is_told",),
    ),
    Mutant(
        "only-255-is-inside-of-a-mask", MASKS,
        "return array != array.dtype.type(0)", "return array == 255", (_T_MASKS,),
    ),
    Mutant(
        "only-the-first-thing-of-a-mask-is-inside", MASKS,
        "(array != 0).any(axis=0)", "array[0]", (_T_MASKS,),
    ),
    Mutant(
        "nothing-found-is-shown-without-a-word", REGIONS,
        'if on_none == "fail":\n        raise LayoutError(f"the region has no pixel: nothing',
        'if False:\n        raise LayoutError(f"the region has no pixel: nothing',
        (_T_REGIONS + "test_nothing_found_is_an_error_by_default",),
    ),
    Mutant(
        "a-batch-may-have-bare-pictures", REGIONS,
        'if bare and on_none == "fail":', "if False:",
        (_T_REGIONS + "test_pictures_of_a_batch_have_their_own_boxes",),
    ),
    Mutant(
        "a-picture-without-faces-is-copied", DETECTING,
        'if not found and self.on_none == "fail":', "if False:",
        (_T_DETECTING + "test_what_is_found_is_covered_and_nothing_found_is_a_failure",),
    ),
    Mutant(
        "found-boxes-shrink", "detect/found.py",
        "self.boxes + reach * np.array([-1, -1, 1, 1])",
        "self.boxes - reach * np.array([-1, -1, 1, 1])",
        ("detect/test_found.py::test_each_side_moves_outwards_by_its_share",),
    ),
)  # fmt: skip
