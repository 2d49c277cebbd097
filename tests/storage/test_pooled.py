"""Files of pools: what is saved comes back, and what cannot be is refused."""

import contextlib
import io
import pickle
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from numbadp import Pool, errors, load
from numbadp.mechanism.cutoffs import MAX_SCALE, cutoffs_for
from numbadp.mechanism.pool.cube import cube_tables
from numbadp.mechanism.pool.gauss import MOST_VARIANCE, gauss_tables
from numbadp.plan.laws import Change
from numbadp.storage.codec import describe
from numbadp.storage.container import read_sections, write_sections
from numbadp.storage.pooled import MOST_PARAMETER, POOL, PVAL, encode_pooled


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


def kinds():
    """Return a small release of every kind."""
    plate = Pool.plate((9, 7), event=(2, 3, 4), bins=16, epsilon=1)
    plate.add(np.zeros((20, 9, 7), np.uint8))
    visits = Pool.visits((9, 7), cell=2, most=3, epsilon=1)
    owners = Pool.images((9, 7), epsilon=1, owners=True, most=3, delta="1e-5", cell=2)
    return {
        "images": release_of(), "gauss": release_of("1e-5"), "owners": owners.release(),
        "plate": plate.release(), "visits": visits.release(),
    }  # fmt: skip


def claiming(release, plan=None, guarantee=None, stage=None):
    """Return a file that says something else of a release; epsilon is as large as it likes."""
    stages = release.plan.stages
    if stage is not None:
        stages = (replace(stages[0], **stage), *stages[1:])
    made_plan = replace(release.plan, **{"stages": stages} | (plan or {}))
    promise = replace(release.guarantee, **{"epsilon": Fraction(10**6)} | (guarantee or {}))
    return io.BytesIO(encode_pooled(made_plan, promise, release.values, release.frames))


@pytest.mark.parametrize("kind", ["images", "gauss", "owners", "plate", "visits"])
def test_made_up_claims_are_refused(kind):
    """Of a change, a group, a unit, a bound, tables: files whose parts contradict each other."""
    release = kinds()[kind]
    change, law = release.plan.stages[0].change, release.plan.stages[0].law
    assert load(claiming(release)).guarantee.epsilon == 10**6  # control: this much is weaker
    lies = [
        {"stage": {"change": Change(1, 1, 1)}},
        {"stage": {"change": replace(change, total=change.total - 1)}},
        {"stage": {"change": replace(change, square=change.square - 1)}},
        {"stage": {"name": "other"}},
        {"stage": {"tau": Fraction(0)}},
        {"stage": {"law": replace(law, parameter=Fraction(10**400))}},
        {"stage": {"law": replace(law, parameter=Fraction(1, 10**400))}},
        {"stage": {"vectors": 3 * release.plan.stages[0].vectors, "law": replace(law, size=1)}},
        {"guarantee": {"unit": "everybody"}},
        {"guarantee": {"bounds": "enforced" if kind == "plate" else "policy"}},
        {"plan": {"most": release.plan.most + 1}},
        {"guarantee": {"target": Fraction(0 if release.guarantee.target else 1, 10**5)}},
    ]
    if kind == "owners":
        lies.append({"guarantee": {"unit": "image"}})
    if kind == "plate":
        lies.append({"plan": {"event": (1, 3, 4)}})
    for lie in lies:
        with pytest.raises(errors.FileFormatError):
            load(claiming(release, **lie))


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
                found = load(io.BytesIO(write_sections([(POOL, changed), (PVAL, values)])))
                assert found.render().shape == found.shape
                assert str(found.guarantee) and str(found.plan)


@pytest.mark.parametrize("kind", MOST_PARAMETER)
def test_the_largest_laws_are_those_of_the_tables(kind):
    """What planning can make can be read, and what lies beyond cannot be planned."""
    most = MOST_PARAMETER[kind]
    table = {"laplace": cutoffs_for, "cube": lambda x: cube_tables(x, 1), "gauss": gauss_tables}
    with pytest.raises((errors.EpsilonError, ValueError)):
        table[kind](Fraction(most + 1))
    largest = {
        "laplace": MAX_SCALE,
        "cube": MAX_SCALE,
        "gauss": gauss_tables(MOST_VARIANCE).variance,
    }
    assert largest[kind] <= most


def test_memory_is_bounded_by_the_caller():
    """A file that asks for more is refused before its arrays are made."""
    content = saved(release_of())
    with pytest.raises(errors.FileFormatError, match="max_bytes"):
        load(io.BytesIO(content), max_bytes=100)


def test_what_reads_single_pictures_says_so():
    """Facts of single pictures are not looked for in a pool's file."""
    with pytest.raises(errors.FileFormatError, match="many pictures"):
        describe(io.BytesIO(saved(release_of())))
