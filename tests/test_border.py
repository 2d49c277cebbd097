"""The border between pixels and releases, as import rules, and where entropy comes from."""

import ast
import inspect
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import numbadp
import numbadp.audit
from numbadp.inputs.options import DEFAULTS

PACKAGE = Path(numbadp.__file__).parent
ROOT = Path(__file__).parents[1]
FILES = sorted(PACKAGE.rglob("*.py"))
NAMES = [path.relative_to(PACKAGE).as_posix() for path in FILES]
every_file = pytest.mark.parametrize("path", FILES, ids=NAMES)


def module_name(path):
    """Return the dotted name of a file of the package."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path):
    """Return every dotted name that a file imports, late imports and strings included."""
    tree = ast.parse(path.read_text())
    package = (
        module_name(path) if path.name == "__init__.py" else module_name(path).rpartition(".")[0]
    )
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Constant) and str(node.value).startswith("numbadp."):
            found.add(str(node.value).partition(" ")[0])  # import_module takes such names
    return found


def reaches(path, package):
    """Tell whether a file imports a package or anything inside it."""
    return any(name == package or name.startswith(package + ".") for name in imports(path))


@every_file
def test_neither_side_imports_the_other(path):
    """No module under postprocess imports mechanism, and none under mechanism postprocess."""
    side = path.relative_to(PACKAGE).parts[0]
    if side == "postprocess":
        assert not reaches(path, "numbadp.mechanism")
    if side == "mechanism":
        assert not reaches(path, "numbadp.postprocess")


@every_file
def test_only_entrances_reach_the_two_rooms(path):
    """Only what makes releases for people, and the release itself, reach in."""
    name = path.relative_to(PACKAGE).as_posix()
    top = path.relative_to(PACKAGE).parts[0]
    makers = ("advice", "batch", "torch.py", "albumentations.py", "video", "cli")
    if top not in ("mechanism", *makers, "__init__.py", "__main__.py"):
        assert not reaches(path, "numbadp.mechanism")
    if top not in ("postprocess", "cli", "__init__.py", "__main__.py", "storage", "release"):
        assert not reaches(path, "numbadp.postprocess"), name


def test_the_walk_sees_late_and_relative_imports(tmp_path, monkeypatch):
    """Power: an import inside a function, a relative one and one by name are all found."""
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path / "numbadp")
    folder = tmp_path / "numbadp" / "postprocess"
    folder.mkdir(parents=True)
    for number, line in enumerate(
        [
            "def f():\n    from numbadp.mechanism import sums",
            "from ..mechanism.sums import measure_sums",
            "from .. import mechanism",
            "import numbadp.mechanism.sums as s",
            "from importlib import import_module\nimport_module('numbadp.mechanism')",
        ]
    ):
        path = folder / f"bad{number}.py"
        path.write_text(line)
        assert reaches(path, "numbadp.mechanism"), line


def test_import_contracts_hold():
    """The layers of the import contract are kept.  Oracle: import-linter."""
    script = (
        "import sys\nfrom importlinter.cli import lint_imports\n"
        "sys.exit(lint_imports(config_filename='pyproject.toml', no_cache=True))"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent)}, timeout=1200,
    )  # fmt: skip
    assert found.returncode == 0, (
        f"import-linter {version('import-linter')}: {found.stdout[-2000:]}"
    )


# --- entropy -----------------------------------------------------------------


# Every way from Python to randomness that we know of: modules, and names in any place.
SOURCES = {"secrets", "random", "numpy.random", "uuid", "_random", "ssl"}
NAMES_OF_RANDOMNESS = {
    "urandom", "getrandom", "getentropy", "SystemRandom", "random", "default_rng", "RandomState",
    "token_bytes", "token_hex", "randbytes", "randbits", "RAND_bytes", "RAND_priv_bytes", "uuid1",
    "uuid4", "arc4random", "arc4random_buf", "BCryptGenRandom", "ProcessPrng", "SystemFunction036",
    "RtlGenRandom", "CryptGenRandom", "SecRandomCopyBytes", "rdrand", "rdseed",
}  # fmt: skip
DEVICES = ("/dev/urandom", "/dev/random", "/dev/hwrng", "/dev/arandom")


def randomness(text):
    """Return the ways to randomness that a source takes, by name, import or device."""
    tree, found = ast.parse(text), []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found.append(node.attr)
        elif isinstance(node, ast.Name):
            found.append(node.id)
        elif isinstance(node, ast.alias):
            found += [node.name.rpartition(".")[2], node.asname or ""]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            value = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            found += [device for device in DEVICES if device in value]
            found.append(value)
    return sorted(name for name in found if name in NAMES_OF_RANDOMNESS or name in DEVICES)


@every_file
def test_entropy_comes_from_one_module(path):
    """Only entropy.py names a generator: one of Unix, its device, one of Windows, each once."""
    is_entropy = path.relative_to(PACKAGE).as_posix() == "mechanism/entropy.py"
    expected = ["/dev/urandom", "BCryptGenRandom", "getentropy"] if is_entropy else []
    assert sorted(set(randomness(path.read_text()))) == expected
    assert not imports(path) & SOURCES


@pytest.mark.parametrize(
    "line",
    [
        "import os\nos.urandom(32)",
        "from os import urandom as u",
        "import os\nos.getrandom(32)",
        "import ctypes\nctypes.CDLL(None).getrandom(0, 32, 0)",
        "import ctypes\ngetattr(ctypes.CDLL(None), 'getentropy')(0, 32)",
        "open('/dev/urandom', 'rb')",
        "import os\nos.open(b'/dev/random', 0)",
        "import ssl\nssl.RAND_bytes(32)",
        "from ssl import RAND_bytes",
        "from uuid import uuid4",
        "import uuid\nuuid.uuid4()",
        "import secrets\nsecrets.token_bytes(32)",
        "import numpy as np\nnp.random.default_rng()",
        "from random import SystemRandom",
        "import ctypes\nctypes.WinDLL('bcrypt')['BCryptGenRandom']",
    ],
)
def test_the_walk_sees_every_way_to_randomness(line):
    """Power: each of them is found."""
    assert randomness(line)


@every_file
def test_nobody_takes_a_seed(path):
    """No function of the package has a parameter named like a seed."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.arguments):
            every = [*node.posonlyargs, *node.args, *node.kwonlyargs, node.vararg, node.kwarg]
            names = {argument.arg for argument in every if argument}
            assert not names & {"seed", "random_state", "rng", "nonce"}


