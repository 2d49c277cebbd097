"""Sixteen lanes at a time: plain arithmetic bodies turned into vector instructions.

LLVM does not vectorise ChaCha20, nor loops over many rows that may alias.  A body written with
``+ - * ^`` and the functions below runs on scalars (compiled or plain Python) and, when an
intrinsic calls it with `Lanes`, emits the same operations on ``<16 x ...>`` vectors.  LLVM lowers
those to AVX-512, AVX2, SSE or NEON.  No operation is reordered or contracted.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 16

LINE = 64  # bytes of memory that a cache holds or leaves at once

I1 = ir.IntType(1)
I32 = ir.IntType(32)
I64 = ir.IntType(64)
F32 = ir.FloatType()


def vector_of(kind) -> ir.VectorType:
    """Vector type of `LANES` elements.

    Parameters
    ----------
    kind : llvmlite.ir.Type
        Element type.

    Returns
    -------
    llvmlite.ir.VectorType
        The vector type.
    """
    return ir.VectorType(kind, LANES)


class Lanes:
    """A vector value with the operators that bodies use.

    Parameters
    ----------
    builder : llvmlite.ir.IRBuilder
        Where instructions go.
    value : llvmlite.ir.Value
        A vector of `LANES` elements.
    """

    def __init__(self, builder, value):
        self.builder = builder
        self.value = value

    @property
    def _float(self) -> bool:
        return isinstance(self.value.type.element, ir.FloatType)

    def _same(self, other):
        if isinstance(other, Lanes):
            return other.value
        kind = self.value.type.element
        number = float(other) if self._float else int(other)
        return ir.Constant(vector_of(kind), [ir.Constant(kind, number)] * LANES)

    def _emit(self, whole: str, floating: str, other, swapped: bool = False) -> "Lanes":
        operation = getattr(self.builder, floating if self._float else whole)
        pair = (self.value, self._same(other))
        return Lanes(self.builder, operation(*(pair[::-1] if swapped else pair)))

    def __add__(self, other):
        return self._emit("add", "fadd", other)

    def __sub__(self, other):
        return self._emit("sub", "fsub", other)

    def __rsub__(self, other):
        return self._emit("sub", "fsub", other, swapped=True)

    def __mul__(self, other):
        return self._emit("mul", "fmul", other)

    def __xor__(self, other):
        return Lanes(self.builder, self.builder.xor(self.value, self._same(other)))

    def __neg__(self):
        return Lanes(self.builder, self.builder.fneg(self.value))


def larger(a: Lanes, b) -> Lanes:
    """Lane-wise maximum: `a` where a > b, else `b`.

    Parameters
    ----------
    a : Lanes
        Floats.
    b : Lanes or float
        Floats.

    Returns
    -------
    Lanes
        The maximum.
    """
    other = a._same(b)
    choose = a.builder.fcmp_ordered(">", a.value, other)
    return Lanes(a.builder, a.builder.select(choose, a.value, other))


def smaller(a: Lanes, b) -> Lanes:
    """Lane-wise minimum: `a` where a < b, else `b`.

    Parameters
    ----------
    a : Lanes
        Floats.
    b : Lanes or float
        Floats.

    Returns
    -------
    Lanes
        The minimum.
    """
    other = a._same(b)
    choose = a.builder.fcmp_ordered("<", a.value, other)
    return Lanes(a.builder, a.builder.select(choose, a.value, other))


def splat(builder, value, kind) -> Lanes:
    """Put one scalar into every lane.

    Parameters
    ----------
    builder : llvmlite.ir.IRBuilder
        Where instructions go.
    value : llvmlite.ir.Value
        The scalar.
    kind : llvmlite.ir.Type
        Its type.

    Returns
    -------
    Lanes
        The vector.
    """
    empty = ir.Constant(vector_of(kind), ir.Undefined)
    first = builder.insert_element(empty, value, ir.Constant(I32, 0))
    zeros = ir.Constant(vector_of(I32), [0] * LANES)
    return Lanes(builder, builder.shuffle_vector(first, empty, zeros))


def rotate_left(x: Lanes, places: int) -> Lanes:
    """Rotate 32-bit lanes left.

    Parameters
    ----------
    x : Lanes
        32-bit integers.
    places : int
        How far.

    Returns
    -------
    Lanes
        The rotated lanes.
    """
    kind = vector_of(I32)
    funnel = cgutils.get_or_insert_function(
        x.builder.module, ir.FunctionType(kind, [kind] * 3), f"llvm.fshl.v{LANES}i32"
    )
    amount = ir.Constant(kind, [places] * LANES)
    return Lanes(x.builder, x.builder.call(funnel, [x.value, x.value, amount]))


def load_lanes(builder, pointer, offset, kind) -> Lanes:
    """Load `LANES` neighbouring elements; no alignment beyond the element's is assumed.

    Parameters
    ----------
    builder : llvmlite.ir.IRBuilder
        Where instructions go.
    pointer : llvmlite.ir.Value
        Pointer to elements.
    offset : llvmlite.ir.Value
        Index of the first element.
    kind : llvmlite.ir.Type
        Element type, 4 bytes wide.

    Returns
    -------
    Lanes
        The elements.
    """
    at = builder.bitcast(builder.gep(pointer, [offset]), vector_of(kind).as_pointer())
    value = builder.load(at)
    value.align = 4
    return Lanes(builder, value)


def store_lanes(lanes: Lanes, pointer, offset) -> None:
    """Store `LANES` neighbouring elements.

    Parameters
    ----------
    lanes : Lanes
        What to store.
    pointer : llvmlite.ir.Value
        Pointer to elements.
    offset : llvmlite.ir.Value
        Index of the first element.
    """
    builder = lanes.builder
    at = builder.bitcast(builder.gep(pointer, [offset]), lanes.value.type.as_pointer())
    builder.store(lanes.value, at).align = 4


@intrinsic
def pointer_to(typingctx, array, index):
    """Pointer to element `index` of a contiguous one-dimensional array, for other intrinsics."""
    signature = types.CPointer(array.dtype)(array, types.int64)

    def codegen(context, builder, sig, args):
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        return builder.gep(data, [args[1]])

    return signature, codegen


@intrinsic
def bytes_to_line(typingctx, array):
    """Bytes from a contiguous array's first element to where the next line of memory begins."""
    signature = types.int64(array)

    def codegen(context, builder, sig, args):
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        place = builder.neg(builder.ptrtoint(data, I64))
        return builder.and_(place, ir.Constant(I64, LINE - 1))

    return signature, codegen


