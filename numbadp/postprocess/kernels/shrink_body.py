"""The arithmetic of `numbadp.postprocess.shrink`, once for scalars of every compiler.

Values are within 255 grey levels in 1/64: 16320, so squares are below 2**28 and those of n
sub-cells fit 63 bits up to n = 2**35.  Variances are at most 2**40, so nothing else overflows.
"""

import numpy as np

PLACES = 12  # of a weight behind the point
STEEP = 1126  # 1.1, in 1/1024
HALF = 1 << (PLACES - 1)
MIDDLE, KEEP_MIDDLE, NOISE, PRIOR, TRUST, SOFT = range(6)  # columns of the plan's tables


def build_centre(jit):
    """Bind the centre of a plane to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``centre(total, count, middle, keep)``: the mean, rounded, drawn towards the prior's middle.
    """

    @jit
    def centre(total, count, middle, keep):
        mean = (2 * total + count) // (2 * count)
        return middle + (((mean - middle) * keep + np.int64(HALF)) >> np.int64(PLACES))

    return centre


def build_weight(jit):
    """Bind the weight of what varies to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``weight(spread, noise, known, trust, soft)``: 1 - x**2 / (x + s (1 - x)) in 1/4096, with
        D = `spread`.
    """

    @jit
    def weight(spread, noise, known, trust, soft):
        if noise == 0:
            return np.int64(1 << PLACES)
        signal = known + ((max(spread - noise, np.int64(0)) * trust) >> np.int64(PLACES))
        found = (signal << np.int64(PLACES)) // (signal + noise)
        moved = np.int64(1 << PLACES) - found
        if soft > 0:
            rest = moved + ((soft * found) >> np.int64(PLACES))
            found = np.int64(1 << PLACES) - moved * moved // max(rest, np.int64(1))
        return found

    return weight


def build_drawn(jit):
    """Bind the move of one value to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``drawn(value, centre, weight)``: int32 in and out, |value - centre| <= 2**15.
    """

    @jit
    def drawn(value, centre, weight):
        move = (value - centre) * weight
        return centre + ((move + np.int32(HALF)) >> np.int32(PLACES))

    return drawn


def build_ended(jit):
    """Bind what becomes of a value near an end of its range to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``ended(value, depth, low, high)``: int32 in and out, in the range; with a depth of 0 the
        value itself.
    """

    @jit
    def ended(value, depth, low, high):
        under = max(depth - (value - low), np.int32(0)) * np.int32(STEEP)
        over = max(depth - (high - value), np.int32(0)) * np.int32(STEEP)
        value = value - ((under + np.int32(512)) >> np.int32(10))
        value = value + ((over + np.int32(512)) >> np.int32(10))
        return min(max(value, low), high)

    return ended
