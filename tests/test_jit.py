"""The decorator: what every kernel is compiled with, and where compiled kernels are kept."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba.core import config

from numbadp import _version
from numbadp import jit as jit_module
from numbadp.jit import cache_folder, cache_root, jit, jit_inline

SCRIPT = """
from numbadp.jit import jit
@jit
def add(a, b):
    return a + b
assert add(2, 3) == 5
print(sum(add.stats.cache_hits.values()), sum(add.stats.cache_misses.values()))
"""


@pytest.fixture
def fresh_folder():
    """Forget the folder that was found before, and again afterwards."""
    cache_folder.cache_clear()
    yield
    cache_folder.cache_clear()


@pytest.mark.parametrize("decorate", [jit, jit_inline])
def test_kernels_have_no_python_objects_and_no_gil(decorate):
    """A kernel is compiled in nopython mode, releases the GIL, and nothing is reordered."""
    kernel = decorate(lambda x: x)
    assert kernel(3) == 3
    assert kernel.targetoptions["nopython"]
    assert kernel.targetoptions["nogil"]
    assert not kernel.targetoptions.get("fastmath")
    assert not kernel.targetoptions.get("parallel")


def test_arithmetic_is_ieee_and_unreordered():
    """Division by zero gives infinity, and sums are not reassociated."""

    @jit
    def divide(a, b):
        return a / b

    @jit
    def total(values):
        result = np.float32(0)
        for value in values:
            result += value
        return result

    assert divide(1.0, 0.0) == np.inf
    values = np.array([1e8, 1, -1e8, 1] * 64, np.float32)
    exact = np.float32(0)
    for value in values:
        exact = np.float32(exact + value)
    assert total(values) == exact


@pytest.mark.parametrize("value", [None, "", "0"])
def test_caching_is_off_unless_asked(value, monkeypatch, fresh_folder):
    """Without NUMBADP_CACHE, or with 0, nothing is kept."""
    monkeypatch.delenv("NUMBADP_CACHE", raising=False)
    if value is not None:
        monkeypatch.setenv("NUMBADP_CACHE", value)
    assert cache_folder() is None


def test_the_folder_is_named_after_version_and_source(monkeypatch, fresh_folder, tmp_path):
    """The folder exists, and its name has the version and 16 digits of a hash."""
    monkeypatch.setenv("NUMBADP_CACHE", "1")
    monkeypatch.setenv("NUMBADP_CACHE_DIR", str(tmp_path))
    folder = cache_folder()
    assert folder.is_dir()
    assert folder.parent == tmp_path
    version, digest = folder.name.rsplit("-", 1)
    assert version == _version.__version__
    assert len(bytes.fromhex(digest)) == 8


def test_any_changed_source_of_a_kernel_changes_the_name(monkeypatch, tmp_path):
    """A changed, added or renamed file gives another hash; what no kernel is made of does not."""
    (tmp_path / "kernels").mkdir()
    for name in jit_module._SHARED_SOURCE:
        (tmp_path / name).write_text("")
    module = tmp_path / "kernels" / "a.py"
    module.write_text("x = 1\n")
    monkeypatch.setattr(jit_module, "__file__", str(tmp_path / "jit.py"))
    source_hash = jit_module._source_hash.__wrapped__
    seen = [source_hash()]
    (tmp_path / "notes.txt").write_text("no code")
    (tmp_path / "ledger.py").write_text("no kernel imports it")
    assert source_hash() == seen[0]
    module.write_text("x = 2\n")
    seen.append(source_hash())
    (tmp_path / "kernels" / "b.py").write_text("")
    seen.append(source_hash())
    module.rename(tmp_path / "kernels" / "c.py")
    seen.append(source_hash())
    (tmp_path / "lanes.py").write_text("y = 1\n")
    seen.append(source_hash())
    assert len(set(seen)) == 5


def test_kernels_are_made_of_hashed_source_alone():
    """Whatever a kernel's file imports of the package, directly or by others, is hashed."""
    root = Path(jit_module.__file__).parent
    hashed = {path.relative_to(root).as_posix() for path in jit_module._kernel_source(root)}
    for name in hashed:
        for node in ast.walk(ast.parse((root / name).read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("numbadp"):
                files = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
                found = [f"{file.partition('.')[2].replace('.', '/')}.py" for file in files]
                found = [file for file in found if (root / file).is_file()]
                assert set(found) <= hashed | {"errors.py"}, name
    errors = ast.parse((root / "errors.py").read_text("utf-8")).body  # holds no value or code
    assert {type(node) for node in errors} <= {ast.Expr, ast.ClassDef}


def test_an_impossible_folder_means_no_caching(monkeypatch, fresh_folder, tmp_path):
    """Where no folder can be made, kernels are compiled and not kept."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("NUMBADP_CACHE", "1")
    monkeypatch.setenv("NUMBADP_CACHE_DIR", str(blocked))
    assert cache_folder() is None
    assert jit(lambda x: x + 1)(1) == 2


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", "XDG_CACHE_HOME", "base/numbadp"),
        ("linux", None, "home/.cache/numbadp"),
        ("darwin", None, "home/Library/Caches/numbadp"),
        ("win32", "LOCALAPPDATA", "base/numbadp"),
        ("win32", None, "home/AppData/Local/numbadp"),
    ],
)
def test_the_root_is_the_platforms_cache(platform, variable, expected, monkeypatch, tmp_path):
    """Without a folder of the caller's choice the platform's user cache is taken."""
    for name in ("NUMBADP_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "base"))
    assert cache_root() == tmp_path / expected


def test_the_second_process_starts_from_the_cache(tmp_path):
    """With NUMBADP_CACHE=1 a kernel compiled once is loaded by the next process."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    root = Path(jit_module.__file__).parents[1]
    environment = os.environ | {
        "NUMBADP_CACHE": "1", "NUMBADP_CACHE_DIR": str(tmp_path / "kept"), "PYTHONPATH": str(root),
    }  # fmt: skip
    environment.pop("NUMBA_CACHE_DIR", None)
    runs = [
        subprocess.run(
            [sys.executable, str(script)], env=environment, capture_output=True, text=True,
            check=True, timeout=120,
        ).stdout.split()
        for _ in range(2)
    ]  # fmt: skip
    assert runs == [["0", "1"], ["1", "0"]]


def test_other_code_keeps_its_cache_folder(monkeypatch, fresh_folder, tmp_path):
    """Decorating a kernel leaves Numba's own setting as it was."""
    monkeypatch.setenv("NUMBADP_CACHE", "1")
    monkeypatch.setenv("NUMBADP_CACHE_DIR", str(tmp_path))
    before = config.CACHE_DIR
    jit(cache_root)  # any function that lies in a file
    assert before == config.CACHE_DIR
