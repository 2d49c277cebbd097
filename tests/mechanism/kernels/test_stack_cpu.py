"""Overwriting the stack: what was there is gone, and the kernels reach no deeper."""

import re

import llvmlite.binding as llvm
import numpy as np
import pytest
from cases import fixed_key, picture
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from numbadp.compute.jit import jit
from numbadp.mechanism import _pixelize, draining
from numbadp.mechanism.kernels import stack_cpu
from numbadp.mechanism.kernels.stack_cpu import (
    STACK_BYTES,
    add_stack_filler,
    vector_registers,
    wipe_stack,
)
from numbadp.mechanism.planning import build_plan
from numbadp.plan.layout import Layout

LOOKED_AT = 2 * STACK_BYTES
PAINTS = (0xA5, 0x5A)  # what others leave may look like one of them, not like both
EDGE = 512
# With all registers that a processor may have, and then the kernel's own hundreds of bytes.
SIGNAL_FRAME = 12 * 1024


def build_fill(size):
    """Bind what writes a byte to `size` bytes of the stack below."""

    @intrinsic
    def fill(typingctx, byte):
        def codegen(context, builder, sig, args):
            builder.call(add_stack_filler(builder.module, size), args)
            return context.get_dummy_value()

        return types.void(types.uint8), codegen

    return fill


fill, fill_less = build_fill(LOOKED_AT), build_fill(STACK_BYTES - EDGE)


@intrinsic
def look(typingctx, out):
    """Copy the stack below into `out`, from the lowest address on."""

    def codegen(context, builder, sig, args):
        i8, i64 = ir.IntType(8), ir.IntType(64)
        pointer = i8.as_pointer()
        function = ir.Function(
            builder.module, ir.FunctionType(ir.VoidType(), [pointer]), "numbadp_look_at_stack"
        )
        function.linkage = "internal"
        function.attributes.add("noinline")
        inner = ir.IRBuilder(function.append_basic_block())
        room = inner.alloca(i8, ir.Constant(ir.IntType(32), LOOKED_AT))
        room.align = 16
        opaque = ir.FunctionType(pointer, [pointer])
        room = inner.asm(opaque, "", "=r,0,~{memory}", [room], side_effect=True)
        before, loop, after = inner.block, inner.append_basic_block(), inner.append_basic_block()
        inner.branch(loop)
        inner.position_at_end(loop)
        at = inner.phi(i64)
        at.add_incoming(i64(0), before)
        inner.store(inner.load(inner.gep(room, [at])), inner.gep(function.args[0], [at]))
        following = inner.add(at, i64(1))
        at.add_incoming(following, loop)
        inner.cbranch(inner.icmp_unsigned("<", following, i64(LOOKED_AT)), loop, after)
        inner.position_at_end(after)
        inner.ret_void()
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        builder.call(function, [builder.bitcast(data, pointer)])
        return context.get_dummy_value()

    return types.void(out), codegen


@jit
def paint_stack(paint):
    """Fill the stack below with `paint`."""
    fill(paint)


@jit
def wipe_less(byte):
    """Overwrite less of the stack than `wipe_stack` does."""
    fill_less(byte)


@jit
def look_at_stack(out):
    """Copy what is there."""
    look(out)


def painted_after(call):
    """Return where the paint was covered by a call, the highest address last.

    A byte is not covered if it shows both paints, one after the other.  The frames of painter and
    looker may lie a little apart, so the lowest bytes are left out.
    """
    seen = np.zeros(LOOKED_AT, np.uint8)
    look_at_stack(seen)

    def shows(paint):
        paint_stack(*(np.uint8(paint),))
        call(*())
        look_at_stack(*(seen,))
        return seen[EDGE:] == paint

    shows(PAINTS[0])  # compiles
    return ~(shows(PAINTS[0]) & shows(PAINTS[1]))


def nothing():
    """Call nothing."""


def longest(call):
    """Return how many neighbouring bytes a call covers; something else may reach deeper, in parts."""
    covered = painted_after(call)
    left = np.flatnonzero(~covered)
    assert left.size > 4096  # power: not everything is covered
    return np.diff(left, prepend=-1, append=covered.size).max() - 1


def test_wiping_covers_all_it_says():
    """Of the paint below the caller, STACK_BYTES are gone, without a gap."""
    assert longest(lambda: wipe_stack(*())) >= STACK_BYTES


