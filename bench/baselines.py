"""Mechanisms of the literature in our own writing, for comparison: grey pictures, floating point.

All are epsilon-DP for m changed pixels on paper, with `scale` = 255 m / epsilon; none is safe
against attacks on the last bits of its floating-point noise.
"""

import numpy as np

DP_PIX_CELL = 16  # Fan's default
BLUR_CELL = 4  # Fan's b0
BLUR_WIDTH = 99  # Fan's k, in pixels
# The width of a kernel leaves its sigma open; this is OpenCV's choice for it.
BLUR_SIGMA = 0.3 * ((BLUR_WIDTH - 1) / 2 - 1) + 0.8


def dp_pix(picture: np.ndarray, scale: float, cell: int = DP_PIX_CELL) -> np.ndarray:
    """DP-Pix (Fan, DBSec 2018): noisy cell means, clipped.

    Partial cells are divided by their own number of pixels; the paper pads with zeros, which has
    the same guarantee and darkens the edge.
    """
    return _levels(_spread_cells(_noisy_means(picture, scale, cell), cell, picture.shape))


def dp_blur(picture: np.ndarray, scale: float) -> np.ndarray:
    """DP-Blur (Fan, TPDP 2019): DP-Pix at a small cell, enlarged, Gaussian blur.

    The means are clipped after the blur, not before: closer to the picture for r up to 4080.
    """
    from scipy.ndimage import gaussian_filter

    cells = _spread_cells(_noisy_means(picture, scale, BLUR_CELL), BLUR_CELL, picture.shape)
    radius = BLUR_WIDTH // 2
    return _levels(gaussian_filter(cells, BLUR_SIGMA, mode="nearest", radius=radius))


def pixel_laplace(picture: np.ndarray, scale: float) -> np.ndarray:
    """Laplace noise on every pixel, clipped: what epsilon costs without cells."""
    return _levels(picture + np.random.default_rng().laplace(0, scale, picture.shape))


def plain_pixelation(picture: np.ndarray, cell: int) -> np.ndarray:
    """Exact cell means, rounded: **not private**."""
    return _levels(_spread_cells(_means(picture, cell), cell, picture.shape))


def cell_means(sums: np.ndarray, shape: tuple[int, int], cell: int) -> np.ndarray:
    """Sums over the true number of pixels of every cell; `sums` is [..., rows, columns]."""
    return sums / np.outer(_sides(shape[0], cell), _sides(shape[1], cell))


def _noisy_means(picture: np.ndarray, scale: float, cell: int) -> np.ndarray:
    sums = _sums(picture, cell)
    noise = np.random.default_rng().laplace(0, scale, sums.shape)
    return cell_means(sums + noise, picture.shape, cell)


def _means(picture: np.ndarray, cell: int) -> np.ndarray:
    return cell_means(_sums(picture, cell), picture.shape, cell)


def _sums(picture: np.ndarray, cell: int) -> np.ndarray:
    rows, columns = (np.arange(0, side, cell) for side in picture.shape)
    sums = np.add.reduceat(picture, rows, axis=0, dtype=np.uint32)
    return np.add.reduceat(sums, columns, axis=1)


def _spread_cells(means: np.ndarray, cell: int, shape: tuple[int, int]) -> np.ndarray:
    return means.repeat(cell, axis=0)[: shape[0]].repeat(cell, axis=1)[:, : shape[1]]


def _levels(picture: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def _sides(length: int, cell: int) -> np.ndarray:
    return np.diff(np.append(np.arange(0, length, cell), length))
