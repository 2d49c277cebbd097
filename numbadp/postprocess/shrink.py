"""No invented colour: every plane is drawn towards what is known without looking.

A denoised plane T has a rest of noise whose variance N the plan tells.  Its spread about a centre C
is D on average, so what the picture itself varies by is about D - N; the prior (`prior.py`) says V.
Weighing both by how sure they are, S = (V N**2 + (D - N) V**2) / (N**2 + V**2), and the plane
becomes C + (T - C) (1 - y): little moves where noise is small, everything where it is all.  What
moves is y = x**2 / (x + s (1 - x)), x = N / (S + N): next to nothing of what is nearly known.
C is the plane's own mean, drawn towards the prior's by the same reasoning; for a region it is what
the public rim says, from version 3 on the means of what it says in sub-cells of 8 pixels.  All is
integers: plan and released values decide, on every processor alike.

What is clipped at an end of its range is off on average: of a shade of 2 with noise of 3 about it
the mean is 2.5.  From version 3 on a value of luma that is less than the deviation of what is left
of the noise away from an end moves towards it, by 1.1 times what it lacks to that.
"""

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from math import isqrt
from typing import NamedTuple

import numpy as np

from numbadp.compute.workers import drain
from numbadp.plan import Plan, PlanePlan
from numbadp.plan.islands import HEIGHT, MASK, WIDTH
from numbadp.plan.region import measured_counts
from numbadp.postprocess import prior
from numbadp.postprocess.drawing import LATEST
from numbadp.postprocess.islands import island_tables
from numbadp.postprocess.kernels.shrink_body import NOISE
from numbadp.postprocess.reconstruct import UNITS, frozen_row, noise_level, reference_level
from numbadp.postprocess.surround import fill_inside, plane_numbers

ONE = 4096  # a weight of 1
_NOTHING = np.zeros((0, 0, 0, 0), np.uint8)
_NOTHING.flags.writeable = False
_NO_CENTRES = (np.empty((0, 0, 0), np.int16),) * 3  # of planes
_SQUARED = UNITS * UNITS
_MOST = 1 << 40  # of a variance in squared 1/64 grey level
FINEST_RIM = 8  # pixels: a wide sub-cell's rim is better filled in by finer ones
_DEEPEST = 8 * UNITS  # of an end of a range: where more is left, nothing is known of shades
_TOGETHER = 4  # cells that total variation averages where nothing but noise differs
# Rough costs in ns on one core: of a sub-cell, of a pixel in and around an island, of an island.
_COST, _RIM_COST, _ISLAND_COST = 0.6, 0.3, 8_000


@lru_cache(maxsize=32)
def shrink_tables(plan: Plan, version: int) -> np.ndarray:
    """Public constants of every plane.

    Parameters
    ----------
    plan : Plan
        The plan.
    version : int
        Version of the drawing.

    Returns
    -------
    ndarray of int64, shape (planes, 6)
        The prior's middle in 1/64 grey level; weight of the released mean against it; N; the part
        V N**2 / (N**2 + V**2) of S; weight V**2 / (N**2 + V**2) of D - N; s.  Weights and s are in
        1/4096, variances in squared 1/64 grey level.
    """
    pixels = plan.height * plan.width if plan.region is None else plan.region.pixels
    table = np.array(
        [
            _row(
                plane,
                _noise(plane, reference_level(plan, plane)),
                pixels,
                plan.covers.whole,
                version,
            )
            for plane in plan.planes
        ],
        np.int64,
    )
    table.flags.writeable = False
    return table


@lru_cache(maxsize=32)
def range_ends(plan: Plan, version: int) -> np.ndarray:
    """How deep the ends of planes' ranges reach, where clipping leaves a bias.

    Parameters
    ----------
    plan : Plan
        The plan.
    version : int
        Version of the drawing.

    Returns
    -------
    ndarray of int64, shape (planes, 3)
        The deviation of what is left of the noise, in 1/64 grey level, from version 3 on and of
        whole pictures' planes that are not chroma, else 0; least and largest value.
    """
    whole = version > 2 and plan.region is None
    rows = []
    for plane, noise in zip(plan.planes, shrink_tables(plan, version)[:, NOISE], strict=True):
        depth = min(isqrt(int(noise)), _DEEPEST) if whole and plane.low >= 0 else 0
        rows.append([depth, int(UNITS * plane.low), int(UNITS * plane.high)])
    table = np.array(rows, np.int64)
    table.flags.writeable = False
    return table


