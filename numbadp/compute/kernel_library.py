"""Libraries of machine code: one for each kernel that Python calls, with all that it calls inside.

Numba compiles every function by itself, with wrappers for Python and C, and links the optimised
code of each into its callers, where LLVM optimises it again: a helper at the bottom is optimised
and emitted once for every level above it, and nobody ever calls most of that machine code.
Inlining in Numba's own form of the code is dearer still: the callee is copied, object by object,
twice.  Here a helper stops at LLVM's language (`PartLibrary`), and what Python calls is linked,
optimised and emitted in one go (`WholeLibrary`): two thirds of the time, for code that is as fast.

If a Numba to come no longer asks the methods below, kernels are compiled as it compiles its own.

More things are left out.  LLVM's full treatment of every function before they become one, and
unrolled loops, which cost a third of its time and bring vectors no more work (`WholeLibrary`).
A helper that only looks at arrays of its caller's, which outlive the call, does not count its
references to them (`AsPart`).  Python does not look for garbage among a compiler's many objects
(`without_garbage`).  What Numba need not be asked: `kernel_front`.
"""

import gc
from contextlib import contextmanager
from typing import Any

from llvmlite.binding import (
    create_new_function_pass_manager,
    create_pass_builder,
    create_pipeline_tuning_options,
)
from numba.core import config, event, ir
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, Flags, compile_extra
from numba.core.compiler_machinery import AnalysisPass, register_pass
from numba.core.typed_passes import IRLegalization
from numba.core.typing import make_concrete_template
from numba.core.untyped_passes import ReconstructSSA

from numbadp.compute.kernel_front import lean, needed
from numbadp.compute.kernel_inlined import InPlace, as_shape

# What makes no new array: a look into one, a name for one, several as one.  A view is a look.
_LOOKS = {
    "build_tuple", "cast", "exhaust_iter", "getattr", "getitem", "getiter", "iternext",
    "pair_first", "pair_second", "static_getitem",
}  # fmt: skip


class PartLibrary(JITCodeLibrary):
    """A helper's code in LLVM's language, as it was lowered: to be linked, not to be run."""

    def _optimize_functions(self, ll_module):
        ll_module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self):
        pass

    def _finalize_final_module(self):
        self._finalized = True


class WholeLibrary(JITCodeLibrary):
    """A kernel that Python calls: optimised as a whole, when all its parts are linked in."""

    def _optimize_functions(self, ll_module):
        ll_module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self):
        settings: Any = config  # set in a loop over names, where no type checker looks
        tuning = create_pipeline_tuning_options(int(settings.OPT))
        tuning.loop_vectorization = bool(settings.LOOP_VECTORIZE)
        tuning.slp_vectorization = bool(settings.SLP_VECTORIZE)
        tuning.loop_unrolling = False
        builder = create_pass_builder(self._codegen._tm, tuning)
        # Every function once, before they become one: loops are recognised in clean code alone.
        for function in self._final_module.functions:
            if not function.is_declaration:
                _cleaner().run(function, builder)
        first, numbas = self._codegen._module_pass_manager(
            loop_vectorize=False, slp_vectorize=False, opt=0, cost="cheap"
        )
        first.run(self._final_module, numbas)
        manager = builder.getModulePassManager()
        if settings.LLVM_REFPRUNE_PASS:
            manager.add_refprune_pass()
        manager.run(self._final_module, builder)


def _cleaner():
    """What makes plain code of a function as Numba lowers it."""
    cleaner = create_new_function_pass_manager()
    cleaner.add_sroa_pass()
    cleaner.add_simplify_cfg_pass()
    cleaner.add_instruction_combine_pass()
    return cleaner


class _Compiler(Compiler):
    """Numba's compiler, with what belongs to all kernels, and without what none needs."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        lean(self.state)

    def define_pipelines(self) -> list:
        """Say which passes there are.

        Returns
        -------
        list of PassManager
            Numba's own, and ours.
        """
        managers = super().define_pipelines()
        for manager in managers:
            manager.passes = needed(manager.passes, self.state.func_id.func)
            manager.add_pass_after(InPlace, ReconstructSSA)
            manager.finalize()
        return managers


class WholeCompiler(_Compiler):
    """Numba's compiler, for what Python calls."""

    def compile_extra(self, func):
        """Compile a function into a library of its own.

        Parameters
        ----------
        func : callable
            The kernel in Python.

        Returns
        -------
        CompileResult
            Numba's.
        """
        if self.state.library is None:
            codegen = self.state.targetctx.codegen()
            self.state.library = WholeLibrary(codegen, func.__qualname__)
            self.state.library.enable_object_caching()
        self.state.flags.no_cfunc_wrapper = True
        self.state.flags.forceinline = False  # what is called would take it over
        return super().compile_extra(func)


