"""What a compiled kernel is made of, as it lies in memory; and the source of what compiles it.

Source may change under a running process, and Python trusts a .pyc file whose source has the same
size and time.  So what tells one kernel from another is not a file's hash but a digest of all that
the compiler can reach from it.  A kernel whose digest is the same is the same kernel, whatever else
was edited:

1. A function is its bytecode, constants, defaults, closure and the globals that it names, each of
   them digested in the same way, however deep (`_Parts`).
2. What a name of a module stands for is not in the bytecode: such a module is a library, known by
   its version (`kernel_cache`), or the kernel is not kept.  The same holds for what a function
   imports by itself.
3. A library's function or class counts by name, if that is where this very object lies; one that a
   factory made, or a copy, is not kept.
4. A class of ours is its bases and all its members; any other object that is not a plain constant
   is not kept.  A named tuple among the arguments' types is its fields too (`kind_name`).
5. Nothing reaches a kernel beside its names: no file of ours registers an overload, a lowering or
   a data model with Numba (`test_kernel_parts` looks).
6. A name stands for the same thing from a kernel's first use on, as Numba has it too, which takes
   globals for constants.  A kernel that was compiled after one of its own names was rebound is not
   kept (`kernel_cache`); what its helpers were lowered with before is not looked at again.
7. What turns a kernel into machine code is Numba, LLVM, their settings and the processor, all in
   the key (`kernel_cache`), and the files that `maker_hash` reads, whose hash is in the key too.
"""

import builtins
import dis
import hashlib
import sys
import types
from functools import lru_cache
from pathlib import Path

import numpy as np
from llvmlite import ir
from numba.core import types as numba_types
from numba.core.dispatcher import Dispatcher
from numba.core.types import Type
from numba.extending import _Intrinsic

# Beside the files of every folder ``kernels``: what those import and take constants or code from.
SHARED_SOURCE = (
    "_version.py", "checks.py", "compute/ahead.py", "compute/forks.py", "compute/jit.py",
    "compute/kernel_cache.py", "compute/kernel_folder.py", "compute/kernel_front.py",
    "compute/kernel_inlined.py", "compute/kernel_library.py", "compute/kernel_parts.py",
    "compute/kernel_shared.py", "compute/lanes.py", "compute/rows.py", "compute/workers.py",
    "plan/grid.py", "plan/islands.py",
)  # fmt: skip
# What turns a kernel into the file that is loaded later.
MAKERS = (
    "compute/jit.py", "compute/kernel_cache.py", "compute/kernel_front.py",
    "compute/kernel_inlined.py", "compute/kernel_library.py", "compute/kernel_parts.py",
    "compute/kernel_shared.py",
)  # fmt: skip

_PACKAGE = __name__.partition(".")[0]
_PLAIN_KINDS = (
    numba_types.Number, numba_types.Boolean, numba_types.NoneType, numba_types.Array,
    numba_types.BaseTuple, numba_types.RawPointer, numba_types.CPointer,
)  # fmt: skip
# Not code, or made by `type` from what is.
_OF_EVERY_CLASS = {
    "__annotations__", "__dict__", "__doc__", "__firstlineno__", "__module__", "__qualname__",
    "__static_attributes__", "__weakref__",
}  # fmt: skip
# Known by their versions.
_LIBRARIES = ("numba", "numpy", "llvmlite", "math", "operator", "_operator")


class UnkeepableError(Exception):
    """A kernel is made of something that has no place on disk, a test's own function say."""


def kernel_source(root: Path) -> list[Path]:
    """Files that a kernel for the CPU can be made of, in a fixed order.

    Parameters
    ----------
    root : Path
        Folder of the package.

    Returns
    -------
    list of Path
        Not all of them need exist.
    """
    kernels = [path for path in root.rglob("kernels/*.py") if not path.stem.endswith("_cuda")]
    return sorted([*kernels, *(root / name for name in SHARED_SOURCE)])


@lru_cache(maxsize=1)
def maker_hash() -> str | None:
    """Hash of the source that turns kernels into files.

    Returns
    -------
    str or None
        16 hexadecimal digits; None where source cannot be read, that of a kernel included: a hash
        of nothing would be that of every version.
    """
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    try:
        for name in MAKERS:
            digest.update(name.encode())
            digest.update(hashlib.sha256((root / name).read_bytes()).digest())
    except OSError:
        return None
    files = kernel_source(root)
    there = all(path.is_file() for path in files)
    return digest.hexdigest()[:16] if there and len(files) > len(SHARED_SOURCE) else None


@lru_cache(maxsize=1)
def known_files() -> frozenset[str]:
    """Names of the files that a kernel that is kept can come from."""
    return frozenset(str(path) for path in kernel_source(Path(__file__).parents[1]))


def made_of(function, options) -> str:
    """Digest of all that a kernel is made of, as it lies in memory.

    Parameters
    ----------
    function : callable
        A kernel before it is compiled.
    options : dict
        The decorator's options.

    Returns
    -------
    str
        Hexadecimal.

    Raises
    ------
    UnkeepableError
        If it is made of anything but this package's kernel source and plain constants.
    """
    parts = _Parts()
    parts.add(sorted(options.items()))
    parts.add(function)
    return parts.digest.hexdigest()


