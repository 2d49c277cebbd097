"""Views of whatever renders: PIL images, arrays, pictures in notebooks."""

import io

import numpy as np
import pytest
from PIL import Image

from numbadp.errors import OptionError, OptionTypeError, ShapeError
from numbadp.release.views import Views, check_drawing


class Painted(Views):
    """Renders a ramp, whose first value tells the style."""

    def __init__(self, shape):
        self.shape = shape

    def render(self, style="mosaic"):
        """Paint."""
        picture = np.arange(np.prod(self.shape), dtype=np.uint8).reshape(self.shape)
        picture.flat[0] = len(style)
        return picture


@pytest.mark.parametrize(
    ("shape", "mode"), [((4, 5), "L"), ((4, 5, 1), "L"), ((4, 5, 3), "RGB")], ids=str
)
def test_a_picture_becomes_an_image(shape, mode):
    """Mode L or RGB, of the style asked for, and the same in a notebook."""
    painted = Painted(shape)
    image = painted.to_pil("smooth")
    assert (image.mode, image.size) == (mode, (5, 4))
    np.testing.assert_array_equal(np.asarray(image).ravel(), painted.render("smooth").ravel())
    shown = np.asarray(Image.open(io.BytesIO(painted._repr_png_())))
    np.testing.assert_array_equal(shown.ravel(), painted.render().ravel())


def test_a_picture_becomes_an_array():
    """The mosaic, in any type, and never without a copy."""
    painted = Painted((4, 5))
    np.testing.assert_array_equal(np.asarray(painted), painted.render())
    assert np.asarray(painted, dtype=float).dtype == float
    with pytest.raises(ValueError, match="painted into a new array"):
        painted.__array__(copy=False)


def test_a_batch_is_not_one_picture():
    """Four axes have no single image."""
    with pytest.raises(ShapeError, match="is not one picture"):
        Painted((2, 4, 5, 3)).to_pil()
    assert Painted((2, 4, 5, 3))._repr_png_() is None


def test_what_no_release_can_be_painted_with_is_refused_before_there_is_one():
    """Style, effort, and a side that belongs to another style."""
    check_drawing("blocks", "best", 12)
    for given, error in (
        (("cubism",), OptionError), ((None,), OptionTypeError), (("mosaic", "most"), OptionError),
        (("mosaic", "best", 12), OptionError), (("blocks", "tv", 0), OptionError),
    ):  # fmt: skip
        with pytest.raises(error):
            check_drawing(*given)
