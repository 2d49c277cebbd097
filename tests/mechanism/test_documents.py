"""The documents for reviewers: every test that they name exists, every number is computed."""

import ast
import re
from pathlib import Path

import pytest

import numbadp
from numbadp.mechanism.noise import tie_probability, trip_count_delta
from numbadp.mechanism.planning import build_plan

PACKAGE = Path(numbadp.__file__).parent
TESTS = Path(__file__).parents[1]
DOCUMENTS = ("PRIVACY.md", "THREATS.md")
IN_SCOPE = (
    "Floating point", "Precision", "Biased sampling", "Sensitivity", "Overflow", "Generator",
    "Fork", "Compiled kernels from somewhere else", "Counter reuse", "Control flow",
    "Trip-count timing", "Interruption", "What stays in memory after a release",
    "Promises about different pixels", "Layouts from strangers", "Coding",
    "Other pixels than the user sees", "Forged release files", "Releases that no budget sees",
    "Tries that are repeated", "Planted links and wide rights", "Metadata in files",
    "Frames that are not covered", "Pages elsewhere", "Boxes for another picture",
    "One picture by several names", "Outputs that others may read",
)  # fmt: skip
OUT_OF_SCOPE = ("Caches", "power", "Memory dumps", "forked", "again and again", "Choosing from",
                "mixed before we saw it")  # fmt: skip


def text_of(name):
    """Return a document."""
    return (PACKAGE / name).read_text("utf-8")


def named_tests(text):
    """Return the (file, test or None) that a text names, folders of earlier names included."""
    return re.findall(r"`?((?:\w+/)*test_\w+\.py)(?:::(test_\w+))?", text)


def defined(path):
    """Return the test functions of a file."""
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_test_that_a_document_names_exists(name):
    """Files lie where they are said to, and define the tests that are named."""
    found = named_tests(text_of(name))
    assert len(found) > 8
    for file, test in found:
        places = [TESTS / file] if "/" in file else list(TESTS.rglob(file))
        assert any(p.is_file() and (not test or test in defined(p)) for p in places), (file, test)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_module_that_a_document_names_exists(name):
    """Paths of modules in code marks are files or folders of the package, or of its tests."""
    for path in re.findall(r"`((?:\w+/)*\w+(?:\.py|/))`", text_of(name)):
        assert (
            any((root / path).exists() for root in (PACKAGE, TESTS, TESTS.parent))
            or list((PACKAGE).rglob(path))
            or list(TESTS.rglob(path))
        ), path


def test_every_threat_in_scope_has_a_test():
    """Each row of the table names at least one test function; the rows are those of the issue."""
    table = text_of("THREATS.md").partition("## In scope")[2].partition("## Out of scope")[0]
    rows = [line for line in table.splitlines() if line.startswith("| **")]
    assert tuple(re.match(r"\| \*\*([^*]+)\*\*", row)[1] for row in rows) == IN_SCOPE
    for row in rows:
        assert all(test for _, test in named_tests(row)) and named_tests(row), row


def test_what_is_out_of_scope_is_said():
    """Each class of attack that is left to the user is named."""
    text = text_of("THREATS.md").partition("## Out of scope")[2]
    assert all(words in text for words in OUT_OF_SCOPE)


def test_the_tie_bound_is_the_computed_one():
    """Both powers of two in the document are those of a plan of a million values at epsilon 1."""
    plan = build_plan((4000, 4000), epsilon=1, cell=4)
    assert plan.draws == 10**6
    stated = [int(k) for k in re.findall(r"<= 2\^-(\d+)", text_of("THREATS.md"))]
    for exponent, exact in zip(
        stated, (tie_probability(plan), float(trip_count_delta(plan))), strict=True
    ):
        assert 2.0 ** -(exponent + 1) < exact <= 2.0**-exponent


def test_the_argument_stays_short():
    """PRIVACY.md is the whole argument on about three pages."""
    assert len(text_of("PRIVACY.md").split()) < 1500


def test_the_documents_are_packaged():
    """Both are data of the package, so an installed copy has them."""
    listed = (TESTS.parent / "pyproject.toml").read_text("utf-8")
    for name in DOCUMENTS:
        assert f'"{name}"' in re.search(r"^numbadp = \[.*\]$", listed, re.MULTILINE)[0]
