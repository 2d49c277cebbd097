"""Release files on the command line: described with their guarantee, failures in one line."""

from dataclasses import replace
from fractions import Fraction
from math import inf

import numpy as np
import pytest

import numbadp
from numbadp.cli.releases import describe_release, load_release
from numbadp.errors import PictureError
from numbadp.release import build_release


@pytest.fixture
def release(first_run):
    """A release of two small pictures."""
    return numbadp.pixelize(np.zeros((2, 30, 40, 3), np.uint8), epsilon="1/2", m=3)


@pytest.mark.parametrize("payload", ["release", "mosaic"])
def test_a_file_is_described_with_its_plan_and_guarantee(tmp_path, release, payload):
    path = tmp_path / "a.dpz"
    release.save(path, payload=payload)
    text = describe_release(path)
    size = path.stat().st_size
    for fact in (
        f"file        {path}",
        f"numbadp release, version 1, payload '{payload}'",
        "2 of 40 x 30 pixels, RGB",
        f"{size} bytes; {7200 / size:.3g} times smaller",
        "parts       HEAD ",
        "promise     differentially private",
        str(release.plan),
        str(release.guarantee),
    ):
        assert fact in text
    assert load_release(path, 10**6).guarantee == release.guarantee


def test_what_is_not_private_is_called_so(tmp_path, release):
    guarantee = replace(release.guarantee, epsilon=inf, tau=Fraction(0))
    build_release(release.plan, guarantee, release.values).save(tmp_path / "a.dpz")
    text = describe_release(tmp_path / "a.dpz")
    assert "promise     not private" in text and "No guarantee" in text


def test_what_cannot_be_read_is_a_picture_error(tmp_path):
    (tmp_path / "a.dpz").write_text("x")
    for read in (describe_release, lambda path: load_release(path, 100)):
        with pytest.raises(PictureError, match="no release file"):
            read(tmp_path / "a.dpz")
        with pytest.raises(PictureError, match="No such file"):
            read(tmp_path / "b.dpz")
