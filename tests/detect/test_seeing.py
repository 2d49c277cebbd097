"""A detector sees upright RGB, whatever a picture was given as."""

import numpy as np
import pytest
from PIL import Image

from numbadp.detect.seeing import seen
from numbadp.errors import ArrayTypeError, ShapeError

PIXELS = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)


def test_a_turned_photo_is_seen_upright(tmp_path):
    path = tmp_path / "turned.png"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(PIXELS).save(path, exif=exif)
    upright = np.rot90(PIXELS, -1)
    np.testing.assert_array_equal(seen(path), upright)
    np.testing.assert_array_equal(seen(str(path)), upright)
    np.testing.assert_array_equal(seen(Image.open(path)), upright)


def test_arrays_of_each_layout_are_the_same_picture():
    np.testing.assert_array_equal(seen(PIXELS), PIXELS)
    np.testing.assert_array_equal(seen(PIXELS.transpose(2, 0, 1), "first"), PIXELS)
    np.testing.assert_array_equal(seen(PIXELS[:, :, 0]), PIXELS[:, :, :1].repeat(3, 2))
    np.testing.assert_array_equal(seen(PIXELS[:, :, :1]), PIXELS[:, :, :1].repeat(3, 2))


def test_a_tensor_is_seen_too():
    torch = pytest.importorskip("torch", exc_type=ImportError)
    tensor = torch.from_numpy(PIXELS.copy()).permute(2, 0, 1)
    np.testing.assert_array_equal(seen(tensor), PIXELS)


@pytest.mark.parametrize("shape", [(2, 6, 8, 3), (6, 8, 4), (0, 8, 3)])
def test_what_is_not_one_picture_is_refused(shape):
    with pytest.raises(ShapeError, match="looks at one picture"):
        seen(np.zeros(shape, np.uint8))


def test_floats_are_refused():
    with pytest.raises(ArrayTypeError, match="uint8"):
        seen(np.zeros((6, 8, 3)))
