"""Forged release files: what does not follow from the file's own plan is refused."""

import io
from dataclasses import replace
from fractions import Fraction
from math import inf
from pathlib import Path

import numpy as np
import pytest

import numbadp
from numbadp import FileFormatError, Layout, load, pixelize
from numbadp.accounting.guarantee import Stage, guarantee_of
from numbadp.plan import KeptCutoffs
from numbadp.plan.coverage import UNNAMED
from numbadp.release import Release
from numbadp.storage.claims import check_plan, check_source, rebuilt_guarantee
from numbadp.storage.codec import describe

GOLDEN = Path(__file__).parent / "golden"
PICTURE = np.zeros((24, 40, 3), np.uint8)
KINDS = {
    "free": {},
    "rgb": {"planes": "rgb"},
    "uniform": {"layout": "uniform"},
    "private": {"layout": "private"},
    "region": {"boxes": [(2, 3, 20, 20)]},
    "zones": {"layout": Layout.zones((24, 40), [((0, 0, 8, 8), 4)], default=8)},
}
F = Fraction


@pytest.fixture(scope="module")
def made():
    """Return releases of every kind, one on the leaves of another included."""
    found = {name: pixelize(PICTURE, epsilon="3/2", **options) for name, options in KINDS.items()}
    found["release"] = pixelize(PICTURE, epsilon="1/2", layout=found["free"])
    return found


def forged(release, payload, **parts):
    """Return the file of a release with other parts."""
    plan, guarantee = parts.get("plan", release.plan), parts.get("guarantee", release.guarantee)
    layout = parts.get("layout", release.layout)
    false = Release(release.shape, layout, guarantee, plan, release.values, release.background)
    file = io.BytesIO()
    false.__dict__["_kept_painter"] = release._painter
    false.save(file, payload=payload)
    return file.getvalue()


def refuses(content):
    """Assert that a file is refused, loaded and described, in the words for forged ones."""
    for read in (load, describe):
        with pytest.raises(FileFormatError, match="no intact release file"):
            read(io.BytesIO(content))


def scaled(plan, factor):
    """Return a plan whose noise is `factor` times as wide."""
    planes = tuple(
        replace(
            plane, scale=plane.scale * factor, cutoffs=replace(plane.cutoffs, scale=plane.scale)
        )
        for plane in plan.planes
    )
    return replace(plan, planes=planes)


every_kind = pytest.mark.parametrize("kind", [*KINDS, "release"])
payloads = pytest.mark.parametrize("payload", ["release", "mosaic"])


@every_kind
@payloads
def test_honest_files_load(made, kind, payload):
    release = made[kind]
    again = load(io.BytesIO(forged(release, payload)))
    assert again.guarantee == release.guarantee
    for name in ("id", "source", "earlier_tau", "mark"):
        assert getattr(again.guarantee, name) == getattr(release.guarantee, name)
    assert again.layout == release.layout


@every_kind
@payloads
@pytest.mark.parametrize("factor", [F(1, 10**6), F(999, 1000)])
def test_noise_smaller_than_epsilon_needs_is_refused(made, kind, payload, factor):
    """Also where the guarantee was made to match."""
    release = made[kind]
    plan = scaled(release.plan, factor)
    refuses(forged(release, payload, plan=plan))
    refuses(forged(release, payload, plan=plan, guarantee=guarantee_of(plan)))


@every_kind
@pytest.mark.parametrize("factor", [0, F(1, 2), 2])
def test_other_sensitivities_are_refused(made, kind, factor):
    release = made[kind]
    first = release.plan.planes[0]
    planes = (replace(first, sensitivity=int(first.sensitivity * factor)), *release.plan.planes[1:])
    plan = replace(release.plan, planes=planes)
    promise = guarantee_of(plan) if factor else release.guarantee
    refuses(forged(release, "release", plan=plan, guarantee=promise))


def test_an_earlier_release_has_a_total_variation(made):
    source = made["release"].layout.guarantee
    check_source(source)
    with pytest.raises(FileFormatError):
        check_source(replace(source, tau=F(0)))


@every_kind
def test_noise_without_a_total_variation_is_refused(made, kind):
    """No table leaves none, whatever the guarantee says."""
    plan = made[kind].plan
    planes = tuple(replace(p, cutoffs=KeptCutoffs(p.scale, F(0))) for p in plan.planes)
    none = replace(plan, planes=planes)
    refuses(forged(made[kind], "release", plan=none, guarantee=guarantee_of(none)))


