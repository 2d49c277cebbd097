"""Noise: the reference's draws, the exact law by chi-square, independence, and its power."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from cases import Case, assert_same, every_case, fixed_key, oracle_noise
from mpmath import mp
from oracles import noise as oracle
from scipy.stats import chi2

from numbadp.compute.workers import threads
from numbadp.mechanism.cutoffs import cutoffs_for
from numbadp.mechanism.kernels.noise_cpu import DRAWS, add_noise_range
from numbadp.mechanism.noise import (
    add_noise,
    cut_limbs,
    noise_tables,
    split_tables,
    tie_probability,
)
from numbadp.mechanism.planning import build_plan
from numbadp.mechanism.sums import empty_values, grid_tables

FALSE_ALARM = 1e-6  # of every statistical test here, had its key not been fixed
COUNT = 1_000_000
SCALES = [Fraction(3), Fraction(7), Fraction(10), Fraction(850), Fraction(40800)]


def noise_of(plan, key):
    """Return the noise of a plan alone: add_noise on sums that are all zero."""
    values = empty_values(plan)
    for plane in values:
        plane.fill(0)
    add_noise(values, plan, grid_tables(plan), noise_tables(plan), key)
    return values


def draws(scale, salt, count=COUNT):
    """Return draws of the compiled vector sampler at one scale under a fixed key."""
    cutoffs = cutoffs_for(Fraction(scale))
    values, lanes = np.zeros(count, np.int64), np.empty(DRAWS, np.int64)
    add_noise_range(
        values, 0, count, 0, fixed_key(salt).words, np.uint64(0), np.uint64(0), cut_limbs(cutoffs),
        np.array(cutoffs.bits, np.int64), lanes,
    )  # fmt: skip
    return values


# --- reference: tests/oracles/noise.py ---------------------------------------


@every_case
@pytest.mark.parametrize("count", [1, 3])
def test_noise_equals_reference(case, count, helpers_always):
    """Every draw of every plane and picture is the reference's, on any number of threads."""
    plan, key = case.plan(), fixed_key(9)
    with threads(count):
        found = noise_of(plan, key)
    expected = oracle_noise(case, case.image(), key)
    assert_same(found, [z.reshape(plan.batch, -1) for z in expected])


def test_noise_does_not_depend_on_the_sums():
    """What is added to any sums is what is added to zero."""
    plan = Case("drawn", (30, 31, 3), "1", 1).plan()
    base = noise_of(plan, fixed_key())
    values = tuple(np.full_like(z, start) for z, start in zip(base, (2**27, -5, 1), strict=True))
    add_noise(values, plan, grid_tables(plan), noise_tables(plan), fixed_key())
    assert_same([v - s for v, s in zip(values, (2**27, -5, 1), strict=True)], base)


def test_tables_hold_the_plan():
    """Limbs put together again are the plan's cuts; every plane has its own tag."""
    plan = Case("drawn", (9, 10, 3), "0.01", 16, {"cell": 8}).plan()
    tables = noise_tables(plan)
    assert len(set(tables.tags.tolist())) == len(plan.planes) == 3
    for plane, limbs, bits in zip(plan.planes, tables.cuts, tables.bits, strict=True):
        whole = [int(a) << 128 | int(b) << 64 | int(c) for a, b, c in limbs.T]
        assert whole == [*plane.cutoffs.gate, *(c for word in plane.cutoffs.digits for c in word)]
        assert tuple(bits) == plane.cutoffs.bits
        assert limbs.dtype == np.uint64


def test_ties_are_as_rare_as_stated():
    """The stated chance of a second limb is comparisons / 2**64, counted by hand."""
    plan = build_plan((8, 8, 1), epsilon=1, m=1, cell=4)
    cuts = 2 + sum(2**bits - 1 for bits in plan.planes[0].cutoffs.bits)
    assert tie_probability(plan) == 4 * cuts / 2**64
    batch = build_plan((5, 8, 8, 1), epsilon=1, m=1, cell=4)
    assert tie_probability(batch) == 5 * tie_probability(plan) < 2**-40


def test_ties_of_paid_splits_count_too():
    """Every square that may be split has a draw of its own, in every picture."""
    plan = build_plan((2, 16, 32, 1), epsilon=1, m=1, cell=4, layout="private")
    parts = [(plan.planes[0].cutoffs, 2 * 4 * 8)]
    parts += [(level.cutoffs, 2 * level.grid[0] * level.grid[1]) for level in plan.splits.levels]
    assert len(parts) > 1
    cuts = [n * (2 + sum(2**bits - 1 for bits in cutoffs.bits)) for cutoffs, n in parts]
    assert tie_probability(plan) == sum(cuts) / 2**64


def test_tables_cannot_be_written():
    """They are shared by all releases of a plan: one that changed them would change all noise."""
    plan = build_plan((16, 32, 3), epsilon=1, m=1, cell=4, layout="private")
    for tables in (noise_tables(plan), split_tables(plan)):
        for table in (tables.tags, *tables.cuts, *tables.bits):
            assert not table.flags.writeable


# --- statistics: oracle is the law itself, from mpmath -----------------------


def tail(scale, z):
    """Return P(Z >= z) for z >= 1: q**z / (1 + q), from the definition of the law."""
    q = mp.exp(-mp.mpf(scale.denominator) / scale.numerator)
    return float(q**z / (1 + q))


