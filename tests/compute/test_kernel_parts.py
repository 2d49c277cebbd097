"""What kernels are made of: the source on disk gives a name, the code in memory a digest."""

import ast
import textwrap
from pathlib import Path

import numpy as np
import pytest

from numbadp.compute import kernel_parts
from numbadp.compute.jit import jit
from numbadp.compute.kernel_parts import UnkeepableError, made_of
from numbadp.mechanism.kernels import measure_body
from numbadp.mechanism.kernels.chacha_body import build_block

ROOT = Path(kernel_parts.__file__).parents[1]
FORM = measure_body.build_form(lambda function: function)


def a_package(folder):
    """Make something that has the files of a package."""
    (folder / "kernels").mkdir()
    for name in kernel_parts.SHARED_SOURCE:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("")
    (folder / "kernels" / "a.py").write_text("x = 1\n")


def test_any_changed_source_of_a_kernel_changes_the_name(monkeypatch, tmp_path):
    """A changed, added or renamed file gives another hash; what no kernel is made of does not."""
    a_package(tmp_path)
    monkeypatch.setattr(kernel_parts, "__file__", str(tmp_path / "compute" / "kernel_parts.py"))
    source_hash = kernel_parts.source_hash.__wrapped__
    seen = [source_hash()]
    (tmp_path / "notes.txt").write_text("no code")
    (tmp_path / "ledger.py").write_text("no kernel imports it")
    assert source_hash() == seen[0]
    (tmp_path / "kernels" / "a.py").write_text("x = 2\n")
    seen.append(source_hash())
    (tmp_path / "kernels" / "b.py").write_text("")
    seen.append(source_hash())
    (tmp_path / "kernels" / "a.py").rename(tmp_path / "kernels" / "c.py")
    seen.append(source_hash())
    (tmp_path / "compute" / "lanes.py").write_text("y = 1\n")
    seen.append(source_hash())
    assert len(set(seen)) == 5


def test_text_that_moves_from_one_file_to_the_next_changes_the_name(monkeypatch, tmp_path):
    """Every file's content is hashed by itself: no two states of a package look alike."""
    a_package(tmp_path)
    monkeypatch.setattr(kernel_parts, "__file__", str(tmp_path / "compute" / "kernel_parts.py"))
    (tmp_path / "kernels" / "a.py").write_text("x = 1\nkernels/b.pyy = 2\n")
    one = kernel_parts.source_hash.__wrapped__()
    (tmp_path / "kernels" / "a.py").write_text("x = 1\n")
    (tmp_path / "kernels" / "b.py").write_text("y = 2\n")
    assert kernel_parts.source_hash.__wrapped__() != one


@pytest.mark.parametrize("missing", ["kernels/a.py", "compute/lanes.py", "everything"])
def test_without_its_source_there_is_no_hash(missing, monkeypatch, tmp_path):
    """A zip, a frozen program, .pyc files alone: the hash of nothing is none."""
    a_package(tmp_path)
    for path in [tmp_path / missing] if missing != "everything" else list(tmp_path.rglob("*.py")):
        path.unlink()
    monkeypatch.setattr(kernel_parts, "__file__", str(tmp_path / "compute" / "kernel_parts.py"))
    assert kernel_parts.source_hash.__wrapped__() is None


def test_kernels_are_made_of_hashed_source_alone():
    """Whatever a kernel's file imports of the package, directly or by others, is hashed."""
    hashed = {path.relative_to(ROOT).as_posix() for path in kernel_parts.kernel_source(ROOT)}
    for name in hashed:
        for node in ast.walk(ast.parse((ROOT / name).read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("numbadp"):
                files = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
                found = [f"{file.partition('.')[2].replace('.', '/')}.py" for file in files]
                found = [file for file in found if (ROOT / file).is_file()]
                assert set(found) <= hashed | {"errors.py"}, name
    errors = ast.parse((ROOT / "errors.py").read_text("utf-8")).body  # holds no value or code
    assert {type(node) for node in errors} <= {ast.Expr, ast.ClassDef}


def test_all_that_a_kernel_is_made_of_is_in_its_key(monkeypatch):
    """Options, its own code, constants, and those of what it calls, however deep."""
    block = build_block(lambda function: function)
    seen = {made_of(block, {}), made_of(block, {"nogil": True}), made_of(FORM, {})}
    assert made_of(build_block(lambda function: function), {}) in seen
    monkeypatch.setattr("numbadp.mechanism.kernels.chacha_body.MASK", np.uint64(0xFFFF))
    seen.add(made_of(block, {}))
    monkeypatch.setattr("numbadp.mechanism.kernels.chacha_body.DOUBLE_ROUNDS", 8)
    seen.add(made_of(block, {}))
    assert len(seen) == 5


def test_what_a_called_kernel_is_made_of_counts_too(monkeypatch):
    """A constant of an intrinsic's helper changes the pass that uses it."""
    from numbadp.mechanism.kernels import noise_cpu, release_cpu

    kernel = release_cpu.release_cpu
    first = made_of(kernel.py_func, kernel.targetoptions)
    assert made_of(kernel.py_func, kernel.targetoptions) == first
    monkeypatch.setattr(noise_cpu, "DOUBLE_ROUNDS", 4)
    assert made_of(kernel.py_func, kernel.targetoptions) != first


def outside(x):
    """Return its argument; lies in a test."""
    return x


@pytest.mark.parametrize(
    "part",
    [outside, jit(outside), object(), Path(), np.array([object()]), textwrap.dedent],
    ids=["function", "kernel", "object", "instance", "array of objects", "library"],
)
def test_kernels_of_other_parts_are_not_kept(part, monkeypatch):
    """Whatever is not this package's hashed source or a plain constant has no digest."""
    monkeypatch.setattr(measure_body, "np", part)
    with pytest.raises(UnkeepableError):
        made_of(FORM, {})
