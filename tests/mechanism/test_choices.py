"""The option ``layout=``: what it may be, what it means, and what is refused."""

from fractions import Fraction

import numpy as np
import pytest
from cases import ExpectFail, failing, fixed_key
from layout_cases import DOOR, scene

from numbadp import errors
from numbadp.mechanism import _pixelize
from numbadp.mechanism.choices import LAYOUTS, as_layout, choose_layout
from numbadp.mechanism.planning import build_plan
from numbadp.plan.layout import Layout
from numbadp.plan.rules import ExactLayout, PrivateLayout

SHAPE = (24, 30, 3)


def released(shape=SHAPE, **options):
    """Return a small release."""
    plan = build_plan(shape, epsilon=30, m=1, **options)
    return _pixelize(scene(shape, 8), plan, fixed_key(8))


# --- what it means ------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "raw", "finer", "rule"),
    [
        ("free", False, 0, None),
        ("uniform", True, 0, None),
        ("private", True, 0, PrivateLayout()),
        ("exact", True, 1, ExactLayout()),
    ],
)
def test_names_stand_for_rules(name, raw, finer, rule):
    """Every name gives its rule with default choices, and no public leaves."""
    choice = choose_layout(name, SHAPE)
    assert (choice.kind, choice.raw, choice.finer, choice.rule) == (name, raw, finer, rule)
    assert choice.leaves is None
    assert name in LAYOUTS


@pytest.mark.parametrize("rule", [PrivateLayout(Fraction(1, 5), 16), ExactLayout("range")])
def test_rules_are_taken_as_they_are(rule):
    """A rule with choices of its own stands in the choice unchanged."""
    choice = choose_layout(rule, SHAPE)
    assert choice.rule is rule
    assert choice.kind == ("private" if isinstance(rule, PrivateLayout) else "exact")


@pytest.mark.parametrize("shape", [(24, 30), (24, 30, 1), SHAPE, (5, 24, 30, 3)])
def test_zones_fit_every_picture_of_their_size(shape):
    """Public leaves are for a size: any number of channels and pictures will do."""
    layout = Layout.zones(SHAPE, DOOR, default=8)
    choice = choose_layout(layout, shape)
    assert choice.leaves == layout
    assert choice.kind == "zones"


def test_releases_give_their_quadtree():
    """A release stands for the leaves of its mosaic, with its guarantee; batches keep theirs."""
    for shape in (SHAPE, (2, *SHAPE)):
        release = released(shape)
        choice = choose_layout(release, shape)
        assert choice.kind == "release"
        assert choice.leaves == Layout.from_release(release) == as_layout(release)
        assert choice.leaves.guarantee == release.guarantee
        assert choice.leaves.levels.ndim == len(shape) - 1


def test_everything_else_is_handed_on():
    """`as_layout` touches nothing but releases."""
    layout = Layout.uniform(SHAPE, 8)
    for thing in ("free", layout, PrivateLayout(), None, 7):
        assert as_layout(thing) is thing


def test_the_choice_depends_on_the_shape_alone():
    """Two pictures of one shape are released under equal plans, whatever rule decides leaves."""
    for layout in ("private", "exact", Layout.zones(SHAPE, DOOR, default=8)):
        plans = [build_plan(SHAPE, epsilon=1, layout=layout) for _ in range(2)]
        assert plans[0] == plans[1]
        releases = [_pixelize(scene(SHAPE, salt), plans[0], fixed_key()) for salt in (1, 2)]
        assert releases[0].plan == releases[1].plan
        assert releases[0].guarantee == releases[1].guarantee


# --- what is refused ----------------------------------------------------------

OTHER = Layout.zones((24, 31), DOOR, default=8)
REFUSED = (
    ExpectFail(
        "unknown-name", "quadtree", errors.OptionError, r"'private', 'exact'.*got 'quadtree'"
    ),
    ExpectFail("capitals", "Private", errors.OptionError, "got 'Private'"),
    ExpectFail("number", 4, errors.OptionTypeError, r"got 4 \(int\)"),
    ExpectFail("None", None, errors.OptionTypeError, "NoneType"),
    ExpectFail("class", PrivateLayout, errors.OptionTypeError, "a Layout or a Release; got type"),
    ExpectFail("list", ["free"], errors.OptionTypeError, "list"),
    ExpectFail("array", np.zeros((24, 30), np.uint8), errors.OptionTypeError, "ndarray"),
    ExpectFail("other-size", OTHER, errors.LayoutError, r"pictures of 31 x 24; got .*Make one for"),
)


