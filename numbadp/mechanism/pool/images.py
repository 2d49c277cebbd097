"""Central images: exact sums of the pictures of every class.

Statement.  For neighbours of which one has one image more (with owners: all images of one owner
  more, at most k of which count), the centred sums of 2 x - 255 over cells and the class counts
  change by at most `sums_change` and `COUNTS_CHANGE` of plan/changes.py, times k.
Proof sketch.
  (1) |2 x - 255| <= 255, so one image changes the sum of a cell of a pixels and a channel by at
      most 255 a, in its own class alone.  Over cells that adds to L1 = 255 P for P pixels times
      channels, L2**2 = the sum of (255 a)**2, Linf = 255 cell**2; all are attained by a white one.
  (2) It changes one count by 1.
  (3) Of an owner at most k images count (quota.py), whoever else is in the pool: k such changes,
      added by the triangle inequality.  Linf adds over classes, as planning.py, step 4, asks.
  (4) A centred sum is 2 X - 255 n a with X the plain sum and n the count: integers throughout; X is
      below 2**63 for any 2**47 images.
Replacing an image by another is two steps, also where its label changes.
Assumes.  Labels, like pictures, belong to their image; images of one owner bear one name.
Tested by tests/mechanism/pool/test_images.py
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from numbadp.checks import power_of_two, shown, whole_number
from numbadp.compute.forgetting import Scratch
from numbadp.errors import ArrayTypeError, OptionError, OptionTypeError, ShapeError
from numbadp.mechanism.draining import traceless
from numbadp.mechanism.pool.planning import Budget, budget_of, guarantee_for, plan_stages
from numbadp.mechanism.pool.pool import Pool
from numbadp.mechanism.pool.quota import Quota
from numbadp.plan.pooled import IMAGES, PoolPlan

MOST_CELL = 256
_MOST_SIDE, _MOST_CLASSES, _MOST_PER_OWNER = 2**15, 2**16, 2**20
_MOST_NUMBERS = 2**31
_PLAIN = 20  # grey levels of noise on a cell's mean that the automatic cell accepts
_SHARES = Fraction(15, 16), Fraction(1, 16)  # of the budget, for sums and for counts


class ImagePool(Pool):
    """Sums and counts of every class; made by `Pool.images`."""

    def __init__(self, shape, classes, epsilon, delta, owners, most, cell, expected, ledger):
        shape = checked_shape(shape)
        classes = whole_number("classes", classes, _MOST_CLASSES, "Pass the number of classes.")
        most = whole_number("most", most, _MOST_PER_OWNER, "Pass 1 or more.")
        expected = whole_number("expected", expected, 2**40, "Pass about how many there are.")
        if not isinstance(owners, (bool, np.bool_)):
            raise OptionTypeError(f"owners must be True or False; got {shown(owners)}.")
        if most > 1 and not owners:
            raise OptionError(
                "most counts the images of one owner. Pass owners=True, and name owners in add."
            )
        budget = budget_of(epsilon, delta)
        plan = _plan(shape, classes, budget, most, cell, expected)
        if classes * shape[0] * shape[1] * plan.channels > _MOST_NUMBERS:
            raise ShapeError(
                f"a pool keeps at most 2**31 sums; {classes} classes of {shape} are more. Make the "
                "images smaller."
            )
        unit = plan.units[-1 if owners else 0]
        super().__init__(plan, guarantee_for(plan.stages, budget, unit, most), ledger)
        pixels = shape[0] * shape[1] * plan.channels
        self._quota = Quota(most) if owners else None
        self._columns = np.zeros((classes, pixels), np.uint16)
        self._filled, self._counts = np.zeros(classes, np.int64), np.zeros(classes, np.int64)
        self._sums = np.zeros((classes, pixels), np.int64)

    def add(self, images, labels=None, owners=None) -> None:
        """Add images to the sums of their classes; they are not kept.

        Parameters
        ----------
        images : array_like of uint8
            [n, H, W] or [n, H, W, C], or one image.
        labels : array_like of int, shape (n,)
            Classes from 0; may be left out where there is one class.
        owners : array_like of int or str, shape (n,)
            With ``owners=True``: whose image each is.

        Raises
        ------
        ArrayTypeError, ShapeError, OptionError, OptionTypeError
            If the arrays do not fit; nothing is added then.
        PoolError
            If the pool was released.
        """
        from numbadp.mechanism.kernels.pool_cpu import add_pictures

        pictures = checked_pictures(images, self._plan.shape)
        count = len(pictures)
        labels = _checked_labels(labels, count, self._plan.classes)
        names = _checked_owners(owners, count, self._quota)
        own = Scratch()
        with self._alone(), own, own:
            rows = kernel_view(pictures, (count, self._columns.shape[1]), own)
            kept = np.ones(count, bool)
            if names is not None and self._quota is not None:
                kept = self._quota.take(names)  # step 3
            traceless(add_pictures)(
                rows, labels, kept, self._columns, self._filled, self._sums, self._counts
            )

    def _exact(self, own):
        from numbadp.mechanism.kernels.pool_cpu import flush_all

        plan = self._plan
        traceless(flush_all)(self._columns, self._filled, self._sums)
        counts = own.zeros((plan.classes,), np.int64)
        counts[:] = self._counts
        sums = cell_sums(self._sums, plan, own)
        weight = own.zeros(sums.shape, np.int64)
        np.multiply(255 * plan.cell_pixels[None, :, :, None], counts[:, None, None, None], weight)
        np.multiply(sums, 2, sums)
        np.subtract(sums, weight, sums)  # step 4
        return sums, counts

    def _forget(self) -> None:
        for array in (self._columns, self._filled, self._sums, self._counts):
            array.fill(0)
        if self._quota is not None:
            self._quota.forget()


def cell_sums(sums: np.ndarray, plan: PoolPlan, own) -> np.ndarray:
    """Sums over cells from sums of every pixel, in memory that is overwritten at the end.

    Parameters
    ----------
    sums : ndarray of int64, shape (classes, H * W * C)
        Exact.
    plan : PoolPlan
        The cells.
    own : Scratch
        Where the arrays belong.

    Returns
    -------
    ndarray of int64, shape (classes, rows, columns, C)
        Exact.
    """
    (height, width), (rows, columns) = plan.shape[:2], plan.grid
    pixels = sums.reshape(plan.classes, height, width, plan.channels)
    across = own.zeros((plan.classes, height, columns, plan.channels), np.int64)
    np.add.reduceat(pixels, np.arange(0, width, plan.cell), axis=2, out=across)
    cells = own.zeros((plan.classes, rows, columns, plan.channels), np.int64)
    np.add.reduceat(across, np.arange(0, height, plan.cell), axis=1, out=cells)
    return cells


def checked_shape(shape) -> tuple[int, ...]:
    """Take the shape of one picture.

    Parameters
    ----------
    shape : sequence of int
        H x W or H x W x C.

    Returns
    -------
    tuple of int
        The same.

    Raises
    ------
    OptionTypeError, OptionError, ShapeError
        If no picture has it.
    """
    try:
        sides = tuple(shape)
    except TypeError:
        sides = ()
    if len(sides) not in (2, 3):
        raise ShapeError(f"shape must be (H, W) or (H, W, C); got {shown(shape)}.")
    advice = "Pass the shape of one picture."
    sides = tuple(whole_number("a side", side, _MOST_SIDE, advice) for side in sides)
    if len(sides) == 3 and sides[2] not in (1, 3):
        raise ShapeError(f"a picture has 1 or 3 channels; got {sides[2]}. {advice}")
    return sides


def checked_pictures(images, shape: tuple[int, ...]) -> np.ndarray:
    """Take pictures of one shape.

    Parameters
    ----------
    images : array_like of uint8
        One picture or many.
    shape : tuple of int
        Of one.

    Returns
    -------
    ndarray of uint8, shape (n, *shape)
        With any strides.

    Raises
    ------
    ArrayTypeError, ShapeError
        If they are of another kind or shape.
    """
    nested = images if isinstance(images, (list, tuple)) else ()
    if any(isinstance(one, np.ma.MaskedArray) for one in (images, *nested)):
        raise ArrayTypeError(
            "pictures are a masked array, whose masked pixels would count. Pass pictures.filled(0)."
        )
    array = np.asarray(images)
    if array.dtype != np.uint8:
        raise ArrayTypeError(
            f"pictures must be uint8; got {array.dtype}. Scale them to 0..255 and round."
        )
    if array.shape == shape:
        array = array[None]
    if array.ndim != len(shape) + 1 or array.shape[1:] != shape:
        raise ShapeError(f"pictures must have the shape (n, {str(shape)[1:]}; got {array.shape}.")
    return array


def kernel_view(pictures: np.ndarray, shape: tuple[int, ...], own: Scratch) -> np.ndarray:
    """View checked pictures the way kernels read them.

    Parameters
    ----------
    pictures : ndarray of uint8
        With any strides.
    shape : tuple of int
        Of the view.
    own : Scratch
        Where a copy belongs, if one must be made.

    Returns
    -------
    ndarray of uint8
        C-contiguous and read-only, so that kernels are compiled once.
    """
    view = own.contiguous(pictures).reshape(shape)
    view.flags.writeable = False
    return view


def _checked_labels(labels, count: int, classes: int) -> np.ndarray:
    if labels is None:
        if classes > 1:
            raise OptionError(f"labels are needed for {classes} classes. Pass one for each image.")
        return np.zeros(count, np.int64)
    array = np.atleast_1d(np.asarray(labels))
    if array.dtype.kind not in "iu":
        raise ArrayTypeError(f"labels must be integers; got {array.dtype}. Number the classes.")
    if array.shape != (count,):
        raise ShapeError(f"{count} images need {count} labels; got shape {array.shape}.")
    if count and (int(array.min()) < 0 or int(array.max()) >= classes):
        raise OptionError(f"labels must be from 0 to {classes - 1}. Number the classes from 0.")
    return array.astype(np.int64)


def _checked_owners(owners, count: int, quota: Quota | None) -> np.ndarray | None:
    if owners is None and quota is not None:
        raise OptionError("this pool bounds what an owner adds. Pass owners, one for each image.")
    if owners is None:
        return None
    if quota is None:
        raise OptionError("this pool's unit is an image. Make it with owners=True, or pass none.")
    array = np.atleast_1d(np.asarray(owners))
    if array.shape != (count,):
        raise ShapeError(f"{count} images need {count} owners; got shape {array.shape}.")
    return quota.checked(array)


def _plan(shape, classes: int, budget: Budget, most: int, cell, expected: int) -> PoolPlan:
    if not (cell == "auto" and isinstance(cell, str)):
        cell = power_of_two("cell", cell, MOST_CELL, '"auto" or ')
        return _planned(shape, classes, budget, most, cell)
    plan = _planned(shape, classes, budget, most, 1)
    while not _plain_enough(plan, expected) and plan.cell < min(MOST_CELL, max(shape[:2])):
        plan = _planned(shape, classes, budget, most, 2 * plan.cell)
    return plan


def _planned(shape, classes: int, budget: Budget, most: int, cell: int) -> PoolPlan:
    plan = PoolPlan(IMAGES, shape, cell, (), classes=classes, most=most)
    return replace(plan, stages=plan_stages(plan.parts, budget, _SHARES))


def _plain_enough(plan: PoolPlan, expected: int) -> bool:
    """Whether cells need not grow: their noise is small, or averages away as well afterwards."""
    law = plan.stages[0].law
    return law.kind == "gauss" or law.deviation <= 2 * _PLAIN * expected * plan.cell**2
