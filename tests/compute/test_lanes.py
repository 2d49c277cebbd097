"""Vector operations: each lane gets what NumPy gives the element, bit for bit."""

import operator
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numba import types
from numba.extending import intrinsic

from numbadp.compute import lanes
from numbadp.compute.jit import jit
from numbadp.compute.lanes import (
    F32,
    I32,
    I64,
    LANES,
    load_lanes,
    next_item,
    pointer_to,
    read_progress,
    set_progress,
    store_lanes,
)

KINDS = {"float32": F32, "uint32": I32, "uint64": I64}


def build(kind, body):
    """Compile out[:] = body(a, b) on lanes; all three start at any element."""

    @intrinsic
    def apply(typingctx, a, b, out):
        signature = types.void(a, b, out)

        def codegen(context, builder, sig, args):
            zero = I64(0)
            one, two = (load_lanes(builder, p, zero, KINDS[kind]) for p in args[:2])
            store_lanes(body(one, two), args[2], zero)
            return context.get_dummy_value()

        return signature, codegen

    @jit
    def run(a, b, out, at):
        apply(pointer_to(a, at), pointer_to(b, at), pointer_to(out, at))

    def call(a, b, at=0):
        """Return body(a, b) of sixteen elements that start at an odd place in memory."""
        padded = [np.concatenate([np.zeros(at, x.dtype), x]) for x in (a, b)]
        out = np.full(at + LANES + 3, 7, a.dtype)
        run(*padded, out, at)
        assert (out[:at] == 7).all()
        assert (out[at + LANES :] == 7).all()
        return out[at : at + LANES]

    return call


FLOAT = {
    "add": (operator.add, operator.add),
    "subtract": (operator.sub, operator.sub),
    "multiply": (operator.mul, operator.mul),
    "negate": (lambda a, b: -a, lambda a, b: -a),
    "constant minus": (lambda a, b: 1.5 - a, lambda a, b: np.float32(1.5) - a),
    "times constant": (lambda a, b: a * 0.1, lambda a, b: a * np.float32(0.1)),
    "not contracted": (lambda a, b: a * b + a, lambda a, b: (a * b).astype(np.float32) + a),
    "larger": (lanes.larger, lambda a, b: np.where(a > b, a, b)),
    "smaller": (lanes.smaller, lambda a, b: np.where(a < b, a, b)),
    "larger than constant": (lambda a, b: lanes.larger(a, 0.25), lambda a, b: np.where(a > 0.25, a, np.float32(0.25))),
}  # fmt: skip
WHOLE = {
    "add": (operator.add, operator.add),
    "subtract": (operator.sub, operator.sub),
    "multiply": (operator.mul, operator.mul),
    "xor": (operator.xor, operator.xor),
    "add constant": (lambda a, b: a + 5, lambda a, b: a + np.uint32(5)),
}
floats = arrays(np.float32, LANES, elements=st.floats(width=32))
words = arrays(np.uint32, LANES, elements=st.integers(0, 2**32 - 1))


@pytest.mark.parametrize("name", FLOAT)
def test_float_lanes_equal_numpy(name):
    """IEEE single arithmetic in every lane, NaN, infinities and signed zeros included."""
    body, expected = FLOAT[name]
    compiled = build("float32", body)

    @given(floats, floats, st.integers(0, 3))
    def check(a, b, at):
        with np.errstate(all="ignore"):
            wanted = expected(a, b).astype(np.float32)
        found = compiled(a, b, at)
        same = (found.view(np.uint32) == wanted.view(np.uint32)) | (
            np.isnan(found) & np.isnan(wanted)
        )
        assert same.all()

    check()


@pytest.mark.parametrize("name", WHOLE)
def test_whole_lanes_wrap_like_numpy(name):
    """32-bit words wrap in every lane."""
    body, expected = WHOLE[name]
    compiled = build("uint32", body)

    @given(words, words)
    def check(a, b):
        np.testing.assert_array_equal(compiled(a, b), expected(a, b))

    check()


@pytest.mark.parametrize("places", [1, 7, 8, 12, 16, 31])
def test_rotation_keeps_every_bit(places):
    """Rotating left moves the top bits to the bottom, in every lane."""
    compiled = build("uint32", lambda a, b: lanes.rotate_left(a, places))
    a = np.arange(LANES, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(0x80000001)
    expected = [(int(x) << places | int(x) >> (32 - places)) & 0xFFFFFFFF for x in a]
    assert compiled(a, a).tolist() == expected


def test_splat_fills_every_lane():
    """One scalar is in all sixteen lanes."""

    def body(a, b):
        first = a.builder.extract_element(a.value, I32(3))
        return lanes.splat(a.builder, first, I32)

    a = np.arange(100, 100 + LANES, dtype=np.uint32)
    assert build("uint32", body)(a, a).tolist() == [103] * LANES


def test_a_body_gives_scalars_and_lanes_the_same():
    """The point of the module: one source, run on Python numbers and on vectors."""

    def body(a, b):
        return (a + b) * a ^ b

    a = np.arange(LANES, dtype=np.uint32) + np.uint32(1000)
    b = a * np.uint32(3)
    scalars = [body(int(x), int(y)) & 0xFFFFFFFF for x, y in zip(a, b, strict=True)]
    assert build("uint32", body)(a, b).tolist() == scalars


@jit
def take(counter, items, taken):
    """Note which items this thread takes."""
    item = next_item(counter)
    while item < items:
        taken[item] += 1
        item = next_item(counter)


def test_no_item_is_taken_twice_or_left():
    """Eight threads on one counter take every item exactly once."""
    items, rounds = 200_000, 3
    for _ in range(rounds):
        counter, taken = np.zeros(1, np.int64), np.zeros(items, np.int64)
        group = [threading.Thread(target=take, args=(counter, items, taken)) for _ in range(8)]
        for thread in group:
            thread.start()
        for thread in group:
            thread.join()
        assert (taken == 1).all()
        assert counter[0] == items + len(group)


@jit
def produce(data, progress):
    """Write, then say so."""
    for i in range(data.size):
        data[i] = i + 1
        set_progress(progress, 1, i + 1)


@jit
def consume(data, progress, wrong):
    """Read as soon as it is said to be there."""
    for i in range(data.size):
        while read_progress(progress, 1) <= i:
            pass
        wrong[0] += data[i] != i + 1


def test_progress_publishes_what_was_written_before():
    """A reader that sees the progress sees the data, and its neighbours stay untouched."""
    data, progress, wrong = (
        np.zeros(100_000, np.int64),
        np.zeros(3, np.int64),
        np.zeros(1, np.int64),
    )
    consume(data[:0], progress, wrong)  # compile both before the race
    produce(data[:0], progress)
    reader = threading.Thread(target=consume, args=(data, progress, wrong))
    reader.start()
    produce(data, progress)
    reader.join()
    assert wrong[0] == 0
    assert progress.tolist() == [0, data.size, 0]