@failing(*REFUSED)
def test_refuses(bad):
    """A bad layout is refused with what it may be or what it was made for."""
    with pytest.raises(bad.error, match=bad.match) as caught:
        choose_layout(bad.given, SHAPE)
    assert isinstance(caught.value, errors.NumbadpError)


RULES = (
    ExpectFail("share-0", (PrivateLayout, {"share": 0}), errors.OptionError, r"got 0 \(int\)"),
    ExpectFail("share-1", (PrivateLayout, {"share": "1"}), errors.OptionError, "got '1'"),
    ExpectFail("share-text", (PrivateLayout, {"share": "some"}), errors.OptionTypeError, "Pass '3/20'"),
    ExpectFail("share-nan", (PrivateLayout, {"share": np.nan}), errors.OptionTypeError, "got nan"),
    ExpectFail("share-inf", (PrivateLayout, {"share": np.inf}), errors.OptionTypeError, "got inf"),
    ExpectFail("coarsest-3", (PrivateLayout, {"coarsest": 3}), errors.OptionError, "coarsest must be a power"),
    ExpectFail("coarsest-512", (ExactLayout, {"coarsest": 512}), errors.OptionError, "1 to 256; got 512"),
    ExpectFail("coarsest-float", (PrivateLayout, {"coarsest": 8.0}), errors.OptionTypeError, "'auto' or"),
    ExpectFail("coarsest-True", (ExactLayout, {"coarsest": True}), errors.OptionTypeError, "got True"),
    ExpectFail("score", (ExactLayout, {"score": "entropy"}), errors.OptionError, "got 'entropy'"),
    ExpectFail("thresholds-list", (ExactLayout, {"thresholds": [1]}), errors.OptionTypeError, "a tuple; got"),
    ExpectFail("thresholds-text", (ExactLayout, {"thresholds": "low"}), errors.OptionError, "got 'low'"),
    ExpectFail("threshold-True", (ExactLayout, {"thresholds": (True,)}), errors.OptionTypeError, "got True"),
    ExpectFail("threshold-nan", (ExactLayout, {"thresholds": (np.nan,)}), errors.OptionError, "got nan"),
    ExpectFail("threshold-negative", (ExactLayout, {"thresholds": (-1,)}), errors.OptionError, "got -1"),
    ExpectFail("threshold-huge", (ExactLayout, {"thresholds": (2**20,)}), errors.OptionError, "to 2\\*\\*20"),
)  # fmt: skip


@failing(*RULES)
def test_rules_refuse_what_means_nothing(bad):
    """Choices without a meaning are refused where the rule is made, before they can be cached."""
    kind, options = bad.given
    with pytest.raises(bad.error, match=bad.match) as caught:
        kind(**options)
    assert isinstance(caught.value, errors.NumbadpError)


@pytest.mark.parametrize(("made", "used"), [((2, *SHAPE), (3, *SHAPE)), ((2, *SHAPE), SHAPE)])
def test_refuses_leaves_of_another_number_of_pictures(made, used):
    """Leaves of two pictures fit neither three nor one."""
    with pytest.raises(errors.LayoutError, match="leaves for 2 pictures; got shape"):
        choose_layout(released(made), used)


def test_refuses_a_release_of_another_size():
    """An earlier release of a cropped picture is of no use."""
    with pytest.raises(
        errors.LayoutError, match=f"pictures of 30 x 23; got {SHAPE[1]} x {SHAPE[0]}"
    ):
        choose_layout(released((23, 30, 3)), SHAPE)


