"""What is not of uint8 is told the conversion to write, and the conversion works."""

import numpy as np
import pytest

import numbadp
from numbadp.errors import ArrayTypeError
from numbadp.inputs.dtypes import check_dtype, check_torch_dtype

LEVELS = np.arange(256, dtype=np.uint8).reshape(16, 16)


@pytest.mark.parametrize(
    ("image", "wanted"),
    [
        (LEVELS / 255, LEVELS),
        (LEVELS.astype(np.float32) / 255, LEVELS),
        (LEVELS.astype(np.uint16) * 257, LEVELS),
        (LEVELS.astype(">u2") * 257, LEVELS),
        (LEVELS > 99, (LEVELS > 99) * np.uint8(255)),
    ],
    ids=["float64", "float32", "16 bits", "big-endian 16 bits", "bool"],
)
def test_the_conversion_that_is_told_works(image, wanted):
    """Copied out of the message, word for word."""
    with pytest.raises(ArrayTypeError, match="never scaled by its own minimum") as told:
        numbadp.pixelize(image, epsilon=1)
    conversion = str(told.value).partition("ass ")[2].partition(", never")[0]
    found = eval(conversion, {"image": image})
    np.testing.assert_array_equal(found, wanted)
    numbadp.pixelize(found, epsilon=1)


@pytest.mark.parametrize("name", ["float32", "float16", "bfloat16", "uint16", "int32", "bool"])
def test_the_conversion_of_a_tensor_works(name):
    torch = pytest.importorskip("torch", exc_type=ImportError)
    with pytest.raises(ArrayTypeError, match="got torch." + name) as told:
        check_torch_dtype(getattr(torch, name))
    conversion = str(told.value).partition("ass ")[2].partition(", never")[0]
    top = {"uint16": 65535, "int32": 65535}.get(name, 1)
    image = torch.tensor([0, top]).to(getattr(torch, name))
    found = eval(conversion, {"image": image, "torch": torch})
    assert found.dtype == torch.uint8 and found.tolist() == [0, 255]


@pytest.mark.parametrize("dtype", ["int8", "int64", "complex64", "S1", "O"])
def test_the_rest_is_told_to_take_a_fixed_rule(dtype):
    with pytest.raises(ArrayTypeError, match="fixed public rule"):
        check_dtype(np.dtype(dtype))


def test_uint8_passes():
    check_dtype(np.dtype(">u1"))
