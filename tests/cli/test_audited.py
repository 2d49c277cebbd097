"""Our own layouts under audit: tight where the claim is tight, never above it, exact far above."""

import hashlib
import itertools

import numpy as np
import pytest
from cases import ExpectFail, failing

import numbadp
from numbadp.audit import audit_pair
from numbadp.cli.audit_arguments import LAYOUTS
from numbadp.cli.audited import callable_targets, own_targets
from numbadp.mechanism.entropy import Key

FEW, MANY = 3000, 1_000_000
PROMISING = [name for name in LAYOUTS if name != "exact"]


@pytest.fixture(autouse=True)
def frozen_keys(monkeypatch):
    """Draw other keys for every release, the same in every run: no test fails by bad luck."""
    number = itertools.count()

    def fresh_key(own):
        return Key(hashlib.sha256(str(next(number)).encode()).digest())

    monkeypatch.setattr("numbadp.mechanism.fresh_key", fresh_key)


def target(layout, scene, kind):
    """Return one target."""
    for found in own_targets([layout], epsilon=1, m=16):
        if scene in found.name and found.pair.kind == kind:
            return found
    raise LookupError((layout, scene, kind))


def audited(found, runs):
    return audit_pair(
        found.mechanism, found.pair, claimed=found.claimed, delta=found.delta, runs=runs
    )


def test_a_million_runs_certify_the_claim_at_the_tight_pair():
    """At epsilon = 1 and 99.9 % at least 0.97 of it is certified, and no more than all of it."""
    finding = audited(target("free", "grey 8x8", "cell"), MANY)
    assert finding.confidence == 0.999
    assert 0.97 <= finding.share <= 1
    assert 0.97 <= finding.epsilon_credible <= 1.01


@pytest.mark.parametrize("layout", PROMISING)
def test_no_promise_is_refuted(layout):
    """Every pair of every scene stays within what its release promises."""
    for found in own_targets([layout], epsilon=1, m=16):
        assert found.promised and found.claimed == 1 and 0 < found.delta < 1e-40
        assert not audited(found, FEW).refutes, found.pair.name


@pytest.mark.parametrize("kind", ["corner", "cell"])
def test_exact_is_told_apart_and_promises_nothing(kind):
    """Splits on the raw picture: neighbours are told apart far above the epsilon asked for."""
    found = target("exact", "grey 8x8", kind)
    assert not found.promised
    finding = audited(found, FEW)
    assert finding.epsilon_low > 4 * finding.claimed
    assert "output 4" in finding.event or "labels" in finding.event  # levels, not sums


def test_all_that_is_published_is_audited():
    """A row holds the sums of all planes, and the levels of leaves where they vary."""
    image = np.zeros((5, 8, 8, 3), np.uint8)
    assert target("free", "RGB 8x8", "cell").mechanism(image).shape == (5, 3)
    rows = target("private", "RGB 8x8", "cell").mechanism(image)
    assert rows.shape[1] > 8
    assert set(np.unique(rows[:, -4:])) <= {5, 6}


def test_scenes_have_every_kind_of_pair():
    """Control, corner, one cell, spread, partial, straddling and vertices are all tried."""
    kinds = {found.pair.kind for found in own_targets(["private"], epsilon=1, m=16)}
    assert kinds == {"control", "corner", "cell", "spread", "partial", "straddling", "vertex"}


def test_a_callable_of_the_users_is_audited(tmp_path, monkeypatch):
    """MODULE:NAME in the current folder is imported and called on single images."""
    (tmp_path / "somebodys_code.py").write_text("def release(image):\n    return image.sum()\n")
    monkeypatch.chdir(tmp_path)
    found = callable_targets("somebodys_code:release", shape=(4, 4), cell=2, epsilon="1/2", m=2)
    assert [f.pair.kind for f in found] == ["control", "corner", "cell", "spread", "straddling"]
    assert found[0].claimed == 0.5
    assert audited(found[1], 1000).refutes


@failing(
    ExpectFail("no module", "nowhere_at_all:release", numbadp.OptionError, "nowhere_at_all"),
    ExpectFail("no name", "math:nothing", numbadp.OptionError, "nothing"),
    ExpectFail("no colon", "math", numbadp.OptionError, "MODULE:NAME"),
    ExpectFail("empty", ":x", numbadp.OptionError, "MODULE:NAME"),
    ExpectFail("not callable", "math:pi", numbadp.OptionError, "float"),
)
def test_refuses_what_cannot_be_called(bad):
    """What is no callable is named."""
    with pytest.raises(bad.error, match=bad.match):
        callable_targets(bad.given, shape=(4, 4), cell=2, epsilon=1, m=2)