@pytest.mark.parametrize("byte", [0, *PAINTS])
def test_wiping_less_is_seen(byte):
    """Power: who overwrites `EDGE` bytes less is found to, also if he leaves bytes of a paint."""
    byte = np.uint8(byte)
    assert STACK_BYTES - 2 * EDGE < longest(lambda: wipe_less(*(byte,))) < STACK_BYTES


def test_painting_is_seen():
    """Power: what nobody covers keeps its paint, but for what a call itself needs."""
    covered = painted_after(nothing)
    assert covered[: LOOKED_AT - 4096].mean() < 0.01


PLANS = {
    "grey": ((300, 400), {}),
    "colour": ((300, 400, 3), {}),
    "two blocks": ((40, 50, 3), {"epsilon": "0.001"}),
    "islands": ((300, 400, 3), {"boxes": [(0, 0, 90, 90)]}),
    "zones": (
        (300, 400, 3),
        {"layout": Layout.zones((300, 400), [((0, 0, 90, 90), 4)], default=8)},
    ),
    "private": ((300, 400, 3), {"layout": "private"}),
    "exact": ((300, 400, 3), {"layout": "exact"}),
}


@pytest.mark.parametrize("name", PLANS)
def test_kernels_reach_less_deep_than_is_overwritten(name, monkeypatch):
    """With room for a signal's frame below them; a deeper kernel fails here."""
    shape, options = PLANS[name]
    plan, image, key = build_plan(shape, **{"epsilon": 1} | options), picture(shape), fixed_key()
    depths = []

    def measured(kernel):
        def run(*arguments):
            kernel(*arguments)  # compiled, so that the compiler's stack is not measured
            counter, *others = arguments

            def again():
                counter[0] = 0
                kernel(counter, *others)

            covered = painted_after(again)
            depths.append(covered.size - np.flatnonzero(covered)[0])

        return run

    monkeypatch.setattr(draining, "traceless", measured)
    monkeypatch.setattr("numbadp.compute.workers.SMALL", 10**18)
    _pixelize(image, plan, key)
    assert len(depths) == (2 if plan.anchor == "islands" else 1)  # and what lies outside
    assert all(500 < depth < STACK_BYTES - SIGNAL_FRAME for depth in depths)


@pytest.mark.parametrize(
    ("triple", "features", "count", "words"),
    [
        ("x86_64-unknown-linux-gnu", "+sse2,-avx,-avx512f", 16, 4),
        ("x86_64-unknown-linux-gnu", "+sse2,+avx,-avx512f", 16, 8),
        ("x86_64-pc-windows-msvc", "+avx,+avx512f", 32, 16),
        ("aarch64-unknown-linux-gnu", "+neon", 32, 4),
        ("arm64-apple-macosx", "", 32, 4),
        ("riscv64-unknown-linux-gnu", "", 0, 0),
    ],
)
def test_registers_of_other_processors(triple, features, count, words):
    """LLVM knows the names: code for every processor that we name compiles, without helpers."""
    names, found = vector_registers(triple, features)
    assert (len(names), found) == (count, words)
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    try:
        target = llvm.Target.from_triple(triple)
    except RuntimeError:
        pytest.skip("this LLVM makes no code for it")
    module = ir.Module()
    module.triple = triple
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), []), "f")
    builder = ir.IRBuilder(function.append_basic_block())
    stack_cpu.zero_registers(builder, names, found)
    builder.call(add_stack_filler(module, STACK_BYTES), [ir.Constant(ir.IntType(8), 0)])
    builder.ret_void()
    machine = target.create_target_machine(features=features, opt=3)
    text = machine.emit_assembly(llvm.parse_assembly(str(module)))
    assert "chkstk" not in text
    for name in names:
        assert re.search(rf"\b({name}|xmm{name[3:]})\b", text), name


def test_the_registers_of_this_processor_are_zeroed():
    """The machine code of a function that wipes names every vector register."""

    @njit
    def wipe():
        stack_cpu._wipe()

    wipe()
    (text,) = wipe.inspect_asm().values()
    names, _ = vector_registers(llvm.get_default_triple(), features_of_host())
    for name in names:
        assert re.search(rf"\b({name}|xmm{name[3:]})\b", text), name
    assert "memset" in text


def features_of_host():
    """Return what Numba compiles for."""
    from numba.core.registry import cpu_target

    return cpu_target.target_context.codegen().magic_tuple()[2]
