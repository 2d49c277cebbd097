"""Compiled kernels on disk: checked before anything is loaded, and never a reason to fail.

A kernel is kept under a digest of all that it is made of (`kernel_parts`), the types of its
arguments, compiler, settings and processor: what was edited elsewhere, and another version of the
package, leave an unchanged kernel's file good.  A file holds a mark, a SHA-256 digest and what
Numba needs to load the kernel; the digest covers the key too, so a file under another name is
foreign.  A file that is missing, cut, foreign, damaged or somebody
else's means that the kernel is compiled anew and the file is replaced.  The digest finds accidents;
against people there is the rule that files and folders are this user's own (`kernel_folder`).
"""

import hashlib
import os
import pickle
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path

import llvmlite
import numba
import numpy as np
from numba.core import config, sigutils
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from numbadp.compute.ahead import say_what_is_compiled, wait_for_other
from numbadp.compute.kernel_folder import DAY_S, PART, SUFFIX, owned_by_us, say_not_kept
from numbadp.compute.kernel_parts import UnkeepableError, kind_name, made_of
from numbadp.compute.kernel_shared import needs_of, provide

MARK = b"numbadp kernel 2\n"
_DIGEST = hashlib.sha256().digest_size
_LARGEST = 1 << 28  # bytes; the largest kernels have less than a hundredth
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
# Settings of Numba that change the code that it makes; the processor's are in its codegen's name.
_SETTINGS = (
    "OPT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "ENABLE_AVX", "DISABLE_INTEL_SVML", "USING_SVML",
    "BOUNDSCHECK", "DEBUGINFO_DEFAULT", "EXTEND_VARIABLE_LIFETIMES", "DEBUG_NRT", "NRT_STATS",
    "ENABLE_PROFILING", "JIT_COVERAGE", "LLVM_REFPRUNE_PASS", "LLVM_REFPRUNE_FLAGS",
    "PARFOR_MAX_TUPLE_SIZE", "CPU_NAME", "CPU_FEATURES",
)  # fmt: skip


