"""What the site takes from the package when it is built: the help texts of the command line."""

import re
import subprocess
import sys

_MARK = re.compile(r"^<!-- help: (\w*) -->$", re.MULTILINE)


def on_page_markdown(markdown, page, config, files):
    """Put the help of a command where a page asks for it."""
    return _MARK.sub(lambda found: f"```text\n{_help(found[1])}```", markdown)


def _help(command: str) -> str:
    words = [sys.executable, "-m", "numbadp", *command.split(), "--help"]
    return subprocess.run(words, check=True, capture_output=True, encoding="utf-8").stdout
