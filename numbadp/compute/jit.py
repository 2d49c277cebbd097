"""One decorator policy for every CPU kernel.

Kernels release the GIL and compile on first use.  Compiled ones are kept in a folder of the user's
own (`kernel_folder`) and loaded from there alone (`kernel_cache`): Numba's own cache, which may lie
beside the source or in another place and notices a change of one file only, is never used.
"""

from llvmlite.binding import ffi
from numba.core import config
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher

from numbadp.compute.forks import hold_over_forks
from numbadp.compute.kernel_cache import KernelCache
from numbadp.compute.kernel_folder import caching_is_off, kernel_folder

hold_over_forks(global_compiler_lock)
hold_over_forks(getattr(ffi.lib, "_lock", None))  # LLVM's, taken after the compiler's

_OPTIONS = {"nopython": True, "nogil": True, "error_model": "numpy", "boundscheck": None}


def jit(function):
    """Compile a kernel for the CPU: no Python objects, no GIL, no fast-math.

    Parameters
    ----------
    function : callable
        A kernel in Numba's nopython subset.

    Returns
    -------
    callable
        The dispatcher; its first call compiles, or loads from the cache.
    """
    return _kept(_dispatcher(function, _OPTIONS))


def jit_inline(function):
    """Compile a function into its callers, not by itself.

    Every function that is compiled by itself costs LLVM about 0.2 s, and once more in each caller:
    what has a single caller is written out there before it is compiled.

    Parameters
    ----------
    function : callable
        A function in Numba's nopython subset.

    Returns
    -------
    callable
        The dispatcher.
    """
    return _kept(_dispatcher(function, _OPTIONS | {"inline": "always"}))


def _dispatcher(function, options: dict):
    """What ``numba.njit`` makes, whatever ``NUMBA_DISABLE_JIT`` says."""
    kind = _AlwaysCompiled if config.DISABLE_JIT else CPUDispatcher
    return kind(py_func=function, targetoptions=dict(options))


class _AlwaysCompiled(CPUDispatcher):
    """A kernel that is compiled although ``NUMBA_DISABLE_JIT`` is set.

    That setting is for people who debug their own code.  Ours has atomic and vector instructions
    that Python does not have: interpreted, it could not run at all.
    """

    def compile(self, sig):
        with global_compiler_lock:
            before, config.DISABLE_JIT = config.DISABLE_JIT, 0  # Numba's own parts are asked too
            try:
                return super().compile(sig)
            finally:
                config.DISABLE_JIT = before


def _kept(dispatcher):
    if not caching_is_off():
        found = kernel_folder()
        dispatcher._cache = KernelCache(dispatcher, found.path, found.reason)
    return dispatcher