RANDOMNESS = {
    "key",
    "seed",
    "rng",
    "random_state",
    "generator",
    "nonce",
    "entropy",
    "bit_generator",
}


def public_functions():
    """Return (name, function) of everything callable that the package and the audit export."""
    found = [(name, getattr(numbadp, name)) for name in set(numbadp.__all__) - {"__version__"}]
    found += [(f"audit.{name}", getattr(numbadp.audit, name)) for name in numbadp.audit.__all__]
    functions = []
    for name, thing in found:
        if not inspect.isclass(thing):
            functions.append((name, thing))
        elif not issubclass(thing, Exception):
            functions += [
                (f"{name}.{n}", f)
                for n, f in inspect.getmembers(thing, inspect.isroutine)
                if (not n.startswith("_") or n in ("__init__", "__call__"))
                and (getattr(f, "__module__", None) or "").startswith("numbadp")
            ]
    return functions


def test_no_public_signature_takes_a_key():
    """Nothing that is exported, methods included, takes a source of randomness or passes one on."""
    functions = public_functions()
    assert {"pixelize", "Pixelizer.__init__", "Pixelizer.__call__", "audit.audit_pair"} <= {
        name for name, _ in functions
    }
    for name, function in functions:
        parameters = inspect.signature(function).parameters.values()
        assert not {p.name for p in parameters} & RANDOMNESS, name
        assert all(p.kind is not p.VAR_KEYWORD for p in parameters), name


@pytest.mark.parametrize("name", ["mechanism/__init__.py", "torch.py", "albumentations.py"])
def test_options_that_doors_share_are_a_closed_list(name):
    """Signatures show them by name (above); behind each ``**`` stands a list that ends."""
    allowed = {"Unpack[Options]", "Unpack[MeasureOptions]"}
    kinds = []
    for node in ast.walk(ast.parse((PACKAGE / name).read_text())):
        if isinstance(node, ast.FunctionDef) and node.args.kwarg and node.name != "apply":
            kinds.append(ast.unparse(node.args.kwarg.annotation))
    assert kinds and set(kinds) <= allowed
    assert not set(DEFAULTS) & RANDOMNESS


# --- weight ------------------------------------------------------------------


def fresh(script):
    """Run a script in a fresh process and return what it prints."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent)}, timeout=1200,
    ).stdout.split()  # fmt: skip


def test_importing_the_package_stays_light():
    """A fresh `import numbadp` loads neither Numba nor anything else that is heavy."""
    heavy = {"numba", "llvmlite", "scipy", "PIL", "tqdm", "mpmath", "matplotlib", "numpy.testing"}
    assert not heavy & set(fresh("import sys, numbadp; print(*sys.modules)"))


def test_planning_and_refusing_need_no_compiler():
    """A plan is built and printed, and a bad option refused, without loading Numba."""
    script = (
        "import sys, numbadp\n"
        "plan = numbadp.Pixelizer((40, 50, 3), epsilon=1).plan\n"
        "assert 'Y' in str(plan)\n"
        "print(*sys.modules)"
    )
    loaded = set(fresh(script))
    assert "numbadp.mechanism" in loaded
    assert not {"numbadp.mechanism.kernels.release_cpu", "numbadp.postprocess"} & loaded


def test_every_public_name_can_be_had():
    """Each name in __all__ and dir() imports, and an unknown one is an AttributeError."""
    for name in numbadp.__all__:
        assert getattr(numbadp, name) is not None
        assert name in dir(numbadp)
    with pytest.raises(AttributeError, match="no attribute 'seed'"):
        _ = numbadp.seed
