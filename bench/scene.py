"""One picture with everything that cases need, made once and on demand."""

from functools import cached_property, lru_cache

import numpy as np

from bench.pictures import SIZES, photo_of_size
from numbadp import Pixelizer
from numbadp.mechanism.inputs import kernel_view
from numbadp.mechanism.noise import noise_tables
from numbadp.mechanism.sums import grid_tables, measure_sums
from numbadp.postprocess.quadtree import build_quadtree
from numbadp.postprocess.reconstruct import reconstruct

EPSILON, M = 1, 16
_PLACES = 97  # of moving boxes, one after the other
BEYOND_CACHES = 128 << 20  # bytes of input and output together


class Scene:
    """A photo of one size with its plan, its release and what every stage starts from.

    Parameters
    ----------
    size : str
        A name of `SIZES`.
    """

    def __init__(self, size: str):
        self.height, self.width = SIZES[size]
        self.rgb = photo_of_size(self.height, self.width)
        self.out = np.zeros_like(self.rgb)

    @cached_property
    def pixelizer(self) -> Pixelizer:
        """Plan and tables."""
        return Pixelizer(self.rgb.shape, epsilon=EPSILON, m=M)

    @property
    def plan(self):
        """The plan."""
        return self.pixelizer.plan

    @cached_property
    def view(self) -> np.ndarray:
        """The picture as kernels read it."""
        return kernel_view(self.rgb)

    @cached_property
    def release(self):
        """A release."""
        return self.pixelizer(self.rgb)

    @cached_property
    def sums(self) -> tuple[np.ndarray, ...]:
        """Sums for the noise stage to add to, again and again."""
        return measure_sums(self.view, self.plan)

    @cached_property
    def tables(self):
        """Grid and noise tables."""
        return grid_tables(self.plan), noise_tables(self.plan)

    @cached_property
    def grids(self) -> tuple[np.ndarray, ...]:
        """Denoised planes."""
        return reconstruct(self.plan, self.release.values)

    @cached_property
    def quadtree(self):
        """Leaves."""
        return build_quadtree(self.plan, self.grids)

    def regions(self, area: str) -> list[dict]:
        """Options of regions at many places.

        Parameters
        ----------
        area : {"3 boxes", "200 boxes", "mask"}
            Three squares of together 1.6 % of the picture; boxes of 24 x 32; a disc of a tenth.

        Returns
        -------
        list of dict
            Keyword arguments of `numbadp.pixelize`.
        """
        rng = np.random.default_rng(1)
        if area == "mask":
            y, x = np.ogrid[: self.height, : self.width]
            radius = np.sqrt(self.height * self.width / (10 * np.pi))
            far = np.hypot(y - self.height / 2, x - self.width / 2)
            return [{"mask": far < radius}]
        side = int(np.sqrt(self.height * self.width * 0.016 / 3))
        count, wide, tall = (3, side, side) if area == "3 boxes" else (200, 24, 32)
        places = rng.integers(0, [self.width - wide, self.height - tall], (_PLACES, count, 2))
        return [
            {"boxes": [(x, y, x + wide, y + tall) for x, y in place]} for place in places.tolist()
        ]

    def grey_release(self, epsilon: int):
        """Release the picture's green channel."""
        grey = np.ascontiguousarray(self.rgb[:, :, 1])
        return Pixelizer(grey.shape, epsilon=epsilon, m=M)(grey)


@lru_cache(maxsize=2 * len(SIZES))
def scenes(size: str, fresh: bool = False) -> tuple[Scene, ...]:
    """Return one scene of a size, or as many as no cache holds: made once."""
    first = Scene(size)
    copies = -(-BEYOND_CACHES // (2 * first.rgb.nbytes)) if fresh else 1
    return (first, *(Scene(size) for _ in range(copies - 1)))
