"""The guarantee: exact group privacy and composition, a delta that never errs down, honest words."""

import dataclasses
import math
import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from cases import ExpectFail, every_case, failing
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from numbadp import errors
from numbadp.accounting.guarantee import (
    Guarantee,
    Stage,
    exp_above,
    guarantee_of,
    of_one_release,
)
from numbadp.mechanism.planning import build_plan

MP_BITS = 4000


def example(epsilon=1, m=16, shape=(40, 50, 3)):
    """Return the guarantee of an ordinary plan."""
    return guarantee_of(build_plan(shape, epsilon=epsilon, m=m))


def capped(shape, m):
    """Return how many of m pixels of one picture can change.  Oracle: counting the pixels."""
    height, width = shape[1:3] if len(shape) == 4 else shape[:2]
    return min(m, height * width)


def exact_delta(guarantee):
    """Return (1 + e**epsilon_1) * tau in high precision.  Oracle: mpmath."""
    one = guarantee.epsilon / guarantee.releases
    with mp.workprec(MP_BITS):
        grown = 1 + mp.exp(mpf(one.numerator) / one.denominator)
        return grown * guarantee.tau.numerator / guarantee.tau.denominator


def real(value):
    """Return a Fraction in high precision."""
    with mp.workprec(MP_BITS):
        return mpf(value.numerator) / value.denominator


# --- what a plan promises ----------------------------------------------------


@every_case
def test_a_guarantee_repeats_its_plan(case):
    """Epsilon, tau, m and channels are the plan's; one stage a plane, exact."""
    plan = case.plan()
    found = guarantee_of(plan)
    assert (found.epsilon, found.tau, found.m) == (plan.epsilon, plan.tau, plan.m)
    assert (found.channels, found.releases) == (plan.channels, 1)
    for stage, plane in zip(found.stages, plan.planes, strict=True):
        assert plane.name in stage.name
        assert (stage.sensitivity, stage.scale) == (plane.sensitivity, plane.scale)
        assert stage.epsilon == plane.sensitivity / plane.scale
    assert sum(stage.draws for stage in found.stages) == plan.draws


def test_the_promise_of_one_release_differs_by_its_name_alone():
    """Field by field, and the plan's promise stays as it was."""
    plan = example()
    found = of_one_release(plan, "0f" * 16)
    assert type(found) is Guarantee and vars(found) == vars(dataclasses.replace(plan, id="0f" * 16))
    assert plan.id == ""


def test_epsilon_of_a_batch_is_that_of_a_picture():
    """In a batch each picture costs epsilon by itself; tau covers all of them."""
    one, many = example(shape=(1, 8, 8, 3)), example(shape=(5, 8, 8, 3))
    assert one.epsilon == many.epsilon
    assert many.tau == 5 * one.tau


# --- delta -------------------------------------------------------------------

EPSILONS = ["1e-9", "0.001", "0.5", "1", "2", "3.99", "17", "100", "231.5", "700"]


@pytest.mark.parametrize("epsilon", EPSILONS)
def test_delta_is_a_tight_upper_bound(epsilon):
    """Delta is at least (1 + e**epsilon) * tau, and at most 1e-9 above it, relatively."""
    tau = Fraction(1, 3**700)
    guarantee = dataclasses.replace(example(), epsilon=Fraction(epsilon), tau=tau)
    found, exact = real(guarantee.delta), exact_delta(guarantee)
    assert exact <= found
    assert found <= exact * (1 + mpf("1e-9"))


@given(st.fractions(0, 600, max_denominator=10**6), st.integers(1, 50))
def test_delta_never_errs_downwards(epsilon, releases):
    """For any epsilon and number of releases delta bounds the exact value, tightly."""
    stages = (Stage("s", epsilon, 255, Fraction(255), 1),)
    one = Guarantee(epsilon, Fraction(1, 7**400), 1, 1, stages)
    many = one.compose(releases)
    assert many.delta == releases * one.delta
    assert exact_delta(many) <= real(many.delta) <= exact_delta(many) * (1 + mpf("1e-9"))


def test_delta_is_capped_and_zero_where_it_must_be():
    """Delta is at most 1, 0 without tau, and 1 when epsilon is infinite."""
    base = example()
    assert dataclasses.replace(base, tau=Fraction(0)).delta == 0
    assert dataclasses.replace(base, epsilon=Fraction(10**4)).delta == 1
    assert dataclasses.replace(base, epsilon=math.inf).delta == 1
    assert 0 < base.delta < Fraction(1, 2**150)


