"""Choosing events: thresholds, atoms, edges of supports, repeats; and how they are scored."""

import numpy as np
import pytest

from numbadp.audit.events import choose_event, score

COUNT = 20_000


def chosen(one, two, alone=None):
    """Return the event for two samples of rows, in a column each."""
    rows = [np.asarray(z, float).reshape(len(z), -1) for z in (one, two)]
    rng = np.random.default_rng(9)
    unlike = [rng.normal(size=(50, rows[0].shape[1])) for _ in range(2)]
    return choose_event(rows, alone or unlike)


@pytest.fixture
def rng():
    return np.random.default_rng(8)


def test_a_shift_of_laplace_noise_is_cut_where_the_ratio_is_full(rng):
    """The event has about half of one law and 1 / e of that of the other."""
    one, two = rng.laplace(0, 1, COUNT), rng.laplace(1, 1, COUNT)
    event = chosen(one, two)
    shares = [event.hits(np.reshape(z, (-1, 1))) / COUNT for z in (one, two)]
    likely, unlikely = shares[::-1] if event.swapped else shares
    assert likely > 0.4
    assert np.log(likely / unlikely) > 0.9


def test_an_atom_is_an_event(rng):
    """A single value that one law has more often is chosen, by itself."""
    one, two = rng.integers(0, 10, COUNT), rng.integers(0, 10, COUNT)
    two[rng.random(COUNT) < 0.3] = 4
    event = chosen(one, two)
    assert event.swapped
    assert event.hits(np.array([[4.0]])) == 1
    assert event.hits(np.array([[z] for z in (0.0, 1, 2, 3, 5, 6, 7, 8, 9)])) == 0


def test_the_edge_of_a_support_is_an_event(rng):
    """Values that the other law never takes are found at the edge."""
    event = chosen(rng.random(COUNT), rng.random(COUNT) * 0.9)
    assert not event.swapped
    assert event.hits(np.array([[0.99]])) == 1
    assert event.hits(np.array([[0.5], [0.1]])) == 0


def test_a_call_that_repeats_itself_is_an_event(rng):
    """Equal outputs in calls of their own beat everything that batches show."""
    many = rng.normal(size=COUNT)
    alone = [np.full((256, 1), 3.0), np.full((256, 1), 4.0)]
    event = chosen(many, many, alone)
    assert event.alone
    assert {event.hits(rows) for rows in alone} == {0, 256}
    assert "in a call of its own" in str(event)


def test_an_event_is_told_in_words(rng):
    """Threshold and direction can be read."""
    text = str(chosen(rng.laplace(0, 1, COUNT), rng.laplace(1, 1, COUNT)))
    assert "output 0" in text and ("<=" in text or ">=" in text)


def test_rare_events_must_earn_their_place():
    """Three hits against none score below ten thousand against four thousand."""
    assert score(3, COUNT, 0, COUNT) < score(10_000, COUNT, 4_000, COUNT)
    assert score(300, COUNT, 0, COUNT) > score(10_000, COUNT, 4_000, COUNT)
    assert score(0, COUNT, 0, COUNT) < 0


def test_the_score_takes_three_standard_errors_of_either_side():
    """At large counts the score is the log-ratio less both, to a hundredth."""
    n, p, q = 10**6, 0.5, 0.2
    errors = 3 * (np.sqrt((1 - p) / (p * n)) + np.sqrt((1 - q) / (q * n)))
    assert score(p * n, n, q * n, n) == pytest.approx(np.log(p / q) - errors, abs=1e-4)
