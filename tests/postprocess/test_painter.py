"""Rendering a release: every style is the reference's, once computed, and nothing else changes."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from cases import ExpectFail, failing
from hypothesis import given, settings

import numbadp
from numbadp import errors, postprocess
from numbadp.compute.workers import threads
from numbadp.postprocess import Painter

from .releases import (
    BY_ID,
    NO_NOISE,
    STYLES,
    Case,
    all_cases,
    cases_with_values,
    expected_of,
    noisy_release,
    pictures_apart,
    release_of,
    worked,
)

COLOUR = BY_ID["ygo-coarse-ragged"]
each_style = pytest.mark.parametrize("style", STYLES)


# --- the reference, bit for bit ----------------------------------------------


@pytest.mark.parametrize("count", [1, 3], ids=["alone", "helped"])
@all_cases
def test_every_style_equals_the_reference(case, count, helpers_always):
    """Over the case table, alone and with helper threads.  Oracle: tests/oracles."""
    expected = worked(case.id)[1].pictures
    release = noisy_release(case)
    with threads(count):
        for style in STYLES:
            found = release.render(style)
            assert found.dtype == np.uint8
            np.testing.assert_array_equal(found, expected[style], err_msg=style)


@settings(max_examples=40)
@given(cases_with_values())
def test_any_values_equal_the_reference(given_case):
    """Drawn plans and values, up to 2**60 of both signs.  Oracle: tests/oracles."""
    case, values = given_case
    release, expected = release_of(case, values), expected_of(case, values).pictures
    for style in STYLES:
        np.testing.assert_array_equal(release.render(style), expected[style], err_msg=style)


@pytest.mark.parametrize("name", [name for name in BY_ID if name.startswith("batch")])
def test_pictures_of_a_batch_do_not_meet(name):
    """Each picture of a batch is what its values give alone."""
    case = BY_ID[name]
    release = noisy_release(case)
    for n, (alone, values) in enumerate(pictures_apart(case, release.values)):
        single = release_of(alone, [v.copy() for v in values])
        for style in STYLES:
            np.testing.assert_array_equal(release.render(style)[n], single.render(style))


# --- near the picture when there is hardly noise -----------------------------


@each_style
@pytest.mark.parametrize("kind", ["grey", "ygo", "rgb"])
def test_without_noise_every_style_is_the_picture(kind, style):
    """Single-pixel cells and a huge epsilon give the picture back within one level."""
    rng = np.random.default_rng(5)
    picture = rng.integers(0, 256, (19, 22) if kind == "grey" else (19, 22, 3))
    options = {"cell": 1, "planes": "rgb"} if kind == "rgb" else {"cell": 1}
    case = Case("noiseless", picture.shape, NO_NOISE, 1, options)
    planes = case.plan().planes
    assert [p.cell for p in planes] == [1] * len(planes)
    sums = [picture.reshape(19, 22, -1) @ np.array(p.form) for p in planes]
    side = {"side": 1} if style == "blocks" else {}
    found = release_of(case, sums).render(style, **side)
    assert abs(found.astype(int) - picture).max() <= 1


# --- the call ----------------------------------------------------------------


@each_style
@pytest.mark.parametrize(
    "name", ["grey-ragged", "grey-with-channel", "ygo-coarse-ragged", "batch-rgb"]
)
def test_out_is_painted_and_returned(name, style):
    """`out` comes back, holds the picture, and nothing around it is touched."""
    case = BY_ID[name]
    release = noisy_release(case)
    size = int(np.prod(case.shape))
    guarded = np.full(size + 128, 77, np.uint8)
    out = guarded[64 : 64 + size].reshape(case.shape)
    assert release.render(style, out=out) is out
    np.testing.assert_array_equal(out, worked(name)[1].pictures[style])
    assert (guarded[:64] == 77).all()
    assert (guarded[-64:] == 77).all()


def read_only(array):
    """Forbid writing."""
    array.flags.writeable = False
    return array


SHAPE = COLOUR.shape
REFUSED = [
    ExpectFail("wrong-shape", np.zeros((*SHAPE[:2], 1), np.uint8), errors.OutputError, "of shape"),
    ExpectFail("flat", np.zeros(np.prod(SHAPE), np.uint8), errors.OutputError, "of shape"),
    ExpectFail("batch-axis", np.zeros((1, *SHAPE), np.uint8), errors.OutputError, "of shape"),
    ExpectFail("int8", np.zeros(SHAPE, np.int8), errors.OutputError, "int8 array"),
    ExpectFail("float", np.zeros(SHAPE), errors.OutputError, "float64 array"),
    ExpectFail("strided", np.zeros((SHAPE[0], SHAPE[1], 6), np.uint8)[:, :, ::2], errors.OutputError, "contiguous: False"),
    ExpectFail("fortran", np.zeros(SHAPE, np.uint8, order="F"), errors.OutputError, "contiguous: False"),
    ExpectFail("read-only", read_only(np.zeros(SHAPE, np.uint8)), errors.OutputError, "writable: False"),
    ExpectFail("list", [[0]], errors.OutputError, "got list"),
    ExpectFail("bytearray", bytearray(int(np.prod(SHAPE))), errors.OutputError, "got bytearray"),
]  # fmt: skip


@each_style
@failing(*REFUSED)
def test_refuses_out(bad, style):
    """An `out` that cannot take the picture is refused before anything is painted."""
    with pytest.raises(bad.error, match=bad.match) as raised:
        noisy_release(COLOUR).render(style, out=bad.given)
    assert isinstance(raised.value, errors.NumbadpError)
    assert isinstance(raised.value, ValueError)
    assert not np.any(bad.given)


STYLES_REFUSED = [
    ExpectFail("unknown", "pixel", errors.OptionError, "'pixel'"),
    ExpectFail("case", "Mosaic", errors.OptionError, "'Mosaic'"),
    ExpectFail("empty", "", errors.OptionError, "''"),
    ExpectFail("none", None, errors.OptionTypeError, "NoneType"),
    ExpectFail("number", 3, errors.OptionTypeError, "int"),
    ExpectFail("unhashable", ["cells"], errors.OptionTypeError, "list"),
]


@failing(*STYLES_REFUSED)
def test_refuses_styles(bad):
    """The three styles are named in the refusal."""
    with pytest.raises(bad.error, match=bad.match) as raised:
        noisy_release(COLOUR).render(bad.given)
    assert isinstance(raised.value, errors.NumbadpError)
    assert all(style in str(raised.value) for style in STYLES)


# --- once, and without a trace -----------------------------------------------


@pytest.fixture
def calls(monkeypatch):
    """Count reconstructions and quadtrees; both take a while."""
    counted = {"reconstruct": 0, "build_quadtree": 0}
    for name in counted:
        real = getattr(postprocess, name)

        def count(*arguments, name=name, real=real):
            counted[name] += 1
            time.sleep(0.02)
            return real(*arguments)

        monkeypatch.setattr(postprocess, name, count)
    return counted


def test_a_release_is_reconstructed_once(calls):
    """Two renders are equal, in arrays of their own, and share one reconstruction."""
    release = noisy_release(COLOUR)
    release.render("cells")
    assert calls == {"reconstruct": 0, "build_quadtree": 0}
    for style in STYLES * 2:
        first, second = release.render(style), release.render(style)
        np.testing.assert_array_equal(first, second)
        assert not np.shares_memory(first, second)
    release.quadtree()
    assert calls == {"reconstruct": 1, "build_quadtree": 1}


def test_cells_beside_a_surround_that_is_not_kept_need_no_reconstruction(calls):
    picture = np.full((40, 50), 90, np.uint8)
    release = numbadp.pixelize(picture, epsilon=1, boxes=[(5, 5, 30, 30)], outside="leave")
    release.render("cells", out=picture.copy())
    assert calls == {"reconstruct": 0, "build_quadtree": 0}
    for _ in range(2):  # leaves hang on the picture, denoised values do not
        release.render(out=picture.copy())
    assert calls == {"reconstruct": 1, "build_quadtree": 2}


def test_eight_threads_reconstruct_once(calls, monkeypatch):
    """Threads that render a new release together share one painter, however slow it is to make."""
    made = Painter.__init__

    def slow(self, *arguments):
        time.sleep(0.02)
        made(self, *arguments)

    monkeypatch.setattr(Painter, "__init__", slow)
    release, start = noisy_release(COLOUR), Barrier(8)

    def render(i):
        start.wait()
        return release.render(STYLES[i % 3])

    with ThreadPoolExecutor(8) as pool:
        pictures = list(pool.map(render, range(8)))
    for i, picture in enumerate(pictures):
        np.testing.assert_array_equal(picture, worked(COLOUR.id)[1].pictures[STYLES[i % 3]])
    assert calls == {"reconstruct": 1, "build_quadtree": 1}


@all_cases
def test_rendering_leaves_the_release_as_it_was(case):
    """Values keep their numbers and stay read-only; painted arrays do not alias them."""
    release = noisy_release(case)
    before = [v.copy() for v in release.values]
    pictures = [release.render(style) for style in STYLES]
    for value, kept in zip(release.values, before, strict=True):
        np.testing.assert_array_equal(value, kept)
        assert not value.flags.writeable
        assert not any(np.shares_memory(value, picture) for picture in pictures)


def test_painting_over_a_picture_does_not_change_the_next():
    """What a caller does with a picture stays out of the release."""
    release = noisy_release(COLOUR)
    for style in STYLES:
        release.render(style)[:] = 0
        np.testing.assert_array_equal(release.render(style), worked(COLOUR.id)[1].pictures[style])


def test_values_in_column_order_paint_alike():
    """The memory order of the values a release was built from does not matter."""
    values = [np.asfortranarray(v) for v in worked(COLOUR.id)[0]]
    release = release_of(COLOUR, values)
    for style in STYLES:
        np.testing.assert_array_equal(release.render(style), worked(COLOUR.id)[1].pictures[style])
