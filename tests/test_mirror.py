"""Every module has its test, and every module of the mechanism states its claim."""

import ast
import re
from pathlib import Path

import pytest

import numbadp

ROOT = Path(__file__).parents[1]
PACKAGE = Path(numbadp.__file__).parent
WITHOUT_TEST = {"__init__.py", "__main__.py", "_version.py"}
MODULES = [p.relative_to(PACKAGE) for p in sorted(PACKAGE.rglob("*.py"))]
TESTED = [p for p in MODULES if p.name not in WITHOUT_TEST]
STATED = [p for p in MODULES if p.parent == Path("mechanism")]
CLAIMS = [p for p in MODULES if p.parts[0] == "mechanism"]


def docstring(module):
    """Return the docstring of a module of the package."""
    return ast.get_docstring(ast.parse((PACKAGE / module).read_text())) or ""


@pytest.mark.parametrize("module", TESTED, ids=str)
def test_every_module_has_its_test(module):
    """numbadp/a/b.py is tested by tests/a/test_b.py, and that file tests something."""
    path = ROOT / "tests" / module.parent / f"test_{module.name}"
    assert path.is_file()
    assert re.search(r"^def test_\w+", path.read_text(), re.MULTILINE)


@pytest.mark.parametrize("module", STATED, ids=str)
def test_every_mechanism_module_has_its_statement(module):
    """Directly under mechanism/ a docstring has a statement, its proof or assumptions, its test."""
    text = docstring(module)
    assert re.search(r"^Statement\.  \S", text, re.MULTILINE)
    assert re.search(r"^(Proof sketch|Assumes)\.", text, re.MULTILINE)
    named = re.findall(r"^Tested by (\S+)$", text, re.MULTILINE)
    assert len(named) == 1
    assert (ROOT / named[0]).is_file()


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_says_what_it_is(module):
    """Every module has a docstring whose first line is a sentence, and stays below 320 lines."""
    first = docstring(module).partition("\n")[0]
    assert first
    assert len((PACKAGE / module).read_text().splitlines()) < 320


def test_every_mechanism_test_states_its_promise():
    """Each test of the mechanism's side has a docstring."""
    silent = []
    folder = ROOT / "tests"
    for path in sorted([*folder.glob("test_*.py"), *(folder / "mechanism").rglob("test_*.py")]):
        for node in ast.walk(ast.parse(path.read_text())):
            is_test = isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
            if is_test and not ast.get_docstring(node):
                silent.append(f"{path.name}::{node.name}")
    assert not silent
