"""A release in other clothes: PIL image, notebook picture, array, pickle."""

import io
import pickle

import numpy as np
import pytest
from PIL import Image

from numbadp import errors

from .releases import BY_ID, STYLES, noisy_release, worked

COLOUR = BY_ID["ygo-coarse-ragged"]
BATCH = BY_ID["batch-ygo-coarse"]
each_style = pytest.mark.parametrize("style", STYLES)


@each_style
@pytest.mark.parametrize(
    ("name", "mode"),
    [("grey-ragged", "L"), ("grey-with-channel", "L"), ("ygo-coarse-ragged", "RGB")],
)
def test_to_pil_is_the_picture_without_metadata(name, mode, style):
    """Mode L or RGB, the rendered pixels, no info and no EXIF."""
    case = BY_ID[name]
    image = noisy_release(case).to_pil(style)
    assert image.mode == mode
    assert image.info == {}
    assert dict(image.getexif()) == {}
    np.testing.assert_array_equal(
        np.asarray(image).reshape(case.shape), worked(name)[1].pictures[style]
    )


@pytest.mark.parametrize("name", ["grey-ragged", "ygo-coarse-ragged"])
def test_a_notebook_shows_the_mosaic(name):
    """The PNG decodes to the mosaic and carries no text."""
    image = Image.open(io.BytesIO(noisy_release(BY_ID[name])._repr_png_()))
    assert image.format == "PNG"
    assert image.info == {}
    np.testing.assert_array_equal(np.asarray(image), worked(name)[1].pictures["mosaic"])


def test_an_array_is_the_mosaic():
    """np.asarray gives the mosaic, in another dtype when asked."""
    release, mosaic = noisy_release(COLOUR), worked(COLOUR.id)[1].pictures["mosaic"]
    np.testing.assert_array_equal(np.asarray(release), mosaic)
    assert np.asarray(release).dtype == np.uint8
    np.testing.assert_array_equal(np.asarray(release, dtype=np.float32), mosaic.astype(np.float32))
    assert np.array(release).flags.writeable
    np.testing.assert_array_equal(
        np.asarray(noisy_release(BATCH)), worked(BATCH.id)[1].pictures["mosaic"]
    )


def test_a_batch_is_no_single_picture():
    """A batch refuses to be one PIL image and shows nothing."""
    release = noisy_release(BATCH)
    with pytest.raises(errors.ShapeError, match="not one picture"):
        release.to_pil()
    assert release._repr_png_() is None


@each_style
def test_a_pickled_release_renders_the_same(style):
    """Before and after its own first render, a release pickles to one that paints alike."""
    release = noisy_release(COLOUR)
    fresh = pickle.loads(pickle.dumps(release))
    painted = release.render(style)
    later = pickle.loads(pickle.dumps(release))
    np.testing.assert_array_equal(fresh.render(style), painted)
    np.testing.assert_array_equal(later.render(style), painted)
