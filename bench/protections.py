"""The table of what is done to faces before they are attacked: one row each.

`protect` takes a batch of grey pictures and the noise scale r = 255 m / epsilon of a sum and
returns pictures with fresh noise.  Whatever needs no scale is not private at all.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from math import isqrt

import numpy as np

from bench import baselines
from bench.scene import M
from bench.utility import epsilon_of
from numbadp import Pixelizer, Release

STYLES = ("cells", "mosaic", "smooth")
BEST, PLAIN = "smooth, best", "smooth, tv"
VALUES = "published values"
AVERAGED = (4, 16)  # squares, see `averaged_release`
PLAIN_CELLS = (8, 16, 32)

Protect = Callable[[np.ndarray, int], np.ndarray]


@dataclass(frozen=True)
class Protection:
    """Something done to faces.

    Attributes
    ----------
    name : str
        Unique.
    protect : callable
        From pictures [n, H, W] and a scale to what the attacker sees, [n, H, W].
    releases : int
        How many releases of a picture the attacker sees; epsilon counts for each.  0 for what is
        not private.
    """

    name: str
    protect: Protect
    releases: int = 1


def averaged_release(pictures: np.ndarray, scale: int, releases: int) -> Release:
    """Average several releases of the same pictures into one of less noise.

    The mean of k releases has noise of the variance of a release of scale r / sqrt(k), and is
    reconstructed as such.  `releases` must be a square, so that this scale is rational.
    """
    root = isqrt(releases)
    if root * root != releases:
        raise ValueError(f"releases must be a square; got {releases}. Pass 4, 9, 16 ...")
    batch = pictures[..., None]
    pixelizer = _pixelizer(batch.shape, scale)
    total = sum(pixelizer(batch).values[0] for _ in range(releases))
    clearer = _pixelizer(batch.shape, scale, root, pixelizer.plan.planes[0].cell)
    values = np.rint(total / releases).astype(np.int64)
    return replace(clearer(np.zeros_like(batch)), values=(values,))


@lru_cache(maxsize=8)
def _pixelizer(shape, scale: int, root: int = 1, cell: int | str = "auto") -> Pixelizer:
    return Pixelizer(shape, epsilon=root * epsilon_of(scale), m=M, cell=cell)


def _one_by_one(protect: Protect, pictures: np.ndarray, scale: int) -> np.ndarray:
    return np.stack([protect(picture, scale) for picture in pictures])


def _plain(cell: int) -> Protect:
    return partial(_one_by_one, lambda picture, _: baselines.plain_pixelation(picture, cell))


def _rendered(
    style: str, releases: int, pictures: np.ndarray, scale: int, effort: str = "default"
) -> np.ndarray:
    return averaged_release(pictures, scale, releases).render(style, effort=effort)[..., 0]


def _read(releases: int, pictures: np.ndarray, scale: int) -> np.ndarray:
    """The cells' means as published: not clipped to grey levels as a picture is."""
    release = averaged_release(pictures, scale, releases)
    cell, (height, width) = release.plan.planes[0].cell, pictures.shape[1:]
    means = baselines.cell_means(release.values[0], (height, width), cell).astype(np.float32)
    return means.repeat(cell, axis=1)[:, :height].repeat(cell, axis=2)[:, :, :width]


REFERENCES = (
    Protection("nothing", lambda pictures, _: pictures, 0),
    *(Protection(f"plain pixelation, {cell} px", _plain(cell), 0) for cell in PLAIN_CELLS),
)
PROTECTIONS = (
    Protection("DP-Pix, 16 px", partial(_one_by_one, baselines.dp_pix)),
    *(Protection(style, partial(_rendered, style, 1)) for style in STYLES),
    Protection(BEST, partial(_rendered, "smooth", 1, effort="best")),
    Protection(PLAIN, partial(_rendered, "smooth", 1, effort="tv")),
    Protection(VALUES, partial(_read, 1)),
    *(Protection(f"mean of {k}, denoised", partial(_rendered, "smooth", k), k) for k in AVERAGED),
    *(Protection(f"mean of {k}, {VALUES}", partial(_read, k), k) for k in AVERAGED),
)
