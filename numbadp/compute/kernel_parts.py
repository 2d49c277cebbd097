"""What a compiled kernel is made of: its source on disk, and what was imported of it.

The source's hash names the folder that kernels are kept in.  But source may change under a running
process, and Python trusts a .pyc file whose source has the same size and time; so each kernel also
has a digest of its own code and of all that it calls, as they lie in memory: what is compiled.
"""

import builtins
import hashlib
import sys
import types
from functools import lru_cache
from pathlib import Path

import numpy as np
from llvmlite import ir
from numba.core.dispatcher import Dispatcher
from numba.core.types import Type
from numba.extending import _Intrinsic

# Beside the files of every folder ``kernels``: what those import and take constants or code from.
SHARED_SOURCE = (
    "_version.py", "checks.py", "compute/forks.py", "compute/jit.py", "compute/kernel_cache.py",
    "compute/kernel_folder.py", "compute/kernel_parts.py", "compute/lanes.py", "plan/grid.py",
)  # fmt: skip

_PACKAGE = __name__.partition(".")[0]
_LIBRARIES = ("numba", "numpy", "llvmlite", "math", "operator")  # known by their versions


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
def source_hash() -> str | None:
    """Hash of all source that a kernel can be made of.

    Returns
    -------
    str or None
        16 hexadecimal digits; None where the source cannot be read: a hash of nothing would be
        that of every version.
    """
    root = Path(__file__).parents[1]
    files = kernel_source(root)
    digest = hashlib.sha256()
    try:
        for path in files:
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    except OSError:
        files = []
    if len(files) <= len(SHARED_SOURCE):
        return None
    return digest.hexdigest()[:16]


@lru_cache(maxsize=1)
def hashed_files() -> frozenset[str]:
    """Names of the files that `source_hash` has read."""
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
        If it is made of anything but this package's hashed source and plain constants.
    """
    parts = _Parts()
    parts.add(sorted(options.items()))
    parts.add(function)
    return parts.digest.hexdigest()


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
            self._say("array", value.dtype.str, value.shape, value.tobytes())
        elif isinstance(value, (np.dtype, Type, ir.Type, ir.Constant)):
            self._say(kind.__name__, value)
        elif isinstance(value, (types.ModuleType, types.BuiltinFunctionType, np.ufunc)):
            self._say("name", getattr(value, "__module__", ""), value.__name__)
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
            self.add(value.py_func)
        elif isinstance(value, _Intrinsic):
            self.add(value._defn)
        elif isinstance(value, type):
            self._add_class(value)
        elif isinstance(value, property):
            self.add([value.fget, value.fset])
        elif isinstance(value, (staticmethod, classmethod)):
            self.add(value.__func__)
        elif _is_ours(getattr(value, "__module__", "") or "") or not callable(value):
            raise UnkeepableError
        else:
            self._say("name", value.__module__, getattr(value, "__qualname__", None))

    def _add_code(self, code) -> None:
        self._say(code.co_code, code.co_flags, code.co_argcount, code.co_kwonlyargcount)
        self.add([code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars])
        self.add(code.co_consts)

    def _add_function(self, function) -> None:
        module = function.__module__ or ""
        self._say("function", module, function.__qualname__)
        if not _is_ours(module):
            if module.partition(".")[0] not in _LIBRARIES:
                raise UnkeepableError
            return
        if _file_of(module) not in hashed_files():
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
        self._say("class", kind.__module__, kind.__qualname__)
        if _is_ours(kind.__module__):
            for name in sorted(vars(kind)):
                member = vars(kind)[name]
                if isinstance(member, (types.FunctionType, property, staticmethod, classmethod)):
                    self._say(name)
                    self.add(member)
        elif kind.__module__.partition(".")[0] not in (*_LIBRARIES, builtins.__name__):
            raise UnkeepableError


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
