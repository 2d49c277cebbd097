"""The audit catches faults written down after public ones, and acquits their sound twins."""

import numpy as np
import pytest
from cases import ExpectFail, failing

import numbadp
from numbadp.audit import Pair, audit_pair, each, neighbour_pairs
from numbadp.audit.bounds import epsilon_low

from . import faults

GREY, RAGGED, COLOUR = (8, 8, 1), (8, 9, 1), (8, 8, 3)
ONE = Pair("a sum that changes by 1", np.zeros((1, 1, 1), np.uint8), np.ones((1, 1, 1), np.uint8))


def pair(shape, kind):
    """Return the neighbours of one kind."""
    found = [p for p in neighbour_pairs(shape, m=faults.M, cell=faults.CELL) if p.kind == kind]
    return found[0]


# name: faulty, sound, pair, claim, what it must certify, runs
CASES = {
    "biased sampler of opendp#2638": (
        faults.sampler(faults.wrong_division), faults.sampler(faults.right_division),
        ONE, 1 / 3, 0.46, 600_000,
    ),
    "epsilon not split over channels": (
        faults.channels(1), faults.channels(3), pair(COLOUR, "cell"), 1, 2.5, 100_000,
    ),
    "edge pixels replicated": (
        faults.partial_cells("edge"), faults.partial_cells("constant"),
        pair(RAGGED, "partial"), 1, 3, 100_000,
    ),
    "one noise draw a pixel": (
        faults.painted((8, 8)), faults.painted((1, 1)), pair(GREY, "cell"), 1, 4, 20_000,
    ),
    "a fixed seed": (faults.seeded, faults.fresh, pair(GREY, "cell"), 1, 3, 20_000),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_fault_is_certified(name):
    """The bound of the faulty mechanism lies well above its claim."""
    faulty, _, neighbours, claimed, least, runs = CASES[name]
    found = audit_pair(faulty(np.random.default_rng(1)), neighbours, claimed=claimed, runs=runs)
    assert found.refutes
    assert found.epsilon_low > least > claimed
    assert found.epsilon_credible > claimed


@pytest.mark.parametrize("name", CASES)
def test_the_sound_twin_is_not_refuted(name):
    """The same mechanism without the fault stays below its claim."""
    _, sound, neighbours, claimed, _, runs = CASES[name]
    found = audit_pair(sound(np.random.default_rng(2)), neighbours, claimed=claimed, runs=runs)
    assert not found.refutes
    assert found.epsilon_low <= claimed


def test_the_sampler_is_biased_as_reported():
    """The wrong division puts the loss of one step at 0.504 where 1/3 is claimed."""
    for divide, low, high in (
        (faults.right_division, 0.3333, 0.3334),
        (faults.wrong_division, 0.504, 0.505),
    ):
        _, law = faults.sampler_law(divide)
        middle = law[len(law) // 2 : len(law) // 2 + 30]
        assert low < np.abs(np.diff(np.log(middle))).max() < high


def test_a_finding_repeats_what_was_counted():
    """Counts, bound, share and event belong together, and make plain data."""
    neighbours = pair(GREY, "cell")
    mechanism = faults.fresh(np.random.default_rng(3))
    found = audit_pair(mechanism, neighbours, claimed=2, delta=1e-6, runs=5000, confidence=0.99)
    assert found.counts.trials == found.counts.other_trials == 2500
    assert found.epsilon_low == epsilon_low(found.counts, 0.99, 1e-6)
    assert found.share == found.epsilon_low / 2
    assert found.as_dict()["counts"]["hits"] == found.counts.hits
    assert "likelier on the" in found.event


def test_fresh_releases_alone_are_counted():
    """A mechanism that changes after the event was chosen is judged by what it does later."""
    calls = []

    def turns_private(images):
        calls.append(len(images))
        leaks = sum(calls) <= 2 * 500 + 3 * 256 + 1
        return images.sum(axis=(1, 2)) * leaks

    found = audit_pair(turns_private, pair(GREY, "cell"), claimed=1, runs=1000)
    assert found.epsilon_low == 0


@failing(
    ExpectFail("few runs", {"runs": 10}, numbadp.OptionError, "at least 1000"),
    ExpectFail("no claim", {"claimed": 0}, numbadp.OptionError, "positive"),
    ExpectFail("infinite claim", {"claimed": np.inf}, numbadp.OptionError, "positive"),
    ExpectFail("delta", {"delta": 1}, numbadp.OptionError, "delta"),
    ExpectFail("confidence", {"confidence": 1}, numbadp.OptionError, "confidence"),
)
def test_refuses(bad):
    """Numbers that mean nothing are refused before anything is released."""

    def never(images):
        raise AssertionError("released")

    with pytest.raises(bad.error, match=bad.match):
        audit_pair(never, ONE, **{"claimed": 1, "runs": 1000} | bad.given)


def test_a_callable_for_single_images_is_audited_too():
    """`each` makes a mechanism of it; a deterministic one is told apart at once."""
    found = audit_pair(each(lambda image: [image.max(), 7]), ONE, claimed=1, runs=1000)
    assert found.epsilon_low > 3


def test_outputs_that_are_not_finite_are_evidence():
    """An image that gives NaN is told from one that does not."""
    with np.errstate(all="ignore"):
        found = audit_pair(
            each(lambda image: np.float64(0) / np.float64(image.sum())), ONE, claimed=1, runs=1000
        )
    assert found.epsilon_low > 3
