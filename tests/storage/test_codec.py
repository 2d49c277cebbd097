"""Release files: what is saved comes back, old files stay readable, and the format is specified."""

import io
import json
import os
import pickle
from dataclasses import replace
from fractions import Fraction
from math import inf
from pathlib import Path

import numpy as np
import pytest
from cases import ExpectFail, assert_same, failing
from hypothesis import given
from oracles import dpz
from postprocess.releases import (
    BY_ID,
    all_cases,
    cases_with_values,
    noisy_release,
    release_of,
    some_rows,
)

from numbadp import errors, load
from numbadp.plan.layout import Layout
from numbadp.release import Release, build_release
from numbadp.storage import codec, stored_layout, stored_region, stored_splits
from numbadp.storage.codec import PAYLOADS, describe
from numbadp.storage.container import VERSION
from numbadp.storage.opening import KNOWN

from .golden.make import digest

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(GOLDEN.glob("*.dpz"))
COLOUR = BY_ID["ygo-coarse-ragged"]
PARTS = ("shape", "layout", "guarantee", "plan")


def content_of(release, payload="release"):
    """Return the bytes of a release's file."""
    file = io.BytesIO()
    release.save(file, payload=payload)
    return file.getvalue()


def loaded(content):
    """Return what bytes hold."""
    return load(io.BytesIO(content))


# --- there and back ----------------------------------------------------------


@all_cases
def test_a_release_comes_back_whole(case):
    release = noisy_release(case)
    again = loaded(content_of(release))
    assert type(again) is Release
    for part in PARTS:
        assert getattr(again, part) == getattr(release, part), part
    assert_same(again.values, release.values)
    assert not any(value.flags.writeable for value in again.values)
    assert content_of(again) == content_of(release)


@some_rows("ygo-coarse-ragged", "batch-grey", "grey-with-channel")
def test_a_loaded_release_renders_the_same(case):
    release = noisy_release(case)
    again = loaded(content_of(release))
    for style in ("mosaic", "smooth", "cells"):
        np.testing.assert_array_equal(again.render(style), release.render(style))
    assert content_of(again, "mosaic") == content_of(release, "mosaic")
    assert pickle.loads(pickle.dumps(again)).plan == release.plan


@given(cases_with_values())
def test_any_release_comes_back(given_case):
    case, values = given_case
    again = loaded(content_of(release_of(case, [v.copy() for v in values])))
    assert_same(again.values, values)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_infinite_epsilon_comes_back_and_is_called_not_private(payload):
    release = noisy_release(COLOUR)
    guarantee = replace(release.guarantee, epsilon=inf, tau=Fraction(0))
    plan = replace(release.plan, epsilon=inf)
    content = content_of(build_release(plan, guarantee, release.values), payload)
    again = loaded(content)
    assert again.guarantee == guarantee and again.plan.epsilon == inf
    assert b"not private" in content and b"differentially private" not in content
    assert describe(io.BytesIO(content)).claim == "not private"


def test_a_private_release_is_called_so():
    content = content_of(noisy_release(COLOUR))
    assert b"differentially private" in content and b"not private" not in content


# --- as specified ------------------------------------------------------------


@all_cases
def test_another_reader_finds_the_same(case):
    """Oracle: tests/oracles/dpz.py, which knows the specification and no code of the package."""
    release = noisy_release(case)
    found = dpz.read(content_of(release))
    assert found["values"] == [value.ravel().tolist() for value in release.values]
    mosaic = loaded(content_of(release, "mosaic"))
    found = dpz.read(content_of(release, "mosaic"))
    assert found["levels"] == mosaic.levels.tolist()
    assert found["planes"] == [plane.tolist() for plane in mosaic.planes]
    plan = release.plan
    picture = mosaic.render().reshape(plan.batch, plan.height, plan.width, plan.channels)
    np.testing.assert_array_equal(np.array(found["pictures"]), picture)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_golden_files_stay_readable(path):
    """Every file that any version wrote loads to what it was, by this reader and by the other."""
    facts = json.loads((GOLDEN / f"{path.name.partition('-')[0]}.json").read_text())[path.name]
    again, other = load(path), dpz.read(path.read_bytes())
    assert list(again.shape) == list(other["head"]["shape"]) == facts["shape"]
    assert str(again.guarantee.epsilon) == str(other["guarantee"]["epsilon"]) == facts["epsilon"]
    assert str(again.guarantee.tau) == facts["tau"]
    assert [p.scale for p in again.plan.planes] == [p.scale for p in other["head"]["planes"]]
    if "values" in facts:
        assert digest(*again.values) == facts["values"]
        assert [value.ravel().tolist() for value in again.values] == other["values"]
    else:
        assert digest(again.levels, *again.planes) == facts["planes"]
        assert digest(again.render()) == facts["mosaic"]


