"""Masks of every kind become bool: what is not zero is inside."""

import numpy as np
import pytest
from PIL import Image

from numbadp.errors import LayoutError, OptionTypeError
from numbadp.inputs import plain_mask

INSIDE = np.zeros((5, 7), bool)
INSIDE[1:3, 2:6] = True


@pytest.mark.parametrize(
    "mask",
    [
        INSIDE.astype(np.uint8) * 255,
        INSIDE.astype(np.int64),
        INSIDE.astype(np.uint16) * 1000,
        INSIDE[:, :, None],
        INSIDE.tolist(),
        Image.fromarray(INSIDE),
        Image.fromarray(INSIDE.astype(np.uint8) * 3),
        np.stack([INSIDE & (np.arange(7) < 4), INSIDE & (np.arange(7) >= 4)]),
        np.stack([INSIDE & (np.arange(7) < 4), INSIDE & (np.arange(7) >= 4)])[:, None],
        INSIDE.astype(">u2"),
    ],
)
def test_kinds(mask):
    found = plain_mask(mask)
    assert found.dtype == np.bool_
    np.testing.assert_array_equal(found, INSIDE)


def test_a_plain_mask_is_not_copied():
    assert plain_mask(INSIDE) is INSIDE and plain_mask(None) is None


def test_tensors():
    torch = pytest.importorskip("torch", exc_type=ImportError)
    np.testing.assert_array_equal(plain_mask(torch.from_numpy(INSIDE)), INSIDE)
    np.testing.assert_array_equal(plain_mask(torch.from_numpy(INSIDE)[None] * 255), INSIDE)
    for dtype in (torch.float32, torch.bfloat16):
        with pytest.raises(OptionTypeError, match="mask > 0.5"):
            plain_mask(torch.from_numpy(INSIDE).to(dtype))


def test_no_instance_is_an_empty_mask():
    assert not plain_mask(np.zeros((0, 5, 7), bool)).any()


@pytest.mark.parametrize(
    ("mask", "error", "message"),
    [
        (INSIDE.astype(float), OptionTypeError, "mask > 0.5"),
        (INSIDE.astype(complex), OptionTypeError, "bool or integers"),
        (Image.new("RGB", (7, 5)), OptionTypeError, "one channel"),
        (np.zeros(5, bool), LayoutError, r"shape \(H, W\)"),
        (np.zeros((5, 7, 3), bool), LayoutError, r"mask\[\.\.\., 0\]"),
        (np.ma.masked_array(INSIDE, INSIDE), OptionTypeError, "masked array"),
        ([[True], [True, False]], OptionTypeError, "one length"),
        (object(), OptionTypeError, "array or an image"),
    ],
)
def test_what_is_no_mask_is_told(mask, error, message):
    with pytest.raises(error, match=message):
        plain_mask(mask)
