"""One row of pixels of a smooth picture, as vector instructions on 16-bit words.

Values are in 1/64 grey level inside their plane's range, so two of a plane differ by at most
255 * 64 = 16320.  Between a and b, two sub-cell centres of side s = 2**(p - 1), lie the values
(a * (2 s - w) + b * w + s) >> p for odd w: half-up rounding of x = a + (b - a) * w / 2**p.
Sixteen bits are enough to have them exactly:
  (1) 2 x = (a + b) + (b - a) * (w - s) / 2**(p - 1), since s / 2**p is a half.
  (2) floor of the last term is the upper half of 2 (b - a) times (w - s) * 2**(16 - p): the first
      factor is at most 32640, the second below 2**15, as |w - s| < s = 2**(p - 1).
  (3) floor(x + 1/2) = (floor(2 x) + 1) >> 1, and 2 x lies within 2 * 16320, so sums that wrap on
      the way come back.
A colour is at most 16320 + 8160 + 8160 + 32 < 2**15 in size before it is shifted and clipped.
"""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from numbadp.compute.lanes import I32, LANES

PIXELS = 32  # that one store of colours takes
_I8, _I16 = ir.IntType(8), ir.IntType(16)
_WORDS, _WIDE = ir.VectorType(_I16, LANES), ir.VectorType(I32, LANES)
_COLOUR_WORDS, _COLOUR_BYTES = ir.VectorType(_I16, PIXELS), ir.VectorType(_I8, PIXELS)


def _all(kind, number):
    return ir.Constant(kind, [number] * kind.count)


def _load(builder, pointer, kind):
    value = builder.load(builder.bitcast(pointer, kind.as_pointer()))
    value.align = kind.element.width // 8
    return value


def _store(builder, value, pointer):
    at = builder.bitcast(pointer, value.type.as_pointer())
    builder.store(value, at).align = value.type.element.width // 8


def _pick(builder, value, order):
    nothing = ir.Constant(value.type, ir.Undefined)
    return builder.shuffle_vector(
        value, nothing, ir.Constant(ir.VectorType(I32, len(order)), order)
    )


def _blend(builder, a, b, weight):
    """Emit steps 1 to 3; `weight` is (w - s) * 2**(16 - p)."""
    difference = builder.sub(b, a)
    factors = builder.add(difference, difference), weight
    product = builder.mul(*(builder.sext(factor, _WIDE) for factor in factors))
    upper = builder.trunc(builder.lshr(product, _all(_WIDE, 16)), _WORDS)
    twice = builder.add(builder.add(a, b), upper)
    return builder.ashr(builder.add(twice, _all(_WORDS, 1)), _all(_WORDS, 1))


@intrinsic
def blend_down(typingctx, upper, lower, weight, target):
    """Blend `LANES` columns of two rows by one weight."""
    signature = types.void(upper, lower, types.int16, target)

    def codegen(context, builder, sig, args):
        rows = (_load(builder, pointer, _WORDS) for pointer in args[:2])
        empty = ir.Constant(_WORDS, ir.Undefined)
        first = builder.insert_element(empty, args[2], ir.Constant(I32, 0))
        _store(builder, _blend(builder, *rows, _pick(builder, first, [0] * LANES)), args[3])
        return context.get_dummy_value()

    return signature, codegen


def build_across(side: int):
    """Make the intrinsic that blends `LANES` pixels across, `side` between two centres.

    Parameters
    ----------
    side : int
        Power of two, at most `LANES`.

    Returns
    -------
    callable
        ``across(row, weights, target)`` on pointers: columns from `row` on, one weight a pixel.
    """
    own = [i // side for i in range(LANES)]
    following = [j + 1 for j in own]

    @intrinsic
    def across(typingctx, row, weights, target):
        signature = types.void(row, weights, target)

        def codegen(context, builder, sig, args):
            columns, weight = (_load(builder, pointer, _WORDS) for pointer in args[:2])
            a, b = _pick(builder, columns, own), _pick(builder, columns, following)
            _store(builder, _blend(builder, a, b, weight), args[2])
            return context.get_dummy_value()

        return signature, codegen

    return across


def _to_bytes(builder, value):
    value = builder.ashr(value, _all(_COLOUR_WORDS, 6))
    low, high = _all(_COLOUR_WORDS, 0), _all(_COLOUR_WORDS, 255)
    value = builder.select(builder.icmp_signed(">", value, low), value, low)
    value = builder.select(builder.icmp_signed("<", value, high), value, high)
    return builder.trunc(value, _COLOUR_BYTES)


def _interleaved(builder, red, green, blue):
    """RGBRGB... of three vectors of bytes."""
    two = ir.Constant(ir.VectorType(I32, 2 * PIXELS), list(range(2 * PIXELS)))
    pair = builder.shuffle_vector(red, green, two)
    rest = builder.shuffle_vector(blue, ir.Constant(_COLOUR_BYTES, ir.Undefined), two)
    order = [i % 3 * PIXELS + i // 3 for i in range(3 * PIXELS)]
    places = ir.Constant(ir.VectorType(I32, 3 * PIXELS), order)
    return builder.shuffle_vector(pair, rest, places)


def _build_store(colours):
    """Make the intrinsic that turns `PIXELS` pixels of three planes into bytes."""

    @intrinsic
    def store(typingctx, first, second, third, target):
        signature = types.void(first, second, third, target)

        def codegen(context, builder, sig, args):
            planes = [_load(builder, pointer, _COLOUR_WORDS) for pointer in args[:3]]
            half = _all(_COLOUR_WORDS, 32)  # rounds
            channels = [builder.add(value, half) for value in colours(builder, *planes)]
            _store(
                builder, _interleaved(builder, *(_to_bytes(builder, c) for c in channels)), args[3]
            )
            return context.get_dummy_value()

        return signature, codegen

    return store


def _ygo(builder, y, c, d):
    rest = builder.sub(y, c)
    return builder.add(rest, d), builder.add(y, c), builder.sub(rest, d)


store_ygo = _build_store(_ygo)
store_rgb = _build_store(lambda builder, red, green, blue: (red, green, blue))


@intrinsic
def store_grey(typingctx, plane, target):
    """Turn `PIXELS` pixels of one plane into bytes."""
    signature = types.void(plane, target)

    def codegen(context, builder, sig, args):
        value = builder.add(_load(builder, args[0], _COLOUR_WORDS), _all(_COLOUR_WORDS, 32))
        _store(builder, _to_bytes(builder, value), args[1])
        return context.get_dummy_value()

    return signature, codegen
