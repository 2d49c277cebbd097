"""The arithmetic of `numbadp.postprocess.filters`, once for scalars of every compiler.

Values are within 255 grey levels in 1/64: 16320; residues are clipped to `MOST`.  The weights of a
plane are such that sums of products stay below 2**31.
"""

import numpy as np

MOST = 1 << 15
MOST_SUM = 1 << 55  # of a noisy sum: what is beyond is clipped anyway
PLACES = 12  # of a weight behind the point
# Columns of a plane's `numbers`.
DOWN, ACROSS, ROWS, COLUMNS, SIDE, HEIGHT, WIDTH, GAIN, AREA, LOW, HIGH = range(11)
NEAR, FAR = 5, 3  # sub-cells and cells that a filter reaches, across


def build_residue(jit):
    """Bind a cell's residue to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``residue(total, own, gain, area)``: the noisy sum, in units of 1 / `gain`, less `own`, the
        sum over the cell's pixels of its sub-cells, over the 2**area pixels of a full cell.
    """

    @jit
    def residue(total, own, gain, area):
        kept = min(max(np.int64(total), np.int64(-MOST_SUM)), np.int64(MOST_SUM))
        apart = kept * gain - own
        whole = (apart + (np.int64(1) << (area - 1))) >> area
        return np.int32(min(max(whole, np.int64(-MOST)), np.int64(MOST)))

    return residue


def build_settled(jit):
    """Bind what a sum of products comes to to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``settled(total, low, high)``: rounded half up, in the plane's range.
    """

    @jit
    def settled(total, low, high):
        value = (total + np.int32(1 << (PLACES - 1))) >> np.int32(PLACES)
        return np.int16(min(max(value, low), high))

    return settled