def chi_square(values, scale, bins=40):
    """Return the chi-square of |Z| with its sign against the exact law, and degrees of freedom."""
    # Edges of about equal probability, on integers; both signs apart, zero by itself.
    wanted = np.arange(bins) / bins
    edges = np.unique(np.round(-float(scale) * np.log1p(-wanted)).astype(np.int64) + 1)
    tails = np.array([*(tail(scale, int(edge)) for edge in edges), 0.0])
    one_side = -np.diff(tails)
    expected = np.array([1 - 2 * tail(scale, 1), *one_side, *one_side]) * len(values)
    counts = [np.count_nonzero(values == 0)]
    for sign in (1, -1):
        counts += np.histogram(sign * values, [*edges, np.iinfo(np.int64).max])[0].tolist()
    assert expected.min() > 10
    assert sum(counts) == len(values)
    return float(((np.array(counts) - expected) ** 2 / expected).sum()), len(expected) - 1


@pytest.mark.parametrize("scale", SCALES, ids=str)
def test_draws_follow_the_exact_law(scale):
    """A million draws pass a chi-square against the exact probabilities at alpha 1e-6."""
    statistic, degrees = chi_square(draws(scale, 20), scale)
    assert statistic < chi2.isf(FALSE_ALARM, degrees)


@pytest.mark.parametrize("wrong", [Fraction(51, 50), Fraction(49, 50)], ids=["+2%", "-2%"])
@pytest.mark.parametrize("scale", SCALES, ids=str)
def test_a_2_percent_wrong_scale_is_rejected(scale, wrong):
    """Power: the same test rejects draws whose scale is 2 % off."""
    statistic, degrees = chi_square(draws(scale * wrong, 20), scale)
    assert statistic > chi2.isf(FALSE_ALARM, degrees)


FAULTS = {
    "double zero": lambda z: np.where((z == 1) & (np.arange(z.size) % 2 == 0), 0, z),
    "off by one": lambda z: z + (z > 0),
    "a dropped digit": lambda z: np.sign(z) * (((np.abs(z) - 1) & ~8) + 1),
    "positive bias": lambda z: np.where(np.arange(z.size) % 50 == 0, np.abs(z), z),
    "truncated": lambda z: np.clip(z, -20, 20),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_noise_is_rejected(fault):
    """Power: the same test rejects classical faults of samplers at scale 7."""
    statistic, degrees = chi_square(FAULTS[fault](draws(7, 20)), Fraction(7))
    assert statistic > chi2.isf(FALSE_ALARM, degrees)


@pytest.mark.parametrize("scale", SCALES, ids=str)
def test_mean_and_variance_are_those_of_the_table(scale):
    """Mean and variance of a million draws lie within 5 standard errors of the exact ones."""
    values = draws(scale, 21).astype(float)
    mean, variance = map(float, oracle.table_moments(oracle.cutoffs(scale)))
    assert mean == 0
    assert abs(values.mean()) < 5 * (variance / COUNT) ** 0.5
    assert abs((values**2).mean() / variance - 1) < 5 * (5 / COUNT) ** 0.5


def test_signs_are_fair():
    """Positive and negative draws are equally frequent, by magnitude too (5 standard errors)."""
    values = draws(10, 22)
    for group in (values[values != 0], values[np.abs(values) == 1], values[np.abs(values) > 30]):
        assert abs(np.sign(group).sum()) < 5 * len(group) ** 0.5


# --- independence ------------------------------------------------------------


def test_planes_pictures_and_cells_are_independent():
    """Signs and sizes of draws of different planes, pictures and neighbouring cells disagree."""
    side = 128
    plan = build_plan((3, side, side, 3), epsilon=1, m=1, cell=1, planes="rgb")
    noise = noise_of(plan, fixed_key(23))
    series = {(k, n): z[n] for k, z in enumerate(noise) for n in range(3)}
    series |= {("shift", s): np.roll(noise[0][0], s) for s in (1, 2, 16, 32, side)}
    limit = 5.5 * side  # 5.5 standard errors of a sum of side**2 fair signs; 36 pairs, twice
    for one, two in combinations(series.values(), 2):
        assert abs((np.sign(one) * np.sign(two)).sum()) < limit
        sizes = [np.where(np.abs(z) > np.median(np.abs(z)), 1, -1) for z in (one, two)]
        assert abs((sizes[0] * sizes[1]).sum()) < limit


def test_digits_of_a_draw_are_independent():
    """No two binary digits of the geometric, nor the sign, move together (scale 850)."""
    values = draws(850, 24)
    values = values[values != 0]
    magnitude = np.abs(values) - 1
    signs = [np.sign(values), *(2 * (magnitude >> j & 1) - 1 for j in range(13))]
    for one, two in combinations(signs, 2):
        covariance = (one * two).mean() - one.mean() * two.mean()
        assert abs(covariance) < 5.5 / len(values) ** 0.5


def test_other_keys_give_other_noise():
    """Changing one bit of the key changes nearly every draw."""
    plan = build_plan((64, 64), epsilon=1, m=1, cell=1)
    key = fixed_key()
    base = noise_of(plan, key)[0]
    for word in range(8):
        key = fixed_key()
        key.words[word] ^= np.uint32(1 << (4 * word))
        assert (noise_of(plan, key)[0] != base).mean() > 0.98
