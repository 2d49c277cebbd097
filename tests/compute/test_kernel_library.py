"""Kernels that call kernels: one library of machine code, the same results, no speed lost."""

import gc
import sys

import numpy as np
import pytest
from numba.core import event
from numba.core.errors import TypingError
from numba.core.runtime import _nrt_python, rtsys

from numbadp.compute.jit import jit, jit_inline
from numbadp.compute.kernel_inlined import as_shape
from numbadp.compute.kernel_library import PartLibrary


@jit
def added(values, out):
    """Add values to others, element by element."""
    for i in range(out.size):
        out[i] += values[i]


@jit_inline
def doubled(x):
    """Double a number."""
    return x + x


def caller(*, helper=added, inline=doubled):
    """Return a fresh kernel that calls both."""

    @jit
    def kernel(values, out, times):
        for _ in range(times):
            helper(values, out)
        return inline(out[0])

    return kernel


def fresh():
    """Return fresh helpers that nobody has called yet."""
    return jit(added.py_func), jit_inline(doubled.py_func)


def test_what_kernels_call_is_no_machine_code_of_its_own():
    """A helper is lowered for its caller, once for each kind of arguments, and not emitted."""
    helper, inline = fresh()
    kernel = caller(helper=helper, inline=inline)
    for dtype in (np.int64, np.int64, np.float32):
        out = np.zeros(5, dtype)
        assert kernel(np.arange(5).astype(dtype), out, 3) == 0
        assert out.tolist() == [0, 3, 6, 9, 12]
    assert len(kernel.signatures) == 2 and not helper.signatures and not inline.signatures
    assert len(helper._parts) == 2
    (library,) = {type(part.result.library) for part in helper._parts.values()}
    assert library is PartLibrary
    engine = kernel.targetctx.codegen()._engine
    for part in helper._parts.values():
        assert not engine.is_symbol_defined(part.result.fndesc.llvm_cpython_wrapper_name)


def test_python_calls_a_helper_too():
    """Then it is compiled by itself, whoever called it before."""
    helper, inline = fresh()
    out = np.ones(4)
    caller(helper=helper, inline=inline)(np.ones(4), out, 1)
    helper(np.ones(4), out)
    assert out.tolist() == [3] * 4 and inline(21) == 42
    assert len(helper.signatures) == len(inline.signatures) == 1
    caller(helper=helper, inline=inline)(np.ones(4), out, 1)
    assert out.tolist() == [4] * 4


def test_the_whole_is_optimised_after_its_parts_are_in_it():
    """A helper's loop has vector instructions in its caller, and what is inlined is no call."""
    kernel = caller()
    kernel(np.ones(40, np.int64), np.ones(40, np.int64), 1)
    (code,) = kernel.inspect_llvm().values()
    assert "x i64>" in code
    assert not any("doubled" in line for line in code.splitlines() if "define" in line)


def test_keywords_and_defaults_of_helpers_work():
    """As in Python."""

    @jit
    def scaled(x, factor=3, shift=0):
        return x * factor + shift

    @jit
    def kernel(x):
        return scaled(x), scaled(x, shift=1), scaled(factor=2, x=x)

    assert kernel(5) == (15, 16, 10)


def test_a_helper_that_cannot_be_typed_is_an_error_of_its_caller():
    """Which says what and where; other arguments work afterwards."""
    kernel = caller()
    with pytest.raises(TypingError, match="added"):
        kernel("text", np.ones(3), 1)
    assert kernel(np.ones(3), np.ones(3), 1) == 4


def test_a_helper_that_raises_ends_its_caller():
    """Errors come up through every level."""

    @jit
    def refuse(x):
        if x > 2:
            raise ValueError("more than two")
        return x

    @jit
    def kernel(x):
        return refuse(x) + 1

    assert kernel(2) == 3
    with pytest.raises(ValueError, match="more than two"):
        kernel(3)


def test_helpers_three_deep_are_linked_once():
    """A helper that two others share stands in the library once."""

    @jit
    def bottom(values):
        total = 0
        for i in range(values.size):
            total = total * 31 + values[i]
        return total

    @jit
    def left(values):
        return bottom(values) + 1

    @jit
    def right(values):
        return bottom(values[1:]) + left(values)

    @jit
    def top(values):
        return left(values) - right(values)

    values = np.arange(5)
    assert top(values) == left.py_func(values) - right.py_func(values)
    (code,) = top.inspect_llvm().values()
    assert sum("define" in line and "bottom" in line for line in code.splitlines()) <= 1


@jit
def looking(values):
    """Sum a part of an array, through views and tuples of them."""
    low, high = values[1:3], (values[2:], values[:2])
    total = low[0] + high[0][0]
    for x in high[1]:
        total += x
    return total


@jit
def copying(values):
    """Write a part of an array over another part."""
    values[1:] = values[:-1]


@jit
def making(values):
    """Return an array of its own."""
    return values + 1


@jit
def giving(values):
    """Return a view of what was given."""
    return values[::2]


@jit
def holding(values):
    """Make an array that nobody returns."""
    held = np.zeros(values.size)
    held[:] = values
    return looking(held)


@jit
def seeing(values):
    return as_shape(values, (2, 3))[1, 2]


def counts(kernel):
    """Whether any form of a helper counts references."""
    code = ""
    for part in kernel._parts.values():
        code += str(part.result.library.get_function(part.result.fndesc.llvm_func_name))
    return "NRT_incref" in code or "NRT_decref" in code


def test_only_helpers_that_make_or_return_arrays_count_references():
    """And every array that was made is given back, when nobody has it any more."""
    functions = looking, making, giving, holding, copying, seeing
    look, make, give, hold, move, see = [jit(each.py_func) for each in functions]

    @jit
    def kernel(values):
        more, given = make(values), give(values)
        total = look(values) + look(given) + hold(more)
        move(more)
        return total + see(values), more, given

    values = np.arange(6.0)
    kernel(values)
    _nrt_python.memsys_enable_stats()
    try:
        before, held = rtsys.get_allocation_stats(), sys.getrefcount(values)
        for _ in range(10):
            total, more, given = kernel(values)
        assert (total, more.tolist(), given.tolist()) == (25, [1, 1, 2, 3, 4, 5], [0, 2, 4])
        del more, given
        after = rtsys.get_allocation_stats()
    finally:
        _nrt_python.memsys_disable_stats()
    assert after.alloc - before.alloc == after.free - before.free >= 20
    assert after.mi_alloc - before.mi_alloc == after.mi_free - before.mi_free
    assert sys.getrefcount(values) == held
    assert (
        not counts(look)
        and not counts(see)
        and counts(make)
        and counts(give)
        and counts(hold)
        and counts(move)
    )


@pytest.mark.parametrize("wanted", [True, False])
def test_no_garbage_is_looked_for_while_something_is_compiled(wanted):
    """Afterwards it is again, unless nobody wanted it before; after an error too."""
    seen = []

    class Watch(event.Listener):
        def on_start(self, event):
            seen.append(gc.isenabled())

        def on_end(self, event):
            pass

    try:
        (gc.enable if wanted else gc.disable)()
        with event.install_listener("numba:compile", Watch()):
            with pytest.raises(TypingError):
                caller()("text", np.ones(3), 1)
            assert caller(helper=fresh()[0])(np.ones(3), np.ones(3), 1) == 4
        assert seen and not any(seen) and gc.isenabled() == wanted
    finally:
        gc.enable()
