"""Nobody is handed more than ten things at once, but kernels, whose tables are flat."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOST = 10
# What is compiled for a processor or a device, however it is spelled: jit, jit_inline, jit_kernel,
# jit_device, intrinsic.
KERNELS = ("jit", "intrinsic")
FILES = sorted([*(ROOT / "numbadp").rglob("*.py"), *(ROOT / "bench").rglob("*.py")])


def parameters(arguments):
    """Return the names of all parameters, `self` and what stands for several included."""
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [a.arg for a in [*every, arguments.vararg, arguments.kwarg] if a]


def is_kernel(function):
    """Whether a function is compiled by one of the decorators of `compute/`."""
    names = [ast.unparse(d).partition("(")[0] for d in getattr(function, "decorator_list", [])]
    return any(name.rpartition(".")[2].startswith(KERNELS) for name in names)


def too_many(source):
    """Return functions with more parameters than `MOST` that are no kernels."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]
    return [
        f"line {f.lineno}: {len(parameters(f.args))}"
        for f in functions
        if len(parameters(f.args)) > MOST and not is_kernel(f)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_function_takes_more_than_ten_arguments(path):
    """What travels together is one named tuple, or options that the doors share."""
    assert not too_many(path.read_text("utf-8"))


@pytest.mark.parametrize(
    "source, found",
    [
        ("def f(a, b, c, d, e, f, g, h, i, j): pass", False),
        ("def f(self, a, b, c, d, e, f, g, h, *, i, j): pass", True),
        ("async def f(a, b, c, d, /, e, f, g, h, *i, j, **k): pass", True),
        ("f = lambda a, b, c, d, e, f, g, h, i, j, k: a", True),
        ("@jit\ndef f(a, b, c, d, e, f, g, h, i, j, k): pass", False),
        ("@cache\ndef f(a, b, c, d, e, f, g, h, i, j, k): pass", True),
    ],
)
def test_the_count_sees_every_parameter(source, found):
    """Power: each kind of parameter counts, in each kind of function."""
    assert bool(too_many(source)) is found
