"""Discrete Laplace noise on integer sums, from ChaCha20 words with addresses.

Statement.  Output (k, n, cell) is its sum plus Z, all Z independent,
  P(Z = z) = (1 - q) / (1 + q) * q**abs(z),  q = exp(-1 / scale of plane k),
  up to total variation ``plan.tau`` over the whole release, if the keystream words are uniform.
Proof sketch.
  (1) Each draw reads the eight (or sixteen) words at its own address and no other draw's: the
      address is injective in (stage, plane, image, cell, block, limb), each field range-checked.
      Cells of a picture are numbered through all of its islands, one after the other.
  (2) gate * (1 + geometric) * sign has this law, and the geometric's digits are independent
      (mechanism/cutoffs.py, steps 1 and 2).
  (3) A word is below a cut with probability cut / 2**192 exactly: unequal leading limbs decide
      alone, equal ones are decided by the next limb of the same word.
  (4) The tables' distance from the exact law is summed over all draws in ``plan.tau``.
  (5) |sum| <= MAX_SUM and |Z| <= 2**60: the int64 addition cannot wrap.
Assumes.  Sums within MAX_SUM; a key that is used for this release alone.
Timing.  Trip counts depend on the plan, except when a word's leading limb equals a cut's.
Tested by tests/mechanism/test_noise.py
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from numbadp.accounting.guarantee import guarantee_of
from numbadp.mechanism.draining import drain
from numbadp.mechanism.entropy import Key
from numbadp.mechanism.sums import GridTables, band_tables, kernel_values
from numbadp.plan import LIMB_BITS, LIMBS, KeptCutoffs, Plan, PlanePlan

VALUES_STAGE = 0
SPLITS_STAGE = 1  # of the coarsest squares; one more for every smaller size
MOST_SPLITS = 8  # sizes from 256 pixels down to 2
_VALUE_COST = 12  # ns a value on one core, roughly: decides how many threads pay off


@dataclass(frozen=True)
class NoiseTables:
    """A plan's cutoffs in the form that kernels take; one entry a plane.

    Attributes
    ----------
    tags : ndarray of uint64
        Word 15 of the addresses.
    cuts : tuple of ndarray of uint64, shape (3, n)
        Cuts, most significant limb first.
    bits : tuple of ndarray of int64
        Binary digits of every digit word.
    """

    tags: np.ndarray
    cuts: tuple[np.ndarray, ...]
    bits: tuple[np.ndarray, ...]


def noise_tables(plan: Plan) -> NoiseTables:
    """Tables of a plan's noise.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    NoiseTables
        Small arrays, made once for a plan.

    Raises
    ------
    RuntimeError
        If the plan was read from a file, which keeps no tables.
    """
    # The tables that are kept are found by scales alone, and a file has these too.
    if any(isinstance(plane.cutoffs, KeptCutoffs) for plane in plan.planes):
        raise RuntimeError("a plan from a file has no tables: no noise can be drawn from it")
    return _plane_tables(plan.planes)


@lru_cache(maxsize=32)
def _plane_tables(planes: tuple[PlanePlan, ...]) -> NoiseTables:
    """Those of planes, kept: regions that move share them."""
    from numbadp.mechanism.kernels.noise_body import address_tag

    tags = [address_tag(VALUES_STAGE, k) for k in range(len(planes))]
    return _tables_of(tags, planes)


def split_tables(plan: Plan) -> NoiseTables:
    """Tables of the noise of paid splits, always for `MOST_SPLITS` levels.

    Parameters
    ----------
    plan : Plan
        A plan with paid splits.

    Returns
    -------
    NoiseTables
        Coarsest level first; the last one repeated, so that kernels are compiled once.
    """
    from numbadp.mechanism.kernels.noise_body import address_tag

    levels = plan.split_levels
    padded = [*levels, *[levels[-1]] * (MOST_SPLITS - len(levels))]
    tags = [address_tag(SPLITS_STAGE + j, 0) for j in range(MOST_SPLITS)]
    return _tables_of(tags, padded)


def _tables_of(tags, parts) -> NoiseTables:
    tags = np.array(tags, np.uint64)
    cuts = tuple(cut_limbs(part.cutoffs) for part in parts)
    bits = tuple(np.array(part.cutoffs.bits, np.int64) for part in parts)
    for table in (tags, *cuts, *bits):
        table.flags.writeable = False  # shared by every release of this plan
    return NoiseTables(tags, cuts, bits)


def cut_limbs(cutoffs: Any) -> np.ndarray:
    """Split the cuts of a scale into 64-bit limbs.

    Parameters
    ----------
    cutoffs : Cutoffs
        The cuts.

    Returns
    -------
    ndarray of uint64, shape (3, n)
        Most significant limb first; the gate's two cuts, then every digit word's.
    """
    cuts = [*cutoffs.gate, *(cut for word in cutoffs.digits for cut in word)]
    mask = (1 << LIMB_BITS) - 1  # step 3: comparisons go limb by limb
    shifts = [LIMB_BITS * (LIMBS - 1 - i) for i in range(LIMBS)]
    return np.array([[(cut >> s) & mask for cut in cuts] for s in shifts], np.uint64)


def tie_probability(plan: Plan) -> float:
    """Upper bound of the chance that some draw of a release needs a second limb.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    float
        At most (number of cuts) / 2**64 for every draw.
    """
    squares = [plan.batch * level.grid[0] * level.grid[1] for level in plan.split_levels]
    cutoffs = [part.cutoffs for part in plan.planes] + [part.cutoffs for part in plan.split_levels]
    draws = (*plan.cells, *squares)
    comparisons = sum(
        count * cut_limbs(cuts).shape[1] for cuts, count in zip(cutoffs, draws, strict=True)
    )
    return comparisons / 2**LIMB_BITS


def trip_count_delta(plan: Plan) -> Fraction:
    """What an observer of trip counts gains over one of the release alone, as a delta.

    Without ties the counts are public, so release and counts together are within total variation
    P(tie) of the release alone, which costs (1 + e**epsilon) P(tie) (PRIVACY.md, section 1).

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    Fraction
        An upper bound, at most 1.
    """
    return replace(guarantee_of(plan), tau=Fraction(tie_probability(plan))).delta


def add_noise(
    values: tuple[np.ndarray, ...], plan: Plan, grid: GridTables, noise: NoiseTables, key: Key
) -> None:
    """Add independent discrete Laplace noise to the sums, in place.

    Parameters
    ----------
    values : tuple of ndarray of int64, shape (N, cells)
        Exact sums; afterwards noisy ones.
    plan : Plan
        The plan.
    grid : GridTables
        Its geometry.
    noise : NoiseTables
        Its cutoffs.
    key : Key
        Used for this release only.
    """
    from numbadp.mechanism.kernels.release_cpu import noise_cpu

    bands = band_tables(plan, grid).bands
    drain(
        noise_cpu, len(bands), _VALUE_COST * plan.draws, kernel_values(values), bands,
        len(plan.planes), key.words, noise.tags, noise.cuts, noise.bits,
    )  # fmt: skip
