"""Overwriting what compiled code left on the stack and in vector registers.

LLVM spills whatever does not fit the registers, among it every word of a key, sixteen times each:
no array holds those copies, so no kernel can overwrite them by name.  `wipe_stack` fills the stack
below whoever calls it, where the frames of the kernel lay that was called before it.
"""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from numbadp.compute.jit import jit

# The kernels' frames reach down 18 KiB on a processor with AVX-512, which spills least
# (tests/mechanism/kernels/test_stack_cpu.py measures them).  A signal that arrives while one runs
# puts its frame below, with all registers: up to 11 KiB of them, and then the frames of its
# handler, which see no secret.
STACK_BYTES = 64 * 1024
_PAGE = 4096


def add_stack_filler(module, size: int):
    """Add a function to a module that fills `size` bytes of stack below its caller with a byte.

    Parameters
    ----------
    module : llvmlite.ir.Module
        Where to.
    size : int
        Bytes.

    Returns
    -------
    llvmlite.ir.Function
        ``void(i8)``; it is never inlined, and what it writes counts as used.
    """
    i8, i32, i64 = ir.IntType(8), ir.IntType(32), ir.IntType(64)
    name = f"numbadp_fill_stack_{size}"
    if name in module.globals:
        return module.globals[name]
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [i8]), name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    # Windows wants a stack to grow page by page.  LLVM would call a helper for that which code that
    # is compiled in memory may not find, so the pages are touched below.  (llvmlite takes no
    # attribute in quotes by itself.)
    set.add(function.attributes, '"no-stack-arg-probe"')
    builder = ir.IRBuilder(function.append_basic_block())
    room = builder.alloca(i8, ir.Constant(i32, size))
    room.align = 16  # no more: what rounds the frame up would be left as it is
    # The address goes through an empty instruction that may do anything with it, before and after:
    # so no pass can conclude that nobody reads what is written.
    pointer = i8.as_pointer()
    opaque = ir.FunctionType(pointer, [pointer])
    room = builder.asm(opaque, "", "=r,0,~{memory}", [room], side_effect=True)
    for at in [*range(size - 1, 0, -_PAGE), 0]:
        builder.store(function.args[0], builder.gep(room, [ir.Constant(i32, at)]))
        room = builder.asm(opaque, "", "=r,0,~{memory}", [room], side_effect=True)
    volatile = ir.Constant(ir.IntType(1), 1)
    fill = module.declare_intrinsic("llvm.memset", [pointer, i64])
    builder.call(fill, [room, function.args[0], ir.Constant(i64, size), volatile])
    builder.asm(opaque, "", "=r,0,~{memory}", [room], side_effect=True)
    builder.ret_void()
    return function


def zero_registers(builder, names: list[str], words: int) -> None:
    """Set vector registers to 0.

    Parameters
    ----------
    builder : llvmlite.ir.IRBuilder
        Where instructions go.
    names : list of str
        Names of the registers.
    words : int
        32-bit words of each.
    """
    if names:
        # An empty instruction that wants a zero in each of them.
        kind = ir.VectorType(ir.IntType(32), words)
        zero = ir.Constant(kind, [0] * words)
        function = ir.FunctionType(ir.VoidType(), [kind] * len(names))
        wanted = ",".join(f"{{{name}}}" for name in names)
        builder.asm(function, "", wanted, [zero] * len(names), side_effect=True)


def vector_registers(triple: str, features: str) -> tuple[list[str], int]:
    """Names of a processor's vector registers for LLVM, and their length.

    Parameters
    ----------
    triple : str
        Processor, maker and system.
    features : str
        What code is made for, as ``+avx,-avx512f``.

    Returns
    -------
    names : list of str
        Empty for processors that are not known here.
    words : int
        32-bit words of each.
    """
    processor, can = triple.partition("-")[0], set(features.split(","))
    if processor in ("aarch64", "arm64"):
        return [f"v{i}" for i in range(32)], 4
    if processor not in ("x86_64", "amd64"):
        return [], 0
    if "+avx512f" in can:
        return [f"zmm{i}" for i in range(32)], 16
    if "+avx" in can:
        return [f"ymm{i}" for i in range(16)], 8
    return [f"xmm{i}" for i in range(16)], 4


@intrinsic
def _wipe(typingctx):
    def codegen(context, builder, sig, args):
        triple, _, features = context.codegen().magic_tuple()
        zero_registers(builder, *vector_registers(triple, features))
        builder.call(add_stack_filler(builder.module, STACK_BYTES), [ir.Constant(ir.IntType(8), 0)])
        return context.get_dummy_value()

    return types.void(), codegen


@jit
def wipe_stack():
    """Overwrite `STACK_BYTES` of stack below the caller, and the vector registers."""
    _wipe()
