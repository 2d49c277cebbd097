"""Lines and a progress bar on stderr."""

import sys
from contextlib import contextmanager


class Terminal:
    """Where a command reports what it does; stdout stays free.

    Parameters
    ----------
    quiet : bool
        Whether only failures are printed.
    """

    def __init__(self, quiet: bool):
        self.quiet = quiet
        self._bar = None

    def failure(self, line: str) -> None:
        """Print one line about something that failed.

        Parameters
        ----------
        line : str
            The line.
        """
        self.line(f"failed: {line}")

    def note(self, line: str) -> None:
        """Print one line that is left out when quiet.

        Parameters
        ----------
        line : str
            The line.
        """
        if not self.quiet:
            self.line(line)

    def line(self, line: str) -> None:
        """Print one line.

        Parameters
        ----------
        line : str
            The line.
        """
        if self._bar is None:
            print(shown(line), file=sys.stderr)
        else:
            self._bar.write(shown(line), file=sys.stderr)

    @contextmanager
    def progress(self, total: int | None, unit: str = "picture"):
        """Show a bar with the remaining time, if stderr is a terminal.

        Parameters
        ----------
        total : int or None
            Number of pictures; None where it is not known: then the bar counts, without an end.
        unit : str, default "picture"
            What is counted.

        Yields
        ------
        callable
            To be called after each of them, or with how many there were.
        """
        if self.quiet or (total is not None and total < 2) or not sys.stderr.isatty():
            yield lambda n=1: None
            return
        from tqdm import tqdm

        with tqdm(total=total, unit=unit, file=sys.stderr, dynamic_ncols=True) as bar:
            self._bar = bar
            try:
                yield bar.update
            finally:
                self._bar = None


def shown(text) -> str:
    """Write what a file or a user brought so that it cannot steer the terminal.

    Parameters
    ----------
    text : object
        A file name, an error, a text from a file.

    Returns
    -------
    str
        One line, with everything escaped that is not printed as it is: control characters, escape
        sequences, line ends, marks that turn the direction of writing, bytes that are no text.
    """
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(text))


def shown_lines(text) -> str:
    """Write a report of several lines, each as `shown` does.

    Parameters
    ----------
    text : object
        Lines that this program put together.

    Returns
    -------
    str
        As many lines.
    """
    return "\n".join(map(shown, str(text).split("\n")))


def count(number: int, word: str) -> str:
    """Write a number of things.

    Parameters
    ----------
    number : int
        How many.
    word : str
        The thing, in the singular.

    Returns
    -------
    str
        For example ``"2 pictures"``.
    """
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
