"""Replay: one source of randomness, and nothing but values that depends on a pixel.

A run is recorded as plain Python (tests/mechanism/plain.py) and replayed with the same key on
neighbours and on pictures that have nothing in common with it.  Shown: the addresses of all noise,
in their order; the kernels' public arguments; every line that the mechanism executes; exceptions,
warnings, log lines, output.  Not shown: what the compiler makes of a line
(tests/mechanism/kernels/test_secret_branches.py looks there), and caches.
"""

import logging
import warnings

import numpy as np
import pytest
from cases import assert_same, fixed_key, picture

from numbadp.mechanism import _pixelize, entropy, pixelize
from numbadp.mechanism.noise import tie_probability, trip_count_delta
from numbadp.mechanism.planning import build_plan
from numbadp.plan.layout import Layout

from .plain import make_plain, traced

CASES = {
    "grey": ((9, 7), {"cell": 4}),
    "colour": ((9, 10, 3), {"cell": 4, "epsilon": 2}),
    "rgb batch": ((2, 5, 6, 3), {"cell": 4, "planes": "rgb"}),
    "uniform, two blocks": ((7, 9), {"cell": 4, "layout": "uniform", "epsilon": "0.001"}),
    "boxes": ((9, 10), {"cell": 4, "boxes": [(1, 1, 6, 8)]}),
    "zones": ((16, 9, 3), {"layout": Layout.zones((16, 9), [((0, 0, 8, 8), 4)], default=8)}),
    "private": ((16, 16), {"layout": "private", "cell": 4}),
}


def plan_of(name):
    """Return the plan of a case."""
    shape, options = CASES[name]
    return build_plan(shape, **{"epsilon": 1} | options)


