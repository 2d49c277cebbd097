"""Central images: exact sums, their sensitivities on real neighbours, and refusals."""

from fractions import Fraction

import numpy as np
import pytest
from cases import ExpectFail, failing
from hypothesis import given
from hypothesis import strategies as st

from numbadp import Pool, errors
from numbadp.compute.forgetting import Scratch
from numbadp.plan.changes import COUNTS_CHANGE, sums_change

shapes = st.sampled_from([(1, 1), (3, 5), (4, 4), (5, 4, 3), (7, 3, 1)])


def exact(pool):
    """Return a pool's exact numbers, as a release would find them."""
    own = Scratch()
    with own, own:
        return tuple(value.copy() for value in pool._exact(own))


def pool_of(shape, images, labels, owners=None, *, cell=1, most=1, classes=3):
    """Return a pool with images in it."""
    pool = Pool.images(
        shape, classes=classes, epsilon=1, owners=owners is not None, most=most, cell=cell
    )
    pool.add(images, labels, owners)
    return pool


def reference(shape, images, labels, classes, cell):
    """Return centred sums and counts by plain loops."""
    rows, columns = -(-shape[0] // cell), -(-shape[1] // cell)
    channels = shape[2] if len(shape) == 3 else 1
    sums = np.zeros((classes, rows, columns, channels), np.int64)
    for image, label in zip(images.reshape(len(images), *shape[:2], channels), labels, strict=True):
        for y in range(shape[0]):
            for x in range(shape[1]):
                sums[label, y // cell, x // cell] += 2 * image[y, x].astype(np.int64) - 255
    return sums, np.bincount(labels, minlength=classes)


@given(shapes, st.integers(0, 40), st.sampled_from([1, 2, 4, 256]), st.integers(0, 99))
def test_sums_are_exact(shape, count, cell, salt):
    """Centred sums and counts of every class are those of plain loops."""
    rng = np.random.default_rng(salt)
    images = rng.integers(0, 256, (count, *shape), np.uint8)
    labels = rng.integers(0, 3, count)
    found = exact(pool_of(shape, images, labels, cell=cell))
    for a, b in zip(found, reference(shape, images, labels, 3, cell), strict=True):
        np.testing.assert_array_equal(a, b)


def test_many_white_images_do_not_wrap():
    """Columns of 16 bits are emptied in time: a thousand white images in calls of any size."""
    pool = Pool.images((2, 3), epsilon=1, cell=1)
    for count in (1, 256, 257, 258, 300):
        pool.add(np.full((count, 2, 3), 255, np.uint8))
    sums, counts = exact(pool)
    assert counts.tolist() == [1072]
    assert (sums == 255 * 1072).all()


@pytest.mark.parametrize("kind", ["images", "plate"])
def test_copies_of_strided_pictures_are_overwritten(kind, monkeypatch):
    """A copy that has to be made for the kernel holds no pixel afterwards; read-only ones need none."""
    copies = []

    def zeros(own, shape, dtype, make=Scratch.zeros):
        copies.append(make(own, shape, dtype))
        return copies[-1]

    monkeypatch.setattr(Scratch, "zeros", zeros)
    whole = np.random.default_rng(3).integers(1, 256, (9, 4, 6), np.uint8)
    whole.flags.writeable = False

    def filled(pictures):
        pool = Pool.images((4, 3), epsilon=1, cell=1)
        if kind == "plate":
            pool = Pool.plate((4, 3), event=(1, 1, 1), epsilon=1)
        pool.add(pictures)
        return pool

    one = filled(whole[:, :, ::2].copy())
    assert not copies
    other = filled(whole[:, :, ::2])
    assert [copy.shape for copy in copies] == [(9, 4, 3)]
    assert not copies[0].any()
    for a, b in zip(exact(one), exact(other), strict=True):
        np.testing.assert_array_equal(a, b)


def moved(one, other):
    """Return L1, L2 squared and Linf (added over classes) of the change of sums, and of counts."""
    sums = other[0] - one[0]
    each = np.abs(sums).reshape(len(sums), -1)
    found = int(each.sum()), int((each**2).sum()), int(each.max(1).sum())
    return found, int(np.abs(other[1] - one[1]).sum())


@given(shapes, st.sampled_from([1, 2, 4, 256]), st.integers(0, 99), st.sampled_from([None, 0, 255]))
def test_one_image_more_changes_what_is_declared(shape, cell, salt, value):
    """Real neighbours: L1, L2 and Linf are within the declared change, which a flat one attains."""
    rng = np.random.default_rng(salt)
    images = rng.integers(0, 256, (9, *shape), np.uint8)
    if value is not None:
        images[4] = value
    labels = rng.integers(0, 3, 9)
    rest = np.arange(9) != 4
    one = exact(pool_of(shape, images[rest], labels[rest], cell=cell))
    found, counted = moved(one, exact(pool_of(shape, images, labels, cell=cell)))
    declared = sums_change(shape, cell)
    allowed = declared.total, declared.square, declared.largest
    assert all(a <= b for a, b in zip(found, allowed, strict=True))
    assert counted == COUNTS_CHANGE.total
    if value is not None:
        assert found == allowed


@given(st.integers(1, 4), st.integers(0, 99))
def test_all_images_of_an_owner_change_at_most_k_times_that(most, salt):
    """An owner with any number of images, in any classes and calls, moves at most k changes."""
    rng = np.random.default_rng(salt)
    images = rng.choice(np.array([0, 255], np.uint8), (30, 1, 1)) * np.ones((30, 3, 5), np.uint8)
    labels, owners = rng.integers(0, 3, 30), rng.integers(0, 4, 30)
    rest = owners != 2
    one = exact(pool_of((3, 5), images[rest], labels[rest], owners[rest], most=most))
    found, counted = moved(one, exact(pool_of((3, 5), images, labels, owners, most=most)))
    declared = sums_change((3, 5), 1).times(most)
    assert all(
        a <= b
        for a, b in zip(found, (declared.total, declared.square, declared.largest), strict=True)
    )
    assert counted <= most


def test_k_white_images_of_one_class_attain_it():
    """The bound for owners is reached, and the k + 1st image is dropped."""
    images, zeros = np.full((5, 3, 5), 255, np.uint8), np.zeros(5, np.int64)
    one = exact(pool_of((3, 5), images[:0], zeros[:0], zeros[:0], most=3))
    found, counted = moved(one, exact(pool_of((3, 5), images, zeros, zeros, most=3)))
    declared = sums_change((3, 5), 1).times(3)
    assert found == (declared.total, declared.square, declared.largest)
    assert counted == 3


def test_the_plans_noise_pays_for_that_change():
    """Stages know the declared change, times k, and cost the budget together."""
    pool = Pool.images((28, 28), classes=10, epsilon=1, delta="1e-5", owners=True, most=4)
    sums, counts = pool.plan.stages
    assert sums.change == sums_change((28, 28), 1).times(4)
    assert counts.change == COUNTS_CHANGE.times(4)
    assert pool.guarantee.rho == sums.loss + counts.loss
    assert (pool.guarantee.unit, pool.guarantee.most) == ("owner", 4)


def test_cells_follow_from_public_facts():
    """Gaussian noise takes single pixels; pure noise the smallest cell that is plain enough."""
    assert Pool.images((32, 32), epsilon=1, delta="1e-5").plan.cell == 1
    cells = [Pool.images((32, 32), epsilon=1, expected=n).plan.cell for n in (10**5, 2000, 300, 1)]
    assert cells == [1, 2, 4, 32]
    for n in (2000, 300):
        pool = Pool.images((32, 32), epsilon=1, expected=n)
        cell = pool.plan.cell
        assert pool.plan.stages[0].law.deviation / (2 * n * cell**2) <= 20


IMAGES, LABELS = np.zeros((2, 3, 5), np.uint8), np.zeros(2, np.int64)


@failing(
    ExpectFail("floats", (IMAGES / 1.0, LABELS), errors.ArrayTypeError, "uint8"),
    ExpectFail("masked", (np.ma.array(IMAGES, mask=True), LABELS), errors.ArrayTypeError, "masked"),
    ExpectFail(
        "masked, in a list",
        ([np.ma.array(one, mask=True) for one in IMAGES], LABELS),
        errors.ArrayTypeError,
        "masked",
    ),
    ExpectFail("shape", (IMAGES[:, :2], LABELS), errors.ShapeError, "shape"),
    ExpectFail("no labels", (IMAGES, None), errors.OptionError, "labels"),
    ExpectFail("float labels", (IMAGES, LABELS / 1.0), errors.ArrayTypeError, "integers"),
    ExpectFail("few labels", (IMAGES, LABELS[:1]), errors.ShapeError, "2 labels"),
    ExpectFail("large label", (IMAGES, LABELS + 3), errors.OptionError, "0 to 2"),
    ExpectFail("negative label", (IMAGES, LABELS - 1), errors.OptionError, "0 to 2"),
    ExpectFail("owners unasked", (IMAGES, LABELS, LABELS), errors.OptionError, "owners=True"),
)
def test_what_does_not_fit_is_refused_and_nothing_is_added(bad):
    """Each refusal is an error of ours, and the pool is as it was."""
    pool = Pool.images((3, 5), classes=3, epsilon=1, cell=1)
    with pytest.raises(bad.error, match=bad.match):
        pool.add(*bad.given)
    assert exact(pool)[1].sum() == 0


@failing(
    ExpectFail("sides", {"shape": (3,)}, errors.ShapeError, "H, W"),
    ExpectFail("channels", {"shape": (3, 3, 2)}, errors.ShapeError, "channels"),
    ExpectFail("size", {"shape": (2**15, 2**15, 3)}, errors.ShapeError, "2\\*\\*31"),
    ExpectFail("classes", {"classes": 0}, errors.OptionError, "classes"),
    ExpectFail("most alone", {"most": 2}, errors.OptionError, "owners=True"),
    ExpectFail("cell", {"cell": 3}, errors.OptionError, "power of two"),
    ExpectFail("epsilon", {"epsilon": -1}, errors.EpsilonError, "epsilon"),
    ExpectFail("owners", {"owners": "yes"}, errors.OptionTypeError, "True or False"),
)
def test_options_that_make_no_sense_are_refused(bad):
    """Before anything is allocated."""
    options = {"shape": (3, 5), "epsilon": Fraction(1)} | bad.given
    with pytest.raises(bad.error, match=bad.match):
        Pool.images(options.pop("shape"), **options)


def test_owners_are_needed_where_they_are_bounded():
    """A pool that bounds owners takes no image without one."""
    pool = Pool.images((3, 5), epsilon=1, owners=True, most=2)
    with pytest.raises(errors.OptionError, match="owners"):
        pool.add(IMAGES)
