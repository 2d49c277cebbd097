"""Standard streams as they are: missing, closed, full, cut off, or of few characters.

Statement.  While `standard_streams` is open, nothing that is printed raises.  What could not be
  printed to stdout is known at its end, and the exit status tells it; a lost line on stderr changes
  nothing, since failures are in the exit status anyway.  No file that is opened meanwhile takes the
  number of a missing stream, so that no library's message gets into a picture.
Tested by tests/cli/test_streams.py
"""

import io
import os
import sys
from contextlib import contextmanager, suppress


class Stream:
    """A text stream that takes everything; what it lost, it remembers.

    Parameters
    ----------
    stream : text file or None
        Where text goes; if None, nobody listens and nothing counts as lost.

    Attributes
    ----------
    error : Exception or None
        Why something was lost.
    """

    def __init__(self, stream):
        self._stream = io.StringIO() if stream is None else stream
        self.error: Exception | None = None

    def write(self, text: str) -> int:
        """Write text; characters that the stream does not have are escaped.

        Parameters
        ----------
        text : str
            The text.

        Returns
        -------
        int
            Its length.
        """
        with self._noted():
            try:
                self._stream.write(text)
            except UnicodeEncodeError as error:
                known = text.encode(error.encoding, "backslashreplace").decode(error.encoding)
                self._stream.write(known)
        return len(text)

    def flush(self) -> None:
        """Pass on what is kept back."""
        with self._noted():
            self._stream.flush()

    def isatty(self) -> bool:
        """Whether somebody is watching."""
        with suppress(AttributeError, OSError, ValueError):
            return self._stream.isatty()
        return False

    def settle(self) -> Exception | None:
        """Flush, and throw away what cannot be passed on: the interpreter would try it again.

        Returns
        -------
        Exception or None
            Why something was lost.
        """
        self.flush()
        if self.error is not None:
            with suppress(AttributeError, OSError, ValueError), _pointing_nowhere(self._stream):
                self._stream.flush()
        return self.error

    @contextmanager
    def _noted(self):
        try:
            yield
        except (OSError, ValueError) as error:  # the latter from a stream that was closed
            self.error = self.error or error

    def __getattr__(self, name: str):
        return getattr(self._stream, name)


@contextmanager
def standard_streams():
    """Put streams that never raise in the place of stdout and stderr.

    Yields
    ------
    tuple of Stream
        stdout and stderr.
    """
    _take_numbers()
    before = sys.stdout, sys.stderr
    own = Stream(sys.stdout), Stream(sys.stderr)
    sys.stdout, sys.stderr = own
    try:
        yield own
    finally:
        sys.stdout, sys.stderr = before


def _take_numbers() -> None:
    """Let no file that is opened from now on be number 0, 1 or 2."""
    with suppress(OSError):
        while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
            os.set_inheritable(number, True)
        os.close(number)


@contextmanager
def _pointing_nowhere(stream):
    """Let a stream's number lead to the null device for a moment."""
    number = stream.fileno()
    kept, nowhere = os.dup(number), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, number)
        yield
    finally:
        os.dup2(kept, number)
        os.close(kept)
        os.close(nowhere)
