"""Drawings: what may be asked for, and that old pictures can be drawn again."""

import zlib
from pathlib import Path

import numpy as np
import pytest
from cases import Case, ExpectFail, failing, fixed_key
from islands import BY_ID as ISLANDS
from islands import IslandCase
from layout_cases import scene

from numbadp import errors, load
from numbadp.mechanism import _pixelize
from numbadp.postprocess.drawing import DEFAULT, LATEST, Drawing, choose_drawing

from .releases import BY_ID, noisy_release, worked


def test_the_latest_is_the_default():
    assert choose_drawing() == choose_drawing("default", LATEST) == DEFAULT
    assert Drawing("filters", LATEST) == DEFAULT and choose_drawing("tv") == Drawing("tv", LATEST)
    assert choose_drawing(version=1) == choose_drawing("tv", 1) == Drawing("tv", 1)
    assert choose_drawing(version=0) == Drawing("tv", 0)
    assert not Drawing("tv", 0).shrinks and DEFAULT.shrinks
    assert DEFAULT.guides and not Drawing("tv", 3).guides and not Drawing("best", 2).guides
    assert DEFAULT.filters and not choose_drawing("tv").filters and not Drawing("best", 1).filters


def test_version_0_is_total_variation_alone():
    """The grids are those of the reconstruction, bit for bit."""
    release = noisy_release(BY_ID["ygo-coarse-ragged"])
    found = release._painter.grids_of(Drawing("tv", 0))
    for grid, wanted in zip(found, worked("ygo-coarse-ragged")[1].grids, strict=True):
        np.testing.assert_array_equal(grid, wanted)
    assert (release.render("smooth", version=0) != release.render("smooth")).any()


FILES = Path(__file__).parents[1] / "storage" / "golden"
# Releases that no file holds: much noise, shades at both ends, leaves of mixed size, islands on
# cells that are wider than those that rims are filled in by.
MADE = {
    case.id: case
    for case in (
        Case("noisy", (150, 170, 3), "1", 60),
        Case("ends", (93, 141), "1", 4),
        Case("private", (150, 170, 3), "1", 9, {"layout": "private"}),
        IslandCase(
            "wide", (150, 190, 3), "1", 2000, boxes=[(20, 10, 121, 95), (140, 90, 190, 150)]
        ),
        IslandCase(
            "each", (2, 60, 70, 3), "1", 300, boxes=[[(5, 6, 50, 44)], [(10, 20, 70, 60)]]
        ),
        ISLANDS["boxes-ygo"],
        ISLANDS["mask-ring"],
    )
}  # fmt: skip
# CRC-32 of a release's mosaic, smooth picture and squares, one after the other.  A version's rules
# never change: where one of these differs, it is the code that is wrong, or a new version is due.
DRAWN = {
    ("grey", "tv", 0): 793728599,
    ("grey", "tv", 1): 480446703,
    ("grey", "best", 1): 187341376,
    ("grey", "default", 2): 793728599,
    ("grey", "best", 2): 788921858,
    ("colour", "tv", 0): 3927522769,
    ("colour", "tv", 1): 682048309,
    ("colour", "best", 1): 445492701,
    ("colour", "default", 2): 1571892418,
    ("colour", "best", 2): 524390082,
    ("colour", "tv", 2): 4186462679,
    ("batch", "tv", 0): 1001274631,
    ("batch", "tv", 1): 136678951,
    ("batch", "best", 1): 1220141849,
    ("batch", "default", 2): 2555967860,
    ("batch", "best", 2): 867722511,
    ("rgb", "tv", 0): 3363888878,
    ("rgb", "tv", 1): 241281116,
    ("rgb", "best", 1): 2236519240,
    ("rgb", "default", 2): 2140415661,
    ("rgb", "best", 2): 2438222392,
    ("boxes-ygo", "tv", 0): 1679820629,
    ("boxes-ygo", "tv", 1): 3469598515,
    ("boxes-ygo", "default", 2): 3704481930,
    ("mask-ring", "tv", 0): 4012321880,
    ("mask-ring", "tv", 1): 1797612711,
    ("mask-ring", "default", 2): 3567559415,
    ("grey", "default", 3): 793728599,
    ("grey", "best", 3): 2242851067,
    ("colour", "default", 3): 4216010275,
    ("colour", "best", 3): 2622325372,
    ("batch", "default", 3): 224140122,
    ("batch", "best", 3): 2081686179,
    ("rgb", "default", 3): 1594974289,
    ("boxes-ygo", "default", 3): 1800956690,
    ("mask-ring", "default", 3): 4101473689,
    ("noisy", "tv", 0): 814192815,
    ("noisy", "tv", 1): 1437741943,
    ("noisy", "best", 1): 716382998,
    ("noisy", "tv", 2): 3181131185,
    ("noisy", "default", 2): 3241471737,
    ("noisy", "best", 2): 2451767538,
    ("noisy", "tv", 3): 3181131185,
    ("noisy", "default", 3): 156555507,
    ("noisy", "best", 3): 1565426433,
    ("ends", "tv", 0): 385794963,
    ("ends", "tv", 1): 3168090321,
    ("ends", "best", 1): 2670355171,
    ("ends", "tv", 2): 1408207445,
    ("ends", "default", 2): 1928046281,
    ("ends", "best", 2): 289773952,
    ("ends", "tv", 3): 3319893068,
    ("ends", "default", 3): 2273520467,
    ("ends", "best", 3): 1199077560,
    ("private", "tv", 0): 339318085,
    ("private", "tv", 1): 1786512484,
    ("private", "default", 2): 2960679089,
    ("private", "default", 3): 2960679089,
    ("wide", "tv", 0): 1713327806,
    ("wide", "tv", 1): 2538621937,
    ("wide", "tv", 2): 4001721315,
    ("wide", "default", 2): 4001721315,
    ("wide", "tv", 3): 400860531,
    ("wide", "default", 3): 400860531,
    ("each", "tv", 0): 1727475837,
    ("each", "tv", 1): 330903345,
    ("each", "default", 2): 2610332743,
    ("each", "default", 3): 1419236449,
}


