"""What kernels say with NumPy's and Python's names, and what they get: the same."""

import numpy as np
import pytest
from numba import njit
from numba.core.runtime import _nrt_python, rtsys

from numbadp.compute.jit import jit
from numbadp.compute.kernel_inlined import as_shape

KINDS = (np.uint8, np.int16, np.uint32, np.int64, np.float32, np.float64, np.bool_)
SHAPES = (0, 1, 7, (3,), (2, 5), (0, 4), (2, 3, 4), (1, 2, 3, 4, 5))
NAN = np.float64("nan")
PAIRS = [
    (np.int64(3), np.int64(-4)), (np.int64(3), np.int32(5)), (np.int16(-2), np.int32(-2)),
    (np.uint8(200), np.int16(-2)), (np.uint64(9), np.int64(-1)), (np.uint32(7), np.uint64(1)),
    (np.float32(2.5), np.float32(0.1)), (np.float32(2.5), np.float64(0.1)),
    (np.float64(0), np.float64(-0.0)), (NAN, np.float64(1)), (np.float64(1), NAN),
    (np.float32(1.5), np.int64(3)),
]  # fmt: skip


def made(compiler, name, shape, kind):
    """Make an array in a kernel, and return it with its size."""
    function = getattr(np, name)
    assert function in (np.empty, np.zeros)

    def emptied():
        return np.empty(shape, kind)

    def zeroed():
        return np.zeros(shape, kind)

    return compiler(emptied if name == "empty" else zeroed)()


@pytest.mark.parametrize("name", ["empty", "zeros"])
@pytest.mark.parametrize("kind", KINDS)
def test_arrays_are_what_numpy_says(name, kind):
    """Of the same type, shape and strides, owned, aligned for vectors, and zero if so asked."""
    for shape in SHAPES:
        array, plain = made(jit, name, shape, kind), getattr(np, name)(shape, kind)
        assert (array.dtype, array.shape) == (plain.dtype, plain.shape)
        assert array.strides == made(njit, name, shape, kind).strides
        assert array.flags.writeable and array.flags.c_contiguous
        assert array.ctypes.data % 32 == 0
        if name == "zeros":
            assert not array.any()
        array[...] = 1
        assert array.sum() == array.size


def test_arrays_of_any_integer_that_is_their_side():
    """Unsigned and narrow ones too."""

    @jit
    def kernel(rows, columns):
        array = np.zeros((rows, columns), np.int32)
        return array.shape, array.size, array.nbytes, len(array)

    for kind in (np.uint8, np.int16, np.int32, np.uint64):
        assert kernel(kind(3), 4) == ((3, 4), 12, 48, 3)


def test_arrays_are_given_back():
    """Those that nobody returns with the kernel, the others with their last name."""

    @jit
    def kernel(n):
        held = np.empty((n, 2), np.float32)
        given = np.zeros(n, np.int64)
        for i in range(n):
            held[i, 0] = held[i, 1] = i
            given[i] = np.int64(held[i, 0] + held[i, 1])
        return given

    kernel(3)
    _nrt_python.memsys_enable_stats()
    try:
        before = rtsys.get_allocation_stats()
        for n in range(20):
            assert kernel(n).tolist() == list(range(0, 2 * n, 2))
        after = rtsys.get_allocation_stats()
    finally:
        _nrt_python.memsys_disable_stats()
    assert after.alloc - before.alloc == after.free - before.free == 40


def test_a_flat_array_is_seen_in_any_shape():
    """Its first elements, from wherever it begins; what is written there is written to it."""

    @jit
    def kernel(flat, first, rows, columns):
        view = as_shape(flat[first:], (rows, columns, 2))
        view[rows - 1, columns - 1, 1] = 77
        return view, as_shape(view, (2 * rows, columns))

    flat = np.arange(40, dtype=np.int16)
    view, again = kernel(flat, 3, 2, 5)
    assert flat[22] == 77 and view.base is not None
    np.testing.assert_array_equal(view, flat[3:23].reshape(2, 5, 2))
    np.testing.assert_array_equal(again, flat[3:23].reshape(4, 5))
    assert view.flags.c_contiguous and np.shares_memory(again, flat)


# Sizes that are no number of bytes, a little below 0, or small again beyond 64 bits.
WITHOUT = [(1 << 40, 1 << 20), (-5, 3), (-1, 1), (-3, -4), (1 << 60, 2), (3, (1 << 61) + 1)]


@pytest.mark.parametrize("rows, columns", WITHOUT)
def test_what_cannot_be_had_is_an_error(rows, columns):
    """No memory, a side below 0, or too many bytes to count: there is no array."""

    @jit
    def kernel(rows, columns):
        return np.empty((rows, columns), np.int64).size

    @jit
    def row(columns):
        return np.empty(columns, np.uint8).size

    with pytest.raises(MemoryError):
        kernel(rows, columns)
    with pytest.raises(MemoryError):
        row(-abs(columns))
    with pytest.raises(MemoryError):
        kernel(columns, rows)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: repr(pair))
def test_minima_and_maxima_are_numbas(pair):
    """Type and bits, for every order of numbers of any kinds, NaN and both zeros among them."""

    def both(a, b):
        return min(a, b), max(a, b)

    ours, numbas = jit(both), njit(both)
    for each in (pair, pair[::-1]):
        assert repr(ours(*each)) == repr(numbas(*each))
    assert repr(ours.nopython_signatures) == repr(numbas.nopython_signatures)


def test_others_are_left_as_they_are():
    """Three numbers, one array, keywords, types that are not said, and functions of other names."""

    @jit
    def kernel(values, a):
        plain = np.empty(3)
        plain[:] = a
        more = np.zeros(shape=2, dtype=np.int32)
        like = np.empty_like(values)
        like[:] = values.max()
        return min(a, 3, 2), max(values), plain.sum() + more.sum() + like.sum(), np.minimum(a, 2)

    assert kernel(np.arange(4), 5) == (2, 3, 15 + 12, 2)


def test_no_function_of_numbas_is_compiled_for_them():
    """That is what it is for."""
    seen = []

    @jit
    def kernel(n):
        array = np.empty(n, np.int64)
        more = np.zeros((n, n), np.uint8)
        array[:] = max(n, 2)
        return min(array[0], more[0, 0])

    from numba.core import event

    class Watch(event.Listener):
        def on_start(self, event):
            seen.append(event.data["dispatcher"].py_func.__qualname__)

        def on_end(self, event):
            pass

    with event.install_listener("numba:compile", Watch()):
        assert kernel(3) == 0
    assert len(seen) == 1 and seen[0].endswith("kernel")
