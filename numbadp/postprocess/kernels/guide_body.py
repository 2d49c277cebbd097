"""The arithmetic of `numbadp.postprocess.guide`, once for scalars of every compiler.

Values and residues are within 2**15, so 256 times a covariance is below 2**40 in size, and so is a
variance; gains are below 2**11, and residues add at most `TIMES` what a plane says.  So all sums
are whole numbers below 2**53, exact in double precision, and one quotient is rounded as IEEE says.
A slope is within `MOST`, and two values differ by less than 2**16: a move is below 2**30.
"""

import numpy as np

PLACES = 9  # of a slope behind the point
MOST = (1 << 13) - 1
TIMES = 2
# Columns of a plane's `numbers`.
SHIFT, NEAR, NEAR_REST, FAR, FAR_REST, FLOOR, LOW, HIGH = range(8)


def build_slope(jit):
    """Bind the slope of chroma over luma to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``slope(luma, own, rest, luma_own, luma_rest, square, gain, rest_gain, floor)``: whole
        numbers, as int64 or float64;
        sums of a window whose weights add up to 16, of luma, the plane and its residues, of luma's
        products with both and of its squares.
    """

    @jit
    def slope(luma, own, rest, luma_own, luma_rest, square, gain, rest_gain, floor):
        found = (16 * luma_own - luma * own) * gain
        more = (16 * luma_rest - luma * rest) * rest_gain
        most = TIMES * abs(found)
        found += min(max(more, -most), most)
        quotient = np.float64(found) / np.float64(16 * square - luma * luma + floor)
        return np.int16(min(max(quotient, -float(MOST)), float(MOST)))

    return slope


def build_moved(jit):
    """Bind the move of a value along with luma to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``moved(value, slope, luma, around, low, high)``: int32 in and out.
    """

    @jit
    def moved(value, slope, luma, around, low, high):
        move = slope * (luma - around) + np.int32(1 << (PLACES - 1))
        return min(max(value + (move >> np.int32(PLACES)), low), high)

    return moved
