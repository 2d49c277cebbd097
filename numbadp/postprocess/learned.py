"""From noisy sums to a denoised grid by a small net, for luma, grey and R, G, B.

The net sees blocks of 2 x 2 cells: their means in units of the known noise, and the noise itself.
It says how far each of the sub-cells lies from the interpolated cells, in units of the noise; the
mean over the picture turned and mirrored in all eight ways is taken, and from version 2 on averaged
with what the default effort gives (polish.py).  Partial cells at the edge have more noise, and are
mixed with their neighbours by it.  Chroma is left to total variation.  All numbers are integers, or
single products of them with a public constant, so every processor gives the same bits.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from numbadp.compute.workers import drain, threads_for
from numbadp.plan import Plan, PlanePlan
from numbadp.plan.grid import cell_shares
from numbadp.postprocess.filters import filtered
from numbadp.postprocess.kernels import net_body
from numbadp.postprocess.polish import give_back
from numbadp.postprocess.reconstruct import (
    UNITS,
    frozen_rows,
    middle_of,
    noise_level,
    reconstruct,
    subgrid,
)
from numbadp.postprocess.weights import read_net

LEAST_NOISE, MOST_NOISE = (
    Fraction(1, 2),
    Fraction(128),
)  # grey levels, that the nets were trained on
_COST = 0.012  # ns a multiply-add on one core, roughly
_BUFFER_BYTES = 1 << 21  # of one layer of a band: both stay in a near cache
_KEEP_BITS = 12


@dataclass(frozen=True)
class NetTables:
    """A plane's public constants in the form that kernels take.

    Attributes
    ----------
    numbers : ndarray of int64, shape (10,)
        Columns of `net_body`: cells down and across, middle, noise level, scale and places, range,
        how much of its own mean the last row and column keep.
    gains : ndarray of float64, shape (2, 2)
        1/64 grey level per unit of a sum: [last row?][last column?].
    inverse : float32
        Eighths of the noise scale per 1/64 grey level.
    """

    numbers: np.ndarray
    gains: np.ndarray
    inverse: np.float32


def learnable(plan: Plan) -> tuple[int, ...]:
    """Planes of a plan that the net was trained for.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    tuple of int
        Numbers of planes; none with leaves of mixed size or of islands, and none that is chroma,
        has cells of one pixel, or noise out of range.
    """
    return tuple(
        k
        for k, plane in enumerate(plan.planes)
        if not plan.mixed
        and plan.anchor == "picture"
        and plane.low >= 0
        and plane.cell > 1
        and LEAST_NOISE <= plane.level_scale <= MOST_NOISE
    )


@lru_cache(maxsize=32)
def net_tables(plan: Plan) -> tuple[NetTables, ...]:
    """Constants of a plan's planes.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    tuple of NetTables
        One a plane.
    """
    return tuple(_table(plan, plane) for plane in plan.planes)


def reconstruct_learned(
    plan: Plan, values: tuple[np.ndarray, ...], version: int
) -> tuple[np.ndarray, ...]:
    """Denoise every plane of a release, those that are `learnable` by the net.

    Parameters
    ----------
    plan : Plan
        How the values were made; not with leaves of mixed size.
    values : tuple of ndarray of int64
        Noisy sums, one array a plane.
    version : int
        Version of the drawing.

    Returns
    -------
    tuple of ndarray of int16, shape (N, rows, columns)
        Values of the visible sub-cells in 1/64 grey level, one array a plane.
    """
    plain = reconstruct(plan, values)
    chosen = filtered(plan) if version > 1 else ()
    grids = list(give_back(plan, values, plain, version) if chosen else plain)
    for k in learnable(plan):
        plane = plan.planes[k]
        means = means_of(plan, k, values[k])
        total = np.zeros((plan.batch, *(2 * side for side in plane.grid)), np.int32)
        for turn in TURNS:
            total += turned_back(apply_net(plan, k, turned(means, turn), version), turn)
        rows, columns = subgrid(plan, plane)
        found = ((total[:, :rows, :columns] + 4) >> 3).astype(np.int16)
        grids[k] = blended(found, grids[k]) if k in chosen else found
    return tuple(grids)


def blended(net: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Average what two ways to denoise found: their errors differ.

    Parameters
    ----------
    net, other : ndarray of int16
        The net's sub-cells, which count for 5 of 8 parts, and the other ones.

    Returns
    -------
    ndarray of int16
        Rounded half up.
    """
    return ((5 * net.astype(np.int32) + 3 * other.astype(np.int32) + 4) >> 3).astype(np.int16)


# Every way to turn and mirror a square: swap axes?, upside down?, left to right?
TURNS = tuple((a, b, c) for a in (False, True) for b in (1, -1) for c in (1, -1))


