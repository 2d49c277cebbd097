"""Numba's way from Python to LLVM's language, without what our kernels do not need.

Two thirds of the time that a kernel takes to compile are spent in Numba's Python.  Left out here:

1. Passes that change nothing in a function without functions inside (`needed`): closures and
   functions of Numba's own that ask to be inlined, ``with`` blocks, expressions of whole arrays.
2. Asking thirty templates what ``int64 + int64`` is, each time it is typed, and when it is
   lowered: what an operator makes of its arguments' types is asked once (`Answers`, `Lowering`).
3. Looking in all registries for how an array is made of an array, each time one is looked into
   (`Lookups`).

The code that comes out is the same.
"""

from copy import copy
from types import CodeType
from typing import Any

from numba.core import ir, types
from numba.core.compiler_machinery import register_pass
from numba.core.cpu import CPUContext
from numba.core.lowering import Lower
from numba.core.typed_passes import (
    BaseNativeLowering,
    InlineOverloads,
    NativeLowering,
    NopythonRewrites,
    NoPythonSupportedFeatureValidation,
)
from numba.core.typing.context import Context
from numba.core.untyped_passes import InlineClosureLikes, InlineInlinables, WithLifting

_UNNEEDED = (
    WithLifting, InlineClosureLikes, InlineInlinables, InlineOverloads, NopythonRewrites,
    NoPythonSupportedFeatureValidation,
)  # fmt: skip
_FIXED = ("_operator", "builtins")  # they make the same of the same types at all times
_answers: dict[tuple, Any] = {}


def needed(passes: list, function) -> list:
    """Choose from Numba's passes for a function.

    Parameters
    ----------
    passes : list of tuple
        Passes and what they are for.
    function : callable
        The function.

    Returns
    -------
    list of tuple
        Those that it needs; all, but for how it is lowered, if there are functions inside.
    """
    inside = any(isinstance(value, CodeType) for value in function.__code__.co_consts)
    ours = {NativeLowering: Lowering}
    return [(ours.get(p, p), what) for p, what in passes if inside or p not in _UNNEEDED]


class Answers(Context):
    """What Numba knows of types; it shares all of it with the context that it is made from."""

    def resolve_function_type(self, func, args, kws):
        """Say what a function makes of types.

        Parameters
        ----------
        func : object
            A function, or its type.
        args, kws : sequence and dict of numba types
            Its arguments.

        Returns
        -------
        Signature or None
            None if it is none for these.
        """
        origin = getattr(getattr(func, "typing_key", func), "__module__", None)
        if kws or origin not in _FIXED:
            return super().resolve_function_type(func, args, kws)
        plain = tuple(map(types.unliteral, args))
        # A number that is known is typed as any other; which item of a tuple is asked for is not.
        if not all(isinstance(kind, (types.Number, types.Boolean)) for kind in plain):
            plain = tuple(args)
        if (func, plain) not in _answers:
            found = super().resolve_function_type(func, plain, kws)
            if found is None:
                return None
            _answers[func, plain] = found
        return _answers[func, plain]


class Lookups(CPUContext):
    """What Numba knows of code; it shares all of it with the context that it is made from."""

    def get_function(self, fn, sig, _firstcall=True):
        """Find what is emitted for a call.

        Parameters
        ----------
        fn : object
            A function's type, or the name of a step.
        sig : Signature
            Of the call.

        Returns
        -------
        callable
            Emits it.
        """
        if fn == "__array__" and type(sig.args[0]) is types.Array:
            raise NotImplementedError  # Numba's sign for "it is one"
        return super().get_function(fn, sig, _firstcall)


class _Lower(Lower):
    """Numba's, but for the answers."""

    def lower_binop(self, resty, expr, op):
        """Emit an operator.

        Parameters
        ----------
        resty : numba type
            Of the result.
        expr : numba.core.ir.Expr
            The expression.
        op : callable
            The operator.

        Returns
        -------
        llvmlite.ir.Value
            The result.
        """
        known = expr.static_lhs, expr.static_rhs
        if any(value is not ir.UNDEFINED for value in known):  # as in powers of 2
            return super().lower_binop(resty, expr, op)
        context, builder, kinds = self.context, self.builder, self.fndesc.calltypes[expr]
        sides = [
            context.cast(builder, self.loadvar(side.name), self.typeof(side.name), kind)
            for side, kind in zip((expr.lhs, expr.rhs), kinds.args, strict=True)
        ]
        found = context.typing_context.resolve_function_type(op, kinds.args, {})
        emit = context.get_function(context.typing_context.resolve_value_type(op), found)
        return context.cast(builder, emit(builder, sides), kinds.return_type, resty)


@register_pass(mutates_CFG=True, analysis_only=False)
class Lowering(BaseNativeLowering):
    """Numba's pass, with our way to emit operators."""

    _name: Any = "numbadp_lowering"

    @property
    def lowering_class(self):
        """The class that lowers."""
        return _Lower


def lean(state) -> None:
    """Let a compiler ask these contexts, if it has Numba's own for this processor.

    Parameters
    ----------
    state : StateDict
        The compiler's, just made, with a target context of its own.
    """
    if type(state.typingctx) is Context and type(state.targetctx) is CPUContext:
        state.typingctx = copy(state.typingctx)
        state.typingctx.__class__ = Answers
        state.targetctx.__class__ = Lookups
        state.targetctx.typing_context = state.typingctx
