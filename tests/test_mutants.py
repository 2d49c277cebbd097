"""The runner of seeded faults: its table fits the source, and it tells caught from survived."""

import subprocess
import sys
from dataclasses import replace

import pytest
from forks import can_fork
from mutants import __main__ as runner
from mutants.patching import module_of, reached_from
from mutants.table import MUTANTS


def test_every_row_fits_the_source():
    """Each old text occurs exactly once in its file, each name once; at least 30 rows."""
    assert runner.wrong_rows(MUTANTS) == []
    assert len(MUTANTS) >= 30


@pytest.mark.parametrize(
    "change",
    [{"old": "nowhere to be found"}, {"old": "="}, {"file": "missing.py"}, {"tests": ()}],
    ids=str,
)
def test_a_row_that_does_not_fit_is_an_error(change):
    """A text that is gone or occurs twice, a missing file and a row without tests are named."""
    (line,) = runner.wrong_rows([replace(MUTANTS[0], **change)])
    assert line.startswith(MUTANTS[0].name)
    assert len(runner.wrong_rows([MUTANTS[0], MUTANTS[0]])) == 1


def test_a_fault_reaches_what_imports_its_module():
    """Kernels that use a faulty body are not taken from the cache."""
    reached = reached_from("numbadp.mechanism.kernels.measure_body")
    kernels = "numbadp.mechanism.kernels."
    assert {kernels + "measure_cpu", kernels + "release_cpu"} <= reached
    assert kernels + "noise_cpu" not in reached
    assert module_of("accounting/ledger/__init__.py") == "numbadp.accounting.ledger"


@can_fork
@pytest.mark.parametrize(
    ("new", "tests", "code", "word"),
    [
        ("if exact is None:", "plan/test_epsilon.py", 0, "caught by"),
        ("if exact is None or not exact > 0:", "plan/test_epsilon.py", 1, "SURVIVED"),
        ("if (", "plan/test_epsilon.py", 2, "BROKEN"),
        ("if __import__('os').abort():", "plan/test_epsilon.py", 0, "caught by signal 6"),
        (
            "if __import__('os').kill(__import__('os').getpid(), 9):",
            "plan/test_epsilon.py",
            2,
            "BROKEN",
        ),
        (
            "raise KeyboardInterrupt\n    if exact is None:",
            "plan/test_epsilon.py",
            0,
            "caught by an interrupt",
        ),
        ("if exact is None:", "test_errors.py", 2, "never import"),
        ("if exact is None:", "plan/test_epsilon.py::test_none", 2, "tests fail without a fault"),
    ],
    ids=[
        "caught",
        "survived",
        "not Python",
        "crashed",
        "killed",
        "interrupted",
        "not imported",
        "no such test",
    ],
)
def test_verdicts(new, tests, code, word):
    """A faulty row is caught, survives or is an error; negative epsilons are the example."""
    old = "if exact is None or exact <= 0:"
    script = (  # apart: children must be forked before the package is imported
        "import sys\nfrom tests.mutants import __main__ as runner\n"
        f"runner.MUTANTS = (runner.Mutant('fault', 'plan/epsilon.py', {old!r}, {new!r}, ({tests!r},)),)\n"
        "sys.argv = ['mutants', '--jobs', '1']\nsys.exit(runner.main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=runner.PACKAGE.parent,
        timeout=1200,
    )  # fmt: skip
    assert (done.returncode, word in done.stdout) == (code, True), done.stdout
