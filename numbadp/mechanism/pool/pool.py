"""A pool: exact sums over many pictures in memory, released once.

Statement.  What leaves a pool is its plan, its guarantee and the noisy numbers of one release,
  which keep that guarantee for one unit more or less; the number of a plate's frames is public.
Proof sketch.
  (1) A child's `_exact` gives numbers that one unit changes by at most the stages' `Change`: see
      images.py, plate.py, visits.py.
  (2) Each stage's noise makes it as private as its law says (planning.py); costs of stages add.
  (3) Exact numbers are overwritten when the release is made or fails after it was charged, and a
      second release is refused: it would be another draw on the same pictures.
  (4) A pool cannot be copied, pickled, or released in a forked child: each copy could be released.
  (5) Ledgers are charged before a draw is made.  Kernels are loaded and the exact numbers are
      ready by then, so that of what is left only noise can fail.
Assumes.  Nobody reads this process's memory.
Tested by tests/mechanism/pool/test_pool.py
"""

import os
from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from numbadp.accounting.ledger.charging import charge_budgets, check_budgets, check_ledger
from numbadp.accounting.pooled import PoolGuarantee
from numbadp.compute.forgetting import Scratch
from numbadp.compute.forks import ForkSafeLock
from numbadp.errors import PoolError
from numbadp.mechanism.entropy import fresh_id, fresh_key
from numbadp.mechanism.pool.drawing import add_noise, load_law
from numbadp.numbers import size_text
from numbadp.plan.pooled import PoolPlan
from numbadp.release.pooled import PoolRelease, build_pool_release


