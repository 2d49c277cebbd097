"""Whole releases: equal to the reference, blind to memory layout and threads, replayable."""

from fractions import Fraction

import numpy as np
import pytest
from cases import (
    BY_ID,
    Case,
    assert_same,
    every_case,
    fixed_key,
    oracle_release,
    picture,
    some_cases,
)
from hypothesis import given
from hypothesis import strategies as st
from oracles import pipeline

import numbadp
from numbadp.compute.workers import threads
from numbadp.mechanism import Pixelizer, _pixelize, pixelize

MEMORY = {
    "strided": lambda a: np.repeat(np.repeat(a, 2, 0), 3, 1)[::2, ::3],
    "fortran": np.asfortranarray,
    "reversed": lambda a: a[::-1].copy()[::-1],
    "mirrored": lambda a: a[:, ::-1].copy()[:, ::-1],
    "offset": lambda a: np.concatenate([a[:1], a])[1:],
}


# --- reference: tests/oracles/pipeline.py ------------------------------------


@every_case
def test_release_equals_reference(case):
    """Every value of every plane and picture is the reference's, bit for bit."""
    image, key = case.image(), fixed_key()
    with threads(1):
        release = _pixelize(image, case.plan(), key)
    assert_same(release.values, oracle_release(case, image, key))


@every_case
@pytest.mark.parametrize("count", [2, 5])
def test_helpers_change_nothing(case, count, helpers_always):
    """Two or five threads give the bits that one gives."""
    image, plan = case.image(1), case.plan()
    with threads(1):
        alone = _pixelize(image, plan, fixed_key(1))
    with threads(count):
        together = _pixelize(image, plan, fixed_key(1))
    assert_same(together.values, alone.values)


@st.composite
def pictures(draw):
    """Draw a small case of any kind with a random picture."""
    height, width = draw(st.integers(1, 11)), draw(st.integers(1, 11))
    channels = draw(st.sampled_from([None, 1, 3]))
    batch = draw(st.sampled_from([None, 1, 2])) if channels else None
    shape = (*([batch] if batch else []), height, width, *([channels] if channels else []))
    options = {"layout": draw(st.sampled_from(["free", "uniform"]))}
    if draw(st.booleans()):
        options["cell"] = draw(st.sampled_from([2, 4, 8, 16, 64, 256]))
    if channels == 3:
        options["planes"] = draw(st.sampled_from(["auto", "rgb"]))
    epsilon = draw(st.fractions(Fraction(1, 10**4), 30, max_denominator=10**4))
    case = Case("drawn", shape, str(epsilon), draw(st.integers(1, 40)), options)
    seed = draw(st.integers(0, 2**32 - 1))
    return case, np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@given(pictures(), st.binary(min_size=32, max_size=32).filter(any))
def test_any_release_equals_reference(drawn, material):
    """Random shapes, options, budgets, pixels and keys: still the reference's bits."""
    case, image = drawn
    key = numbadp.mechanism.Key(material)
    assert_same(_pixelize(image, case.plan(), key).values, oracle_release(case, image, key))


@pytest.mark.parametrize("memory", MEMORY)
@some_cases("grey-ragged", "ygo-coarse-ragged", "batch-rgb")
def test_memory_layout_changes_nothing(case, memory):
    """Strided, Fortran, reversed and offset arrays give the values of a plain one."""
    image, plan = case.image(2), case.plan()
    arranged = MEMORY[memory](image)
    assert arranged.shape == image.shape
    plain = _pixelize(image, plan, fixed_key(2))
    assert_same(_pixelize(arranged, plan, fixed_key(2)).values, plain.values)


@some_cases("grey-ragged", "batch-rgb")
def test_the_picture_is_left_alone(case):
    """A read-only picture is accepted, a writable one stays writable and unchanged."""
    image, plan = case.image(3), case.plan()
    locked = image.copy()
    locked.flags.writeable = False
    before = image.copy()
    assert_same(
        _pixelize(locked, plan, fixed_key()).values, _pixelize(image, plan, fixed_key()).values
    )
    assert image.flags.writeable
    np.testing.assert_array_equal(image, before)


# --- replay: a neighbour under the same key ----------------------------------