def test_there_are_golden_files_of_every_version_and_kind():
    names = {path.name for path in FILES}
    for version in range(1, VERSION + 1):
        facts = json.loads((GOLDEN / f"v{version}.json").read_text())
        assert set(facts) <= names
        for payload in PAYLOADS:
            assert {
                f"v{version}-{kind}-{payload}.dpz" for kind in ("grey", "colour", "batch")
            } <= names


def test_the_specification_names_every_section():
    modules = (codec, stored_layout, stored_splits, stored_region)
    text = "".join(module.__doc__ for module in modules)
    for tag in KNOWN:
        assert f"\n{tag.decode()}, " in text


# --- files -------------------------------------------------------------------


@pytest.mark.parametrize("kind", [str, Path])
def test_names_and_paths_are_taken(tmp_path, kind):
    release, path = noisy_release(COLOUR), kind(tmp_path / "a.dpz")
    release.save(path)
    assert_same(load(path).values, release.values)
    release.save(path, payload="mosaic")  # replaces
    assert not isinstance(load(path), Release)
    assert os.listdir(tmp_path) == ["a.dpz"]


def test_a_failed_save_leaves_the_old_file(tmp_path):
    release = noisy_release(COLOUR)
    release.save(tmp_path / "a.dpz")
    strange = replace(release, layout=replace(release.layout, kind="free"))
    strange.__dict__["plan"] = replace(release.plan, layout="rooms")
    with pytest.raises(errors.FileFormatError, match="cannot be stored"):
        strange.save(tmp_path / "a.dpz")
    assert_same(load(tmp_path / "a.dpz").values, release.values)
    with pytest.raises(FileNotFoundError):
        release.save(tmp_path / "no" / "a.dpz")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "b.dpz")


def test_a_file_describes_itself_without_its_payload_being_unpacked():
    release = noisy_release(COLOUR)
    for payload in PAYLOADS:
        content = content_of(release, payload)
        facts = describe(io.BytesIO(content))
        assert (facts.payload, facts.version) == (payload, VERSION)
        assert (facts.plan, facts.guarantee) == (release.plan, release.guarantee)
        assert sum(facts.sizes.values()) < len(content)
        assert list(facts.sizes)[:2] == ["HEAD", "GUAR"]


@failing(
    ExpectFail("payload", ("save", "all"), errors.OptionError, "payload must be one of"),
    ExpectFail("payload-type", ("save", None), errors.OptionTypeError, "payload must be one of"),
    ExpectFail("number", ("load", 3), errors.OptionTypeError, "path must be a file name"),
    ExpectFail("bytes", ("load", b"a.dpz"), errors.OptionTypeError, "path must be a file name"),
    ExpectFail("text", ("load", io.StringIO("x")), errors.OptionTypeError, "binary file"),
)
def test_refuses_arguments(bad):
    how, given_value = bad.given
    with pytest.raises(bad.error, match=bad.match):
        if how == "save":
            noisy_release(COLOUR).save(io.BytesIO(), payload=given_value)
        else:
            load(given_value)


def test_the_layout_comes_back():
    release = noisy_release(COLOUR)
    for payload in PAYLOADS:
        assert loaded(content_of(release, payload)).layout == Layout("free", (37, 29), 4)
