"""One decorator policy for every CPU kernel.

Kernels release the GIL and compile on first use.  Compiled ones are kept in a folder of the user's
own (`kernel_folder`) and loaded from there alone (`kernel_cache`): Numba's own cache, which may lie
beside the source or in another place and notices a change of one file only, is never used.

A kernel that another one calls becomes a part of it (`kernel_library`): LLVM optimises and emits
what Python calls, once, with all its parts.
"""

from llvmlite.binding import ffi
from numba.core import config, sigutils
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher

from numbadp.compute.forks import hold_over_forks
from numbadp.compute.kernel_cache import KernelCache
from numbadp.compute.kernel_folder import caching_is_off, kernel_folder
from numbadp.compute.kernel_library import Part, WholeCompiler, compile_part

hold_over_forks(global_compiler_lock)
hold_over_forks(getattr(ffi.lib, "_lock", None))  # LLVM's, taken after the compiler's

_OPTIONS = {"nopython": True, "nogil": True, "error_model": "numpy", "boundscheck": None}
_LEAN = {"_nrt": False}


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
    """Compile a function into its callers, never as a function of its own.

    Parameters
    ----------
    function : callable
        A function in Numba's nopython subset.

    Returns
    -------
    callable
        The dispatcher.
    """
    return _kept(_dispatcher(function, _OPTIONS | {"forceinline": True}))


def jit_lean(function):
    """Compile a helper that makes no array: references to arrays are not counted in it.

    Numba counts every row that is cut from an array, atomically.  That takes longer than adding up
    a short row, and cores that count the same array wait for each other.  Whoever made the arrays,
    a caller, holds them; Numba refuses a lean helper that makes or returns one.

    Parameters
    ----------
    function : callable
        A function in Numba's nopython subset.

    Returns
    -------
    callable
        The dispatcher.
    """
    return _kept(_dispatcher(function, _OPTIONS | _LEAN))


def jit_lean_inline(function):
    """Compile a helper as `jit_lean` does, and into its callers.

    Parameters
    ----------
    function : callable
        A function in Numba's nopython subset.

    Returns
    -------
    callable
        The dispatcher.
    """
    return _kept(_dispatcher(function, _OPTIONS | _LEAN | {"forceinline": True}))


def _dispatcher(function, options: dict):
    """What ``numba.njit`` makes, whatever ``NUMBA_DISABLE_JIT`` says, but for what others call."""
    kind = _AlwaysCompiled if getattr(config, "DISABLE_JIT", False) else Kernel
    return kind(py_func=function, targetoptions=dict(options), pipeline_class=WholeCompiler)


class Kernel(CPUDispatcher):
    """What Python calls is compiled as Numba does it; what kernels call is a part of those."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self._parts: dict[tuple, Part] = {}

    def get_call_template(self, args, kws):
        """Say to Numba, which compiles a caller, what a call of this kernel returns.

        Parameters
        ----------
        args : tuple of numba types
            Of the call's arguments.
        kws : dict
            Of those by keyword.

        Returns
        -------
        tuple
            Template, signature in Python, types of all arguments, none by keyword.
        """
        signature, args = self._compiler.fold_argument_types(args, kws)
        return self._part(tuple(args)).template, signature, args, {}

    def get_overload(self, sig):
        """Return what stands for this kernel in its callers: the part.

        Parameters
        ----------
        sig : Signature
            Of a call.

        Returns
        -------
        Part
            Known to Numba's target context.
        """
        return self._part(tuple(sigutils.normalize_signature(sig)[0]))

    def _part(self, args: tuple) -> Part:
        with global_compiler_lock:
            if args not in self._parts:
                with self._compiling_counter:
                    self._parts[args] = compile_part(self, args)
            return self._parts[args]


class _AlwaysCompiled(Kernel):
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
