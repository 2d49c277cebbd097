"""Functions that several kernels call by address: compiled once, kept once, and never inlined.

A helper that is a part of its callers (`kernel_library`) is typed, lowered and optimised once for
each of them.  What is large, is called seldom and has many callers is a library of its own here:

1. Its first caller has it compiled, or loaded from the folder of kept kernels, as if Python called
   it; LLVM gets its address under a name (`share`), and callers declare the name.
2. The name is the one of its file, which stands for all that it is made of, its arguments' types,
   the compiler and the processor (`kernel_cache`): one name is one function, in every process.
3. A caller that is kept says which names it needs (`needs_of`).  It is loaded when each of them is
   known (`provide`): LLVM ends a process that runs into an unknown one.
4. What has no file has a name for this process alone, and its callers are not kept.
"""

import sys
from copy import copy
from itertools import count

from llvmlite import binding

from numbadp.compute.kernel_library import Part
from numbadp.compute.kernel_parts import UnkeepableError

_PREFIX = "numbadp_shared_"
_HERE = f"{_PREFIX}here_"
_numbers = count()
_shared: dict[str, tuple] = {}  # names to dispatchers and types of arguments


def share(dispatcher, args: tuple) -> Part:
    """Compile or load a function for those who call it by address.

    Parameters
    ----------
    dispatcher : CPUDispatcher
        The function.
    args : tuple of numba types
        Of its arguments.

    Returns
    -------
    Part
        Stands for it in its callers.
    """
    dispatcher.compile(args)
    result = dispatcher.overloads[args]
    file = getattr(dispatcher._cache, "file_name", lambda args: None)(args)
    name = f"{_HERE}{next(_numbers)}" if file is None else f"{_PREFIX}{file}"
    called = copy(result.fndesc)
    address = result.library.get_pointer_to_function(called.llvm_func_name)
    binding.add_symbol(name, address)  # step 1
    called.mangled_name = name
    _shared[name] = dispatcher, args
    part = Part(dispatcher, result)
    dispatcher.targetctx.insert_user_function(part, called, ())
    return part


def needs_of(library) -> list[tuple]:
    """What a compiled kernel calls by address.

    Parameters
    ----------
    library : CodeLibrary
        Its machine code.

    Returns
    -------
    list of tuple
        Name, module, name in the module and types of the arguments of each.

    Raises
    ------
    UnkeepableError
        If another process could not find one of them.
    """
    needs = []
    for function in library._final_module.functions:
        name = function.name
        if not function.is_declaration or not name.startswith(_PREFIX):
            continue
        dispatcher, args = _shared[name]
        module, called = dispatcher.py_func.__module__, dispatcher.py_func.__qualname__
        if name.startswith(_HERE) or _find(module, called) is not dispatcher:  # step 4
            raise UnkeepableError
        needs.append((name, module, called, args))
    return needs


def provide(needs: list[tuple]) -> bool:
    """Make what a kept kernel calls by address known to LLVM.

    Parameters
    ----------
    needs : list of tuple
        As `needs_of` returned them.

    Returns
    -------
    bool
        Whether all of it is known; if not, the kernel must not be loaded.
    """
    for name, module, called, args in needs:
        if name not in _shared:
            dispatcher = _find(module, called)
            if dispatcher is None:
                return False
            dispatcher.get_overload(args)
    return all(need[0] in _shared for need in needs)  # step 3


def _find(module: str, name: str):
    """A function of a module that its callers have imported."""
    return getattr(sys.modules.get(module), name, None)