class KernelCache:
    """The cache of one dispatcher, in the form that Numba asks for.

    Parameters
    ----------
    dispatcher : numba.core.dispatcher.Dispatcher
        The kernel.
    folder : Path or None
        Where its overloads are kept.
    reason : str
        Why there is no folder.
    """

    def __init__(self, dispatcher, folder: Path | None, reason: str = ""):
        self._function = dispatcher.py_func
        self._options, self._context = dispatcher.targetoptions, dispatcher.targetctx
        self._folder, self._reason = folder, reason
        self._enabled = True
        self._made_of: str | None = None

    @property
    def cache_path(self) -> str | None:
        """The folder, for Numba's own reports."""
        return None if self._folder is None else str(self._folder)

    def enable(self) -> None:
        """Load and keep again."""
        self._enabled = True

    def disable(self) -> None:
        """Neither load nor keep."""
        self._enabled = False

    def flush(self) -> None:
        """Forget nothing: what a dispatcher compiles anew replaces its file."""

    def load_overload(self, sig, target_context):
        """Load one overload.

        Parameters
        ----------
        sig : tuple of numba types, or Signature
            The arguments.
        target_context : BaseContext
            Numba's.

        Returns
        -------
        CompileResult or None
            None means that it has to be compiled.
        """
        target_context.refresh()
        try:
            path, key = self._place(sig, target_context)
            content = _intact(path, key)
            if content is None:
                wait_for_other(path)
                content = _intact(path, key)
            if content is None:
                say_what_is_compiled(path)
                return None
            needs, parts = pickle.loads(content[len(MARK) + _DIGEST :])
            if not provide(needs):
                return None
            result = CompileResult._rebuild(target_context, *parts)
        except UnkeepableError:
            return None
        except Exception:  # whatever is wrong with it: compile anew, and replace it
            return None
        fits = tuple(result.signature.args) == tuple(sigutils.normalize_signature(sig)[0])
        return result if fits else None

    def save_overload(self, sig, result) -> None:
        """Keep one overload, if that is possible.

        Parameters
        ----------
        sig : tuple of numba types, or Signature
            The arguments.
        result : CompileResult
            What was compiled.
        """
        if self._folder is None and self._enabled:
            say_not_kept(self._reason)
        try:
            path, key = self._place(sig, result.target_context)
            if result.lifted or result.library.has_dynamic_globals:
                return
            if made_of(self._function, self._options) != self._made_of:  # looked up as another
                return  # (`kernel_parts`, step 6)
            payload = dumps((needs_of(result.library), result._reduce()))
            _write(path, MARK + _digest(key, payload) + payload)
        except UnkeepableError:
            return
        except OSError as error:
            say_not_kept(f"{self._folder}: {error.strerror or error}")
        except Exception as error:  # a kernel that was compiled is good, kept or not
            say_not_kept(f"{type(error).__name__} in {self._function.__qualname__}")

    def file_name(self, sig) -> str | None:
        """Name of an overload's file without its ending, which stands for all that it is made of.

        Parameters
        ----------
        sig : tuple of numba types, or Signature
            The arguments.

        Returns
        -------
        str or None
            None if it has none.
        """
        try:
            return self._place(sig, self._context)[0].stem
        except Exception:  # as when it is looked for
            return None

    def _place(self, sig, target_context) -> tuple[Path, bytes]:
        """File of an overload, and its key."""
        if self._folder is None or not self._enabled:
            raise UnkeepableError
        if self._made_of is None:
            self._made_of = made_of(self._function, self._options)
        arguments, result = sigutils.normalize_signature(sig)
        facts = (
            self._folder.name.rpartition("-")[2],  # what made it; its version does not matter
            self._function.__module__, self._function.__qualname__,
            self._made_of, [kind_name(x) for x in arguments], kind_name(result),
            target_context.codegen().magic_tuple(), numba.__version__, llvmlite.__version__,
            np.__version__, sys.version, sys.implementation.cache_tag,
            [(name, str(getattr(config, name, None))) for name in _SETTINGS],
        )  # fmt: skip
        key = repr(facts).encode("utf-8", "surrogatepass")
        name = f"{self._function.__name__}-{hashlib.sha256(key).hexdigest()[:32]}{SUFFIX}"
        return self._folder / name, key


def _digest(key: bytes, payload: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(key).digest() + payload).digest()


def _intact(path: Path, key: bytes) -> bytes | None:
    """Content of a kernel's file, if it is a good one."""
    content = _read(path)
    return content if content is not None and _is_intact(content, key) else None


def _is_intact(content: bytes, key: bytes) -> bool:
    start = len(MARK) + _DIGEST
    whole = content.startswith(MARK) and len(content) > start
    return whole and content[len(MARK) : start] == _digest(key, content[start:])


def _read(path: Path) -> bytes | None:
    """Content of a file of this user's, or None; links are not followed."""
    try:
        file = os.open(path, os.O_RDONLY | _NOFOLLOW | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    with os.fdopen(file, "rb") as stream:
        status = os.fstat(file)
        regular = stat.S_ISREG(status.st_mode) and status.st_size <= _LARGEST
        content = stream.read() if regular and owned_by_us(status) else None
    if content is not None and time.time() - status.st_mtime > DAY_S:
        with suppress(OSError):
            os.utime(path)  # in use: `kernel_folder` clears away what was not for a month
    return content


def _write(path: Path, content: bytes) -> None:
    """Write a file in one step, for this user alone; a half-written one never has the name."""
    _check_limit(len(content))
    part = path.with_name(f".{path.name}-{os.getpid()}-{time.monotonic_ns()}{PART}")
    file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, 0o600)
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(content)
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(part)
        raise


def _check_limit(size: int) -> None:
    """Refuse what a limit on file sizes forbids: where signals are not caught, it kills."""
    try:
        import resource
    except ImportError:
        return
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    if limit != resource.RLIM_INFINITY and size > limit:
        raise OSError(None, "a limit on the size of files (ulimit -f)")
