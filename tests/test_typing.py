"""What a type checker sees of the public names, in a user's program."""

import re
import tomllib
from pathlib import Path

import pytest

import numbadp

mypy = pytest.importorskip("mypy.api")

ROOT = Path(__file__).parents[1]
MOST_IGNORED = 7  # lines that a checker is told to pass over, each with its code

PROGRAM = """
import numpy
import numbadp

picture = numpy.zeros((48, 64, 3), numpy.uint8)
release = numbadp.pixelize(picture, epsilon=1, m=16)
reveal_type(release)
reveal_type(release.guarantee)
reveal_type(release.plan.planes[0].cell)
reveal_type(release.render("smooth"))
reveal_type(numbadp.Pixelizer((48, 64, 3), epsilon=1)(picture))
reveal_type(numbadp.load("street.dpz"))
reveal_type(numbadp.backends()[0].available)
error: numbadp.NumbadpError = numbadp.EpsilonError("no")
release.rendr()
numbadp.pixelise(picture)
numbadp.pixelize(picture, epsilom=1)
"""
SEEN = [
    "numbadp.release.release.Release",
    "numbadp.accounting.guarantee.Guarantee",
    "int",
    "ndarray",
    "numbadp.release.release.Release",
    "numbadp.release.release.Release | numbadp.release.mosaic.MosaicRelease",
    "bool",
]
FAULTS = ['has no attribute "rendr"', 'has no attribute "pixelise"', 'argument "epsilom"']


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What mypy says of the program."""
    folder = tmp_path_factory.mktemp("user")
    (folder / "program.py").write_text(PROGRAM)
    cache = f"--cache-dir={folder / 'cache'}"
    out, err, _ = mypy.run([str(folder / "program.py"), "--ignore-missing-imports", cache])
    assert not err
    return out


def test_a_users_program_sees_real_types(found):
    """Every result has its own type; none is Any, although names are imported on first use."""
    seen = re.findall(r'Revealed type is "(.*)"', found)
    assert len(seen) == len(SEEN)
    for text, expected in zip(seen, SEEN, strict=True):
        assert expected in text.replace("builtins.", "").replace("Union[", "").replace(", ", " | ")


def test_a_users_mistakes_are_found(found):
    """Misspelt names and options are errors, and there are no others."""
    errors = [line for line in found.splitlines() if "error:" in line]
    assert len(errors) == len(FAULTS), errors
    for line, fault in zip(errors, FAULTS, strict=True):
        assert fault in line


def test_every_public_name_is_typed():
    """What users import late, a type checker imports at once."""
    text = Path(numbadp.__file__).read_text("utf-8")
    block = text.partition("if TYPE_CHECKING:")[2].partition("_HOMES")[0]
    named = set(re.findall(r"(\w+) as \1\b", block))
    assert named == {*numbadp.__all__, *numbadp._ROOMS} - {"__version__"}


def test_the_checker_looks_into_every_module_but_kernels():
    """No module's faults are passed over; Numba types what it compiles."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    assert settings["packages"] == ["numbadp"] and settings["check_untyped_defs"] is True
    allowed = [
        "numbadp.compute.rows", "numbadp.mechanism.kernels.*", "numbadp.postprocess.kernels.*"
    ]  # fmt: skip
    assert settings["overrides"] == [{"module": allowed, "check_untyped_defs": False}]
    text = "".join(path.read_text("utf-8") for path in sorted((ROOT / "numbadp").rglob("*.py")))
    assert "# mypy: ignore-errors" not in text and text.count("# type: ignore") <= MOST_IGNORED
