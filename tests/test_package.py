"""The package as others get it: source distribution, metadata, floors of dependencies."""

import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from email import message_from_string
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
README = (ROOT / "README.md").read_text("utf-8")
LINK = re.compile(r"\]\(([^)\s]+)\)")
FOLDERS = (".ci", "bench", "docs", "notebooks", "numbadp", "tests")
LEFT_OUT = ("__pycache__", "*.py[cod]", "*.egg-info", ".ipynb_checkpoints")
BUILD = "from setuptools import build_meta; build_meta.build_sdist('dist')"


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A source distribution, built without a network, taken apart: from names to contents."""
    tree = tmp_path_factory.mktemp("tree")
    for path in ROOT.iterdir():
        if path.name in FOLDERS:
            shutil.copytree(path, tree / path.name, ignore=shutil.ignore_patterns(*LEFT_OUT))
        elif path.is_file():
            shutil.copy(path, tree)
    command = [sys.executable, "-W", "ignore", "-c", BUILD]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr
    (archive,) = (tree / "dist").iterdir()
    with tarfile.open(archive) as opened:
        files = [each for each in opened.getmembers() if each.isfile()]
        return {each.name.partition("/")[2]: opened.extractfile(each).read() for each in files}


def test_the_source_distribution_is_the_repository(source):
    """All of it: tests with what they read, benchmarks, docs, changelog."""
    ours = {
        path.relative_to(ROOT).as_posix()
        for name in FOLDERS
        for path in (ROOT / name).rglob("*")
        if path.is_file() and not any(map(path.match, LEFT_OUT)) and "__pycache__" not in path.parts
    }
    assert len(ours) > 300
    assert ours - set(source) == set()
    top = {"CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md"}
    assert top | {"mkdocs.yml", "pyproject.toml", "setup.py"} <= set(source)
    assert not [name for name in source if name.endswith(".pyc")]


def test_on_a_package_index_every_link_leads_somewhere(source):
    """The description has no relative link, and the metadata name the project's places."""
    metadata = message_from_string(source["PKG-INFO"].decode("utf-8"))
    links = LINK.findall(metadata.get_payload())
    assert len(links) == len(LINK.findall(README)) > 20
    assert [link for link in links if not link.startswith(("https://", "#"))] == []
    assert "/raw/main/docs/demo.jpg" in metadata.get_payload()
    assert metadata["Description-Content-Type"] == "text/markdown"
    urls = dict(line.split(", ") for line in metadata.get_all("Project-URL"))
    assert {"Documentation", "Source", "Changelog", "Issues"} <= set(urls)


def test_in_the_repository_every_link_of_the_readme_leads_to_a_file():
    """What is linked is there."""
    relative = [link.partition("#")[0] for link in LINK.findall(README) if ":" not in link]
    assert [path for path in relative if not (ROOT / path).is_file()] == []


def test_the_readme_is_short():
    """Tables are in the docs."""
    assert len(README.splitlines()) <= 250


def test_every_dependency_but_one_has_a_floor():
    """Numba says which llvmlite it takes; all others are tested at their floors by `.ci/floors`."""
    loose = [each for each in PROJECT["project"]["dependencies"] if ">=" not in each]
    assert loose == ["llvmlite"]
