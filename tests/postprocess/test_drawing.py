"""Drawings: what may be asked for, and that old pictures can be drawn again."""

import numpy as np
import pytest
from cases import ExpectFail, failing

from numbadp import errors
from numbadp.postprocess.drawing import DEFAULT, LATEST, Drawing, choose_drawing

from .releases import BY_ID, noisy_release, worked


def test_the_latest_is_the_default():
    assert choose_drawing() == choose_drawing("tv") == DEFAULT
    assert choose_drawing("default", LATEST) == Drawing("tv", LATEST)
    assert choose_drawing(version=0) == Drawing("tv", 0)
    assert not Drawing("tv", 0).shrinks and DEFAULT.shrinks


def test_version_0_is_total_variation_alone():
    """The grids are those of the reconstruction, bit for bit."""
    release = noisy_release(BY_ID["ygo-coarse-ragged"])
    found = release._painter.grids_of(Drawing("tv", 0))
    for grid, wanted in zip(found, worked("ygo-coarse-ragged")[1].grids, strict=True):
        np.testing.assert_array_equal(grid, wanted)
    assert (release.render("smooth", version=0) != release.render("smooth")).any()


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
