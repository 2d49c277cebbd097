"""What others do: plain pixelation, which is NOT private, and textbook DP-Pix in NumPy.

All take cells of 16 pixels, exact means, and inputs and outputs made beforehand, in the form that
suits them best: OpenCV gets a picture padded to whole cells, Pillow a PIL image.
"""

import importlib

import numpy as np

CELL = 16
OPENDP_VALUES = 10_000


def opencv_pixelation(picture: np.ndarray):
    """Exact plain pixelation: INTER_AREA down, INTER_NEAREST up, with OpenCV's own threads."""
    cv2 = importlib.import_module("cv2")
    height, width = picture.shape[:2]
    # Mirrored: a half cell at the edge keeps its mean.
    padded = cv2.copyMakeBorder(picture, 0, -height % CELL, 0, -width % CELL, cv2.BORDER_REFLECT)
    high, wide = padded.shape[:2]
    small = np.empty((high // CELL, wide // CELL, 3), np.uint8)
    out = np.empty_like(padded)

    def pixelate():
        cv2.resize(padded, small.shape[1::-1], dst=small, interpolation=cv2.INTER_AREA)
        cv2.resize(small, (wide, high), dst=out, interpolation=cv2.INTER_NEAREST)
        return out[:height, :width]

    return pixelate


def pillow_pixelation(picture: np.ndarray):
    """Exact plain pixelation: reduce, then NEAREST, from a PIL image to a PIL image."""
    image_type = importlib.import_module("PIL.Image")
    image = image_type.fromarray(picture)
    width, height = image.size
    box = (0, 0, width / CELL, height / CELL)

    def pixelate():
        return image.reduce(CELL).resize((width, height), image_type.Resampling.NEAREST, box=box)

    return pixelate


def laplace_scale(epsilon: int, m: int, channels: int) -> float:
    """Scale of textbook DP-Pix: one pixel moves the sums of all channels together."""
    return channels * 255 * m / epsilon


def numpy_dp_pix(picture: np.ndarray, epsilon: int, m: int):
    """Vectorised DP-Pix: reduceat sums, floating-point Laplace noise, repeat."""
    height, width, channels = picture.shape
    rows, columns = np.arange(0, height, CELL), np.arange(0, width, CELL)
    counts = np.outer(_sides(height), _sides(width))[:, :, None]
    scale = laplace_scale(epsilon, m, channels)
    generator = np.random.default_rng()

    def pixelate():
        sums = np.add.reduceat(picture, rows, axis=0, dtype=np.uint32)
        sums = np.add.reduceat(sums, columns, axis=1)
        noisy = (sums + generator.laplace(0, scale, sums.shape)) / counts
        means = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
        return means.repeat(CELL, axis=0)[:height].repeat(CELL, axis=1)[:, :width]

    return pixelate


def naive_dp_pix(picture: np.ndarray, out: np.ndarray, epsilon: int, m: int):
    """DP-Pix as papers write it: a loop over cells, a NumPy mean and three draws in each."""
    height, width, channels = picture.shape
    scale = laplace_scale(epsilon, m, channels)
    generator = np.random.default_rng()

    def pixelate():
        for y in range(0, height, CELL):
            for x in range(0, width, CELL):
                block = picture[y : y + CELL, x : x + CELL]
                pixels = block.shape[0] * block.shape[1]
                noisy = block.mean(axis=(0, 1)) + generator.laplace(0, scale / pixels, channels)
                out[y : y + CELL, x : x + CELL] = np.clip(np.rint(noisy), 0, 255)
        return out

    return pixelate


def numpy_laplace(scale: float, values: int):
    """Floating-point Laplace noise: fast, and not safe against attacks on its last bits."""
    generator = np.random.default_rng()
    return lambda: generator.laplace(0, scale, values)


def opendp_laplace(scale: float, values: int = OPENDP_VALUES):
    """OpenDP's discrete Laplace on a vector of integers, exact like ours."""
    dp = importlib.import_module("opendp.prelude")
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int)
    measure = dp.m.make_laplace(*space, scale=scale)
    zeros = [0] * values
    return lambda: measure(zeros)


def _sides(length: int) -> np.ndarray:
    return np.diff(np.append(np.arange(0, length, CELL), length))