def shrink(
    plan: Plan, grids: tuple[np.ndarray, ...], background: np.ndarray | None = None,
    version: int = LATEST,
) -> tuple[np.ndarray, ...]:  # fmt: skip
    """Draw every plane towards its centre.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    grids : tuple of ndarray of int16, shape (N, rows, columns) or (1, sub-cells)
        The denoised planes in 1/64 grey level, as `reconstruct` makes them.
    background : ndarray of uint8, optional
        With a region: the picture as given outside of it.
    version : int
        Version of the drawing.

    Returns
    -------
    tuple of ndarray of int16
        New planes of the same shapes.
    """
    from numbadp.postprocess.kernels.shrink_cpu import shrink_cpu

    out = tuple(np.empty_like(grid) for grid in grids)
    if plan.anchor == "islands":
        _shrink_islands(plan, grids, background, version, out)
        return out
    centres = centres_of(plan, grids, background)
    drain(
        shrink_cpu, len(grids) * plan.batch, _COST * sum(grid.size for grid in grids),
        tuple(_frozen(grid) for grid in grids), shrink_tables(plan, version),
        range_ends(plan, version), centres, insides_of(plan), out,
    )  # fmt: skip
    return out


def _frozen(grid: np.ndarray) -> np.ndarray:
    """View a plane read-only, as those of islands come: the kernels share what they call."""
    view = grid.view()
    view.flags.writeable = False
    return view


def _shrink_islands(plan: Plan, grids, background: np.ndarray | None, version, out) -> None:
    """Every island by itself, towards its own rim."""
    from numbadp.postprocess.kernels.shrink_cpu import shrink_islands_cpu

    where, pictures = island_tables(plan), _NOTHING
    if background is not None:
        pictures = background.reshape(plan.batch, plan.height, plan.width, plan.channels)
    numbers, limits = plane_numbers(rim_planes(plan.planes, version))
    cost = _COST * sum(grid.size for grid in grids)
    if background is not None:
        around = 2 * int(numbers[:, :2].prod(axis=1).max())
        sizes = (where.subs[:, HEIGHT] + around) * (where.subs[:, WIDTH] + around)
        cost += _RIM_COST * int(sizes.sum()) + _ISLAND_COST * len(sizes)
    drain(
        shrink_islands_cpu, len(where.subs), cost,
        tuple(frozen_row(grid) for grid in grids),
        np.array([plane.subcell for plane in plan.planes], np.int64), numbers,
        island_tables_of(plan, version),
        where.subs, where.masks, limits, pictures, tuple(grid.reshape(1, -1) for grid in out),
    )  # fmt: skip


def rim_planes(planes: tuple[PlanePlan, ...], version: int) -> tuple[PlanePlan, ...]:
    """Planes on the sub-cells that rims are filled in by.

    Parameters
    ----------
    planes : tuple of PlanePlan
        The planes of a plan.
    version : int
        Version of the drawing.

    Returns
    -------
    tuple of PlanePlan
        From version 3 on none has sub-cells wider than `FINEST_RIM`.
    """
    if version < 3:
        return planes
    return tuple(replace(plane, cell=min(plane.cell, 2 * FINEST_RIM)) for plane in planes)


def fill_rim(plane: PlanePlan) -> None:
    """Compile what guesses a plane of an island from its rim, by itself: nothing is guessed.

    Parameters
    ----------
    plane : PlanePlan
        Any plane.
    """
    from numbadp.postprocess.kernels.surround_cpu import fill_planes, guess_room

    numbers, limits = plane_numbers((plane,))
    size = 1 + 2 * int(numbers[0, 1])
    sums, counts = np.zeros((size, size, 3), np.int64), np.zeros((size, size), np.int64)
    room, out = guess_room(size, size), np.empty((1, 1, 1), np.int16)
    fill_planes(numbers, limits, sums, counts, 0, 1, *room, out)


@lru_cache(maxsize=32)
def island_tables_of(plan: Plan, version: int) -> np.ndarray:
    """Public constants of every plane of every island, as `shrink_tables` has them.

    Parameters
    ----------
    plan : Plan
        A plan of islands.
    version : int
        Version of the drawing.

    Returns
    -------
    ndarray of int64, shape (islands, planes, 6)
        Each island counts its own pixels.
    """
    counts, each = np.unique(_pixels_of(plan), return_inverse=True)
    whole = plan.covers.whole
    rows = [_island_rows(plan.planes, n, whole, version) for n in counts.tolist()]
    table = np.stack(rows)[each]
    table.flags.writeable = False
    return table


def _pixels_of(plan: Plan) -> np.ndarray:
    """Number of pixels of every island."""
    spots, masks = plan.spots, plan.covered.parts.masks
    pixels = spots[:, HEIGHT] * spots[:, WIDTH]
    odd, masks = np.flatnonzero(spots[:, MASK] >= 0), masks.view(bool)  # counted much faster
    for i, begin, size in zip(
        odd.tolist(), spots[odd, MASK].tolist(), pixels[odd].tolist(), strict=True
    ):
        pixels[i] = np.count_nonzero(masks[begin : begin + size])
    return pixels


@lru_cache(maxsize=4096)
def _island_rows(
    planes: tuple[PlanePlan, ...], pixels: int, whole: bool, version: int
) -> np.ndarray:
    """Of islands of so many pixels, kept: those that move share them."""
    pairs = zip(planes, _noises(planes), strict=True)
    return np.array([_row(*pair, pixels, whole, version) for pair in pairs], np.int64)


