"""Files of pools: what is saved comes back, and what cannot be is refused."""

import contextlib
import io
import pickle

import numpy as np
import pytest

from numbadp import Pool, errors, load
from numbadp.storage.codec import describe
from numbadp.storage.container import read_sections, write_sections
from numbadp.storage.pooled import POOL, PVAL


def release_of(delta=0, shape=(9, 7, 3)):
    """Return a small release over images."""
    pool = Pool.images(shape, classes=2, epsilon=1, delta=delta, cell=1)
    pool.add(np.full((50, *shape), 200, np.uint8), np.arange(50) % 2)
    return pool.release()


def saved(release):
    """Return a release's file as bytes."""
    file = io.BytesIO()
    release.save(file)
    return file.getvalue()


def same(one, other):
    """Whether two releases hold the same."""
    return (
        (one.plan, one.guarantee, one.frames) == (other.plan, other.guarantee, other.frames)
        and one.guarantee.id == other.guarantee.id
        and all((a == b).all() for a, b in zip(one.values, other.values, strict=True))
    )


@pytest.mark.parametrize("delta", [0, "1e-5"])
def test_what_is_saved_comes_back(delta, tmp_path):
    """Plan, guarantee, id and values, through a file, a stream and a pickle."""
    release = release_of(delta)
    release.save(tmp_path / "means.dpz")
    for found in (
        load(tmp_path / "means.dpz"),
        load(io.BytesIO(saved(release))),
        pickle.loads(pickle.dumps(release)),
    ):
        assert same(found, release)
        np.testing.assert_array_equal(found.render(), release.render())
        assert not found.values[0].flags.writeable


def test_a_stated_guarantee_must_follow_from_the_plan():
    """A smaller epsilon than the stages cost, or stages of other sizes, are refused."""
    content = saved(release_of("1e-5"))
    sections = read_sections(content, (POOL, PVAL))
    facts = bytes(sections[POOL])
    one = b"\x01\x00\x01" * 2  # the ratio 1 / 1
    assert facts.count(one) >= 1
    at = facts.rindex(one)
    small = facts[:at] + b"\x01\x00\x01\x01\x00\x02" + facts[at + 6 :]  # epsilon 1 / 2
    with pytest.raises(errors.FileFormatError, match="guarantee"):
        load(io.BytesIO(write_sections([(POOL, small), (PVAL, bytes(sections[PVAL]))])))


def test_damaged_files_are_refused():
    """Cut at any byte or with any byte changed, a file is an error of ours or unchanged."""
    content = saved(release_of(shape=(2, 2)))
    for at in range(0, len(content), 7):
        with pytest.raises(errors.FileFormatError):
            load(io.BytesIO(content[:at]))
        changed = content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :]
        with pytest.raises(errors.FileFormatError):
            load(io.BytesIO(changed))


def test_hostile_facts_are_errors_of_ours():
    """Sections with right checksums and any byte of their facts changed raise or load."""
    content = saved(release_of("1e-5", (2, 2)))
    sections = read_sections(content, (POOL, PVAL))
    facts, values = bytes(sections[POOL]), bytes(sections[PVAL])
    for at in range(len(facts)):
        for flip in (1, 128):
            changed = facts[:at] + bytes([facts[at] ^ flip]) + facts[at + 1 :]
            with contextlib.suppress(errors.FileFormatError):
                load(io.BytesIO(write_sections([(POOL, changed), (PVAL, values)])))


def test_memory_is_bounded_by_the_caller():
    """A file that asks for more is refused before its arrays are made."""
    content = saved(release_of())
    with pytest.raises(errors.FileFormatError, match="max_bytes"):
        load(io.BytesIO(content), max_bytes=100)


def test_what_reads_single_pictures_says_so():
    """Facts of single pictures are not looked for in a pool's file."""
    with pytest.raises(errors.FileFormatError, match="many pictures"):
        describe(io.BytesIO(saved(release_of())))