@pytest.mark.parametrize("count", [1, 3])
@some_cases("grey-ragged", "ygo-coarse-ragged", "rgb-ragged", "batch-ygo-coarse", "grey-cell-1")
def test_a_neighbour_differs_in_its_touched_cells_alone(case, count, helpers_always):
    """With the key frozen, plan and shapes agree and values differ by the sums' difference."""
    image = case.image(4)
    neighbour = image.copy()
    pixels = neighbour.reshape(-1, case.plan().channels)
    for i in (0, len(pixels) // 2, len(pixels) - 1):
        pixels[i] = 255 - pixels[i]
    with threads(count):
        one, two = (_pixelize(x, case.plan(), fixed_key(4)) for x in (image, neighbour))
    assert (one.plan, one.layout, one.guarantee, one.shape) == (
        two.plan, two.layout, two.guarantee, two.shape,
    )  # fmt: skip
    plan = case.oracle_plan()
    for n in range(one.plan.batch):
        pair = [x[n] if x.ndim == 4 else x for x in (image, neighbour)]
        exact = [pipeline.measure(x, plan) for x in pair]
        for k, (a, b) in enumerate(zip(one.values, two.values, strict=True)):
            noisy = (b - a)[n] if a.ndim == 3 else b - a
            np.testing.assert_array_equal(noisy, exact[1][k] - exact[0][k])


def test_a_batch_is_its_pictures_with_their_own_noise():
    """Equal pictures of a batch get different noise, and the first one a lone picture's."""
    case = BY_ID["batch-rgb"]
    image = np.repeat(picture((1, 9, 5, 3)), 2, axis=0)
    release = _pixelize(image, case.plan(), fixed_key())
    lone = _pixelize(
        image[:1], Case("lone", (1, 9, 5, 3), "5", 3, case.options).plan(), fixed_key()
    )
    for values, first in zip(release.values, lone.values, strict=True):
        np.testing.assert_array_equal(values[0], first[0])
        assert (values[0] != values[1]).mean() > 0.5


# --- the public entrances ----------------------------------------------------


@some_cases("grey-with-channel", "ygo-uniform", "batch-rgb")
def test_both_entrances_carry_the_plan(case, monkeypatch):
    """`pixelize` and `Pixelizer` release what `_pixelize` does under the key they draw."""
    monkeypatch.setattr("numbadp.mechanism.fresh_key", lambda own: fixed_key(5))
    image = case.image(5)
    expected = _pixelize(image, case.plan(), fixed_key(5))
    pixelizer = Pixelizer(case.shape, epsilon=case.epsilon, m=case.m, **case.options)
    direct = pixelize(image, epsilon=case.epsilon, m=case.m, **case.options)
    for release in (pixelizer(image), direct):
        assert release.plan == expected.plan == pixelizer.plan
        assert release.guarantee == expected.guarantee
        assert_same(release.values, expected.values)


@pytest.mark.parametrize("kind", ["shape", "dtype"])
def test_pixelizer_refuses_other_pictures(kind):
    """A picture of another shape or dtype than planned raises."""
    pixelizer = Pixelizer((8, 8), epsilon=1)
    wrong = np.zeros((8, 9), np.uint8) if kind == "shape" else np.zeros((8, 8), np.int16)
    with pytest.raises(numbadp.NumbadpError, match=r"8, 9|int16"):
        pixelizer(wrong)


def test_caches_tell_equal_looking_options_apart():
    """True is refused after 1 was accepted, and 0.1 is not the Fraction 1/10."""
    image = np.zeros((4, 4), np.uint8)
    pixelize(image, epsilon=1, m=1, cell=1)
    for options in ({"epsilon": True, "m": 1}, {"epsilon": 1, "m": True}):
        with pytest.raises(numbadp.NumbadpError):
            pixelize(image, **options)
    with pytest.raises(numbadp.NumbadpError):
        pixelize(image, epsilon=1, m=1, cell=True)
    binary = pixelize(image, epsilon=0.1).guarantee.epsilon
    assert binary == Fraction(0.1) != pixelize(image, epsilon=Fraction(1, 10)).guarantee.epsilon


class _Number:
    """An integer that is another one each time."""

    def __init__(self, *values):
        self.values = list(values)

    def __index__(self):
        return self.values[0]


@pytest.mark.parametrize("wrong", [1.0, True], ids=str)
def test_an_option_is_refused_whatever_was_planned_before(wrong):
    """Plans are kept by what was asked for; what merely equals it is another question."""
    picture = np.zeros((8, 8), np.uint8)
    pixelize(picture, epsilon=1, cell=1)
    with pytest.raises(numbadp.OptionTypeError, match="cell"):
        pixelize(picture, epsilon=1, cell=wrong)


def test_options_are_read_anew_at_every_call():
    """Objects whose hash is their identity can change: no plan of an old value is used."""
    image = np.zeros((16, 16, 3), np.uint8)
    m, coarsest = _Number(16), _Number(8)
    rule = numbadp.PrivateLayout(coarsest=coarsest)
    for value, side in ((16, 8), (64, 4), (1, 16)):
        m.values[0], coarsest.values[0] = value, side
        assert numbadp.pixelize(image, epsilon=1, m=m).guarantee.m == value
        plan = numbadp.pixelize(image, epsilon=50, cell=2, layout=rule).plan
        assert plan.splits.levels[0].side == side


class _Epsilon(float):
    """A float that hashes and compares as something else."""

    def __hash__(self):
        return 1

    def __eq__(self, other):
        return True


def test_what_an_option_says_of_its_equality_does_not_count():
    """A float that claims to equal every other still is its own value."""
    image = np.zeros((16, 16), np.uint8)
    for epsilon in (1.0, 2.0, 0.5):
        assert numbadp.pixelize(image, epsilon=_Epsilon(epsilon)).guarantee.epsilon == epsilon


def test_every_release_has_a_name_of_its_own():
    """Of one plan or one pixelizer too; nothing else of the promise differs."""
    image = np.zeros((16, 16), np.uint8)
    pixelizer = numbadp.Pixelizer((16, 16), epsilon=1)
    releases = [
        pixelizer(image),
        pixelizer(image),
        *(numbadp.pixelize(image, epsilon=1) for _ in "12"),
    ]
    assert len({release.guarantee.id for release in releases}) == 4
    assert len({release.guarantee for release in releases}) == 1
