"""Arrays, minima and maxima in kernels: a few instructions, not functions of Numba's.

Numba compiles ``np.empty``, ``np.zeros``, ``min`` and ``max`` as functions of their own, for every
kind of arguments anew, each of which costs as much as one of our helpers.  Kernels say them as
ever; before types are known, `InPlace` puts the intrinsics below in their place.
"""

import builtins
import operator
from typing import Any

import numpy as np
from llvmlite import ir as llvm
from numba.core import cgutils, ir, types
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.extending import intrinsic


@register_pass(mutates_CFG=False, analysis_only=False)
class InPlace(FunctionPass):
    """Replace functions that are called with two arguments by ours."""

    _name = "numbadp_in_place"

    def __init__(self):
        FunctionPass.__init__(self)

    def run_pass(self, state) -> bool:
        """Look at every name of NumPy's and Python's.

        Parameters
        ----------
        state : StateDict
            Numba's compiler's, not typed yet.

        Returns
        -------
        bool
            Whether anything was replaced.
        """
        steps = [s for block in state.func_ir.blocks.values() for s in block.find_insts(ir.Assign)]
        names = {s.target.name: s.value.value for s in steps if isinstance(s.value, ir.Global)}
        calls = [s.value for s in steps if isinstance(s.value, ir.Expr) and s.value.op == "call"]
        pairs = {c.func.name for c in calls if len(c.args) == 2 and not c.kws and not c.vararg}
        changed = False
        for step in steps:
            ours = _OURS.get(_meant(step.value, names)) if step.target.name in pairs else None
            if ours is not None:
                step.value = ir.Global("in_place", ours, step.loc)
                state.func_ir._definitions[step.target.name] = [step.value]
                changed = True
        return changed


def _meant(value, names: dict) -> tuple[Any, str] | tuple[()]:
    """Where a function comes from and what it is called there."""
    if isinstance(value, ir.Global) and value.value in (min, max):
        return builtins, value.value.__name__
    if isinstance(value, ir.Expr) and value.op == "getattr" and names.get(value.value.name) is np:
        return np, value.attr
    return ()


@intrinsic
def empty(typingctx, shape, dtype):
    """``np.empty(shape, dtype)``, C-contiguous; a size that cannot be had is a `MemoryError`."""
    return _signature(shape, dtype), _allocate


@intrinsic
def zeros(typingctx, shape, dtype):
    """``np.zeros(shape, dtype)``."""

    def codegen(context, builder, sig, args):
        made = _allocate(context, builder, sig, args)
        array = context.make_array(sig.return_type)(context, builder, made)
        size = builder.mul(array.nitems, array.itemsize)
        cgutils.memset(builder, array.data, size, 0)
        return made

    return _signature(shape, dtype), codegen


@intrinsic
def as_shape(typingctx, flat, shape):
    """View the first elements of a flat array in a shape; there must be enough of them."""
    kind = types.Array(flat.dtype, len(shape), "C", readonly=not flat.mutable)

    def codegen(context, builder, sig, args):
        view = context.make_array(kind)(context, builder)
        array = context.make_array(sig.args[0])(context, builder, args[0])
        sides = _sides(context, builder, sig.args[1], args[1])
        count, steps = context.get_value_type(types.intp)(1), [array.itemsize]
        for side in reversed(sides):
            count = builder.mul(count, side)
            steps.append(builder.mul(steps[-1], side))
        _, *strides = reversed(steps)
        view.meminfo, view.parent, view.data = array.meminfo, array.parent, array.data
        view.itemsize, view.nitems = array.itemsize, count
        view.shape = cgutils.pack_array(builder, sides)
        view.strides = cgutils.pack_array(builder, strides)
        if context.enable_nrt:  # one more that has it
            context.nrt.incref(builder, kind, view._getvalue())
        return view._getvalue()

    return kind(flat, shape), codegen


def _extreme(better):
    """Bind ``min`` or ``max`` of two numbers: the second, if it is better than the first."""

    @intrinsic
    def extreme(typingctx, first, second):
        kind = typingctx.unify_types(first, second)

        def codegen(context, builder, sig, args):
            a, b = (context.cast(builder, *each, kind) for each in zip(args, sig.args, strict=True))
            is_better = context.get_function(better, types.boolean(kind, kind))
            return builder.select(is_better(builder, (b, a)), b, a)

        return kind(first, second), codegen

    return extreme


_OURS: dict[tuple, Any] = {
    (np, "empty"): empty,
    (np, "zeros"): zeros,
    (builtins, "min"): _extreme(operator.lt),
    (builtins, "max"): _extreme(operator.gt),
}


def _signature(shape, dtype):
    sides = len(shape) if isinstance(shape, types.BaseTuple) else 1
    return types.Array(dtype.instance_type, sides, "C")(shape, dtype)


def _sides(context, builder, shape, value) -> list:
    """Sides of an array, as Numba counts them."""
    if not isinstance(shape, types.BaseTuple):
        return [context.cast(builder, value, shape, types.intp)]
    values = cgutils.unpack_tuple(builder, value, len(shape))
    kinds: Any = shape  # Numba leaves out that it can be looped over
    pairs = zip(values, kinds, strict=True)
    return [context.cast(builder, *pair, types.intp) for pair in pairs]


def _allocate(context, builder, sig, args):
    kind, number = sig.return_type, context.get_value_type(types.intp)
    sides = _sides(context, builder, sig.args[0], args[0])
    each = number(context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    count, steps, never = number(1), [each], llvm.Constant(llvm.IntType(1), 0)
    for side in reversed(sides):
        count = builder.mul(count, side)
        step = builder.smul_with_overflow(steps[-1], side)
        steps.append(builder.extract_value(step, 0))
        below = builder.icmp_signed("<", side, number(0))
        never = builder.or_(never, builder.or_(builder.extract_value(step, 1), below))
    size, *strides = reversed(steps)
    most = number((1 << (number.width - 1)) - 1)  # no system has as much
    size = builder.select(never, most, size)
    line = context.get_constant(types.uint32, context.get_preferred_array_alignment(kind.dtype))
    array = context.make_array(kind)(context, builder)
    array.meminfo = context.nrt.meminfo_alloc_aligned(builder, size, line)
    data = context.nrt.meminfo_data(builder, array.meminfo)
    array.data = builder.bitcast(data, array.data.type)
    array.parent = llvm.Constant(array.parent.type, None)
    array.nitems, array.itemsize = count, each
    array.shape = cgutils.pack_array(builder, sides, number)
    array.strides = cgutils.pack_array(builder, strides, number)
    return array._getvalue()
