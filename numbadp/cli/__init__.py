"""The command line: arguments, files, exit codes.

Exit codes: 0 all done, 1 something failed and is named on stderr, 2 wrong usage, 130 interrupted.
Messages carry file names, sizes and modes, which are public, and never a pixel value.
"""

import os
import sys
from importlib import import_module

from numbadp.cli.arguments import build_parser
from numbadp.cli.terminal import shown

INTERRUPTED = 130
_USAGE = 2


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
    # Before any kernel is imported: the second run shall start at once.
    os.environ.setdefault("NUMBADP_CACHE", "1")
    try:
        options = build_parser().parse_args(argv)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else _USAGE
    return _run(options)


def _run(options) -> int:
    from numbadp.errors import NumbadpError

    # Commands are imported late: asking for help shall not load NumPy and Numba.
    command = import_module(f"numbadp.cli.{options.module}")
    try:
        code = command.run(options)
        sys.stdout.flush()
        return code
    except NumbadpError as error:
        # Options are checked before the first file; what fails on a file never gets here.
        print(f"numbadp {options.command}: error: {shown(error)}", file=sys.stderr)
        return _USAGE
    except KeyboardInterrupt:
        print(f"numbadp {options.command}: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader went away; keep the interpreter from complaining again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
