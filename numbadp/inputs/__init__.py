"""What users bring, from any library, in the plain words that plans and kernels take.

Pictures become arrays with their channels last, in the same memory; boxes become whole pixels,
rounded outwards, masks become bool; and what was painted goes back to where the picture was.
Nothing here looks at a pixel of a picture.
"""

from numbadp.inputs.arrays import as_array, is_array
from numbadp.inputs.boxes import plain_boxes
from numbadp.inputs.dtypes import check_dtype
from numbadp.inputs.home import Home
from numbadp.inputs.kinds import is_path, is_pil, is_torch
from numbadp.inputs.layouts import as_channels_last, as_shape
from numbadp.inputs.masks import plain_mask
from numbadp.inputs.paths import describe_path, open_path
from numbadp.inputs.regions import check_on_none, take_region

__all__ = [
    "Home",
    "as_array",
    "as_channels_last",
    "as_shape",
    "check_dtype",
    "check_on_none",
    "describe_path",
    "is_array",
    "is_path",
    "is_pil",
    "is_torch",
    "open_path",
    "plain_boxes",
    "plain_mask",
    "take_region",
]