def test_refuses_leaves_of_a_release_that_shows_what_is_to_be_covered():
    """Before any plan: two promises add for changes that both of them cover."""
    source = released(boxes=[(2, 2, 12, 12)])
    for options in ({}, {"boxes": [(2, 2, 13, 12)]}):
        with pytest.raises(errors.LayoutError, match="no epsilon covers both"):
            build_plan(SHAPE, epsilon=1, layout=source, **options)
    same = build_plan(SHAPE, epsilon=1, layout=source, boxes=[(2, 2, 12, 12)])
    assert same.leaves.guarantee == source.guarantee
    build_plan(SHAPE, epsilon=1, layout=released(), boxes=[(2, 2, 13, 12)])


@pytest.mark.parametrize("layout", [Layout.zones(SHAPE, DOOR, default=8), "private"], ids=str)
def test_refuses_boxes_of_each_picture_where_leaves_are_mixed(layout):
    """The leaf path has one region for all pictures of a batch."""
    boxes = [[(0, 0, 8, 8)], [(4, 4, 9, 9)]]
    with pytest.raises(errors.LayoutError, match="need layout='free' or 'uniform'"):
        build_plan((2, *SHAPE), epsilon=1, layout=layout, boxes=boxes)
    assert build_plan((2, *SHAPE), epsilon=1, boxes=boxes).region.each


def test_a_rule_that_changed_is_read_anew():
    """Whatever its hash says: plans of rules are not kept."""

    class Same(PrivateLayout):
        def __hash__(self):
            return 7

        def __eq__(self, other):
            return isinstance(other, Same)

    rule = Same(Fraction(1, 5))
    before = build_plan(SHAPE, epsilon=1, layout=rule)
    object.__setattr__(rule, "share", Fraction(4, 5))
    after = build_plan(SHAPE, epsilon=1, layout=rule)
    assert after.splits.levels[0].scale < before.splits.levels[0].scale


REGIONS = (
    ExpectFail("both", {"boxes": [(0, 0, 2, 2)], "mask": np.ones((24, 30), bool)},
               errors.OptionTypeError, "exclude each other"),
    ExpectFail("no-boxes", {"boxes": []}, errors.LayoutError, "no pixel"),
    ExpectFail("boxes-outside", {"boxes": [(30, 0, 40, 9), (-4, -4, 0, 9)]}, errors.LayoutError, "no pixel"),
    ExpectFail("empty-mask", {"mask": np.zeros((24, 30), bool)}, errors.LayoutError, "no pixel"),
    ExpectFail("empty-box", {"boxes": [(3, 3, 3, 9)]}, errors.LayoutError, "left < right"),
    ExpectFail("three-numbers", {"boxes": [(3, 3, 3)]}, errors.LayoutError, "a box must be"),
    ExpectFail("float-box", {"boxes": [(0, 0, 2.5, 4)]}, errors.LayoutError, "a box must be"),
    ExpectFail("one-box", {"boxes": (0, 0, 4, 4)}, errors.LayoutError, "a box must be"),
    ExpectFail("text", {"boxes": "0,0,4,4"}, errors.OptionTypeError, "list of boxes"),
    ExpectFail("mask-shape", {"mask": np.ones((30, 24), bool)}, errors.LayoutError, r"\(24, 30\); got \(30, 24\)"),
    ExpectFail("mask-with-channels", {"mask": np.ones(SHAPE, bool)}, errors.LayoutError, "24, 30, 3"),
    ExpectFail("mask-dtype", {"mask": np.ones((24, 30), np.uint8)}, errors.OptionTypeError, "bool array .*uint8"),
    ExpectFail("mask-list", {"mask": [[True]]}, errors.OptionTypeError, "got list"),
    ExpectFail("exact", {"boxes": [(0, 0, 2, 2)], "layout": "exact"}, errors.LayoutError, "no boxes and no mask"),
)  # fmt: skip


@failing(*REGIONS)
def test_refuses_regions(bad):
    """A region that has no pixel, no meaning or the wrong type is refused before any plan."""
    with pytest.raises(bad.error, match=bad.match) as caught:
        build_plan(SHAPE, epsilon=1, **bad.given)
    assert isinstance(caught.value, errors.NumbadpError)
