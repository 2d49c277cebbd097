"""What the site takes from the package when it is built: help texts, and formats as specified."""

import ast
import re
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_HELP = re.compile(r"^<!-- help: (\w*) -->$", re.MULTILINE)
_STATED = re.compile(r"^<!-- docstring: (\S+) -->$", re.MULTILINE)


def on_page_markdown(markdown, page, config, files):
    """Put the help of a command, or the docstring of a module, where a page asks for it."""
    markdown = _HELP.sub(lambda found: f"```text\n{_help(found[1])}```", markdown)
    return _STATED.sub(lambda found: f"```text\n{_docstring(found[1])}\n```", markdown)


def _help(command: str) -> str:
    words = [sys.executable, "-m", "numbadp", *command.split(), "--help"]
    done = subprocess.run(words, check=True, cwd=_ROOT, capture_output=True, encoding="utf-8")
    return done.stdout


def _docstring(path: str) -> str:
    return ast.get_docstring(ast.parse((_ROOT / path).read_text("utf-8"))) or ""
