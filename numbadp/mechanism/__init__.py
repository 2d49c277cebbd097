"""The mechanism: the only code that sees pixels and exact sums.

Statement.  For every plan, `_pixelize` is plan.epsilon-differentially private for pictures of
  plan.shape that differ in at most plan.m pixels, up to total variation plan.tau, if ChaCha20 is a
  pseudo-random function: all that leaves is the plan and its noisy sums.
Proof sketch.
  (1) The sums' joint change is bounded by sums.py; planning.py sets the scales to it.
  (2) Discrete Laplace noise of those scales, independent over the sums (noise.py), makes each
      picture's release epsilon-DP.
  (3) Everything else in a `Release` is a function of the plan, which no pixel entered.
Assumes.  The key is fresh; a picture is an array of known shape.
Tested by tests/mechanism/test_pixelize.py
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from numbadp.backend import choose_backend
from numbadp.errors import KeyUseError
from numbadp.guarantee import Guarantee, guarantee_of
from numbadp.mechanism.entropy import Key, fresh_key
from numbadp.mechanism.inputs import check_same_shape, kernel_view, read_array
from numbadp.mechanism.noise import NoiseTables, noise_tables
from numbadp.mechanism.planning import build_plan
from numbadp.mechanism.sums import GridTables, grid_tables
from numbadp.plan import Plan
from numbadp.release import Release, build_release
from numbadp.workers import drain

# Rough costs on one core, in ns a byte and ns a noise value: they decide how many threads pay off.
_BYTE_COST, _VALUE_COST = 0.023, 12


class Pixelizer:
    """A plan with its tables, made once for a shape; call it on pictures.

    It keeps no state between calls, so threads may share it and a child process may inherit it.

    Parameters
    ----------
    shape : tuple of int
        H x W, H x W x C or N x H x W x C, with C of 1 or 3.
    epsilon : int, str, Fraction, Decimal or float
        Privacy loss of one picture; a float is taken at its exact binary value.
    m : int, default 16
        Number of pixels that a neighbour may change.
    cell : "auto" or int, default "auto"
        Side of the finest measured cell, a power of two from 1 to 256, in pixels.
    layout : {"free", "uniform"}, default "free"
        ``"free"``: fine cells, quadtree decided on released values; ``"uniform"``: one size, as
        in DP-Pix.
    planes : {"auto", "rgb"}, default "auto"
        How colour is measured.
    backend : {"auto", "cpu", "cuda"}, default "auto"
        Where to compute.

    Attributes
    ----------
    plan : Plan
        Everything decided before a pixel is read; print it.

    Raises
    ------
    ShapeError, EpsilonError, OptionTypeError, OptionError, BackendError
        Before any noise is drawn.

    Examples
    --------
    >>> pixelizer = Pixelizer((64, 64), epsilon=1)
    >>> pixelizer(np.zeros((64, 64), np.uint8)).shape
    (64, 64)
    """

    def __init__(
        self, shape, *, epsilon, m=16, cell="auto", layout="free", planes="auto", backend="auto"
    ):
        choose_backend(backend)
        plan = build_plan(shape, epsilon=epsilon, m=m, cell=cell, layout=layout, planes=planes)
        self._prepared = _prepare(plan)

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self._prepared.plan

    def __call__(self, image) -> Release:
        """Measure one picture or batch, add noise, forget the pixels.

        Parameters
        ----------
        image : array_like or PIL.Image.Image
            uint8, of the planned shape; read-only and strided arrays are fine.

        Returns
        -------
        Release
            Frozen; the only thing that crosses the border.

        Raises
        ------
        ArrayTypeError, ShapeError, BackendError
            Before any noise is drawn, and whatever the pixels are.
        """
        array = read_array(image)
        check_same_shape(array, self.plan.shape)
        with fresh_key() as key:
            return _run(array, self._prepared, key)

    def __repr__(self) -> str:
        """The plan's facts."""
        return f"<Pixelizer: {str(self.plan).splitlines()[0]}>"