class Pool(ABC):
    """Statistics over many pictures, released once with a guarantee for a whole unit.

    Make one with `Pool.images`, `Pool.plate` or `Pool.visits`, add to it, release it.
    """

    def __init__(self, plan: PoolPlan, guarantee: PoolGuarantee, ledger):
        check_budgets(guarantee, check_ledger(ledger))
        self._plan, self._guarantee, self._ledger = plan, guarantee, ledger
        self._lock, self._process, self._over = ForkSafeLock(), os.getpid(), False

    @staticmethod
    def images(
        shape, *, classes=1, epsilon, delta=0, owners=False, most=1, cell="auto", expected=1000,
        ledger=None,
    ) -> "Pool":  # fmt: skip
        """Central images: the mean picture of every class, private for a whole image or owner.

        Parameters
        ----------
        shape : tuple of int
            H x W or H x W x C of one image, C of 1 or 3.
        classes : int, default 1
            Number of classes; which there are is public, how many images each has is not.
        epsilon : int, str, Fraction, Decimal or float
            Privacy loss for one unit more or less.
        delta : int, str, Fraction, Decimal or float, default 0
            0 for pure differential privacy; a small number lets Gaussian noise in.
        owners : bool, default False
            Whether the unit is all images of one owner, who is then named with every image.
        most : int, default 1
            Images of one owner that count; more are dropped.
        cell : int or "auto", default "auto"
            Side of a cell, a power of two from 1 to 256; ``"auto"``: 1 with Gaussian noise, else
            the smallest whose mean has a deviation of 20 grey levels at most.
        expected : int, default 1000
            For ``cell="auto"``: about how many images a class has, as is publicly known.
        ledger : Ledger, optional
            With a fitting ``unit``; charged by the release.

        Returns
        -------
        Pool
            With ``add(images, labels, owners)``.

        Raises
        ------
        ShapeError, EpsilonError, OptionTypeError, OptionError, BudgetError, LedgerError
            If an option makes no sense, or the ledger would refuse the release.

        Notes
        -----
        The noisy mean is that of the noisy sum and the noisy count: nothing is divided by the exact
        number of images, which would make one image of a small class cost far more than claimed.

        Examples
        --------
        >>> import numpy as np
        >>> pool = Pool.images((8, 8), classes=2, epsilon=1, delta="1e-5")
        >>> pool.add(np.zeros((500, 8, 8), np.uint8), np.arange(500) % 2)
        >>> pool.release().render("smooth").shape
        (2, 8, 8)
        """
        from numbadp.mechanism.pool.images import ImagePool

        return ImagePool(shape, classes, epsilon, delta, owners, most, cell, expected, ledger)

    @staticmethod
    def plate(shape, *, cell=1, event, bins=32, epsilon, delta=0, ledger=None) -> "Pool":
        """A camera's background: in every cell the value that most frames vote for.

        Parameters
        ----------
        shape : tuple of int
            H x W or H x W x C of one frame.
        cell : int, default 1
            Side of a cell, a power of two from 1 to 256.
        event : (int, int, int)
            What is hidden: anything that is visible in at most so many frames, and in each of them
            inside a box of so many pixels' width and height.  A stated policy: whoever stays longer
            is not covered, and nothing checks it.
        bins : int, default 32
            Bins of grey levels, a power of two up to 256.
        epsilon, delta : int, str, Fraction, Decimal or float
            Privacy loss for one event more or less.
        ledger : Ledger, optional
            With the ``unit`` of this pool's guarantee.

        Returns
        -------
        Pool
            With ``add(frames)``.

        Raises
        ------
        ShapeError, EpsilonError, OptionTypeError, OptionError, BudgetError, LedgerError
            If an option makes no sense, or the ledger would refuse the release.

        Notes
        -----
        What counts is F / T, frames of an event over all frames: one frame a second serves as well
        as thirty.

        Examples
        --------
        >>> import numpy as np
        >>> pool = Pool.plate((16, 16), event=(2, 4, 8), epsilon=1, delta="1e-5")
        >>> pool.add(np.full((2000, 16, 16), 77, np.uint8))
        >>> pool.release().render().shape
        (16, 16)
        """
        from numbadp.mechanism.pool.plate import PlatePool

        return PlatePool(shape, cell, event, bins, epsilon, delta, ledger)

    @staticmethod
    def visits(shape, *, cell=16, most, epsilon, delta=0, ledger=None) -> "Pool":
        """A heat map: how many different visitors were in every cell.

        Parameters
        ----------
        shape : tuple of int
            H x W of the picture that points are in.
        cell : int, default 16
            Side of a cell, a power of two from 1 to 256.
        most : int
            Cells of one visitor that count: the first so many different ones; others are dropped.
        epsilon, delta : int, str, Fraction, Decimal or float
            Privacy loss for one visitor more or less.
        ledger : Ledger, optional
            With ``unit="visitor"``.

        Returns
        -------
        Pool
            With ``add(points, track)``.

        Raises
        ------
        ShapeError, EpsilonError, OptionTypeError, OptionError, BudgetError, LedgerError
            If an option makes no sense, or the ledger would refuse the release.

        Notes
        -----
        A visitor is a track: whose track breaks is counted, and covered, as two visitors.  The
        detector and the tracker lie outside of the guarantee.

        Examples
        --------
        >>> import numpy as np
        >>> pool = Pool.visits((48, 64), cell=16, most=4, epsilon=1)
        >>> pool.add(np.array([[3.5, 40.0], [20.0, 40.0]]), np.array([7, 7]))
        >>> pool.release().counts.shape
        (3, 4)
        """
        from numbadp.mechanism.pool.visits import VisitPool

        return VisitPool(shape, cell, most, epsilon, delta, ledger)

    @property
    def plan(self) -> PoolPlan:
        """Public facts."""
        return self._plan

    @property
    def guarantee(self) -> PoolGuarantee:
        """What the release will promise."""
        return self._guarantee

    def release(self) -> PoolRelease:
        """Add noise and forget everything exact; once.

        Returns
        -------
        PoolRelease
            Frozen.

        Raises
        ------
        PoolError
            If it was released before, or in another process.
        BudgetError, LedgerError
            If a ledger refuses; the pool can still be released.
        EntropyError
            If the operating system gives no random bits; nothing was charged.
        """
        with self._alone():
            own = Scratch()
            with own, own:
                for stage in self._plan.stages:
                    load_law(stage.law.kind)
                values = self._exact(own)
                key, guarantee = fresh_key(own), replace(self._guarantee, id=fresh_id())
                charge_budgets(guarantee, self._ledger)  # step 5
                self._add_noise(values, key)
                own.hand_out(*values)
        return build_pool_release(self._plan, guarantee, values, self._frames)

    @property
    def _frames(self) -> int:
        """Public number of frames."""
        return 0

    def _add_noise(self, values: tuple[np.ndarray, ...], key) -> None:
        """Noise the exact numbers in place (step 2); the pool is empty afterwards (step 3)."""
        try:
            self._over = True
            for plane, (value, stage) in enumerate(zip(values, self._plan.stages, strict=True)):
                add_noise(value.reshape(-1), stage, plane, key)
        finally:
            self._forget()

    @abstractmethod
    def _exact(self, own: Scratch) -> tuple[np.ndarray, ...]:
        """Exact numbers of every stage, int64, in arrays of `own` (step 1)."""

    @abstractmethod
    def _forget(self) -> None:
        """Overwrite everything exact (step 3)."""

    @contextmanager
    def _alone(self):
        """The pool's lock, if this pool may still be used here."""
        if os.getpid() != self._process:  # step 4
            raise PoolError(
                "this pool lives in the memory of another process, and a copy could be released "
                "again. Add and release where it was made."
            )
        with self._lock:
            if self._over:
                raise PoolError(
                    "this pool was released already, and what it held is forgotten. Use that "
                    "release; make a new pool for new pictures."
                )
            yield

    def __repr__(self) -> str:
        """Public facts in one line."""
        size = size_text(self._plan.shape)
        return f"<Pool of {self._plan.kind} of {size}: epsilon = {self._guarantee.epsilon}>"

    def __reduce_ex__(self, protocol):
        raise PoolError("a pool holds exact sums and cannot be copied or pickled. Release it.")
