"""Lines on stderr: what quiet leaves out, and names that cannot steer a terminal."""

from numbadp.cli.terminal import Terminal, shown


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
    assert capsys.readouterr().err == ""


def test_names_are_escaped():
    """Control characters in a file name are shown, not obeyed."""
    assert "\x1b" not in shown("a\x1b[31mred")
    assert "\n" not in shown("two\nlines")
    assert shown("plain name.png") == "plain name.png"
