"""What every CUDA kernel needs: the compilers, sixteen bytes at a time, and the bits of floats.

Nothing here is imported until a GPU is asked for.  The simulator runs kernels as plain Python, so
scalar functions stay as they are there, and every intrinsic has a plain twin.
"""

import importlib
from functools import lru_cache
from typing import Any

import numpy as np

from numbadp.compute.backend import load_cuda, simulated
from numbadp.compute.forks import ForkSafeLock

cuda = load_cuda()
SIMULATED = simulated()
WORDS = 4  # 32-bit words that one instruction loads or stores
MOST_PICTURES = 65_535  # blocks that a grid has in y; kernels stride over more pictures


def jit_device(function):
    """Compile a function that kernels call.

    Parameters
    ----------
    function : callable
        A function in Numba's CUDA subset that calls nothing of ``cuda``.

    Returns
    -------
    callable
        The device function; in the simulator the function itself.
    """
    return function if SIMULATED else cuda.jit(device=True)(function)


def jit_kernel(function):
    """Compile a kernel: no fast-math, lazily, for the types it is called with.

    Parameters
    ----------
    function : callable
        A kernel in Numba's CUDA subset.

    Returns
    -------
    callable
        The dispatcher; its first launch compiles.
    """
    return cuda.jit(function)


def configured(kernel, grid, block, stream, shared: int = 0):
    """Give a kernel its launch shape, without Numba's advice on small grids to its author.

    What was given a shape before is taken again: making it costs the host more than a launch, and
    the advice can only be kept away by a setting of the whole process, for as long as it is made.

    Parameters
    ----------
    kernel : callable
        From `jit_kernel`.
    grid, block : int or tuple of int
        Blocks, and threads of a block.
    stream : object
        Where to queue the launch.
    shared : int, default 0
        Bytes of shared memory of a block.

    Returns
    -------
    callable
        Takes the kernel's arguments.
    """
    # The simulator's kernels are shaped in place: one taken again would have a later shape.
    return (_shaped if SIMULATED else _kept)(kernel, grid, block, stream, shared)


def _shaped(kernel, grid, block, stream, shared):
    with _configuring:
        before = _config.CUDA_LOW_OCCUPANCY_WARNINGS
        _config.CUDA_LOW_OCCUPANCY_WARNINGS = 0
        try:
            return kernel[grid, block, stream, shared]
        finally:
            _config.CUDA_LOW_OCCUPANCY_WARNINGS = before


_NVIDIA = getattr(cuda, "implementation", "") == "NVIDIA"
types = importlib.import_module("numba.cuda.types" if _NVIDIA else "numba.types")
_config: Any = importlib.import_module("numba.cuda.core.config" if _NVIDIA else "numba.core.config")
_configuring = ForkSafeLock()
_kept = lru_cache(maxsize=512)(_shaped)

# Types of shared arrays: the simulator does not take NumPy's.
INT32, INT64, FLOAT32 = types.int32, types.int64, types.float32

if SIMULATED:

    def load_words(words, index):
        """Four neighbouring words."""
        return words[index], words[index + 1], words[index + 2], words[index + 3]

    def store_words(words, index, a, b, c, d):
        """Write four neighbouring words."""
        words[index], words[index + 1], words[index + 2], words[index + 3] = a, b, c, d

    def float_bits(x):
        """Bits of a single."""
        return np.float32(x).view(np.int32)

    def bits_float(x):
        """Single of these bits."""
        return np.int32(x).view(np.float32)

    def nearest(x):
        """Nearest integer, halves to even, as int32."""
        return np.int32(np.rint(x))

    def nearest_long(x):
        """Nearest integer of a double, halves to even, as int64."""
        return np.int64(np.rint(x))

    def times(a, b):
        """Product, rounded before it meets a sum."""
        return a * b

else:
    from llvmlite import ir

    _home = importlib.import_module("numba.cuda.extending" if _NVIDIA else "numba.extending")
    intrinsic = _home.intrinsic

    _I32 = ir.IntType(32)
    _FOUR = ir.VectorType(_I32, WORDS)

    def _letter(kind):
        return "f" if kind == types.float32 else "d"

    def _call(builder, name, result, args):
        kind = ir.FunctionType(result, [arg.type for arg in args])
        function = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
        return builder.call(function, args)

    def _pointer(context, builder, kind, array, index):
        data = context.make_array(kind)(context, builder, array).data
        return builder.bitcast(builder.gep(data, [index]), _FOUR.as_pointer())

    @intrinsic
    def load_words(typingctx, words, index):
        """Four neighbouring 32-bit words at an index that is a multiple of four: one load."""
        signature = types.UniTuple(types.uint32, WORDS)(words, types.int64)

        def codegen(context, builder, sig, args):
            loaded = builder.load(_pointer(context, builder, sig.args[0], *args))
            loaded.align = 4 * WORDS
            parts = [builder.extract_element(loaded, _I32(i)) for i in range(WORDS)]
            return context.make_tuple(builder, sig.return_type, parts)

        return signature, codegen

    @intrinsic
    def store_words(typingctx, words, index, a, b, c, d):
        """Write four neighbouring 32-bit words at an index that is a multiple of four."""
        word = types.uint32
        signature = types.void(words, types.int64, word, word, word, word)

        def codegen(context, builder, sig, args):
            value = ir.Constant(_FOUR, ir.Undefined)
            for i, part in enumerate(args[2:]):
                value = builder.insert_element(value, part, _I32(i))
            at = _pointer(context, builder, sig.args[0], args[0], args[1])
            builder.store(value, at).align = 4 * WORDS
            return context.get_dummy_value()

        return signature, codegen

    @intrinsic
    def float_bits(typingctx, x):
        """Bits of a single as an int32."""

        def codegen(context, builder, sig, args):
            return builder.bitcast(args[0], _I32)

        return types.int32(types.float32), codegen

    @intrinsic
    def bits_float(typingctx, x):
        """Single of these bits."""

        def codegen(context, builder, sig, args):
            return builder.bitcast(args[0], ir.FloatType())

        return types.float32(types.int32), codegen

    @intrinsic
    def nearest(typingctx, x):
        """Nearest integer of a single or a double, halves to even, as int32."""

        def codegen(context, builder, sig, args):
            return _call(builder, f"llvm.nvvm.{_letter(x)}2i.rn", _I32, args)

        return types.int32(x), codegen

    @intrinsic
    def nearest_long(typingctx, x):
        """Nearest integer of a double, halves to even, as int64."""

        def codegen(context, builder, sig, args):
            return _call(builder, "llvm.nvvm.d2ll.rn", ir.IntType(64), args)

        return types.int64(types.float64), codegen

    @intrinsic
    def times(typingctx, a, b):
        """Product of two singles or two doubles, rounded before it meets a sum: never fused."""

        def codegen(context, builder, sig, args):
            return _call(builder, f"llvm.nvvm.mul.rn.{_letter(a)}", args[0].type, args)

        return a(a, b), codegen
