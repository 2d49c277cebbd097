"""Does every seeded fault make a test fail?

``python -m tests.mutants`` runs all rows of `table.MUTANTS`; names select some, ``--list`` shows
them.  First the chosen tests must pass without a fault.  Exit code 0: every fault was caught;
1: one survived; 2: a row is wrong, or a test fails already.
"""

import argparse
import os
import signal
import sys
import time

from .patching import PACKAGE, Fault, module_of, reached_from
from .running import Outcome, run_all, warm_up
from .table import MUTANTS, Mutant

_PASSED, _TESTS_FAILED, _INTERRUPTED = 0, 1, 2
_TOGETHER = 40  # tests that are run without a fault by one process
_CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="faults to run (default: all)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes (default: 2)")
    parser.add_argument("--list", action="store_true", help="print the table and stop")
    parser.add_argument("--log", action="store_true", help="print what each child printed")
    options = parser.parse_args()
    chosen = [m for m in MUTANTS if not options.names or m.name in options.names]
    wrong = wrong_rows(chosen) + [
        f"no fault is named {name}" for name in set(options.names) - {m.name for m in MUTANTS}
    ]
    for line in wrong:
        print(f"error: {line}")
    if wrong:
        return 2
    if options.list:
        for mutant in chosen:
            print(f"{mutant.name:<44}{mutant.file:<38}{' '.join(mutant.tests)}")
        return 0
    if not hasattr(os, "fork"):
        print("error: this system cannot fork, which the runner needs")
        return 2
    os.environ.setdefault("NUMBADP_CACHE", "1")
    warm_up()
    began = time.monotonic()
    if not _pass_without_faults(chosen, options):
        return 2
    return _run_faults(chosen, options, began)


def wrong_rows(mutants) -> list[str]:
    """Say which rows of the table cannot be run."""
    lines = []
    for mutant in mutants:
        path = PACKAGE / mutant.file
        count = path.read_text("utf-8").count(mutant.old) if path.is_file() else 0
        if count != 1:
            lines.append(f"{mutant.name}: its old text occurs {count} times in {mutant.file}")
        elif mutant.old == mutant.new or not mutant.tests:
            lines.append(f"{mutant.name}: it changes nothing, or has no test")
    names = [mutant.name for mutant in mutants]
    return lines + [
        f"{name}: the name is used twice" for name in set(names) if names.count(name) > 1
    ]


def fault_of(mutant: Mutant) -> Fault:
    """Patch the source of a row's module."""
    source = (PACKAGE / mutant.file).read_text("utf-8").replace(mutant.old, mutant.new)
    module = module_of(mutant.file)
    return Fault(module, source, reached_from(module), mutant.kernels)


def _pass_without_faults(chosen, options) -> bool:
    """Run all chosen tests on the package as it is, kernels as in the run with a fault."""
    groups: dict[tuple, set[str]] = {}
    for mutant in chosen:
        fault = fault_of(mutant)
        python = mutant.kernels == "python"
        kernels = frozenset(name for name in fault.reached if ".kernels." in name and python)
        groups.setdefault((mutant.kernels, kernels), set()).update(mutant.tests)
    jobs = [  # in parts, so that none takes as long as one that hangs
        (key, Fault("", None, key[1], key[0]), tuple(sorted(tests)[part : part + _TOGETHER]))
        for key, tests in sorted(groups.items(), key=lambda item: -len(item[1]))
        for part in range(0, len(tests), _TOGETHER)
    ]
    sound = True
    for (kernels, reached), outcome in run_all(jobs, options.jobs):
        print(f"without a fault: {kernels}, {len(reached)} modules, {outcome.seconds:.1f} s")
        if outcome.code != _PASSED:
            sound = False
            print(f"error: tests fail without a fault\n{outcome.log}")
    return sound


def _run_faults(chosen, options, began: float) -> int:
    jobs = [(mutant, fault_of(mutant), mutant.tests) for mutant in chosen]
    jobs.sort(key=lambda job: job[0].kernels == "python")  # the slow ones first
    survived = broken = 0
    for mutant, outcome in run_all(jobs, options.jobs):
        verdict = _verdict(outcome)
        survived += verdict.startswith("SURVIVED")
        broken += verdict.startswith("BROKEN")
        print(f"{mutant.name:<44}{outcome.seconds:6.1f} s  {verdict}", flush=True)
        if options.log or not verdict.startswith("caught"):
            print(outcome.log)
    caught = len(chosen) - survived - broken
    print(f"{len(chosen)} faults, {caught} caught, {time.monotonic() - began:.0f} s")
    print(f"{caught} passed, {survived + broken} failed")
    return 2 if broken else 1 if survived else 0


def _verdict(outcome: Outcome) -> str:
    # Without a fault these tests passed: a process that it ends has shown it, as one that writes
    # beyond an array may or may not do.  The alarm, or a system without memory, shows nothing.
    if outcome.signal in _CRASHES:
        return f"caught by signal {outcome.signal}, which ended the process"
    if outcome.code is None:
        return "BROKEN: the child died or hung"
    if not outcome.loaded:
        return "BROKEN: its tests never import the faulty module"
    if outcome.code == _PASSED:
        return "SURVIVED"
    if outcome.code == _INTERRUPTED and "KeyboardInterrupt" in outcome.log:
        return "caught by an interrupt that left its test"
    if outcome.code != _TESTS_FAILED or not outcome.failed:
        return f"BROKEN: pytest ended with {outcome.code}"
    return f"caught by {outcome.failed[0].removeprefix('tests/')}"


if __name__ == "__main__":
    sys.exit(main())
