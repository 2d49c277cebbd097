"""Plates: exact votes, what an event changes on real neighbours, and a picture that is right."""

import numpy as np
import pytest
from cases import ExpectFail, failing
from hypothesis import given
from hypothesis import strategies as st

from numbadp import Pool, errors
from numbadp.plan.changes import votes_change


def plate(shape, cell=1, event=(2, 2, 2), bins=16, **options):
    """Return an empty plate."""
    return Pool.plate(shape, cell=cell, event=event, bins=bins, **({"epsilon": 1} | options))


def votes_of(frames, shape, cell, bins):
    """Return exact votes by plain loops."""
    step, channels = 256 // bins, shape[2] if len(shape) == 3 else 1
    rows, columns = -(-shape[0] // cell), -(-shape[1] // cell)
    votes = np.zeros((rows, columns, channels, bins + 1), np.int64)
    for t, frame in enumerate(frames.reshape(len(frames), *shape[:2], channels).astype(int)):
        for y in range(rows):
            for x in range(columns):
                block = frame[y * cell : (y + 1) * cell, x * cell : (x + 1) * cell]
                n = block.shape[0] * block.shape[1]
                for c in range(channels):
                    votes[y, x, c, (block[..., c].sum() + (t % step) * n) // (n * step)] += 1
    return votes


shapes = st.sampled_from([(1, 1), (5, 7), (6, 4, 3)])


@given(shapes, st.sampled_from([1, 2, 4]), st.sampled_from([2, 16, 256]), st.integers(0, 99))
def test_votes_are_exact(shape, cell, bins, salt):
    """Votes of every cell and channel are those of plain loops, over several calls."""
    frames = np.random.default_rng(salt).integers(0, 256, (9, *shape), np.uint8)
    pool = plate(shape, cell, bins=bins)
    for part in (frames[:4], frames[4:5], frames[5:]):
        pool.add(part)
    np.testing.assert_array_equal(pool._votes, votes_of(frames, shape, cell, bins))
    assert pool._votes.sum(-1).min() == pool._votes.sum(-1).max() == 9


@given(
    st.sampled_from([(5, 7), (9, 8, 3)]), st.sampled_from([1, 2, 4]),
    st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9)), st.integers(0, 99),
    st.booleans(),
)  # fmt: skip
def test_an_event_changes_what_is_declared(shape, cell, event, salt, still):
    """Real neighbours: an event anywhere, moving or still, is within L1, L2 and Linf."""
    rng = np.random.default_rng(salt)
    frames = rng.integers(0, 256, (8, *shape), np.uint8)
    with_event = frames.copy()
    count, width, height = event
    place = [rng.integers(0, side) for side in shape[:2]]
    for t in rng.choice(8, count, replace=False):
        if not still:
            place = [rng.integers(0, side) for side in shape[:2]]
        y, x = place
        box = with_event[t, y : y + height, x : x + width]
        box[:] = rng.integers(0, 256, box.shape)
    pools = [plate(shape, cell, event) for _ in range(2)]
    for pool, video in zip(pools, (frames, with_event), strict=True):
        pool.add(video)
    moved = np.abs(pools[1]._votes - pools[0]._votes)
    declared = votes_change(shape, cell, event)
    assert moved.sum() <= declared.total
    assert (moved**2).sum() <= declared.square
    assert moved.max() <= declared.largest


@pytest.mark.parametrize(("cell", "box", "touched"), [(1, 3, 9), (4, 6, 9), (4, 5, 4), (2, 2, 4)])
def test_the_bound_is_attained(cell, box, touched):
    """An event that stands still across cells' borders moves exactly L1, L2 and Linf."""
    event, frames = (3, box, box), np.zeros((5, 16, 16), np.uint8)
    with_event = frames.copy()
    with_event[:3, cell - 1 : cell - 1 + box, cell - 1 : cell - 1 + box] = 255
    pools = [plate((16, 16), cell, event, bins=256) for _ in range(2)]
    for pool, video in zip(pools, (frames, with_event), strict=True):
        pool.add(video)
    moved = np.abs(pools[1]._votes - pools[0]._votes)
    declared = votes_change((16, 16), cell, event)
    assert declared.total == 2 * 3 * touched
    assert (moved.sum(), (moved**2).sum(), moved.max()) == (
        declared.total, declared.square, declared.largest,
    )  # fmt: skip


def test_bins_do_not_round_a_still_background():
    """Sixteen frames a bin's width: the mean vote is the value, for every grey level (step 3)."""
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    pool = plate((16, 16), epsilon=1000)
    pool.add(np.repeat(levels[None], 160, 0))
    release = pool.release()
    assert release.frames == 160
    assert np.abs(release.means("cells")[..., 0] - levels).max() < 0.5


def test_noise_pays_for_the_event():
    """The stage knows the declared change, and the guarantee says that it is a policy."""
    pool = plate((48, 64), 4, (15, 9, 20), epsilon=1, delta="1e-5")
    (stage,) = pool.plan.stages
    assert stage.change == votes_change((48, 64), 4, (15, 9, 20))
    assert pool.guarantee.rho == stage.loss
    assert pool.guarantee.bounds == "policy"
    assert "15 frames, 9 x 20 pixels" in pool.guarantee.unit


@failing(
    ExpectFail("event", {"event": 3}, errors.OptionTypeError, "three parts"),
    ExpectFail("no frames", {"event": (0, 1, 1)}, errors.OptionError, "frames of an event"),
    ExpectFail("bins", {"bins": 10}, errors.OptionError, "power of two"),
    ExpectFail("size", {"shape": (8192, 8192), "bins": 256}, errors.ShapeError, "2\\*\\*28"),
)
def test_options_that_make_no_sense_are_refused(bad):
    """Before anything is allocated."""
    options = {"shape": (5, 7)} | bad.given
    with pytest.raises(bad.error, match=bad.match):
        plate(options.pop("shape"), **options)


def test_a_released_plate_is_empty():
    """Votes are overwritten by the release."""
    pool = plate((5, 7))
    pool.add(np.zeros((3, 5, 7), np.uint8))
    votes = pool._votes
    pool.release()
    assert not votes.any()
