"""Lines on stderr: what quiet leaves out, and names that cannot steer a terminal."""

import pytest

from numbadp.cli.terminal import Terminal, shown, shown_lines


def test_quiet_keeps_failures_and_drops_notes(capsys):
    """Quiet prints failures only; otherwise both are printed, to stderr alone."""
    for quiet in (True, False):
        terminal = Terminal(quiet=quiet)
        terminal.note("a note")
        terminal.failure("a reason")
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "failed: a reason" in printed.err
        assert ("a note" in printed.err) == (not quiet)


def test_no_bar_without_a_terminal(capsys):
    """Progress prints nothing where stderr is not a terminal."""
    with Terminal(quiet=False).progress(5) as advance:
        advance()
    with Terminal(quiet=False).progress(None, "frame") as advance:
        advance(3)
    assert capsys.readouterr().err == ""


def test_a_bar_without_an_end_counts(capsys, monkeypatch):
    """Where the total is not known the bar says how many there were."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with Terminal(quiet=False).progress(None, "frame") as advance:
        advance(3)
        advance()
    assert "4frame" in capsys.readouterr().err


def test_names_are_escaped():
    """Control characters in a file name are shown, not obeyed."""
    assert "\x1b" not in shown("a\x1b[31mred")
    assert "\n" not in shown("two\nlines")
    assert shown("plain name.png") == "plain name.png"


HOSTILE = "a\x1b[2J\r\n\x07\x9b1m\u202egpj\u2066\u200f\u2028\x7f\ud800.png"


@pytest.mark.parametrize(
    "character", HOSTILE[1:-4].replace("[2J", "").replace("1m", "").replace("gpj", "")
)
def test_nothing_that_steers_is_printed(character):
    """Control characters, either sequence introducer, line ends, turned writing, half characters."""
    assert shown(character).isprintable() and shown(character) != character
    assert shown(shown(character)) == shown(character)


def test_reports_keep_their_lines():
    assert shown_lines("one\ntwo\x1b\r") == "one\ntwo\\x1b\\r"


def test_every_line_is_escaped(capsys):
    """Whoever wrote it: failures, notes and plain lines, each one line."""
    terminal = Terminal(quiet=False)
    for say in (terminal.failure, terminal.note, terminal.line):
        say(HOSTILE)
        printed = capsys.readouterr().err
        assert printed.count("\n") == 1 and printed.strip().isprintable()