def turned(arrays: np.ndarray, turn) -> np.ndarray:
    """Turn pictures [N, rows, columns].

    Parameters
    ----------
    arrays : ndarray
        Pictures.
    turn : tuple
        One of `TURNS`.

    Returns
    -------
    ndarray
        C-contiguous.
    """
    swap, down, across = turn
    if swap:
        arrays = arrays.transpose(0, 2, 1)
    return np.ascontiguousarray(arrays[:, ::down, ::across])


def turned_back(arrays: np.ndarray, turn) -> np.ndarray:
    """Undo `turned`."""
    swap, down, across = turn
    arrays = arrays[:, ::down, ::across]
    return arrays.transpose(0, 2, 1) if swap else arrays


def means_of(plan: Plan, k: int, value: np.ndarray) -> np.ndarray:
    """Means of a plane's cells in 1/64 grey level, partial ones mixed with their neighbours.

    Parameters
    ----------
    plan : Plan
        The plan.
    k : int
        Number of the plane.
    value : ndarray of int64
        Its noisy sums.

    Returns
    -------
    ndarray of int32, shape (N, rows, columns)
        Means.
    """
    from numbadp.postprocess.kernels.net_cpu import means_cpu

    table = net_tables(plan)[k]
    means = np.empty((plan.batch, *plan.planes[k].grid), np.int32)
    rows = frozen_rows(plan, value)
    drain(means_cpu, plan.batch, 3.0 * means.size, rows, table.numbers, table.gains, means)
    return means


def apply_net(plan: Plan, k: int, means: np.ndarray, version: int) -> np.ndarray:
    """Denoise means as they lie, turned or not.

    Parameters
    ----------
    plan : Plan
        The plan.
    k : int
        Number of the plane.
    means : ndarray of int32, shape (N, rows, columns)
        Means of cells in 1/64 grey level.
    version : int
        Version of the weights.

    Returns
    -------
    ndarray of int16, shape (N, 2 rows, 2 columns)
        Sub-cells in 1/64 grey level.
    """
    from numbadp.postprocess.kernels.net_cpu import net_cpu

    table, net, grid = net_tables(plan)[k], read_net(version), means.shape[1:]
    numbers = table.numbers.copy()
    numbers[: len(grid)] = grid
    out = np.empty((plan.batch, *(2 * side for side in grid)), np.int16)
    tall, wide = (-(-cells // 2) for cells in grid)
    cost = _COST * plan.batch * tall * wide * float((net.sizes.prod(axis=1) * 9).sum())
    band = band_of((tall, wide), net.sizes, plan.batch, threads_for(cost))
    drain(
        net_cpu, plan.batch * -(-tall // band), cost, band, means, numbers, table.inverse,
        net.sizes, net.dilations, net.weights, net.rests, net.shifts, out,
    )  # fmt: skip
    return out


def band_of(blocks: tuple[int, int], sizes: np.ndarray, pictures: int, threads: int) -> int:
    """Rows of blocks that one thread does at once; whole pictures where there are enough."""
    tall, wide = blocks
    row = 4 * int(sizes.max()) * (-(-wide // 32) * 32 + 8)
    most = max(_BUFFER_BYTES // row - 26, 16)
    if pictures < threads:
        most = min(most, max(-(-tall // threads), 16))
    return min(most, tall)


def _table(plan: Plan, plane: PlanePlan) -> NetTables:
    shares = cell_shares(plan.height, plan.width, plane.cell)
    full, level = plane.divisor * plane.cell**2, noise_level(plane)
    scale, places = level * UNITS, net_body.RESIDUAL_BITS
    while scale < 2**14:
        scale, places = scale * 2, places + 1
    keeps = (_keep(shares[1][0]), _keep(shares[0][1]))
    return NetTables(
        np.array(
            [
                *plane.grid, int(UNITS * middle_of(plane)), _eighths(level), round(scale), places,
                int(UNITS * plane.low), int(UNITS * plane.high), *keeps,
            ],
            np.int64,
        ),
        np.array([[float(UNITS / (share * full)) for share in row] for row in shares]),
        np.float32(float(8 / (UNITS * level))),
    )  # fmt: skip


def _keep(share: Fraction) -> int:
    """How much of a partial cell's own mean is kept, by the noise of both, in 1/4096."""
    return round(2**_KEEP_BITS * share**2 / (share**2 + (1 - share) ** 2))


def _eighths(level: Fraction) -> int:
    """8 log2(level), rounded to nearest in exact arithmetic."""
    eighths = 0
    while level**16 >= Fraction(2) ** (2 * eighths + 1):
        eighths += 1
    while level**16 < Fraction(2) ** (2 * eighths - 1):
        eighths -= 1
    return eighths