def made(name):
    """Return a release under a fixed key."""
    case = MADE[name]
    image = scene(case.shape, 0)
    if name == "ends":
        image = (image // 128 * 255).astype(np.uint8)
    return _pixelize(image, case.plan(), fixed_key(4))


@pytest.mark.parametrize(("name", "effort", "version"), DRAWN, ids=str)
def test_a_version_draws_the_same_picture_for_good(name, effort, version):
    release = made(name) if name in MADE else load(FILES / f"v1-{name}-release.dpz")
    found = 0
    for style in ("mosaic", "smooth", "blocks"):
        found = zlib.crc32(release.render(style, effort=effort, version=version), found)
    assert found == DRAWN[name, effort, version]


def test_golden_rows_tell_versions_apart():
    """Where a version has a rule of its own, at least one row shows another picture."""
    for name in ("noisy", "colour", "batch", "rgb", "wide", "each", "ends"):
        assert DRAWN[name, "default", 3] != DRAWN[name, "default", 2]
    assert DRAWN["ends", "tv", 3] != DRAWN["ends", "tv", 2]  # and effort does not matter
    assert DRAWN["wide", "tv", 3] != DRAWN["wide", "tv", 2]
    assert DRAWN["noisy", "best", 3] != DRAWN["noisy", "best", 2]
    # Leaves of mixed size are not polished, do not follow, and have no rim.
    assert DRAWN["private", "default", 3] == DRAWN["private", "default", 2]


@failing(
    ExpectFail("effort-number", {"effort": 3}, errors.OptionTypeError, "effort must be one of"),
    ExpectFail("effort-word", {"effort": "x"}, errors.OptionError, "effort must be one of"),
    ExpectFail("version-text", {"version": "1"}, errors.OptionTypeError, "whole number"),
    ExpectFail("version-bool", {"version": True}, errors.OptionTypeError, "whole number"),
    ExpectFail("version-99", {"version": 99}, errors.OptionError, "from 0 to"),
    ExpectFail(
        "best-of-0", {"effort": "best", "version": 0}, errors.OptionError, "0 has one effort"
    ),
    ExpectFail("version-minus", {"version": -1}, errors.OptionError, "Pass None for the latest"),
)
def test_refuses(bad):
    with pytest.raises(bad.error, match=bad.match):
        noisy_release(BY_ID["grey-ragged"]).render("smooth", **bad.given)