def kind_name(kind) -> str:
    """Write down the type of an argument, the fields of named tuples included.

    Parameters
    ----------
    kind : numba.types.Type or None
        The type.

    Returns
    -------
    str
        Different for types that a kernel can tell apart.

    Raises
    ------
    UnkeepableError
        If it is anything but numbers, arrays and tuples of them: the code of a function, say, is
        not in its type.
    """
    if kind is not None and not isinstance(kind, _PLAIN_KINDS):
        raise UnkeepableError
    named = isinstance(kind, numba_types.BaseNamedTuple)
    fields = getattr(kind, "fields", ()) if named else ()
    inner = [kind_name(each) for each in getattr(kind, "types", ())]
    return f"{kind!r} {getattr(kind, 'key', None)!r} {fields} {inner}"


class _Parts:
    """Walks functions, their constants, globals and closures in a fixed order."""

    def __init__(self):
        self.digest = hashlib.sha256()
        self._seen: dict[int, int] = {}
        self._held = []  # keeps ids unique

    def _say(self, *words) -> None:
        for word in words:
            data = word if isinstance(word, bytes) else str(word).encode("utf-8", "surrogatepass")
            self.digest.update(len(data).to_bytes(8, "little") + data)

    def add(self, value) -> None:
        """Add a value, whatever it is."""
        kind = type(value)
        if value is None or kind in (bool, int, float, complex, str, bytes, type(...)):
            self._say(kind.__name__, repr(value))
        elif kind in (tuple, list):
            self._say(kind.__name__, len(value))
            for each in value:
                self.add(each)
        elif kind in (set, frozenset):
            self._say(kind.__name__, sorted(map(repr, value)))
        elif kind is dict:
            self.add(sorted(value.items()))
        elif isinstance(value, (np.generic, np.ndarray)):
            if value.dtype.hasobject:
                raise UnkeepableError
            self._say("array", repr(value.dtype), value.shape, value.strides, value.tobytes())
        elif isinstance(value, numba_types.ExternalFunction):  # of the system, sched_yield say
            words = [kind_name(each) for each in (value.sig.return_type, *value.sig.args)]
            self._say("symbol", value.symbol, words)
        elif isinstance(value, Type):
            self._say("type", kind_name(value))
        elif isinstance(value, (np.dtype, ir.Type, ir.Constant)):
            self._say(kind.__name__, repr(value))
        elif isinstance(value, types.ModuleType):
            self._add_module(value.__name__)
        else:
            self._add_once(value)

    def _add_once(self, value) -> None:
        """Add what may refer to itself."""
        number = self._seen.setdefault(id(value), len(self._seen))
        self._say("seen", number)
        if number < len(self._held):
            return
        self._held.append(value)
        if isinstance(value, types.CodeType):
            self._add_code(value)
        elif isinstance(value, types.FunctionType):
            self._add_function(value)
        elif isinstance(value, Dispatcher):
            self.add(sorted(value.targetoptions.items()))
            self._say(value.link.__name__ if hasattr(value, "link") else "")
            self.add(value.py_func)
        elif isinstance(value, _Intrinsic):
            self.add([value._defn, value._prefer_literal])
        elif isinstance(value, type):
            self._add_class(value)
        elif isinstance(value, property):
            self.add([value.fget, value.fset])
        elif isinstance(value, (staticmethod, classmethod)):
            self._say(type(value).__name__)
            self.add(value.__func__)
        else:
            self._add_named(value)

    def _add_module(self, name: str) -> None:
        """Step 2: a library's version says what its names stand for."""
        if name.partition(".")[0] not in _LIBRARIES:
            raise UnkeepableError
        self._say("module", name)

    def _add_named(self, value) -> None:
        """Step 3: what a library has under this name, and nothing else."""
        module = getattr(value, "__module__", "") or getattr(
            type(getattr(value, "__self__", None)), "__module__", ""
        )
        name = getattr(value, "__qualname__", "") or getattr(value, "__name__", "")
        if module.partition(".")[0] not in (*_LIBRARIES, builtins.__name__):
            raise UnkeepableError
        found = sys.modules.get(module)
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is not value:
            raise UnkeepableError
        self._say("name", module, name)

    def _add_code(self, code) -> None:
        for step in dis.get_instructions(code):
            if step.opname == "IMPORT_NAME":
                self._add_module(step.argval)
        self._say(code.co_code, code.co_flags, code.co_argcount, code.co_kwonlyargcount)
        self._say(code.co_posonlyargcount, getattr(code, "co_exceptiontable", b""))
        self.add([code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars])
        self.add(code.co_consts)

    def _add_function(self, function) -> None:
        module = function.__module__ or ""
        self._say("function", module, function.__qualname__)
        if not _is_ours(module):
            self._add_named(function)
            return
        if _file_of(module) not in known_files():
            raise UnkeepableError
        self.add(function.__code__)
        self.add([function.__defaults__, function.__kwdefaults__])
        for name in _names(function.__code__):
            if name in function.__globals__:
                self._say(name)
                self.add(function.__globals__[name])
        for cell in function.__closure__ or ():
            try:
                content = cell.cell_contents
            except ValueError:  # not filled yet
                raise UnkeepableError from None
            self.add(content)

    def _add_class(self, kind: type) -> None:
        if not _is_ours(kind.__module__):
            self._add_named(kind)
            return
        self._say("class", kind.__module__, kind.__qualname__)
        self.add([type(kind), *kind.__bases__])
        for name in sorted(vars(kind).keys() - _OF_EVERY_CLASS):
            self._say(name)
            self.add(vars(kind)[name])


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == _PACKAGE


def _file_of(module: str) -> str | None:
    """File that a module was imported from; None if it did not come from its source."""
    found = sys.modules.get(module)
    return getattr(found, "__file__", None)


def _names(code) -> list[str]:
    """Names that a function and those inside it look up, in a fixed order."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names.update(_names(constant))
    return sorted(names)