@lru_cache(maxsize=64)
def _noises(planes: tuple[PlanePlan, ...]) -> "list[_Noise]":
    """What is known of the noise of cells of islands."""
    return [_noise(plane, noise_level(plane)) for plane in planes]


def centres_of(
    plan: Plan, grids: tuple[np.ndarray, ...], background: np.ndarray | None
) -> tuple[np.ndarray, ...]:
    """What planes are drawn towards, where it is not their own mean.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    grids : tuple of array, shape (N, rows, columns)
        The planes; only their shapes count.
    background : ndarray of uint8 or None
        With a region: the picture as given outside of it.

    Returns
    -------
    tuple of ndarray of int16
        Like the grids, or with no element: the mean is the centre.
    """
    if plan.region is None or background is None:
        return _NO_CENTRES[: len(grids)]
    pictures = background.reshape(plan.batch, plan.height, plan.width, plan.channels)
    found = []
    for plane, grid in zip(plan.planes, grids, strict=True):
        rows = [
            fill_inside(plane, picture, plan.region.mask, (0, 0), grid.shape[1:])
            for picture in pictures
        ]
        known = [row for row in rows if row is not None]
        whole = len(known) == len(rows)
        found.append(np.stack(known) if whole else np.empty((0, 0, 0), np.int16))
    return tuple(found)


@lru_cache(maxsize=32)
def insides_of(plan: Plan) -> tuple[np.ndarray, ...]:
    """Which sub-cells count for a plane's spread.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    tuple of ndarray of uint8, shape (rows, columns)
        1 for those with a measured pixel; with no element where all have one.
    """
    if plan.region is None:
        return tuple(np.empty((0, 0), np.uint8) for _ in plan.planes)
    size = plan.height, plan.width
    found = []
    for plane in plan.planes:
        counts = measured_counts(size, plane.subcell, plan.region) > 0
        found.append(counts.reshape(-(-size[0] // plane.subcell), -1).view(np.uint8))
    return tuple(found)


def kind_of(plane: PlanePlan) -> str:
    """Name of a plane in the prior.

    Parameters
    ----------
    plane : PlanePlan
        The plane.

    Returns
    -------
    str
        ``"luma"``, ``"g"`` or ``"o"``.
    """
    return plane.name if plane.low < 0 else "luma"


class _Noise(NamedTuple):
    """What is known of a plane's noise, as integers: no common divisor is looked for."""

    scale: tuple[int, int]  # of a pixel's share in a mean, times the number of pixels
    area: int  # of a cell
    level: tuple[int, int]
    share: tuple[int, int]

    def left(self, pixels: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """Variances of what denoising leaves, and of the mean: a numerator and a denominator each.

        In squared grey levels.  The noise of n cells' sums leaves 2 n scale**2 / pixels**2 in the
        mean of all; of what varies about it, total variation leaves a small share of a wide grid,
        and all of a grid that is no wider than the cells that it would average.
        """
        most = max(pixels, self.area)  # of one cell at least
        mean = 2 * most * self.scale[0] ** 2, self.area * (pixels * self.scale[1]) ** 2
        parts = self.share[1] * most
        share = min(self.share[0] * most + _TOGETHER * self.area * self.share[1], parts)
        rest = 2 * share * self.level[0] ** 2, parts * self.level[1] ** 2
        return (mean[0] * rest[1] + rest[0] * mean[1], mean[1] * rest[1]), mean


@lru_cache(maxsize=64)
def _noise(plane: PlanePlan, level: Fraction) -> _Noise:
    share = Fraction(prior.LEFT[kind_of(plane)]).limit_denominator(1000)
    return _Noise(
        (plane.scale / plane.divisor).as_integer_ratio(), plane.cell**2, level.as_integer_ratio(),
        share.as_integer_ratio(),
    )  # fmt: skip


def _row(
    plane: PlanePlan, noise: _Noise, pixels: int, whole: bool, version: int
) -> tuple[int, ...]:
    kind = kind_of(plane)
    middle, lies = prior.MIDDLE[version][kind]
    (left, unit), (mean, share) = noise.left(pixels)
    varies = prior.SIGNAL[kind][plane.cell.bit_length() - 1]
    if not whole:
        varies = prior.INSIDE[version][kind]
    both = left**2 + (varies * unit) ** 2
    return (
        middle * UNITS,
        _rounded(ONE * lies * share, lies * share + mean),
        min(_rounded(_SQUARED * left, unit), _MOST),
        min(_rounded(_SQUARED * varies * left**2, both), _MOST),
        _rounded(ONE * (varies * unit) ** 2, both),
        prior.SOFT[version],
    )


def _rounded(above: int, below: int) -> int:
    """The whole number next to a quotient, the even one of two; below > 0."""
    whole, rest = divmod(above, below)
    return whole + (2 * rest > below or (2 * rest == below and whole % 2))