@pytest.mark.parametrize("epsilon", [2**20, 2**20 + 1, 10**6])
def test_large_budgets_have_delta_1(epsilon):
    """Beyond any useful epsilon delta is 1, and the paragraph still prints."""
    guarantee = example(epsilon)
    assert guarantee.delta == 1
    assert f"epsilon = {epsilon}" in str(guarantee)


@pytest.mark.parametrize("epsilon", ["10**12", "1e300", "'1e400'"])
def test_huge_budgets_neither_hang_nor_fill_the_memory(epsilon):
    """Any epsilon that planning accepts has a delta and a paragraph, at once."""
    script = (
        "from numbadp.accounting.guarantee import guarantee_of\n"
        "from numbadp.mechanism.planning import build_plan\n"
        f"guarantee = guarantee_of(build_plan((9, 9, 3), epsilon={epsilon}))\n"
        "print(guarantee.delta, len(str(guarantee)) > 100)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=1200, check=False,
        preexec_fn=_limit if os.name == "posix" else None,
    )  # fmt: skip
    assert found.stdout.split() == ["1", "True"], found.stderr[-300:]


def _limit():
    """Of the processor's time, not of the clock's, which others' work makes longer."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (8, 8))
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))


# --- group privacy and composition -------------------------------------------


@given(
    st.integers(1, 10**6),
    st.integers(1, 40),
    st.fractions(Fraction(1, 100), 50, max_denominator=100),
)
def test_k_pixels_cost_k_over_m_exactly(k, m, epsilon):
    """Epsilon and sensitivities scale by k / m, tau stays, and the way back is exact.

    No more than the 2000 pixels of the picture can change.
    """
    base = example(epsilon, m)
    found = base.for_pixels(k)
    changed = min(k, 2000)
    assert found.epsilon == epsilon * Fraction(changed, m)
    assert (found.m, found.tau, found.releases) == (k, base.tau, 1)
    for after, before in zip(found.stages, base.stages, strict=True):
        assert after.sensitivity * m == before.sensitivity * changed
        assert after.epsilon == after.sensitivity / after.scale
        assert after.scale == before.scale
    assert found.for_pixels(m) == base
    assert found.delta >= (1 + 1) * base.tau


@given(st.integers(1, 10**6), st.integers(1, 1000))
def test_releases_add(n, k):
    """Composition multiplies epsilon and tau, adds deltas, and commutes with group privacy."""
    base = example("0.3")
    found = base.compose(n)
    assert (found.epsilon, found.tau, found.releases) == (base.epsilon * n, base.tau * n, n)
    assert found.delta == min(1, n * base.delta)
    assert [s.epsilon for s in found.stages] == [n * s.epsilon for s in base.stages]
    assert found.for_pixels(k) == base.for_pixels(k).compose(n)
    assert base.compose(k).compose(n) == base.compose(n * k)


def test_nothing_is_rounded():
    """A third stays a third through group privacy and composition."""
    found = example("1/3", 7).for_pixels(5).compose(11)
    assert found.epsilon == Fraction(1, 3) * 5 / 7 * 11
    assert type(found.epsilon) is Fraction


COUNTS = (
    ExpectFail("zero", 0, errors.OptionError, r"from 1 to \d+; got 0 \(int\). Pass"),
    ExpectFail("negative", -2, errors.OptionError, "got -2"),
    ExpectFail("bool", True, errors.OptionTypeError, r"an integer; got True \(bool\). Pass"),
    ExpectFail("float", 2.0, errors.OptionTypeError, r"\(float\)"),
    ExpectFail("text", "3", errors.OptionTypeError, r"\(str\)"),
    ExpectFail("None", None, errors.OptionTypeError, "NoneType"),
)


@failing(*COUNTS)
@pytest.mark.parametrize("name", ["for_pixels", "compose"])
def test_refuses_counts(bad, name):
    """A count that is not a whole number from 1 on is refused by name."""
    with pytest.raises(bad.error, match=bad.match) as caught:
        getattr(example(), name)(bad.given)
    assert str(caught.value).startswith({"for_pixels": "k ", "compose": "n "}[name])


def test_numpy_counts_are_taken():
    """Numpy integers are counts, and come out as Python's."""
    found = example().for_pixels(np.int64(10000)).compose(np.uint8(200))
    assert (type(found.m), found.m, found.releases) == (int, 10000, 200)


# --- words -------------------------------------------------------------------


