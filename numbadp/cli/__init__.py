"""The command line: arguments, files, exit codes.

Exit codes: 0 all done, 1 something failed and is named on stderr, or stdout could not be written, 2
wrong usage, 130 interrupted.
Messages carry file names, sizes and modes, which are public, and never a pixel value.
"""

import logging
import sys
from importlib import import_module

from numbadp.cli.arguments import build_parser
from numbadp.cli.streams import standard_streams
from numbadp.cli.terminal import shown

INTERRUPTED = 130
_FAILED, _USAGE = 1, 2


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
        options = build_parser().parse_args(argv)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else _USAGE
    from numbadp.errors import NumbadpError

    try:
        # Commands are imported late: asking for help shall not load NumPy and Numba.
        return import_module(f"numbadp.cli.{options.module}").run(options)
    except NumbadpError as error:
        # Options are checked before the first file; what fails on a file never gets here.
        print(f"numbadp {options.command}: error: {shown(error)}", file=sys.stderr)
        return _USAGE
    except KeyboardInterrupt:
        print(f"numbadp {options.command}: interrupted", file=sys.stderr)
        return INTERRUPTED
