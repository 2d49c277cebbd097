"""Scratch memory: overwritten whatever happens, except what is handed out."""

import numpy as np
import pytest
from interrupts import interrupted_at
from PIL import Image

from numbadp.compute import forgetting
from numbadp.compute.forgetting import Scratch, forget_bytes, forget_image


def filled(own, dtype):
    """Return arrays of every origin, filled."""
    made = [own.zeros((3, 4), dtype), own.zeros(7, dtype), own.add(np.empty(5, dtype))]
    made.append(own.contiguous(np.ones((4, 6), dtype)[:, ::2]))
    for array in made:
        array[...] = 7
    return made


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32, np.int64])
def test_a_block_overwrites_what_is_its_own(dtype):
    """At its end, or after an error, all arrays are zero."""
    own = Scratch()
    with own, own:
        arrays = filled(own, dtype)
    with pytest.raises(ZeroDivisionError), Scratch() as other:
        arrays += filled(other, dtype)
        1 / 0  # noqa: B018
    assert len(arrays) == 8 and not any(array.any() for array in arrays)


def test_what_is_handed_out_stays():
    """Only what is named; None is nothing."""
    own = Scratch()
    with own, own:
        first, second, *others = filled(own, np.int64)
        own.hand_out(first, None, second)
    assert (first == 7).all() and (second == 7).all() and not any(a.any() for a in others)


def test_contiguous_arrays_are_not_copied():
    """The caller's own memory is neither copied nor overwritten."""
    array = np.full((3, 4), 9, np.uint8)
    with Scratch() as own:
        assert own.contiguous(array) is array
        copy = own.contiguous(array.T)
        assert np.array_equal(copy, array.T) and copy.flags.c_contiguous
    assert (array == 9).all() and not copy.any()


def test_the_last_is_done_first_and_an_error_stops_nothing():
    """All is done; the first error is told, unless there was one before."""
    seen = []

    def fail(name):
        seen.append(name)
        raise OSError(name)

    own = Scratch()
    with pytest.raises(OSError, match="c"), own, own:
        own.when_done(seen.append, "a")
        own.when_done(fail, "b")
        own.when_done(fail, "c")
    assert seen == ["c", "b", "a"]
    with pytest.raises(ZeroDivisionError), own, own:
        own.when_done(fail, "d")
        1 / 0  # noqa: B018


def test_an_interrupt_at_any_step_leaves_nothing():
    """Whichever opcode of `Scratch` or of the block it comes at, all arrays are overwritten."""

    def block():
        own = Scratch()
        with own, own:
            made.append(own.zeros(8, np.uint8))
            made[0][:] = 7
            made.append(own.zeros(8, np.uint8))
            made[1][:] = 7

    def is_looked_at(code):
        return code is block.__code__ or code.co_filename == forgetting.__file__

    made, steps = [], 0
    while True:
        made.clear()
        if interrupted_at(steps, is_looked_at, block) is None:
            break
        assert not any(array.any() for array in made), steps
        steps += 1
    assert steps > 100


# --- what Python and Pillow hold ----------------------------------------------


@pytest.mark.parametrize("length", [2, 3, 100, 70_000])
def test_bytes_are_overwritten(length):
    """In place, up to the last."""
    data = bytes(bytearray(range(1, 3))) * (length // 2) + b"x" * (length % 2)
    forget_bytes(data)
    assert data == bytes(length)


@pytest.mark.parametrize("data", [b"", b"\x07", bytes([200])])
def test_bytes_that_python_shares_are_left_alone(data):
    """There is one object for every byte in the whole process."""
    before = bytearray(data)
    forget_bytes(data)
    assert data == before
    assert [bytes([n])[0] for n in range(256)] == list(range(256))


@pytest.mark.parametrize("mode", Image.MODES)
def test_images_are_overwritten(mode):
    """Every mode that Pillow has becomes that of an empty image."""
    image = Image.new(mode, (5, 4))
    black = image.tobytes()
    image.paste(1, (0, 0, 3, 3))
    assert image.tobytes() != black
    forget_image(image)
    assert image.tobytes() in (black, Image.new(mode, (5, 4), 0).tobytes())
