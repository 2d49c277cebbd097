"""The command line: arguments, files, exit codes.

Exit codes: 0 all done, 1 something failed and is named on stderr, or stdout could not be written, 2
wrong usage, 130 interrupted, 143 terminated, 129 hung up; what was paid for is kept first.
Messages carry file names, sizes and modes, which are public, and never a pixel value.
"""

import logging
import signal
import sys
from contextlib import contextmanager
from importlib import import_module
from threading import current_thread, main_thread

from numbadp.cli.arguments import build_parser
from numbadp.cli.handling import joined
from numbadp.cli.streams import standard_streams
from numbadp.cli.terminal import shown

INTERRUPTED = 130
_FAILED, _USAGE = 1, 2
_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


def main(argv: list[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : list of str, optional
        Arguments without the program's name; those of the process by default.

    Returns
    -------
    int
        The exit code.
    """
    # What the library logs about kernels that cannot be kept, the command line says by itself.
    logging.getLogger("numbadp").addHandler(logging.NullHandler())
    with standard_streams() as (out, err):
        code = _run(argv)
        lost = out.settle()
        if lost is not None:
            code = code or _FAILED
            if not isinstance(lost, BrokenPipeError):  # whoever closed it knows
                reason = getattr(lost, "strerror", None) or lost
                print(f"numbadp: error: standard output was lost: {reason}", file=err)
        err.settle()
    return code


def _run(argv: list[str] | None) -> int:
    try:
        options = build_parser().parse_args(joined(sys.argv[1:] if argv is None else argv))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else _USAGE
    from numbadp.errors import NumbadpError

    try:
        with _ending_as_interrupts() as received:
            return _interruptible(options, received)
    except NumbadpError as error:
        # Options are checked before the first file; what fails on a file never gets here.
        print(f"numbadp {options.command}: error: {shown(error)}", file=sys.stderr)
        return _USAGE


def _interruptible(options, received: list[int]) -> int:
    try:
        # Commands are imported late: asking for help shall not load NumPy and Numba.
        code = import_module(f"numbadp.cli.{options.module}").run(options)
    except KeyboardInterrupt:
        print(f"numbadp {options.command}: interrupted", file=sys.stderr)
        code = INTERRUPTED
    return 128 + received[0] if received and code == INTERRUPTED else code


@contextmanager
def _ending_as_interrupts():
    """Let signals that end a process at once end it as Ctrl-C does: nothing paid for is lost.

    Yields
    ------
    list of int
        The signal that came; a second one does not cut the first one's rescue short.
    """
    received: list[int] = []

    def interrupt(number, frame):
        if not received:
            received.append(number)
            raise KeyboardInterrupt

    before = {}
    if current_thread() is main_thread():
        for number in _ENDING:
            # What is ignored, as under nohup, or has a handler stays so.
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, interrupt)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