def pictures(shape):
    """Return a picture, a neighbour in every channel, and pictures with nothing in common."""
    base = picture(shape, 3)
    neighbour = base.copy()
    flat = neighbour.reshape(-1, shape[-1] if len(shape) > 2 else 1)
    flat[len(flat) // 2] = 255 - flat[len(flat) // 2]
    return {
        "base": base, "neighbour": neighbour, "black": np.zeros(shape, np.uint8),
        "white": np.full(shape, 255, np.uint8),
    }  # fmt: skip


def recorded(name, image, salt=0):
    """Return the recorder and the release of one run."""
    with pytest.MonkeyPatch.context() as patch:
        recorder = make_plain(patch)
        plan = plan_of(name)
        release = traced(recorder, lambda: _pixelize(image, plan, fixed_key(salt)))
    return recorder, release


@pytest.mark.parametrize("name", CASES)
def test_the_plain_mechanism_is_the_compiled_one(name):
    """What is recorded gives the compiled release, bit for bit, so it is the same algorithm."""
    image = pictures(CASES[name][0])["base"]
    _, release = recorded(name, image)
    assert_same(release.values, _pixelize(image, plan_of(name), fixed_key()).values)


@pytest.mark.parametrize("name", CASES)
def test_replayed_on_other_pictures_nothing_but_values_changes(name):
    """Number, order, addresses and tables of all noise, and all lines run, do not change."""
    runs = {k: recorded(name, image) for k, image in pictures(CASES[name][0]).items()}
    base, first = runs.pop("base")
    copied = plan_of(name).anchor == "islands"  # what lies outside, in a stage of its own
    assert len(base.blocks) > 2 and len(base.stages) == 1 + copied and len(base.lines) > 1000
    for other, (recorder, release) in runs.items():
        levels = [r.layout.levels for r in (first, release)]
        if levels[0] is not None:  # leaves that were decided: compare alike ones
            assert np.array_equal(*levels), "choose a key under which the leaves agree"
        assert recorder.blocks == base.blocks, other
        assert recorder.stages == base.stages, other
        assert recorder.lines == base.lines, other
        assert (release.plan, release.guarantee) == (first.plan, first.guarantee)
        assert any((a != b).any() for a, b in zip(release.values, first.values, strict=True))


def test_the_recorder_sees_what_must_not_happen(monkeypatch):
    """Power: a loop count, a draw or a table that depends on a pixel shows in the record."""
    from numbadp.mechanism import running

    real = running.split_by_region

    def branching(array, plan, own):
        if array.max() > 254:
            return real(array, plan, own)
        return real(array, plan, own)

    image = np.zeros((9, 7), np.uint8)
    base, _ = recorded("grey", image)
    code = compile("\n" * 10 + _source(branching), running.__file__, "exec")
    scope = {"real": real}
    exec(code, scope)
    monkeypatch.setattr(running, "split_by_region", scope["branching"])
    dark, _ = recorded("grey", image)
    bright, _ = recorded("grey", image + np.uint8(255))
    assert dark.lines != bright.lines
    assert base.blocks == dark.blocks


def _source(function):
    import inspect
    import textwrap

    return textwrap.dedent(inspect.getsource(function))


@pytest.mark.parametrize("name", [n for n in CASES if n != "private"])
def test_the_number_of_keystream_blocks_is_public(name):
    """For any picture and any key, ties aside, equally many; on a plain grid what the plan says."""
    plan = plan_of(name)
    found = {
        len(recorded(name, image, salt)[0].blocks)
        for salt, image in enumerate(pictures(plan.shape).values())
    }
    assert len(found) == 1
    if not plan.mixed:
        pairs = zip(plan.cells, plan.planes, strict=True)
        assert found == {sum(count * blocks_of(plane) for count, plane in pairs)}


def blocks_of(part):
    """Return the keystream blocks of one draw."""
    return 1 if len(part.cutoffs.bits) < 8 else 2


def test_private_leaves_draw_for_every_square():
    """Scores of all squares are noised, whatever their parents decided."""
    plan = plan_of("private")
    expected = sum(v.grid[0] * v.grid[1] * blocks_of(v) for v in plan.split_levels)
    for salt, image in enumerate(pictures(plan.shape).values()):
        recorder, _ = recorded("private", image, salt)
        assert sum(address[3] >> 24 != 0 for address in recorder.blocks) == expected > 2


def test_all_randomness_enters_through_one_call(monkeypatch):
    """With the generator frozen every release is the same; it fills a name and a key, once each."""
    asked = []

    def frozen(words):
        asked.append(words.nbytes)
        words[:] = np.arange(1, words.size + 1)

    image = picture((9, 10, 3))
    assert (pixelize(image, epsilon=1).values[0] != pixelize(image, epsilon=1).values[0]).any()
    monkeypatch.setattr(entropy, "draw_into", frozen)
    one, two = (pixelize(image, epsilon=1) for _ in range(2))
    assert_same(one.values, two.values)
    assert asked == [16, 32] * 2


@pytest.mark.parametrize("layout", ["free", "uniform", "private"])
def test_nothing_is_said_about_pixels(layout, caplog, capfd):
    """Warnings, log lines and output are the same for all pictures: none."""
    caplog.set_level(logging.NOTSET)
    for image in pictures((33, 40, 3)).values():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            pixelize(image, epsilon=1, layout=layout)
        assert not caught
    assert not [r for r in caplog.records if r.name.startswith("numbadp")]
    assert capfd.readouterr() == ("", "")


# --- trip counts and ties ----------------------------------------------------


def test_trip_counts_tell_as_little_as_stated():
    """The bound is (1 + e**epsilon) P(tie), never below it, and tight to a part in a million."""
    for epsilon in (1, 4, "1/10"):
        plan = build_plan((64, 64, 1), epsilon=epsilon, cell=4)
        exact = (1 + np.exp(float(plan.epsilon))) * tie_probability(plan)
        assert exact <= float(trip_count_delta(plan)) * (1 + 1e-12)
        assert float(trip_count_delta(plan)) == pytest.approx(exact, rel=1e-6)
    assert trip_count_delta(build_plan((9, 9), epsilon=10**6)) == 1
