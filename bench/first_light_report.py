"""A pytest plugin: what every test did, in a file that is whole after every test.

``FIRST_LIGHT_REPORT=FILE pytest -p bench.first_light_report``
"""

import os
import time
from pathlib import Path

from bench.first_light import write

_TAIL = 4000  # characters of a failure
_found = {"finished": False, "passed": 0, "failed": 0, "skipped": 0, "seconds": 0, "tests": []}
_began = time.monotonic()


def pytest_runtest_logreport(report):
    """Count a test, or what went wrong around it."""
    if report.when != "call" and report.passed:
        return
    _found[report.outcome] += 1
    entry = {"test": report.nodeid, "outcome": report.outcome, "seconds": report.duration}
    if not report.passed:
        entry["why"] = str(report.longrepr)[-_TAIL:]
    _found["tests"].append(entry)
    _write()


def pytest_collectreport(report):
    """A file that cannot be read is a failure."""
    if report.failed:
        _found["failed"] += 1
        why = str(report.longrepr)[-_TAIL:]
        _found["tests"].append({"test": report.nodeid, "outcome": "failed", "why": why})
        _write()


def pytest_sessionfinish(session, exitstatus):
    """Say that this is all."""
    _found["finished"], _found["exit"] = True, int(exitstatus)
    _write()


def _write():
    _found["seconds"] = time.monotonic() - _began
    write(Path(os.environ["FIRST_LIGHT_REPORT"]), _found)
