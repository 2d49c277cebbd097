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
STATED = [p for p in MODULES if p.parent in (Path("mechanism"), Path("mechanism/pool"))]
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


PARTS = ("Statement", "Proof sketch", "Assumes")


@pytest.mark.parametrize("module", STATED, ids=str)
def test_every_mechanism_module_has_its_statement(module):
    """Directly under mechanism/ a docstring has a statement, its proof, assumptions, its test."""
    text = docstring(module)
    places = [re.search(rf"^{part}\.(?:  \S|$)", text, re.MULTILINE) for part in PARTS]
    assert all(places), [p for p, found in zip(PARTS, places, strict=True) if not found]
    assert [p.start() for p in places] == sorted(p.start() for p in places)
    named = re.findall(r"^Tested by (\S+)$", text, re.MULTILINE)
    assert len(named) == 1
    assert (ROOT / named[0]).is_file()


def steps_of(text):
    """Return the numbers of the steps of a module's proof sketch."""
    sketch = re.search(r"^Proof sketch\.(.*?)^Assumes\.", text, re.MULTILINE | re.DOTALL)
    numbers = re.findall(r"^  \((\d+)\) ", sketch[1], re.MULTILINE)
    return [int(number) for number in numbers]


def cited(text, before=""):
    """Return the steps that a text cites as "step 3", "steps 1 to 3" or "steps 1 and 2"."""
    found = set()
    pattern = rf"(?i){before}steps? (\d+)(?: (to|and) (\d+))?"
    for first, joint, last in re.findall(pattern, text):
        found.add(int(first))
        if last:
            found |= set(range(int(first), int(last) + 1)) if joint == "to" else {int(last)}
    return found


def code_below(path):
    """Return a module's source without its docstring."""
    source = path.read_text()
    return source.replace(ast.get_docstring(ast.parse(source), clean=False) or "", "", 1)


@pytest.mark.parametrize("module", STATED, ids=str)
def test_every_step_of_a_proof_is_cited_where_it_is_carried_out(module):
    """The code of the module, or "module.py, step N" in its kernels and elsewhere, has each step."""
    steps = steps_of(docstring(module))
    assert steps == list(range(1, len(steps) + 1))
    found = cited(code_below(PACKAGE / module))
    for other in MODULES:
        found |= cited((PACKAGE / other).read_text(), rf"{re.escape(module.name)}, ")
    assert set(steps) <= found, f"nobody carries out {sorted(set(steps) - found)}"


def test_the_search_for_steps_sees_what_is_missing():
    """Power: ranges and pairs are read, other modules' steps and bare numbers are not."""
    assert cited("steps 1 to 3; Step 7; steps 9 and 11; (4)") == {1, 2, 3, 7, 9, 11}
    assert cited("noise.py, step 4; sums.py, step 5", r"noise\.py, ") == {4}
    assert steps_of("Proof sketch.  Let.\n  (1) a\n  (2) b (7)\nAssumes.  x") == [1, 2]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_says_what_it_is(module):
    """Every module has a docstring whose first line is a sentence; no file outgrows one idea."""
    first = docstring(module).partition("\n")[0]
    assert first
    assert len((PACKAGE / module).read_text().splitlines()) < 450


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
