"""Keys of tests: fixed by the test's name, in its own process; fresh everywhere else."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from forks import can_fork, in_child
from keys import fixed_by

import numbadp


def release():
    """Return the bytes of a release, and its name."""
    made = numbadp.pixelize(np.zeros((8, 8), np.uint8), epsilon="0.01")
    return made.values[0].tobytes() + made.guarantee.id.encode()


def test_a_name_fixes_keys_and_names_one_after_the_other():
    """The same again under the same name, others under another, and never the same one twice."""
    found = []
    for name in ("one", "one", "another"):
        with fixed_by(name):
            found.append([release(), release()])
    assert found[0] == found[1] and len({*found[0], *found[2]}) == 4


@can_fork
def test_a_fork_has_no_key_of_its_parents():
    """Nor has it its sister's."""
    forked = {in_child(release) for _ in range(2)}
    assert len({*forked, release()}) == 3


@pytest.mark.fresh_noise
def test_where_it_is_asked_for_keys_are_fresh():
    """Though the name is the same."""
    assert len({release(), release()}) == 2
    with fixed_by("one"):
        fixed = release()
    assert release() != fixed


PROGRAM = """
import sys
sys.path.insert(0, {tests!r})
import keys
keys.prepare()
assert "numbadp" not in sys.modules
with keys.fixed_by("one"):
    import numbadp, numpy
    print(numbadp.pixelize(numpy.zeros((8, 8), numpy.uint8), epsilon="0.01").guarantee.id)
"""


def test_it_does_not_matter_when_the_package_is_imported():
    """A test that imports it first, in the middle, has its own keys as well."""
    tests = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(tests=tests)], check=True, capture_output=True,
        text=True, env={**os.environ, "PYTHONPATH": str(Path(numbadp.__file__).parents[1])},
    )  # fmt: skip
    with fixed_by("one"):
        assert release().decode("latin-1").endswith(done.stdout.strip())