def pixelize(
    image, *, epsilon, m=16, cell="auto", layout="free", planes="auto", backend="auto"
) -> Release:
    """Turn a picture into a differentially private release.

    Parameters
    ----------
    image : array_like or PIL.Image.Image
        uint8 H x W, H x W x C or N x H x W x C with C of 1 or 3, or a PIL image.  In a batch
        every picture is released with epsilon by itself.
    epsilon : int, str, Fraction, Decimal or float
        Privacy loss; a float is taken at its exact binary value.
    m : int, default 16
        Number of pixels that a neighbour may change.
    cell : "auto" or int, default "auto"
        Side of the finest measured cell, a power of two from 1 to 256, in pixels.
    layout : {"free", "uniform"}, default "free"
        ``"free"``: fine cells, quadtree decided on released values; ``"uniform"``: one size, as
        in DP-Pix.
    planes : {"auto", "rgb"}, default "auto"
        How colour is measured.
    backend : {"auto", "cpu", "cuda"}, default "auto"
        Where to compute.

    Returns
    -------
    Release
        Frozen; render it, read its guarantee.

    Raises
    ------
    ArrayTypeError, ShapeError, EpsilonError, OptionTypeError, OptionError, BackendError
        Before any noise is drawn, and whatever the pixels are.

    Notes
    -----
    Releasing the same picture again spends epsilon again.  For frames or many pictures of one
    shape, keep a `Pixelizer`.

    References
    ----------
    .. [1] L. Fan, "Image pixelization with differential privacy", DBSec 2018.

    Examples
    --------
    >>> pixelize(np.zeros((48, 64, 3), np.uint8), epsilon="0.5").render().shape
    (48, 64, 3)
    """
    choose_backend(backend)
    array = read_array(image)
    plan = _cached_plan(array.shape, _hashable(epsilon), m, cell, layout, planes)
    with fresh_key() as key:
        return _run(array, _cached_preparation(plan), key)


def _pixelize(image, plan: Plan, key: Key) -> Release:
    """Release `image` under `plan` with a given key: the deterministic path, for tests alone."""
    array = read_array(image)
    check_same_shape(array, plan.shape)
    return _run(array, _cached_preparation(plan), key)


@dataclass(frozen=True, eq=False)
class _Prepared:
    """A plan with the tables that its kernels take and the guarantee of its releases."""

    plan: Plan
    grid: GridTables
    noise: NoiseTables
    guarantee: Guarantee


def _prepare(plan: Plan) -> _Prepared:
    return _Prepared(plan, grid_tables(plan), noise_tables(plan), guarantee_of(plan))


_cached_preparation = lru_cache(maxsize=32)(_prepare)


def _hashable(epsilon):
    """Epsilon as a cache key that tells 1 from True and 0.1 from its Fraction."""
    return type(epsilon), epsilon


def _cached_plan(shape, epsilon, m, cell, layout, planes) -> Plan:
    try:
        return _plan_of(shape, epsilon, m, cell, layout, planes)
    except TypeError:
        # Something unhashable among the options: let the checks name it.
        return build_plan(shape, epsilon=epsilon[1], m=m, cell=cell, layout=layout, planes=planes)


@lru_cache(maxsize=32, typed=True)
def _plan_of(shape, epsilon, m, cell, layout, planes) -> Plan:
    return build_plan(shape, epsilon=epsilon[1], m=m, cell=cell, layout=layout, planes=planes)


def _run(array: np.ndarray, prepared: _Prepared, key: Key) -> Release:
    """Steps (1) and (2) in one compiled pass; only noisy sums are left when it returns."""
    from numbadp.mechanism.kernels.release_cpu import release_cpu

    if not key.words.any():
        raise KeyUseError("this key was used and wiped; draw a new one with fresh_key().")
    plan, grid, noise = prepared.plan, prepared.grid, prepared.noise
    pictures = kernel_view(array)
    values = tuple(np.empty(_value_shape(plan, plane), np.int64) for plane in plan.planes)
    flat = tuple(value.reshape(plan.batch, -1) for value in values)
    cost = _BYTE_COST * array.size + _VALUE_COST * plan.draws
    try:
        drain(
            release_cpu, plan.batch * grid.bands, cost, pictures, grid.channels, grid.cell,
            grid.span, flat, grid.forms, grid.shifts, grid.widths, key.words, noise.tags,
            noise.cuts, noise.bits,
        )  # fmt: skip
    except BaseException:
        for value in values:  # a band may have been measured and not yet noised
            value.fill(0)
        raise
    return build_release(plan, prepared.guarantee, values)


def _value_shape(plan: Plan, plane) -> tuple[int, ...]:
    return (plan.batch, *plane.grid) if len(plan.shape) == 4 else plane.grid
