"""Heat maps: distinct cells of bounded visitors, exact, and what one visitor changes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbadp import Pool, errors
from numbadp.plan.changes import visits_change

points = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-3, 40), st.integers(-3, 30)), max_size=40
)


def visits(most=2, shape=(24, 33), cell=8, **options):
    """Return an empty heat map."""
    return Pool.visits(shape, cell=cell, most=most, **({"epsilon": 1} | options))


def counts_of(batches, most, without=None):
    """Return exact counts, and those of plain sets."""
    pool, seen, expected = visits(most), {}, np.zeros((3, 5), np.int64)
    for batch in batches:
        batch = [row for row in batch if row[0] != without]
        pool.add(
            np.array([row[1:] for row in batch]).reshape(-1, 2),
            np.array([r[0] for r in batch], int),
        )
        for track, x, y in batch:
            own = seen.setdefault(track, set())
            cell = (y // 8, x // 8)
            if 0 <= x < 33 and 0 <= y < 24 and cell not in own and len(own) < most:
                own.add(cell)
                expected[cell] += 1
    return pool._counts.reshape(3, 5).copy(), expected


@given(st.lists(points, max_size=4), st.integers(1, 4))
def test_counts_are_exact(batches, most):
    """The first `most` different cells of each track count once, over all calls."""
    found, expected = counts_of(batches, most)
    np.testing.assert_array_equal(found, expected)


@given(st.lists(points, max_size=4), st.integers(1, 4))
def test_a_visitor_changes_what_is_declared(batches, most):
    """Real neighbours: all of one track's points, in any calls, move at most U cells by 1."""
    moved = np.abs(counts_of(batches, most)[0] - counts_of(batches, most, without=0)[0])
    declared = visits_change(most)
    assert moved.sum() <= declared.total
    assert (moved**2).sum() <= declared.square
    assert moved.max() <= declared.largest


def test_the_bound_is_attained():
    """A visitor of many cells moves exactly the first U of them."""
    pool = visits(3)
    pool.add(np.array([[x, 4.5] for x in range(0, 33, 8)]), np.zeros(5, int))
    assert pool._counts.tolist()[:5] == [1, 1, 1, 0, 0]


def test_many_tracks_keep_their_cells():
    """Rows grow without forgetting who has been where."""
    pool = visits(2)  # so that a place is left for a cell that was forgotten
    for _ in range(2):
        pool.add(np.full((1, 2), 20.0), np.array([999]))  # its row is moved by those that follow
        pool.add(np.full((500, 2), 20.0), np.arange(500))
    assert (pool._counts[12], pool._counts.sum()) == (501, 501)
    with pytest.raises(errors.ArrayTypeError, match="after integers"):
        pool.add(np.full((1, 2), 3.0), np.array(["b"]))


def test_points_outside_are_nobodys():
    """Nor are infinities and what is no number."""
    pool = visits(9)
    odd = [[-0.1, 3], [33, 3], [3, 24], [np.nan, 3], [3, np.inf], [1e300, 3]]
    pool.add(np.array(odd), np.zeros(6, int))
    assert not pool._counts.any()


def test_noise_pays_for_the_visitor():
    """The stage knows the bound, which never passes the number of cells."""
    assert visits(4).plan.stages[0].change == visits_change(4)
    assert visits(1000).plan.stages[0].change == visits_change(15)
    assert visits(4).guarantee.bounds == "enforced"
    assert "one whose track broke" in str(visits(4).guarantee)


@pytest.mark.parametrize(
    ("given_points", "track", "error"),
    [
        ([["a", "b"]], [1], errors.ArrayTypeError),
        ([1.0, 2.0], [1], errors.ShapeError),
        ([[1.0, 2.0]], [1, 2], errors.ShapeError),
        ([[1.0, 2.0]], [1.5], errors.ArrayTypeError),
    ],
)
def test_what_does_not_fit_is_refused(given_points, track, error):
    """Each refusal is an error of ours, and nothing is counted."""
    pool = visits()
    with pytest.raises(error):
        pool.add(np.array(given_points), np.array(track))
    assert not pool._counts.any()


def test_a_released_map_is_empty():
    """Counts and cells are overwritten; colours come in the picture's size."""
    pool = visits()
    pool.add(np.array([[3.0, 3.0]]), np.array([1]))
    counts, cells = pool._counts, pool._cells
    release = pool.release()
    assert not counts.any()
    assert not cells.any()
    assert not pool._rows
    assert release.render().shape == (24, 33, 3)
    with pytest.raises(errors.ShapeError, match=r"\(H, W\)"):
        visits(shape=(24, 33, 3))
