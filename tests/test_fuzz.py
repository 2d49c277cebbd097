"""A bounded run of every fuzzing target; the long one is ``python -m tests.fuzz``."""

import os
import warnings

import pytest
from forks import can_fork, in_child
from fuzz.limits import limit_memory
from fuzz.pictures import claims
from fuzz.targets import TARGETS, check_picture_file
from hypothesis import HealthCheck, given, settings

QUICK_CLAIMS = 41  # every so many of the claims: the long run takes them all


@pytest.fixture(autouse=True)
def _keep_the_kernels_elsewhere(monkeypatch):
    monkeypatch.setenv("NUMBADP_CACHE", os.environ.get("NUMBADP_CACHE", "0"))


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_whatever_comes_in_is_answered_or_refused(target):
    """No foreign exception or warning leaves the package, whatever the input."""

    @settings(max_examples=target.examples, suppress_health_check=list(HealthCheck))
    @given(target.inputs)
    def run(example):
        target.check(example)

    run()


@can_fork
def test_files_that_claim_huge_sizes_take_no_memory():
    """Within 300 MiB every claim of a small file is read or refused, and not for lack of memory."""

    def read():
        limit_memory(300)
        for number, (name, content) in enumerate(claims()):
            if number < 5 or number % QUICK_CLAIMS == 0:
                try:
                    check_picture_file(content)
                except BaseException as error:
                    return f"{name}: {error!r}".encode()
        return b"done"

    with warnings.catch_warnings():
        assert in_child(read) == b"done"


def test_a_target_that_misbehaves_is_noticed():
    """Power: a check that lets a foreign exception out fails."""
    with pytest.raises(TypeError):
        TARGETS[0].check((None, None))
