"""What Numba need not be asked: the answers are its own, and so is the code."""

import operator
import os
import re
import subprocess
import sys
from itertools import product

import numpy as np
import pytest
from numba.core import types
from numba.core.errors import TypingError
from numba.core.registry import cpu_target
from numba.core.typed_passes import InlineOverloads
from numba.core.untyped_passes import InlineClosureLikes

from numbadp.compute import kernel_front, kernel_library
from numbadp.compute.jit import jit

NUMBERS = (types.uint8, types.int16, types.int32, types.int64, types.uint64, types.float64)
KNOWN = (types.literal(1), types.literal(-3), types.literal(2), types.boolean)
OPERATORS = (
    operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod, operator.truediv,
    operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift, operator.eq,
    operator.lt, operator.ge, operator.iadd, operator.pow, range,
)  # fmt: skip


@pytest.fixture
def answers(monkeypatch):
    """Start with no answers."""
    monkeypatch.setattr(kernel_front, "_answers", {})
    state = kernel_library.PartCompiler(
        cpu_target.typing_context, cpu_target.target_context, None, (), None,
        kernel_library.Flags(), {},
    ).state  # fmt: skip
    assert type(state.typingctx) is kernel_front.Answers
    assert type(state.targetctx) is kernel_front.Lookups
    return state.typingctx


def resolved(context, function, args):
    """What a function makes of types."""
    try:
        return context.resolve_function_type(function, args, {})
    except TypingError:
        return None


@pytest.mark.parametrize("function", OPERATORS, ids=lambda each: each.__name__)
def test_operators_of_numbers_are_typed_as_numba_types_them(function, answers):
    """Numbers whose value is known among them, first or second, asked for once or again."""
    for args in product((*NUMBERS, *KNOWN), repeat=2):
        expected = resolved(cpu_target.typing_context, function, args)
        for _ in range(2):
            found = resolved(answers, function, args)
            assert (found is None) == (expected is None), args
            assert found is None or found.return_type == expected.return_type, args
            assert found is None or tuple(map(types.unliteral, found.args)) == tuple(
                map(types.unliteral, expected.args)
            )


def test_items_are_typed_as_numba_types_them(answers):
    """Which item of a tuple is asked for is known by a number's value alone."""
    pair = types.Tuple((types.int64, types.float32))
    grid = types.Array(types.int16, 2, "C")
    for args in product((pair, grid), (types.literal(0), types.literal(1), types.int64)):
        expected = resolved(cpu_target.typing_context, operator.getitem, args)
        for _ in range(2):
            found = resolved(answers, operator.getitem, args)
            assert (found is None) == (expected is None)
            assert found is None or found.return_type == expected.return_type


def plain(code):
    """Code without the numbers that Numba gives to functions in their order."""
    return re.sub(r"(_[0-9A-Za-z]*v\d+|B\d+c\d+\w*|\$\w+|\.\d+)", "", code)


def code_of(monkeypatch, as_numba):
    """LLVM's language for a kernel with a helper, a loop, a tuple, constants and slices."""
    if as_numba:
        monkeypatch.setattr(kernel_library, "lean", lambda state: None)
        monkeypatch.setattr(kernel_library, "needed", lambda passes, function: passes)
    texts = []
    library = kernel_library.PartLibrary._optimize_functions

    def note(self, module):
        texts.append(plain(str(module)))
        library(self, module)

    monkeypatch.setattr(kernel_library.PartLibrary, "_optimize_functions", note)

    @jit
    def helper(values, pair, out):
        total = pair[0]
        for i in range(1, values.size - 1):
            left, right = values[i - 1], values[i + 1]
            out[i] = np.int16((left + 2 * values[i] + right + np.int32(2)) >> 2)
            total += out[i] * 3 if pair[1] > 0.5 else -out[i]
        out[:1] = 7
        return total // 3 + (total & 1) ** 2

    @jit
    def kernel(values, out):
        return helper(values, (np.int64(5), 0.25), out)

    out = np.zeros(9, np.int16)
    kernel(np.arange(9, dtype=np.int16), out)
    return texts, out.tolist()


def test_the_code_is_numbas(monkeypatch):
    """To the letter, but for the names."""
    with monkeypatch.context() as patch:
        theirs = code_of(patch, True)
    with monkeypatch.context() as patch:
        ours = code_of(patch, False)
    assert len(ours[0]) >= 1 and ours == theirs


def test_functions_inside_functions_go_through_all_passes():
    """They are what those passes are for."""
    passes = [(InlineClosureLikes, ""), (InlineOverloads, ""), (kernel_front.NativeLowering, "")]

    def without(x):
        return x

    def within(x):
        def more(y):
            return y + 1

        return more(x)

    assert [p for p, _ in kernel_front.needed(passes, without)] == [kernel_front.Lowering]
    found = [p for p, _ in kernel_front.needed(passes, within)]
    assert found == [InlineClosureLikes, InlineOverloads, kernel_front.Lowering]
    assert jit(within)(3) == 4


FIRST = """
import numpy as np
from numba.core import event
from numbadp import pixelize

class Watch(event.Listener):
    def on_start(self, event):
        function = event.data["dispatcher"].py_func
        print(function.__module__, function.__name__)
    def on_end(self, event):
        pass

with event.install_listener("numba:compile", Watch()):
    black = np.zeros((40, 52, 3), np.uint8)
    for options in ({}, {"boxes": [(1, 2, 9, 9)]}):
        pixelize(black, epsilon=1, **options).render()
"""


def test_pictures_need_no_function_of_numbas():
    """One slice assigned to another had half a hundred compiled, for words of an error."""
    places = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, "-c", FIRST], capture_output=True, text=True, check=True,
        env=os.environ | {"NUMBADP_CACHE": "0", "PYTHONPATH": places},
    )  # fmt: skip
    compiled = [line.split() for line in done.stdout.splitlines()]
    assert len(compiled) > 100
    assert {module for module, _ in compiled if not module.startswith("numbadp")} == set()
