"""A guarantee in words: earlier releases, regions, and no guarantee at all."""

import dataclasses
import math

import numpy as np
from guarantees import chained, plain_guarantee

from numbadp.accounting.guarantee import guarantee_of
from numbadp.accounting.paragraph import paragraph
from numbadp.mechanism.planning import build_plan


def test_an_earlier_release_is_named_with_both_parts():
    """What was spent before, what this one adds, and their sum."""
    said = paragraph(chained("1/3", "1/2").guarantee)
    assert "epsilon = 5/6 " in said
    assert "an earlier release that spent 1/3 of this epsilon already" in said
    assert "this release adds 1/2." in said
    assert "earlier release" not in paragraph(plain_guarantee("1/2"))


def test_a_region_is_named_with_what_it_does_not_cover():
    """Pixels outside and the choice of the region are outside of the promise."""
    mask = np.eye(40, dtype=bool)
    said = paragraph(guarantee_of(build_plan((40, 40), epsilon=1, mask=mask)))
    assert "Only the region's pixels were measured and are covered" in said
    assert "that choice is not covered either" in said
    assert "region" not in paragraph(plain_guarantee("1"))


def test_no_guarantee_is_called_not_private():
    """Whatever else would be said, infinite epsilon says NOT PRIVATE and why."""
    exact = guarantee_of(build_plan((40, 40), epsilon=1, layout="exact"))
    for one in (exact, chained("exact", "1").guarantee, exact.compose(3), exact.for_pixels(9)):
        said = paragraph(one)
        assert said.startswith("No guarantee: epsilon is infinite. NOT PRIVATE")
        assert "one changed pixel can give that picture away" in said


def test_paid_splits_are_named_with_their_noise():
    """Every level of splits is in the paragraph, and the joint epsilon above them."""
    plan = build_plan((300, 400), epsilon=1, layout="private")
    said = paragraph(guarantee_of(plan))
    assert said.count("splits of squares of") == len(plan.split_levels)
    assert "All of it is released together at the epsilon above." in said


def test_one_epsilon_is_written_whatever_its_size():
    """Long fractions become a few digits."""
    odd = dataclasses.replace(plain_guarantee("1"), epsilon=plain_guarantee("1/99991").epsilon)
    assert "epsilon = about 1.00009e-05 " in paragraph(odd)
    assert odd.epsilon != math.inf


def test_an_epsilon_that_leaves_nothing_is_not_called_privacy():
    """From where delta is 1 on: no word of differential privacy, and what is still true."""
    for epsilon in ("200", "1000", "1e9"):
        one = plain_guarantee(epsilon)
        assert one.delta == 1
        for guarantee in (one, one.compose(3)):
            said = paragraph(guarantee)
            assert "ifferentially" not in said and f"epsilon = {guarantee.epsilon} " in said
            assert "No (epsilon, delta) guarantee is left" in said and "delta is 1" in said
    assert "ifferentially" not in paragraph(plain_guarantee("2").for_pixels(16 * 500))
    private = plain_guarantee("50")
    assert private.delta < 1 and "epsilon-differentially private with" in paragraph(private)
