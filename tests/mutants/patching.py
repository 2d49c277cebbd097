"""Importing the package with one faulty module, without touching a file.

A child process that was forked before the package was imported installs a `Fault`; when the module
is imported, its source is patched in memory.  Compiled kernels that the fault can reach are either
not compiled at all ("python") or compiled anew and not kept ("compiled"); all others come from the
cache of compiled kernels.
"""

import ast
import importlib
import sys
from dataclasses import dataclass, field
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader
from math import prod
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "numbadp"


@dataclass
class Fault:
    """A patched source, and the modules whose kernels it may change."""

    module: str
    source: str | None
    reached: frozenset[str]
    kernels: str
    loaded: set[str] = field(default_factory=set)

    def install(self) -> None:
        """Patch every later import of the package in this process."""
        assert not any(name.partition(".")[0] == "numbadp" for name in sys.modules)
        sys.meta_path.insert(0, _Finder(self))
        jit = importlib.import_module("numbadp.compute.jit")
        jit._kept = _kept_unless(self.reached, jit._kept)
        if self.kernels == "python":
            jit.jit = _only_outside(self.reached, jit.jit)
            jit.jit_inline = _only_outside(self.reached, jit.jit_inline)


def module_of(file: str) -> str:
    """Return the dotted name of a file below numbadp/."""
    parts = ["numbadp", *Path(file).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def reached_from(module: str) -> frozenset[str]:
    """Return a module and all modules that import it, directly or by others."""
    reached, todo = {module}, [module]
    while todo:
        fresh = _importers().get(todo.pop(), set()) - reached
        reached |= fresh
        todo += fresh
    return frozenset(reached)


@cache
def _importers() -> dict[str, set[str]]:
    """Return the modules that import each module."""
    importers: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        name = module_of(str(path.relative_to(PACKAGE)))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                for found in [node.module, *(f"{node.module}.{a.name}" for a in node.names)]:
                    importers.setdefault(found, set()).add(name)
    return importers


def _kept_unless(reached, keep):
    """Keep compiled kernels of the package that the fault cannot reach; tests' own never."""

    def keep_or_not(kernel):
        home = kernel.py_func.__module__
        return keep(kernel) if home.startswith("numbadp.") and home not in reached else kernel

    return keep_or_not


def _only_outside(reached, compiler):
    def compile_or_leave(function):
        if function.__module__ not in reached:
            return compiler(function)
        function.py_func = function  # as dispatchers have
        return function

    return compile_or_leave


def _take_item(counter):
    """Do what `numbadp.compute.lanes.next_item` does, for kernels that run as plain Python."""
    counter[0] += 1
    return int(counter[0]) - 1


def _seen_as(array, shape):
    """Do what `numbadp.compute.kernel_inlined.as_shape` does, for these."""
    return array.reshape(-1)[: prod(map(int, shape))].reshape(shape)


_PLAIN = {"next_item": _take_item, "as_shape": _seen_as}


class _Finder(MetaPathFinder):
    def __init__(self, fault: Fault):
        self.fault = fault

    def find_spec(self, name, path=None, target=None):
        if name != self.fault.module and name not in self.fault.reached:
            return None
        spec = PathFinder.find_spec(name, path, target)
        spec.loader = _Loader(name, spec.origin, self.fault)
        return spec


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, fault: Fault):
        super().__init__(name, path)
        self.fault = fault

    def get_code(self, name):
        if name != self.fault.module or self.fault.source is None:
            return super().get_code(name)
        self.fault.loaded.add(name)
        return compile(self.fault.source, self.path, "exec", dont_inherit=True)

    def exec_module(self, module):
        super().exec_module(module)
        if self.fault.kernels == "python":
            for name, plain in _PLAIN.items():
                if hasattr(module, name):
                    setattr(module, name, plain)
