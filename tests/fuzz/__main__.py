"""Feed hostile input to the package for as long as you like.

``python -m tests.fuzz --minutes 10`` shares the time among all rows of `targets.TARGETS`, each in a
process of its own with limited memory; names select some.  Every example has a deadline.  Exit code
0: nothing misbehaved; 1: the example that did is printed, and the last input of a process that died.
"""

import argparse
import faulthandler
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS.parent)]

from fuzz.limits import limit_memory  # noqa: E402
from fuzz.pictures import claims  # noqa: E402
from fuzz.targets import TARGETS, Target, check_picture_file  # noqa: E402

_MEBIBYTES = 1024  # above what the process has when it starts; compiling kernels takes most of it
_DEADLINE = 300  # seconds for one example: some compile kernels, perhaps on a busy machine
_BATCH = 200
_SHOWN = 2000


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="TARGET", help="targets (default: all)")
    parser.add_argument("--minutes", type=float, default=10, help="in all (default: 10)")
    parser.add_argument("--list", action="store_true", help="print the targets and stop")
    options = parser.parse_args()
    chosen = [t for t in TARGETS if not options.names or t.name in options.names]
    unknown = set(options.names) - {t.name for t in TARGETS}
    if unknown or options.list:
        print("\n".join(f"{t.name}: {t.check.__doc__}" for t in TARGETS))
        return 2 if unknown else 0
    os.environ.setdefault("NUMBADP_CACHE", "1")
    seconds = options.minutes * 60 / (len(chosen) + (not options.names))
    failed = sum(not survives(t.name, lambda t=t: explore(t, seconds)) for t in chosen)
    if not options.names:
        failed += not survives("huge claims", lambda: claim(seconds))
    print(f"{len(chosen) + (not options.names) - failed} passed, {failed} failed")
    return 1 if failed else 0


def explore(target: Target, seconds: float) -> int:
    """Try examples until the time is over; return how many."""
    from hypothesis import HealthCheck, Phase, given, seed, settings

    count, end = 0, time.monotonic() + seconds

    @settings(
        max_examples=_BATCH, deadline=None, database=None, derandomize=False,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    @given(target.inputs)
    def one(example):
        nonlocal count
        count += 1
        if time.monotonic() < end:
            guarded(target.check, example)

    while time.monotonic() < end:
        seed(int.from_bytes(os.urandom(8), "little"))(one)()
    return count


def claim(seconds: float) -> int:
    """Try the files that claim huge sizes until the time is over; return how many."""
    count, end = 0, time.monotonic() + seconds
    for _, content in claims():
        if time.monotonic() > end:
            break
        count += 1
        guarded(check_picture_file, content)
    return count


def guarded(check, example) -> None:
    """Run one check with a deadline, and leave the example behind for whoever finds the process dead."""
    os.pwrite(_last, repr(example)[:_SHOWN].encode("utf-8", "replace").ljust(_SHOWN), 0)
    faulthandler.dump_traceback_later(_DEADLINE, exit=True)
    try:
        check(example)
    finally:
        faulthandler.cancel_dump_traceback_later()


def survives(name: str, work) -> bool:
    """Run `work` in a forked child with limited memory, and tell how it ended."""
    global _last
    with tempfile.TemporaryFile() as last:
        _last = last.fileno()
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            _end(name, work)
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        if code not in (0, 1):
            example = os.pread(_last, _SHOWN, 0).decode("utf-8", "replace").strip()
            print(f"{name}: the process ended with {code}; its last input was\n{example}")
        return code == 0


def _end(name: str, work) -> None:
    """Do the work of a child and end it, whatever happens."""
    code = 1
    try:
        faulthandler.enable()
        limit_memory(_MEBIBYTES)
        print(f"{name}: {work()} examples, nothing misbehaved")
        code = 0
    except BaseException:
        traceback.print_exc()
        print(f"{name}: misbehaved")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


_last = -1

if __name__ == "__main__":
    sys.exit(main())