def test_stages_of_an_earlier_release_have_draws_and_one_number_of_pixels(made):
    """Planes of one release are noised for the same pixels, and each of them is noised."""
    source = made["release"].layout.guarantee
    first, *rest = source.stages
    for lie in (
        replace(first, draws=0),
        replace(first, sensitivity=first.sensitivity // 2, epsilon=first.epsilon / 2),
    ):
        with pytest.raises(FileFormatError, match="contradicts"):
            check_source(replace(source, stages=(lie, *rest)))


@pytest.mark.parametrize("false", ["exact", "free", "zones"])
def test_leaves_that_were_paid_for_are_called_private(made, false):
    release = made["private"]
    layout = replace(release.layout, kind=false)
    refuses(forged(release, "release", plan=replace(release.plan, layout=false), layout=layout))


def test_a_split_that_pays_less_is_refused(made):
    release = made["private"]
    splits = release.plan.splits
    cheap = replace(splits.levels[0], scale=splits.levels[0].scale / 100)
    for other in (
        replace(splits, levels=(cheap, *splits.levels[1:])),
        replace(splits, levels=(*splits.levels[:1], *splits.levels)),
        replace(splits, form=(1, 0, 0)),
        replace(splits, weights=(1, 1, 0)),
    ):
        plan = replace(release.plan, splits=other)
        guarantee = guarantee_of(plan)
        layout = replace(release.layout, guarantee=guarantee)
        refuses(forged(release, "release", plan=plan, guarantee=guarantee, layout=layout))


def test_leaves_were_decided_on_the_sizes_that_are_paid(made):
    release = made["private"]
    splits = release.plan.splits
    fewer = replace(release.plan, splits=replace(splits, levels=splits.levels[1:]))
    level = (256 // splits.levels[0].side).bit_length() - 1
    coarse = replace(release.layout, levels=np.full_like(release.layout.levels, level))
    check_plan(release.plan, coarse)
    with pytest.raises(FileFormatError, match="sizes that it says"):
        check_plan(fewer, coarse)


def lying_splits(release, **facts):
    """Return the plan of a release with other splits."""
    return replace(release.plan, splits=replace(release.plan.splits, **facts))


@pytest.fixture(scope="module")
def unpaid():
    """Return a release whose leaves were decided for nothing."""
    with pytest.warns(numbadp.NotPrivateWarning):
        return pixelize(PICTURE, epsilon=1, layout=numbadp.ExactLayout(coarsest=64), cell=8)


def test_sizes_that_are_paid_leave_none_out(made, unpaid):
    """From the coarsest down to twice the finest cell: what is left out was decided for nothing."""
    wide = pixelize(PICTURE, epsilon=1, layout=numbadp.PrivateLayout(coarsest=64), cell=8)
    first, *_, last = levels = wide.plan.splits.levels
    assert len(levels) == 3
    check_plan(wide.plan, wide.layout)
    for kept in ((), (first,), (first, last), levels[:-1]):
        with pytest.raises(FileFormatError, match="sizes that it says"):
            check_plan(lying_splits(wide, levels=kept), wide.layout)
    sides = unpaid.plan.splits.sides
    assert len(sides) > 2
    check_plan(unpaid.plan, unpaid.layout)
    for kept in ((), sides[:1], sides[:-1], (sides[0], sides[-1]), sides[::-1]):
        with pytest.raises(FileFormatError, match="sizes that it says"):
            check_plan(lying_splits(unpaid, sides=kept), unpaid.layout)


def test_leaves_are_no_wider_than_what_was_decided(made, unpaid):
    """Of the unpaid too; and where something was decided there are leaves."""
    for release in (made["private"], unpaid):
        widest = getattr(release.plan.splits, "sides", None) or [release.plan.splits.levels[0].side]
        level = (256 // widest[0]).bit_length() - 1
        coarse = np.full_like(release.layout.levels, level)
        check_plan(release.plan, replace(release.layout, levels=coarse))
        for leaves in (np.full_like(coarse, level - 1), None):
            with pytest.raises(FileFormatError, match="sizes that it says"):
                check_plan(release.plan, replace(release.layout, levels=leaves))


def test_an_earlier_release_had_one_layout_and_paid_what_it_says(made):
    """The stage of a layout costs what the guarantee calls earlier, and stands there once."""
    source = made["release"].guarantee
    *sums, layout = source.stages
    assert layout.name == "layout" and layout.epsilon == source.earlier > 0
    less = replace(layout, epsilon=layout.epsilon / 2)
    for stages in ((*sums, less), tuple(sums)):
        with pytest.raises(FileFormatError, match="contradicts its stages"):
            check_source(replace(source, stages=stages))
    with pytest.raises(FileFormatError, match="unknown"):
        check_source(replace(source, stages=(*sums, layout, layout)))


def test_an_earlier_release_several_times_lost_several_times_as_much(made):
    """Composed: every stage and the whole count each of them."""
    source = made["free"].guarantee
    check_source(source.compose(3))
    stages = source.compose(3).stages
    with pytest.raises(FileFormatError, match="contradicts its stages"):
        check_source(replace(source, releases=3, stages=stages))


@pytest.mark.parametrize("payload", ["release", "mosaic"])
def test_leaves_say_whose_they_are(made, payload):
    """Zones come from nobody, and what was decided here comes from this release."""
    release = made["release"]
    layout = replace(release.layout, kind="zones")
    plan = replace(release.plan, layout="zones", leaves=layout)
    refuses(forged(release, payload, plan=plan, layout=layout, guarantee=guarantee_of(plan)))
    private = made["private"]
    other = replace(private.layout, guarantee=made["free"].guarantee)
    refuses(forged(private, payload, layout=other))


FALSE = {
    "epsilon": {"epsilon": F(1, 10**6)},
    "no tau": {"tau": F(0)},
    "more tau": {"tau": F(1, 2)},
    "no stages": {"stages": ()},
    "releases": {"releases": 2},
    "releases and epsilon": {"releases": 2, "epsilon": F(1, 10**6)},
    "earlier": {"earlier": F(1, 2)},
    "scope": {"covers": UNNAMED},
    "stage": {"stages": (Stage("\x1b[2Jsums of Y\nNOT PRIVATE", F(1), 255, F(255), 1),)},
}


@pytest.mark.parametrize("change", FALSE.values(), ids=FALSE)
@payloads
def test_guarantees_that_are_not_the_plans_are_refused(made, change, payload):
    release = made["free"]
    refuses(forged(release, payload, guarantee=replace(release.guarantee, **change)))


@pytest.mark.parametrize("part", ["name", "epsilon", "sensitivity", "scale", "draws"])
@pytest.mark.parametrize("kind", ["free", "private", "release"])
def test_every_number_of_a_stage_is_the_plans(made, part, kind):
    guarantee = made[kind].guarantee
    for k, stage in enumerate(guarantee.stages):
        old = getattr(stage, part)
        new = old + "x" if part == "name" else old + 1
        stages = list(guarantee.stages)
        stages[k] = replace(stage, **{part: new})
        false = replace(guarantee, stages=tuple(stages))
        with pytest.raises(FileFormatError):
            rebuilt_guarantee(made[kind].plan, false)


def test_several_releases_are_several_of_the_plans(made):
    release = made["release"]
    composed = release.guarantee.compose(3)
    assert rebuilt_guarantee(release.plan, composed) == composed
    refuses(forged(release, "release", guarantee=replace(composed, releases=2)))


def test_what_the_earlier_release_spent_is_that_of_its_own_guarantee(made):
    """Lowered in either place, or in both, and other stages."""
    release = made["release"]
    source = release.layout.guarantee
    low = replace(release.guarantee, earlier=F(0), epsilon=release.guarantee.epsilon - F(3, 2))
    refuses(forged(release, "release", guarantee=low))
    for false in (
        replace(source, epsilon=F(1, 100)),
        replace(source, stages=()),
        replace(source, stages=source.stages[:-1]),
        replace(source, stages=source.stages[::-1]),
        replace(source, stages=tuple(replace(s, name=s.name + "\n") for s in source.stages)),
        replace(source, stages=tuple(replace(s, scale=s.scale * 10) for s in source.stages)),
        replace(source, stages=tuple(replace(s, sensitivity=0) for s in source.stages)),
        replace(source, m=4),
        replace(source, earlier=F(1)),
    ):
        layout = replace(release.layout, guarantee=false)
        plan = replace(release.plan, leaves=layout)
        refuses(forged(release, "release", plan=plan, guarantee=guarantee_of(plan), layout=layout))


def test_sources_of_every_kind_pass(made):
    for release in made.values():
        for guarantee in (release.guarantee, release.guarantee.compose(4)):
            check_source(guarantee)
    with pytest.warns(numbadp.NotPrivateWarning):
        check_source(pixelize(PICTURE, epsilon=1, layout="exact").guarantee)


def test_more_noise_than_needed_is_no_forgery(made):
    """Older files count m pixels where fewer are measured."""
    small = pixelize(PICTURE, epsilon=1, m=4096, boxes=[(0, 0, 8, 8)])
    check_plan(small.plan, small.layout)
    larger = scaled(made["free"].plan, 2)
    check_plan(larger, made["free"].layout)


def test_no_promise_is_always_believed(made):
    """A file may promise nothing; its stages are the plan's all the same."""
    none = replace(made["free"].guarantee, epsilon=inf, tau=F(0))
    assert load(io.BytesIO(forged(made["free"], "release", guarantee=none))).guarantee == none
    refuses(forged(made["free"], "release", guarantee=replace(none, stages=())))


def test_the_unpaid_layout_stays_unpaid():
    with pytest.warns(numbadp.NotPrivateWarning):
        release = pixelize(PICTURE, epsilon=1, layout="exact")
    load(io.BytesIO(forged(release, "release")))
    private = pixelize(PICTURE, epsilon=1).guarantee
    layout = replace(release.layout, guarantee=private)
    refuses(forged(release, "release", guarantee=private, layout=layout))


def test_golden_files_still_load():
    for path in sorted(GOLDEN.glob("*.dpz")):
        assert load(path).guarantee.id == ""
