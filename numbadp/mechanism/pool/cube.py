"""Noise for a vector whose largest change is bounded: a point of a cube of random radius.

Statement.  For a scale l, a vector of d integers z is drawn with probability proportional to
  q**max|z_i|, q = exp(-1 / l), up to total variation `CubeTables.tau`.  On sums that change by at
  most S in their largest coordinate, l = S / epsilon is epsilon-DP, however many they are.
Proof sketch.
  (1) Let R have weights (2R+1)**d q**R and each coordinate be uniform on -R..R.  Then a vector has
      probability proportional to the sum of q**R over R >= max|z_i|, which is proportional to
      q**max|z_i|.  A shift by at most S changes the maximum by at most S, so the ratio of any two
      probabilities is at most q**-S = e**epsilon.
  (2) R is drawn by rejection: R = c + Y with Y discrete Laplace of scale s (cutoffs.py) around
      c near the mode, accepted with probability exp(g(R) - G),
      g(R) = d log((2R+1) / (2c+1)) - (R - c) / l + |R - c| / s.
      On either side of c this is concave in R, with its real maximum at 2R+1 = 2d / (1/l -+ 1/s),
      which exists since s**2 >= (d + 1) l**2; so over integers it is at a neighbour of one of
      these, or at c.  G is a rational bound above g at all of them.
  (3) Acceptance compares a uniform number, 64 bits after 64 bits, with an interval of the
      exponential that narrows until it decides: exact.  Undecided after 4096 bits, or not accepted
      in 4096 attempts, is charged: R is c then.  Y's own tables are off by tau, and conditioning on
      acceptance of probability A multiplies that by at most 2 / A; A is bounded below by a sum over
      blocks of the unimodal weights, and checked to be 1/8 at least.
  (4) A uniform integer below n is floor(w n / 2**192) of a 192-bit word w: each value has a
      probability within 2**-192 of 1/n, so it is off by at most n 2**-193.
  (5) |z| <= R <= c + 2**60 at most, and sums are below 2**61: int64 cannot wrap.
One radius serves the whole vector: coordinates are not independent, and no other vector may use it.
Assumes.  0 < l; d >= 1; a key that is used for this release alone.
Timing.  How often a radius is tried is independent of it.  How long one takes is not, for Python's
  integers grow with it: whoever could measure that is out of scope (THREATS.md).
Tested by tests/mechanism/pool/test_cube.py

References
----------
.. [1] Hardt, Talwar, "On the geometry of differential privacy", STOC 2010 (the K-norm mechanism).
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from numbadp.errors import EpsilonError
from numbadp.intervals import Interval, exp_minus, logarithm
from numbadp.mechanism.cutoffs import MAX_SCALE, cutoffs_for
from numbadp.mechanism.noise import cut_limbs
from numbadp.plan import Cutoffs

ATTEMPTS = 4096
MOST_LIMBS = 64
_BITS = 256
_LEAST_ACCEPTED = Fraction(1, 8)
_BLOCKS = 24  # to either side of the mode, a quarter of s each, when A is bounded


@dataclass(frozen=True, eq=False)
class CubeTables:
    """One law of the radius, in rationals.

    Attributes
    ----------
    scale : Fraction
        l.
    size : int
        d.
    centre : int
        c.
    proposals : Cutoffs
        Tables of Y; their scale is s.
    bound : Fraction
        G.
    radius_tau : Fraction
        Total variation of one radius.
    value_tau : Fraction
        Total variation of one uniform integer, given any radius.
    """

    scale: Fraction
    size: int
    centre: int
    proposals: Cutoffs
    bound: Fraction
    radius_tau: Fraction
    value_tau: Fraction

    @property
    def tau(self) -> Fraction:
        """Total variation of one vector."""
        return self.radius_tau + self.size * self.value_tau


@lru_cache(maxsize=64)
def cube_tables(scale: Fraction, size: int) -> CubeTables:
    """Tables of the radius for a scale and a number of coordinates.

    Parameters
    ----------
    scale : Fraction
        Largest change of a coordinate / epsilon.
    size : int
        How many coordinates.

    Returns
    -------
    CubeTables
        Exact.

    Raises
    ------
    EpsilonError
        If radii would leave the range of the tables.
    """
    spread = Fraction(math.isqrt(int(scale**2 * (size + 1) * 2**64)) + 1, 2**32)
    if spread > MAX_SCALE // 2**4 or scale * size > 2**58:
        raise EpsilonError(
            f"cube noise of scale {float(scale):.3g} on {size} values is beyond the tables. Pass a "
            "larger epsilon, larger cells, or delta > 0."
        )
    spread = max(spread, Fraction(1, 2))  # step 2: above the scale
    centre = _mode(scale, size)
    proposals = cutoffs_for(spread)
    shape = (size, scale, centre, spread)
    bound = _bound(*shape)
    _check_acceptance(shape, bound)
    largest = centre + 2 ** sum(proposals.bits)
    never = Fraction(1, 2**500)  # step 3: (7/8)**4096 < 2**-700, and a late tie 2**-4000
    return CubeTables(
        scale, size, centre, proposals, bound,
        2 * proposals.tau / _LEAST_ACCEPTED + never, Fraction(2 * largest + 1, 2**193),
    )  # fmt: skip


def draw_radii(tables: CubeTables, radii: np.ndarray, key, tag: int) -> None:
    """Draw the radii of vectors, whose coordinates are then uniform (step 1).

    Parameters
    ----------
    tables : CubeTables
        The law.
    radii : ndarray of int64
        Filled with one radius a vector: secret, whoever knows a radius bounds every sum.
    key : Key
        Used for this release only.
    tag : int
        Stage and plane of the address.
    """
    for i in range(len(radii)):
        radii[i] = _radius(tables, key, i, tag)


def _radius(tables: CubeTables, key, index: int, tag: int) -> int:
    """One radius by rejection (step 2)."""
    from numbadp.mechanism.kernels.noise_cpu import draw

    cuts = cut_limbs(tables.proposals)
    bits = np.array(tables.proposals.bits, np.int64)
    for attempt in range(ATTEMPTS):
        at = np.uint64(index), np.uint64(attempt), np.uint64(tag)
        radius = tables.centre + int(draw(key.words, *at, cuts, bits))
        if radius >= 0 and _accepted(tables, radius, key, at):
            return radius
    return tables.centre


def _accepted(tables: CubeTables, radius: int, key, at) -> bool:
    """Compare a uniform number with the probability, as many bits as it takes (step 3)."""
    from numbadp.mechanism.kernels.cube_cpu import radius_word

    cell, attempt, tag = at
    shape = (tables.size, tables.scale, tables.centre, tables.proposals.scale)
    drawn = 0
    for limb in range(MOST_LIMBS):
        place = tag + np.uint64(256 * 2 + limb)  # blocks 0 and 1 belong to the proposal
        drawn = drawn << 64 | int(radius_word(key.words, cell, attempt, place))
        bits = 64 * (limb + 1)
        low, high = _probability(shape, tables.bound, radius, bits)
        if drawn + 1 <= low:
            return True
        if drawn >= high:
            return False
    return False


def _probability(shape, bound: Fraction, radius: int, bits: int) -> Interval:
    """Enclose exp(g(R) - G)."""
    inside = bits + 64
    low, high = _exponent(shape, Fraction(2 * radius + 1), inside)
    ends = [max(bound - Fraction(end, 2**inside), Fraction(0)) for end in (high, low)]
    upper, lower = exp_minus(ends[0], bits)[1], exp_minus(ends[1], bits)[0]
    return lower, upper


def _exponent(shape, odd: Fraction, bits: int) -> Interval:
    """Enclose g at 2R+1 = odd."""
    size, scale, centre, spread = shape
    logs = logarithm(odd / (2 * centre + 1), bits + size.bit_length())
    moved = (odd - (2 * centre + 1)) / 2
    rest = abs(moved) / spread - moved / scale
    unit, wider = 1 << bits, 1 << size.bit_length()
    rest = math.floor(rest * unit)
    return math.floor(Fraction(size * logs[0], wider)) + rest, math.ceil(
        Fraction(size * logs[1], wider)
    ) + rest + 1


def _mode(scale: Fraction, size: int) -> int:
    """The radius of the largest weight, or one beside it: any centre gives the same law."""
    near = math.floor(size * scale)
    likely = [max(0, near + i) for i in (-1, 0, 1, 2)]
    steps = [size * math.log((2 * r + 1) / (2 * near + 1)) - (r - near) / scale for r in likely]
    return likely[steps.index(max(steps))]


def _bound(size: int, scale: Fraction, centre: int, spread: Fraction) -> Fraction:
    """G: above g at every radius (step 2)."""
    shape = (size, scale, centre, spread)
    right = math.floor((2 * size / (1 / scale - 1 / spread) - 1) / 2)
    left = math.floor((2 * size / (1 / scale + 1 / spread) - 1) / 2)
    radii = {centre, *(max(centre, r) for r in (right, right + 1))}
    radii |= {min(centre, max(0, r)) for r in (left, left + 1)}
    above = max(_exponent(shape, Fraction(2 * radius + 1), _BITS)[1] for radius in radii)
    return Fraction(above, 2**_BITS)


def _check_acceptance(shape, bound: Fraction) -> None:
    """Raise unless A is above its bound (step 3)."""
    size, scale, centre, spread = shape
    bits = 64
    step = max(1, math.ceil(spread / 4))
    edges = [centre + i * step for i in range(-_BLOCKS, _BLOCKS + 1) if centre + i * step >= 0]
    weights = [_weight(shape, bound, edge, bits) for edge in edges]
    total = sum(step * min(pair) for pair in zip(weights, weights[1:], strict=False))
    total = sum(weights) if step == 1 else total
    q = exp_minus(1 / spread, bits)
    tanh = Fraction((1 << bits) - q[1], (1 << bits) + q[1])
    if tanh * Fraction(total, 1 << bits) < _LEAST_ACCEPTED:
        raise AssertionError("too few proposals would be accepted")


def _weight(shape, bound: Fraction, radius: int, bits: int) -> int:
    """Lower bound of ((2R+1) / (2c+1))**d exp(-(R - c) / l - G), which is unimodal in R."""
    low = Fraction(_exponent(shape, Fraction(2 * radius + 1), bits)[0], 1 << bits)
    return exp_minus(max(bound - low + abs(radius - shape[2]) / shape[3], Fraction(0)), bits)[0]