@intrinsic
def copy_line(typingctx, source, target):
    """Copy `LINE` bytes to where a line begins."""
    signature = types.void(source, target)

    def codegen(context, builder, sig, args):
        whole = ir.VectorType(ir.IntType(8), LINE).as_pointer()
        value = builder.load(builder.bitcast(args[0], whole))
        value.align = 1
        builder.store(value, builder.bitcast(args[1], whole)).align = LINE
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def stream_line(typingctx, source, target):
    """Copy `LINE` bytes to where a line begins, past the caches: it is not read before."""
    signature = types.void(source, target)

    def codegen(context, builder, sig, args):
        whole = ir.VectorType(ir.IntType(8), LINE).as_pointer()
        value = builder.load(builder.bitcast(args[0], whole))
        value.align = 1
        stored = builder.store(value, builder.bitcast(args[1], whole))
        stored.align = LINE
        stored.set_metadata("nontemporal", builder.module.add_metadata([ir.Constant(I32, 1)]))
        return context.get_dummy_value()

    return signature, codegen


def _build_alike(size: int):
    """Intrinsic that compares so many bytes at once."""

    @intrinsic
    def alike(typingctx, pointer, value):
        signature = types.int64(pointer, types.uint8)

        def codegen(context, builder, sig, args):
            kind = ir.VectorType(ir.IntType(8), size)
            found = builder.load(builder.bitcast(args[0], kind.as_pointer()))
            found.align = 1
            one = builder.insert_element(ir.Constant(kind, ir.Undefined), args[1], I32(0))
            zeros = ir.Constant(ir.VectorType(I32, size), [0] * size)
            every = builder.shuffle_vector(one, ir.Constant(kind, ir.Undefined), zeros)
            word = ir.IntType(size)
            others = builder.bitcast(builder.icmp_unsigned("!=", found, every), word)
            count = builder.cttz(others, I1(0))
            return count if size == 64 else builder.zext(count, I64)

        return signature, codegen

    return alike


# How many bytes from a pointer on equal a value before one does not; all of these at most.
alike_line, alike_few = _build_alike(LINE), _build_alike(LANES)


@intrinsic
def fetch_line(typingctx, pointer):
    """Ask for the line of memory at a pointer, without waiting for it or looking at it."""
    signature = types.void(pointer)

    def codegen(context, builder, sig, args):
        place = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [place, I32, I32, I32])
        fetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        # to read it, into the nearest cache, data
        options = [ir.Constant(I32, number) for number in (0, 3, 1)]
        builder.call(fetch, [builder.bitcast(args[0], place), *options])
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def settle(typingctx):
    """Let what was streamed be seen by all threads before anything that follows."""

    def codegen(context, builder, sig, args):
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), codegen


@intrinsic
def read_progress(typingctx, progress, index):
    """Read ``progress[index]`` so that what was written before it was set can be read."""
    signature = types.int64(progress, types.int64)

    def codegen(context, builder, sig, args):
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        return builder.load_atomic(builder.gep(data, [args[1]]), "acquire", 8)

    return signature, codegen


@intrinsic
def set_progress(typingctx, progress, index, value):
    """Set ``progress[index]`` after everything written before."""
    signature = types.void(progress, types.int64, types.int64)

    def codegen(context, builder, sig, args):
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        builder.store_atomic(args[2], builder.gep(data, [args[1]]), "release", 8)
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def next_item(typingctx, counter):
    """Take the next work item: add one to ``counter[0]`` atomically, return the old value."""
    signature = types.int64(counter)

    def codegen(context, builder, sig, args):
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        return builder.atomic_rmw("add", data, ir.Constant(I64, 1), "monotonic")

    return signature, codegen
