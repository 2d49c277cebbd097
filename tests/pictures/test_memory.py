"""Pixels that Pillow lends are copied exactly, once, and Pillow's own stay as they are."""

import ctypes
import gc
import sys

import numpy as np
import pytest
from PIL import Image

from numbadp.pictures import memory
from numbadp.pictures.memory import copy_pixels
from pictures.files import scene

lent = pytest.mark.skipif(not memory.LENDS, reason="this Pillow lends nothing that is safe")


@pytest.mark.parametrize("lends", [False, True] if memory.LENDS else [False])
@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (7, 1), (31, 33), (1021, 257)])
def test_pixels_are_those_that_pillow_gives(mode, size, lends, monkeypatch):
    """Lent, and packed by a Pillow that is too old to lend all that it has."""
    monkeypatch.setattr(memory, "LENDS", lends)
    image = Image.fromarray(scene(size[1], size[0])).convert(mode)
    before, target = image.tobytes(), np.zeros_like(np.asarray(image))
    assert copy_pixels(image, target)
    np.testing.assert_array_equal(target, np.asarray(image))
    target[...] = 0
    assert image.tobytes() == before


@lent
def test_an_image_in_pieces_is_not_lent_and_nothing_is_written(in_pieces):
    image = Image.fromarray(scene(90, 700))
    target = np.full((90, 700, 3), 7, np.uint8)
    assert not copy_pixels(image, target)
    assert (target == 7).all()


@lent
def test_what_was_lent_is_given_back():
    """Else every picture would stay in memory."""
    image = Image.fromarray(scene(40, 50))
    target = np.zeros((40, 50, 3), np.uint8)
    before = sys.getrefcount(image.im)
    for _ in range(3):
        copy_pixels(image, target)
    gc.collect()
    after = sys.getrefcount(image.im)
    assert after == before
    image.paste(0, (0, 0, *image.size))
    assert not np.asarray(image).any() and target.any()


@lent
def test_what_others_do_to_functions_of_python_is_theirs(monkeypatch):
    """Every library that sets the types of one sets them for all, unless it has its own."""
    shared = ctypes.pythonapi.PyCapsule_GetPointer
    monkeypatch.setattr(shared, "restype", ctypes.c_int)
    monkeypatch.setattr(shared, "argtypes", [ctypes.c_void_p])
    image, target = Image.fromarray(scene(40, 50)), np.zeros((40, 50, 3), np.uint8)
    assert copy_pixels(image, target)
    np.testing.assert_array_equal(target, np.asarray(image))


@lent
def test_another_number_of_pixels_is_refused(monkeypatch):
    """No address is believed beyond what it is said to hold."""
    image = Image.fromarray(scene(40, 50))
    monkeypatch.setattr(memory, "_BYTES", {"RGB": 3})
    with pytest.raises(ValueError, match="other pixels"):
        copy_pixels(image, np.zeros((40, 50, 3), np.uint8))
