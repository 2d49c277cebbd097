"""What the site takes from the package when it is built: help texts, formats as specified, names.

Names that no page of the reference has by hand are put into `docs/api/more.md`, so that a new
public name is never without a place.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENTED = re.compile(r"^::: (\S+)$", re.MULTILINE)
_HELP = re.compile(r"^<!-- help: (\w*) -->$", re.MULTILINE)
_STATED = re.compile(r"^<!-- docstring: (\S+) -->$", re.MULTILINE)
_BELOW = "\n    options: { heading_level: 3 }"
_MORE = "<!-- names without a page -->"
# Rooms that list names for the package itself, or for its other rooms.
_INTERNAL = (
    "accounting", "advice", "cli", "compute", "inputs", "mechanism", "pictures", "plan",
    "postprocess", "release", "storage", "ui",
)  # fmt: skip


def on_config(config):
    """Put pages that nobody listed at the end of the guides."""
    docs = Path(config["docs_dir"])
    known = {str(page) for page in listed((ROOT / "mkdocs.yml").read_text("utf-8"))}
    pages = (str(path.relative_to(docs)) for path in sorted(docs.rglob("*.md")))
    guides = next(part["How to"] for part in config["nav"] if "How to" in part)
    guides += [page for page in pages if page not in known]
    return config


def listed(navigation: str) -> list[Path]:
    """The pages that the navigation of `mkdocs.yml` names."""
    return [Path(page) for page in re.findall(r"^ +- .*: (\S+\.md)$", navigation, re.MULTILINE)]


def on_page_markdown(markdown, page, config, files):
    """Put the help of a command, the docstring of a module, or names where a page asks for it."""
    markdown = _HELP.sub(lambda found: f"```text\n{_help(found[1])}```", markdown)
    markdown = _STATED.sub(lambda found: f"```text\n{_docstring(found[1])}\n```", markdown)
    return markdown.replace(_MORE, more_names()) if _MORE in markdown else markdown


def more_names() -> str:
    """Markdown for the public names that no page has by hand, a heading for each room."""
    pages = (ROOT / "docs" / "api").glob("*.md")
    by_hand = DOCUMENTED.findall("".join(page.read_text("utf-8") for page in pages))
    parts = []
    for room, names in public_names().items():
        paths = [path for path in names if not _is_documented(path, by_hand)]
        if paths:
            parts += [f"## `{room}`", *(f"::: {path}{_BELOW}" for path in paths)]
    return "\n\n".join(parts)


def public_names() -> dict[str, list[str]]:
    """Where the public names are defined: of the package, and of each room that lists its own."""
    package = ROOT / "numbadp"
    inits = [*package.glob("*/__init__.py"), *package.glob("*.py")]
    rooms = {package / "__init__.py": "numbadp"}
    for path in sorted(inits):
        if path != package / "__init__.py":
            name = path.parent.name if path.name == "__init__.py" else path.stem
            rooms[path] = f"numbadp.{name}"
    found = {room: _listed(path, room) for path, room in rooms.items()}
    return {room: names for room, names in found.items() if names}


def _listed(path: Path, room: str) -> list[str]:
    """The names of a module's `__all__`, with the modules that define them, public ones alone."""
    tree = ast.parse(path.read_text("utf-8"))
    values = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    if "_HOMES" in values:
        return [f"{home}.{name}" for name, home in ast.literal_eval(values["_HOMES"]).items()]
    if not isinstance(values.get("__all__"), ast.List) or room.partition(".")[2] in _INTERNAL:
        return []
    homes = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return [homes.get(name, f"{room}.{name}") for name in ast.literal_eval(values["__all__"])]


def _is_documented(path: str, by_hand: list[str]) -> bool:
    return path in by_hand or path.rpartition(".")[0] in by_hand


def _help(command: str) -> str:
    words = [sys.executable, "-m", "numbadp", *command.split(), "--help"]
    done = subprocess.run(words, check=True, cwd=ROOT, capture_output=True, encoding="utf-8")
    return done.stdout


def _docstring(path: str) -> str:
    return ast.get_docstring(ast.parse((ROOT / path).read_text("utf-8"))) or ""
