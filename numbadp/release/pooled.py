"""A release over many pictures: noisy numbers, public for good, and what is drawn from them."""

from dataclasses import dataclass

import numpy as np

from numbadp.accounting.pooled import PoolGuarantee
from numbadp.errors import ShapeError
from numbadp.files import write_bytes
from numbadp.numbers import size_text
from numbadp.plan.pooled import IMAGES, VISITS, PoolPlan
from numbadp.postprocess.pooled import means_of, render_pooled
from numbadp.storage.pooled import encode_pooled


@dataclass(frozen=True, eq=False, repr=False)
class PoolRelease:
    """Noisy integers over many pictures.

    Whatever is computed from a release is post-processing and cannot weaken its guarantee.

    Attributes
    ----------
    plan : PoolPlan
        How it was made.
    guarantee : PoolGuarantee
        What it promises.
    values : tuple of ndarray of int64
        Noisy numbers of every stage, read-only; may be negative.  Of images the centred sums
        [classes, rows, columns, C] of 2 x - 255 over cells, and the class counts; of a plate votes
        [rows, columns, C, bins + 1]; of visits counts [rows, columns].
    frames : int
        Of a plate: how many frames voted, which is public; 0 otherwise.
    """

    plan: PoolPlan
    guarantee: PoolGuarantee
    values: tuple[np.ndarray, ...]
    frames: int = 0

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of what `render` gives."""
        if self.plan.kind == IMAGES:
            return (self.plan.classes, *self.plan.shape)
        return (*self.plan.shape[:2], 3) if self.plan.kind == VISITS else self.plan.shape

    @property
    def counts(self) -> np.ndarray:
        """Noisy counts, int64: of images a class [classes], else votes or visits a cell."""
        return self.values[-1]

    @property
    def deviation(self) -> float:
        """Standard deviation of the noise on each number of the first stage."""
        return self.plan.stages[0].law.deviation

    def means(self, style: str = "smooth") -> np.ndarray:
        """Estimate what the pool averages, before anything is rounded.

        Parameters
        ----------
        style : {"smooth", "cells"}, default "smooth"
            Denoised, or as measured.

        Returns
        -------
        ndarray of float32
            Of images grey levels [classes, rows, columns, C] a cell, of a plate
            [rows, columns, C], of visits counts [rows, columns].

        Raises
        ------
        OptionTypeError, OptionError
            If there is no such style.
        """
        return means_of(self, style)

    def render(self, style: str = "smooth", *, over: np.ndarray | None = None) -> np.ndarray:
        """Draw the release.

        Parameters
        ----------
        style : {"smooth", "cells"}, default "smooth"
            ``"smooth"``: denoised with the known noise and interpolated; ``"cells"``: as measured.
        over : ndarray of uint8, optional
            Of visits: a picture H x W or H x W x 3 that the heat map is laid over; it is public, so
            it should be a plate or another release.

        Returns
        -------
        ndarray of uint8
            Of images [classes, H, W] or [classes, H, W, C], of a plate one picture, of visits a
            heat map in colour [H, W, 3].

        Raises
        ------
        OptionTypeError, OptionError, ArrayTypeError, ShapeError
            If there is no such style, or nothing can be drawn over such a picture.
        """
        return render_pooled(self, style, over)

    def save(self, path) -> None:
        """Write the release to a file; `numbadp.load` reads it.

        Parameters
        ----------
        path : str, os.PathLike or binary file
            Where to, by custom a name that ends with ``.dpz``; a file is replaced in one step.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        write_bytes(path, encode_pooled(self.plan, self.guarantee, self.values, self.frames))

    def __repr__(self) -> str:
        """Public facts in one line."""
        size = size_text(self.plan.shape)
        return (
            f"<PoolRelease of {self.plan.kind} of {size}: epsilon = {self.guarantee.epsilon}, one "
            f"{self.guarantee.unit}>"
        )

    def __reduce__(self):
        """Pickle the parts; reading them back checks and freezes again."""
        return build_pool_release, (self.plan, self.guarantee, self.values, self.frames)


def build_pool_release(
    plan: PoolPlan, guarantee: PoolGuarantee, values: tuple[np.ndarray, ...], frames: int = 0
) -> PoolRelease:
    """Check and freeze the parts of a release.

    Parameters
    ----------
    plan : PoolPlan
        How the values were made.
    guarantee : PoolGuarantee
        What they promise.
    values : tuple of ndarray of int64
        Noisy numbers in the shapes of the plan; they become read-only.
    frames : int
        Of a plate: how many frames voted.

    Returns
    -------
    PoolRelease
        The frozen release.

    Raises
    ------
    ShapeError
        If the values do not fit the plan.
    """
    found = tuple(value.shape for value in values)
    if found != plan.value_shapes or any(value.dtype != np.int64 for value in values):
        raise ShapeError(f"values must be int64 arrays of shapes {plan.value_shapes}; got {found}.")
    for value in values:
        value.flags.writeable = False
    return PoolRelease(plan, guarantee, tuple(values), frames)