@every_case
def test_the_paragraph_is_honest(case):
    """It states epsilon, m, tau, delta, the assumption, and what it does not hide."""
    guarantee = guarantee_of(case.plan())
    said = str(guarantee)
    assert f"epsilon = {guarantee.epsilon} " in said
    assert f"at most {guarantee.m} pixel" in said
    delta = "delta <= 1)" if guarantee.delta == 1 else "delta <= 2^-"
    assert ("differentially private" in said) == (guarantee.delta < 1)
    for words in ("same shape", "tau <= 2^-", delta, "ChaCha20"):
        assert words in said
    pixels = capped(case.shape, 10_000)
    face = guarantee.epsilon * pixels / capped(case.shape, case.m)
    face = face if face.denominator < 10_000 else "about "
    whole = "a face of 100 x 100 pixels" if pixels == 10_000 else f"all {pixels} pixels covered"
    assert (f"for {whole} epsilon is {face}" in said) == (pixels > case.m)
    assert ("noise is for as many" in said) == (pixels < case.m)
    assert "Releasing the same picture again adds" in said
    assert said.count("sums of") == len(guarantee.stages)


@pytest.mark.parametrize("epsilon", ["0.1", "1", "9"])
def test_printed_tau_and_delta_are_upper_bounds(epsilon):
    """The powers of two in the paragraph are not below tau and delta, and within a factor 2."""
    guarantee = example(epsilon)
    said = str(guarantee)
    for name, value in (("tau", guarantee.tau), ("delta", guarantee.delta)):
        printed = Fraction(
            1,
            2
            ** int(
                said.split(f"{name} <= 2^-")[1].split(")", maxsplit=1)[0].split(" ", maxsplit=1)[0]
            ),
        )
        assert value <= printed < 2 * value


def test_several_releases_say_so():
    """A composed guarantee speaks of its releases together."""
    assert str(example().compose(30)).startswith("These 30 releases together are epsilon-diff")
    assert str(example()).startswith("This release is epsilon-differentially private")


def test_no_guarantee_is_said_as_loudly():
    """With infinite epsilon the paragraph says that there is none."""
    said = str(dataclasses.replace(example(), epsilon=math.inf))
    assert said.startswith("No guarantee: epsilon is infinite.")


def test_stages_of_several_releases_add_too():
    """compose multiplies what every stage spent and drew, not its sensitivity or scale."""
    one = guarantee_of(build_plan((40, 50, 3), epsilon="1/3"))
    for before, after in zip(one.stages, one.compose(3).stages, strict=True):
        assert (after.epsilon, after.draws) == (3 * before.epsilon, 3 * before.draws)
        assert (after.sensitivity, after.scale) == (before.sensitivity, before.scale)


def test_a_batch_says_that_each_picture_has_epsilon_by_itself():
    """The paragraph names the number of pictures and what changes in several of them cost."""
    text = str(guarantee_of(build_plan((30, 8, 8, 3), epsilon=1)))
    assert "for each of its 30 pictures by itself" in text
    assert "changes in j pictures cost j times that" in text
    assert "pictures by itself" not in str(guarantee_of(build_plan((8, 8, 3), epsilon=1)))


def test_the_paragraph_speaks_of_a_face_only_where_it_is_larger():
    """With m of 10,000 pixels and more a face of that size is covered, and nothing is said."""
    said = str(guarantee_of(build_plan((200, 200), epsilon=1, m=9_999)))
    assert "does not hide whole objects: for a face of 100 x 100 pixels epsilon is 10000/" in said
    assert "does not hide" not in str(guarantee_of(build_plan((200, 200), epsilon=1, m=10_000)))
    assert "does not hide" not in str(guarantee_of(build_plan((8, 8), epsilon=1, m=64)))


def test_a_million_values_are_within_the_tau_that_the_readme_says():
    """About 2**-169 at the scales of the default plan: between 2**-170 and 2**-168."""
    for plane in build_plan((8, 8, 3), epsilon=1).planes:
        assert Fraction(1, 2**170) < 10**6 * plane.cutoffs.tau < Fraction(1, 2**168)


@pytest.mark.parametrize(
    "x", [Fraction(0), Fraction(1, 10**9), Fraction(1), Fraction(300, 7), 4096]
)
def test_exponentials_are_bounded_from_above(x):
    """Never below e**x, and above it by less than 2**-50 of it.  Oracle: mpmath."""
    x = Fraction(x)
    mp.prec = 7000
    exact = mp.exp(mpf(x.numerator) / x.denominator)
    found = exp_above(x)
    assert exact <= mpf(found.numerator) / found.denominator < exact * (1 + mpf(2) ** -50)
