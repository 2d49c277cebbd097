"""A loaded mosaic: renders, draws and saves like a release, and says plainly what it lacks."""

import dataclasses
import io
import pickle

import numpy as np
import pytest
from cases import ExpectFail, failing
from PIL import Image
from postprocess.releases import BY_ID, noisy_release, some_rows

from numbadp import errors, load
from numbadp.release.mosaic import MosaicRelease

COLOUR, BATCH, GREY = "ygo-coarse-ragged", "batch-rgb", "grey-with-channel"


def mosaic_of(case):
    """Return a release and its mosaic, saved and loaded."""
    release, file = noisy_release(case), io.BytesIO()
    release.save(file, payload="mosaic")
    return release, load(io.BytesIO(file.getvalue()))


@some_rows(COLOUR, BATCH, GREY)
def test_it_has_the_public_facts_of_its_release(case):
    release, mosaic = mosaic_of(case)
    assert isinstance(mosaic, MosaicRelease)
    for name in ("shape", "layout", "guarantee", "plan"):
        assert getattr(mosaic, name) == getattr(release, name)
    of = "" if len(mosaic.shape) == 4 else "a picture of "
    size = f"{mosaic.plan.width} x {mosaic.plan.height}: epsilon = "
    assert repr(mosaic).startswith(f"<MosaicRelease of {of}") and size in repr(mosaic)
    with pytest.raises(dataclasses.FrozenInstanceError):
        mosaic.planes = ()


@some_rows(COLOUR, BATCH, GREY)
def test_it_renders_and_draws_the_leaves_of_its_release(case):
    release, mosaic = mosaic_of(case)
    picture = mosaic.render()
    apart = np.abs(picture.astype(int) - release.render()).max()
    assert apart <= (case.id == COLOUR)
    out = np.zeros(case.shape, np.uint8)
    assert mosaic.render("mosaic", out=out) is out
    np.testing.assert_array_equal(out, picture)
    np.testing.assert_array_equal(np.asarray(mosaic), picture)
    np.testing.assert_array_equal(mosaic.quadtree().levels, release.quadtree().levels)
    assert mosaic.quadtree() is mosaic.quadtree()
    assert mosaic.quadtree().draw().shape == case.shape


def test_it_becomes_a_picture():
    mosaic = mosaic_of(BY_ID[COLOUR])[1]
    image = mosaic.to_pil()
    assert image.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(image), mosaic.render())
    shown = Image.open(io.BytesIO(mosaic._repr_png_()))
    np.testing.assert_array_equal(np.asarray(shown), mosaic.render())


def test_it_saves_and_pickles_to_the_same():
    release, mosaic = mosaic_of(BY_ID[COLOUR])
    files = [io.BytesIO(), io.BytesIO()]
    release.save(files[0], payload="mosaic")
    mosaic.save(files[1])
    assert files[0].getvalue() == files[1].getvalue()
    mosaic.render()
    again = pickle.loads(pickle.dumps(mosaic))
    np.testing.assert_array_equal(again.render(), mosaic.render())
    assert again.plan == mosaic.plan


@failing(
    ExpectFail("values", lambda m: m.values, errors.PayloadError, "nothing for 'values'"),
    ExpectFail("cells", lambda m: m.render("cells"), errors.PayloadError, "nothing for 'cells'"),
    ExpectFail("smooth", lambda m: m.to_pil("smooth"), errors.PayloadError, "for 'smooth'"),
    ExpectFail(
        "upsampler", lambda m: m.render("smooth", upsampler=max), errors.PayloadError, "upsampler"
    ),
    ExpectFail(
        "release", lambda m: m.save(io.BytesIO(), payload="release"), errors.PayloadError,
        "Pass payload='mosaic'",
    ),
    ExpectFail(
        "payload", lambda m: m.save(io.BytesIO(), payload="all"), errors.OptionError, "payload must"
    ),
    ExpectFail("style", lambda m: m.render("oil"), errors.OptionError, "style must be one of"),
    ExpectFail("style-type", lambda m: m.render(1), errors.OptionTypeError, "style must be one of"),
    ExpectFail("out", lambda m: m.render(out=[]), errors.OutputError, "out must be"),
)  # fmt: skip
def test_refuses_what_was_not_kept(bad):
    with pytest.raises(bad.error, match=bad.match):
        bad.given(mosaic_of(BY_ID[COLOUR])[1])


def test_a_batch_is_not_one_picture():
    mosaic = mosaic_of(BY_ID[BATCH])[1]
    assert mosaic._repr_png_() is None
    with pytest.raises(errors.ShapeError, match="Use render"):
        mosaic.to_pil()
