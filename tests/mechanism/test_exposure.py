"""Exposures: several frames as one measurement, each with epsilon by itself."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbadp
from numbadp.accounting.ledger.price import price_of
from numbadp.mechanism.entropy import Key
from numbadp.mechanism.planning import build_plan
from numbadp.mechanism.running import prepare, run

KEY = bytes(range(1, 33))


def released(frames, plan):
    """Values of frames [k, H, W, C] under a fixed key."""
    return run(frames, prepare(plan), Key(KEY)).values


@given(
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 3])),
    k=st.integers(2, 4),
    cell=st.sampled_from([1, 4, 16]),
    data=st.randoms(use_true_random=False),
)
def test_an_exposure_is_the_exact_sum_and_the_noise_of_one_frame(shape, k, cell, data):
    """Values are the sums over all frames, and noise that one frame alone would have (step 1)."""
    generator = np.random.default_rng(data.randrange(2**31))
    frames = generator.integers(0, 256, (k, *shape), np.uint8)
    plan = build_plan(shape, epsilon=2, m=5, cell=cell, exposure=k)
    one = build_plan(shape, epsilon=2, m=5, cell=cell)
    assert [p.scale for p in plan.planes] == [p.scale for p in one.planes]
    single = [released(frame, one) for frame in frames]
    noise = released(np.zeros(shape, np.uint8), one)
    found = released(frames, plan)
    for p, value in enumerate(found):
        if plan.planes[p].cell != one.planes[p].cell:
            continue  # chroma cells follow their noise, which is less
        exact = sum(values[p] - noise[p] for values in single)
        np.testing.assert_array_equal(value - noise[p], exact)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_frames_change_moves_the_sums_as_it_would_alone(channels):
    """The measured loss of m pixels of one frame is the declared epsilon, and of j frames j times."""
    shape, k, m = (24, 20, channels), 3, 4
    plan = build_plan(shape, epsilon=1, m=m, cell=4, exposure=k)
    frames = np.zeros((k, *shape), np.uint8)
    for changed in (1, 2, 3):
        other = frames.copy()
        other[:changed, 3:5, 3:5] = 255
        loss = sum(
            Fraction(int(np.abs(a - b).sum())) / plane.scale
            for a, b, plane in zip(
                released(frames, plan), released(other, plan), plan.planes, strict=True
            )
        )
        assert loss == changed * plan.epsilon


def test_the_mean_has_k_times_less_noise():
    """Scales are those of one frame, and divisors count all; cells get smaller with the noise."""
    plain = build_plan((64, 64), epsilon=1, cell=8)
    exposed = build_plan((64, 64), epsilon=1, cell=8, exposure=4)
    assert exposed.planes[0].level_scale == plain.planes[0].level_scale / 4
    assert build_plan((64, 64), epsilon=1, exposure=4).planes[0].cell == 8  # of 16
    assert "exposures of 4 frames" in str(exposed)


def test_the_guarantee_is_for_each_frame_and_ledgers_charge_all():
    """A batch of k: each frame epsilon, a window of w frames w epsilon (step 2)."""
    pixelizer = numbadp.Pixelizer((20, 30), epsilon="1/2", exposure=3)
    release = pixelizer(np.full((3, 20, 30), 100, np.uint8))
    assert release.shape == (20, 30)
    assert (release.guarantee.epsilon, release.guarantee.batch) == (Fraction(1, 2), 3)
    assert release.plan.draws == pixelizer.plan.planes[0].grid[0] * pixelizer.plan.planes[0].grid[1]
    price = price_of(release.guarantee, 16)
    assert (price.epsilon, price.frames) == (Fraction(1, 2), 3)
    ledger = numbadp.Ledger(epsilon=1, window=2)
    numbadp.Pixelizer((20, 30), epsilon="1/2", exposure=3, ledger=ledger)(
        np.zeros((3, 20, 30), np.uint8)
    )
    with pytest.raises(numbadp.BudgetError):
        numbadp.Pixelizer((20, 30), epsilon="2/3", exposure=2, ledger=numbadp.Ledger(1))(
            np.zeros((2, 20, 30), np.uint8)
        )


def test_exposures_are_kept_in_files(tmp_path):
    """A release of an exposure comes back as it was."""
    for shape in ((20, 30), (20, 30, 3)):
        release = numbadp.Pixelizer(shape, epsilon=1, exposure=2)(np.zeros((2, *shape), np.uint8))
        release.save(tmp_path / "a.dpz")
        found = numbadp.load(tmp_path / "a.dpz")
        assert found.plan == release.plan
        assert found.guarantee == release.guarantee
        np.testing.assert_array_equal(found.render(), release.render())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"exposure": 0}, "exposure must be"),
        ({"exposure": 2, "layout": "private"}, "exposures go with"),
        ({"exposure": 2, "boxes": [(0, 0, 9, 9)]}, "exposures go with"),
        ({"exposure": 1 << 17}, "exposure must be"),
    ],
)
def test_options_that_do_not_go_together(options, words):
    """One sentence, before a frame is read; sums stay exact (step 3)."""
    with pytest.raises(numbadp.OptionError, match=words):
        numbadp.Pixelizer((20, 30), epsilon=1, **options)


def test_frames_must_be_frames():
    """Errors are about shapes alone, before anything is charged."""
    ledger = numbadp.Ledger(epsilon=2)
    pixelizer = numbadp.Pixelizer((20, 30), epsilon=1, exposure=2, ledger=ledger)
    with pytest.raises(numbadp.ShapeError, match=r"takes frames of shape \(2, 20, 30\)"):
        pixelizer(np.zeros((3, 20, 30), np.uint8))
    with pytest.raises(numbadp.ArrayTypeError, match="an exposure must be a NumPy array"):
        pixelizer([np.zeros((20, 30), np.uint8)] * 2)
    with pytest.raises(numbadp.ArrayTypeError, match="uint8"):
        pixelizer(np.zeros((2, 20, 30)))
    assert ledger.remaining == 2


def test_a_wiped_key_and_failures_leave_nothing(monkeypatch):
    """Sums of single frames are known to the scratch and gone after a failure (step 4)."""
    from numbadp.mechanism import exposure

    kept = {}

    def fail(kernel, items, cost, *arguments):
        kept["single"] = arguments[4]
        kept["single"][0][:] = 7
        raise KeyboardInterrupt

    monkeypatch.setattr(exposure, "drain", fail)
    pixelizer = numbadp.Pixelizer((20, 30), epsilon=1, exposure=2)
    monkeypatch.setattr("numbadp.mechanism._load_kernels", lambda *_: None)
    with pytest.raises(KeyboardInterrupt):
        pixelizer(np.ones((2, 20, 30), np.uint8))
    assert not kept["single"][0].any()
