"""Ids: from paths and never from contents, one for each file, with names that differ."""

import os

import numpy as np
import pytest
from cases import ExpectFail, failing
from hypothesis import given
from hypothesis import strategies as st

from numbadp.batch.identity import checked_id, file_name, is_url, path_id
from numbadp.errors import OptionError, OptionTypeError


def test_a_file_has_one_id_by_whichever_way_it_is_reached(tmp_path, monkeypatch):
    """Relative, through a link, as a Path, with dots; there or not."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").touch()
    os.symlink(tmp_path / "in", tmp_path / "link")
    monkeypatch.chdir(tmp_path / "in")
    ways = ["a.png", tmp_path / "link" / "a.png", "../in/./a.png", np.str_("a.png")]
    assert {path_id(way) for way in ways} == {str(tmp_path / "in" / "a.png")}
    assert path_id("gone.png") == str(tmp_path / "in" / "gone.png")


def test_below_a_root_ids_do_not_know_where_the_root_is(tmp_path):
    """Two machines that have the folder in two places name the same inputs."""
    for place in ("here", "there/deep"):
        assert path_id(tmp_path / place / "s" / "a.png", str(tmp_path / place)) == "s/a.png"
    for outside in (tmp_path / "b.png", tmp_path / "here", tmp_path / "here2" / "a.png"):
        with pytest.raises(OptionError, match="not below the root"):
            path_id(outside, str(tmp_path / "here"))


def test_urls_are_taken_as_they_are():
    """Whatever the root."""
    assert path_id("s3://bucket/a b.png", "/root") == "s3://bucket/a b.png"
    assert is_url("memory://x") and not any(map(is_url, ("a/b", "C:\\x", "://", b"s3://", 3)))


names = st.text(min_size=1, max_size=60)


@given(names, names)
def test_names_differ_wherever_ids_do(a, b):
    """Without regard to capitals too, since some disks have none."""
    first, second = file_name(a), file_name(b)
    assert (first.lower() == second.lower()) == (a == b)
    assert first.isascii() and len(first) < 100 and first.endswith(".dpz")
    assert not set(first) & set('/\\:*?"<>| ') and not first.startswith(".")


def test_inputs_of_one_name_in_many_folders_have_names_of_their_own():
    """As cameras call their pictures."""
    assert len({file_name(f"/in/{number}/DSC_0001.JPG") for number in range(3000)}) == 3000


def test_names_tell_people_which_input_it_is():
    """The file's stem, as far as it is plain."""
    assert file_name("/in/IMG 0012.JPG").startswith("IMG_0012-")
    assert file_name("/").startswith("input-")


@failing(
    ExpectFail("number", 7, OptionTypeError, "string"),
    ExpectFail("bytes", b"a", OptionTypeError, "string"),
    ExpectFail("empty", "", OptionError, "1 to 4096"),
    ExpectFail("long", "x" * 4097, OptionError, "1 to 4096"),
)
def test_what_is_no_id_is_refused(bad):
    """With what was given and what to do."""
    with pytest.raises(bad.error, match=bad.match):
        checked_id(bad.given)


@failing(
    ExpectFail("number", 7, OptionTypeError, "give what has no path an id|Give what has no path"),
    ExpectFail("bytes", b"a", OptionTypeError, "fsdecode"),
    ExpectFail("empty", "", OptionError, "file's name"),
    ExpectFail("null", "a\0b", OptionError, "file's name"),
)
def test_what_is_no_path_is_refused(bad):
    """With what was given and what to do."""
    with pytest.raises(bad.error, match=bad.match):
        path_id(bad.given)