@register_pass(mutates_CFG=False, analysis_only=True)
class AsPart(AnalysisPass):
    """Say how a typed function is lowered: not to be run, and maybe without counting.

    It counts no references if it neither makes nor returns an array.  That it is not run is said
    here and no earlier: Numba's own functions are compiled once for all callers whose flags are
    alike when they are typed.
    """

    _name = "numbadp_as_part"

    def __init__(self):
        AnalysisPass.__init__(self)

    def run_pass(self, state) -> bool:
        """Choose how the function is lowered.

        Parameters
        ----------
        state : StateDict
            Numba's compiler's, typed.

        Returns
        -------
        bool
            False: the function is as it was.
        """
        models = state.targetctx.data_model_manager
        kinds = [state.return_type]
        for block in state.func_ir.blocks.values():
            for step in block.body:
                if isinstance(step, ir.Assign) and isinstance(step.value, ir.Expr):
                    if not _looks(step.value, state.typemap):
                        kinds.append(state.typemap[step.target.name])
                elif isinstance(step, (ir.SetItem, ir.StaticSetItem)):
                    kinds.append(state.typemap[step.value.name])  # copied first, if both overlap
        if not any(models.lookup(kind).contains_nrt_meminfo() for kind in kinds):
            state.targetctx = state.targetctx.subtarget(enable_nrt=False)
        state.flags.no_compile = state.flags.no_cpython_wrapper = True
        return False


def _looks(step, kinds: dict) -> bool:
    """Whether a step makes no new array."""
    if step.op == "call":
        return getattr(kinds[step.func.name], "typing_key", None) is as_shape
    return step.op in _LOOKS


class PartCompiler(_Compiler):
    """Numba's compiler, for helpers."""

    def define_pipelines(self) -> list:
        """Say which passes there are.

        Returns
        -------
        list of PassManager
            Numba's own, and ours: the last one between typing and lowering.
        """
        managers = super().define_pipelines()
        for manager in managers:
            manager.add_pass_after(AsPart, IRLegalization)
            manager.finalize()
        return managers


@contextmanager
def without_garbage():
    """Let Python look for no garbage; to be held together with the compiler's lock.

    Nor as soon as it may again: what was made counts as old, and is looked at when all else is.
    """
    looks = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looks:
            if gc.get_freeze_count() == 0:  # else others want it to stay as it is
                gc.freeze()
                gc.unfreeze()
            gc.enable()


class Part:
    """One form of a helper; it stands for the helper where Numba wants a compiled function.

    Parameters
    ----------
    dispatcher : CPUDispatcher
        The helper.
    result : CompileResult
        Its lowered code, which is kept as long as this.
    """

    def __init__(self, dispatcher, result):
        name = dispatcher.py_func.__name__
        self.result = result
        self.template = make_concrete_template(f"Part({name})", name, [result.signature])


def compile_part(dispatcher, args: tuple) -> Part:
    """Lower a helper for its callers.

    Parameters
    ----------
    dispatcher : CPUDispatcher
        The helper.
    args : tuple of numba types
        Of its arguments.

    Returns
    -------
    Part
        Made known to the target context, so that callers find it.
    """
    flags: Any = Flags()  # its fields are made when Numba is imported
    dispatcher.targetdescr.options.parse_as_flags(flags, dispatcher.targetoptions)
    flags.no_cfunc_wrapper = True  # as in a kernel that Python calls; the rest: `AsPart`
    inline, flags.forceinline = flags.forceinline, False  # what is called would take it over
    library = PartLibrary(dispatcher.targetctx.codegen(), dispatcher.py_func.__qualname__)
    what = {"dispatcher": dispatcher, "args": args, "return_type": None}
    with event.trigger_event("numba:compile", data=what):
        result = compile_extra(
            dispatcher.typingctx, dispatcher.targetctx, dispatcher.py_func, args, None, flags, {},
            library=library, pipeline_class=PartCompiler,
        )  # fmt: skip
    if inline:
        library.get_function(result.fndesc.llvm_func_name).add_function_attribute("alwaysinline")
    part = Part(dispatcher, result)
    dispatcher.targetctx.insert_user_function(part, result.fndesc, [library])
    return part
