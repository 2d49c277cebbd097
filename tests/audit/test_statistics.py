"""Statistics that are learned: which outputs differ, ratios, weighted sums, rows of labels."""

import numpy as np
import pytest

from numbadp.audit.statistics import learn_statistics

COUNT = 20_000


def learned(make_first, make_second, salt=0):
    """Return statistics of two samples, and fresh samples of the same laws."""
    rng = np.random.default_rng(salt)
    statistics = learn_statistics(make_first(rng), make_second(rng))
    return {s.name: s for s in statistics}, make_first(rng), make_second(rng)


def separation(statistic, one, two):
    """Return the distance of the means in standard deviations."""
    a, b = statistic.of(one), statistic.of(two)
    return abs(a.mean() - b.mean()) / np.sqrt(a.var() / 2 + b.var() / 2)


def shifted(shift, outputs):
    return lambda rng: rng.normal(size=(COUNT, outputs)) + shift


def test_the_output_that_differs_comes_first():
    """Of nine outputs the one that moved is looked at before all others."""
    shift = np.zeros(9)
    shift[6] = 0.5
    statistics, _, _ = learned(shifted(0, 9), shifted(shift, 9))
    assert next(iter(statistics)) == "output 6"


def test_copies_of_an_output_are_looked_at_once():
    """A painted cell repeats one number; it counts as one."""

    def make(shift):
        return lambda rng: np.repeat(rng.normal(size=(COUNT, 1)) + shift, 40, axis=1)

    statistics, _, _ = learned(make(0), make(1))
    assert sum(name.startswith("output") for name in statistics) == 1


def test_a_weighted_sum_gathers_what_single_outputs_hide():
    """Sixty outputs that moved by a tenth are told apart together, not one by one."""
    statistics, one, two = learned(shifted(0, 60), shifted(0.1, 60))
    single = max(separation(s, one, two) for n, s in statistics.items() if n.startswith("output"))
    assert single < 0.2
    assert separation(statistics["weighted sum of the outputs"], one, two) > 0.6
    assert separation(statistics["discriminant of the outputs"], one, two) > 0.6


def test_the_discriminant_cancels_common_noise():
    """Two outputs that share their noise are told apart by their difference."""

    def make(shift):
        def sample(rng):
            common = 10 * rng.normal(size=(COUNT, 1))
            return common + rng.normal(size=(COUNT, 2)) + [shift, 0]

        return sample

    statistics, one, two = learned(make(0), make(1))
    assert separation(statistics["discriminant of the outputs"], one, two) > 0.6
    assert separation(statistics["weighted sum of the outputs"], one, two) < 0.2


def test_likelihood_ratios_see_laws_that_differ_in_shape():
    """Equal means and variances, other atoms: the ratio of one output tells them apart."""

    def make(values):
        return lambda rng: rng.choice(values, size=(COUNT, 1)).astype(float)

    statistics, one, two = learned(make([-1, 1]), make([-np.sqrt(2), 0, 0, np.sqrt(2)]))
    assert separation(statistics["output 0"], one, two) < 0.05
    assert separation(statistics["likelihood ratio of output 0"], one, two) > 5


def test_joint_ratios_see_dependence():
    """Outputs alike one by one, and equal signs on one side only."""

    def make(dependent):
        def sample(rng):
            z = rng.normal(size=(COUNT, 2))
            z[:, 1] = np.abs(z[:, 1]) * np.sign(z[:, 0]) if dependent else z[:, 1]
            return z

        return sample

    statistics, one, two = learned(make(True), make(False))
    joint = [s for name, s in statistics.items() if name.endswith("jointly")]
    assert separation(joint[0], one, two) > 1
    assert separation(statistics["output 0"], one, two) < 0.05


def test_rows_of_labels_are_asked_for_whole():
    """Levels of leaves that occur on one side only are found as a row."""

    def make(levels):
        return lambda rng: np.concatenate(
            [rng.normal(size=(COUNT, 2)), np.array(levels)[rng.integers(0, 2, COUNT)]], axis=1
        )

    statistics, one, two = learned(make([[1, 1], [2, 2]]), make([[1, 2], [2, 1]]))
    labels = [s for name, s in statistics.items() if name.startswith("whether the labels (2 3)")]
    assert len(labels) == 4
    assert {s.of(one).mean().round(1) for s in labels} == {0, 0.5}


@pytest.mark.parametrize("outputs", [1, 3, 200])
def test_outputs_that_never_vary_are_no_obstacle(outputs):
    """Constant outputs give statistics without a warning."""

    def make(rng):
        return np.full((COUNT // 10, outputs), 7.0)

    statistics, one, _ = learned(make, make)
    for statistic in statistics.values():
        assert np.isfinite(statistic.of(one)).all()
