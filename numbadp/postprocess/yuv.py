"""Mosaics as the planes of a video: each leaf is converted once and not pixel by pixel.

A codec takes luma and, at half the size, two differences of colour.  A leaf is flat and its side
is even, so no pixel of half the size lies in two of them, and nothing has to be averaged.
"""

import numpy as np

from numbadp.compute.workers import drain

_COST, _BANDS = 0.4, 8  # ns a pixel on one core, roughly; parts that threads share
# Shares of red and blue in luma: ITU-R BT.601 and BT.709.
SHARES = {601: (0.299, 0.114), 709: (0.2126, 0.0722)}


def paint_planes(
    packed: np.ndarray, side: int, standard: int, y: np.ndarray, u: np.ndarray, v: np.ndarray
) -> None:
    """Paint flat squares into planes of limited range.

    Parameters
    ----------
    packed : ndarray of uint32, shape (rows, columns)
        Colours of the squares, red in the lowest byte.
    side : int
        Of a square, in pixels; even.
    standard : {601, 709}
        By which colours are mixed.
    y : ndarray of uint8, shape (H, W)
        Luma; H and W are those of the picture, or one more where that makes them even.
    u, v : ndarray of uint8, shape (H / 2, W / 2)
        Differences of colour, 128 where there is none.
    """
    from numbadp.postprocess.kernels.yuv_cpu import yuv_cpu

    bands = min(_BANDS, packed.shape[0])
    band = -(-packed.shape[0] // bands)
    drain(yuv_cpu, bands, _COST * y.size, band, packed, _rows(standard), side, y, u, v)


def _rows(standard: int) -> np.ndarray:
    """Coefficients of red, green and blue and offsets, of Y, U and V, in units of 2**-16."""
    from numbadp.postprocess.kernels.yuv_cpu import SHIFT

    red, blue = SHARES[standard]
    luma = np.array([red, 1 - red - blue, blue])
    rows = np.array([
        219 * luma,
        112 / (1 - blue) * (np.array([0, 0, 1]) - luma),
        112 / (1 - red) * (np.array([1, 0, 0]) - luma),
    ])  # fmt: skip
    whole = np.rint(rows / 255 * (1 << SHIFT)).astype(np.int64)
    whole[1:, 1] = -whole[1:, 0] - whole[1:, 2]  # grey has no colour, to the bit
    return np.hstack([whole, [[16], [128], [128]]]).astype(np.int64)
