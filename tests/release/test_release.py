"""The release: frozen, checked, read-only, and the same after pickling."""

import dataclasses
import pickle

import numpy as np
import pytest
from cases import BY_ID, ExpectFail, assert_same, every_case, failing, fixed_key

from numbadp import errors, postprocess
from numbadp.accounting.guarantee import guarantee_of
from numbadp.mechanism import _pixelize
from numbadp.mechanism.planning import build_plan
from numbadp.plan.layout import Layout
from numbadp.release import Release, build_release

CASE = BY_ID["ygo-coarse-ragged"]
BATCH = BY_ID["batch-rgb"]


def release_of(case):
    """Return a release under a fixed key."""
    return _pixelize(case.image(), case.plan(), fixed_key())


@every_case
def test_a_release_states_public_facts(case):
    """Shape, layout, guarantee and plan belong together; values have the plan's shapes."""
    release, plan = release_of(case), case.plan()
    assert release.shape == case.shape
    assert release.layout == Layout(plan.layout, (plan.height, plan.width), plan.planes[0].cell)
    assert release.guarantee == guarantee_of(plan)
    batch = case.shape[:1] if len(case.shape) == 4 else ()
    assert [v.shape for v in release.values] == [(*batch, *p.grid) for p in plan.planes]
    assert all(v.dtype == np.int64 for v in release.values)


def test_a_release_cannot_be_changed():
    """Fields are frozen and values refuse writing."""
    release = release_of(CASE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        release.values = ()
    with pytest.raises(ValueError, match="read-only"):
        release.values[0][0, 0] = 0


@every_case
def test_pickling_keeps_everything_read_only(case):
    """A release that went through pickle has the same parts, read-only, of its own."""
    release = release_of(case)
    again = pickle.loads(pickle.dumps(release))
    assert type(again) is Release
    for part in ("shape", "layout", "guarantee", "plan"):
        assert getattr(again, part) == getattr(release, part)
    assert_same(again.values, release.values)
    for ours, theirs in zip(again.values, release.values, strict=True):
        assert not ours.flags.writeable
        assert not np.shares_memory(ours, theirs)


def test_repr_states_epsilon_and_m_on_one_line():
    """The repr has size, epsilon, m and layout, and no values."""
    assert repr(release_of(CASE)) == (
        "<Release of a picture of 29 x 37 pixels: epsilon = 2, m = 1, layout = 'free'>"
    )


VALUES = {
    "a plane missing": lambda values: values[:2],
    "a plane too many": lambda values: (*values, values[0]),
    "planes swapped": lambda values: values[::-1],
    "flat": lambda values: tuple(v.ravel() for v in values),
    "int32": lambda values: tuple(v.astype(np.int32) for v in values),
    "float": lambda values: tuple(v.astype(float) for v in values),
    "none": lambda values: (),
}
WRONG = [
    ExpectFail(name.replace(" ", "-"), change, errors.ShapeError, "values must be int64 arrays")
    for name, change in VALUES.items()
]


@failing(*WRONG)
def test_refuses_values_that_do_not_fit_the_plan(bad):
    """Values of another number, shape or dtype than planned make no release."""
    release = release_of(CASE)
    with pytest.raises(bad.error, match=bad.match):
        build_release(release.plan, release.guarantee, bad.given(release.values))


def test_refuses_a_layout_of_another_picture():
    """Cells of another size, or of a picture of another size, are not those of the values."""
    plan = CASE.plan()
    release, size = release_of(CASE), (plan.height, plan.width)
    for layout in (
        Layout(plan.layout, size[::-1], plan.planes[0].cell),
        Layout(plan.layout, (size[0], size[1] + 1), plan.planes[0].cell),
        Layout(plan.layout, size, 2 * plan.planes[0].cell),
    ):
        with pytest.raises(errors.ShapeError, match="does not fit the plan"):
            build_release(plan, release.guarantee, release.values, layout)


def test_a_background_goes_with_a_region_alone():
    """A picture beside a release that covers all of it would show what is covered."""
    plan, release = CASE.plan(), release_of(CASE)
    with pytest.raises(errors.ShapeError, match="iff its plan has a region"):
        build_release(plan, release.guarantee, release.values, None, CASE.image())
    zones = Layout.zones(CASE.shape, [((0, 0, 8, 8), 4)], default=8)
    region = build_plan(CASE.shape, epsilon=1, layout=zones, boxes=[(0, 0, 8, 8)])
    values = tuple(np.zeros(shape, np.int64) for shape in region.value_shapes)
    with pytest.raises(errors.ShapeError, match="iff its plan has a region"):
        build_release(region, guarantee_of(region), values)


def test_a_batch_is_not_one_picture():
    """A batch refuses to become one PIL image, and shows nothing in a notebook."""
    release = release_of(BATCH)
    with pytest.raises(errors.ShapeError, match="Use render"):
        release.to_pil()
    assert release._repr_png_() is None


class FakePainter:
    """Stands for the painter and counts how often it is made."""

    made = 0

    def __init__(self, release):
        FakePainter.made += 1
        self.plan, self.quadtree = release.plan, "leaves"

    def render(self, style, out, **how):
        """Paint the style's length."""
        picture = np.empty(self.plan.shape, np.uint8) if out is None else out
        picture[...] = len(style)
        return picture


def test_a_release_paints_through_one_painter(monkeypatch):
    """render, to_pil, quadtree, array and notebook views share one painter, made once."""
    monkeypatch.setattr(postprocess, "Painter", FakePainter, raising=False)
    monkeypatch.setattr(FakePainter, "made", 0)
    release = release_of(CASE)
    out = np.zeros(CASE.shape, np.uint8)
    assert release.render("smooth", out=out) is out
    assert out[0, 0, 0] == len("smooth")
    assert release.quadtree() == "leaves"
    assert (np.asarray(release) == len("mosaic")).all()
    assert release.to_pil("cells").getpixel((0, 0)) == (5, 5, 5)
    assert release._repr_png_().startswith(b"\x89PNG")
    assert FakePainter.made == 1


@pytest.mark.parametrize(
    ("name", "mode"), [("grey-ragged", "L"), ("grey-with-channel", "L"), ("ygo-even", "RGB")]
)
def test_pil_modes_follow_the_channels(name, mode, monkeypatch):
    """One channel becomes L, with or without its axis; three become RGB."""
    monkeypatch.setattr(postprocess, "Painter", FakePainter, raising=False)
    release = release_of(BY_ID[name])
    image = release.to_pil()
    assert (image.mode, image.size) == (mode, (release.plan.width, release.plan.height))
    assert not image.info
