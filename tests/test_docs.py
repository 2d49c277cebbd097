"""The docs: every block of code runs as written, and nothing that they lean on is missing.

The blocks of a page run one after another, in one namespace and in one folder with small pictures.
What a ``print(...)  # text`` says behind it is what it must print.  A block with a title is a file.
``<!-- needs: NAME -->`` above a block: it runs where NAME is installed, and compiles everywhere.
``<!-- run by: PATH::TEST -->``: that test runs it, since it takes more than a folder.
"""

import contextlib
import importlib
import importlib.util
import inspect
import io
import re
import shlex
import shutil
import subprocess
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

import numbadp
from numbadp.cli import main

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [path for path in sorted(DOCS.rglob("*.md")) if path.name != "measured.md"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NAVIGATION = (ROOT / "mkdocs.yml").read_text("utf-8")
BLOCK = re.compile(
    r"(?:<!-- ([^>]*) -->\n)?^```(\S*)(?: title=\"(.*?)\")?\n(.*?)^```$", re.M | re.S
)
FIGURES = ("text", "bibtex")  # shown, not run
PRINTED = re.compile(r"^\s*print\(.*\)  # (.+)$")


class Block(NamedTuple):
    """A fenced block of a page."""

    note: str
    language: str
    title: str
    code: str
    line: int


def blocks_of(text):
    """Return the blocks of a page, in order."""
    return [
        Block(*(part or "" for part in found.groups()), text.count("\n", 0, found.start(4)))
        for found in BLOCK.finditer(text)
    ]


def test_blocks_are_found_with_their_notes_and_titles():
    """Power: notes, titles and lines are read, and a fence inside of a block ends nothing."""
    text = '<!-- needs: torch -->\n```python\nx\n```\n\n```json title="a.json"\n{}\n```\n'
    first, second = blocks_of(text)
    assert (first.note, first.language, first.code, first.line) == (
        "needs: torch",
        "python",
        "x\n",
        2,
    )
    assert (second.title, second.code, second.line) == ("a.json", "{}\n", 6)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """What the pages are about: a photo, a JPEG with a box in it, folders; small, some with a face."""
    with Image.open(files("numbadp") / "data" / "astronaut.jpg") as photo:
        face = photo.resize((256, 256))
    for name in ("photo.jpg", "door.jpg", "holiday/a.png", "holiday/2024/b.png", "holiday/c.png",
                 "street.jpg", "street/a.png", "street/b.png", "photos/a.png", "photos/b.png"):  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        size = (240, 200) if name.endswith(".jpg") else (48, 32)
        plain = Image.new("RGB", size, (90, 90, 90))
        (face if name.startswith("street") else plain).save(tmp_path / name)
    if has("av"):
        film(tmp_path / "film.mp4")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def film(path):
    """Write six frames."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(6):
            pixels = np.full((48, 64, 3), 20 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))


@pytest.mark.filterwarnings("default")  # pages may show what warns, and other packages may warn
@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
def test_every_block_runs_as_written(path, folder):
    """From top to bottom; what is said to be printed is printed."""
    paths = sorted(str(each) for each in Path("photos").iterdir())
    names, skipped = {"__name__": "page", "numbadp": numbadp, "paths": paths}, []
    for block in blocks_of(path.read_text("utf-8")):
        if block.note.startswith("run by: "):
            assert runs_elsewhere(block.note), f"no such test: {block.note}"
            continue
        if block.title:
            (folder / block.title).write_text(block.code, "utf-8")
        needs = block.note.removeprefix("needs: ")
        if block.language == "python":
            skipped += run_python(block, path, names)
        elif block.language == "sh" and needs and not has(needs):
            skipped.append(needs)
        elif block.language == "sh":
            run_commands(block)
        else:
            assert block.title or block.language in FIGURES, f"nobody runs {block}"
    if skipped:
        pytest.skip(f"ran all but the blocks for {', '.join(skipped)}")


def runs_elsewhere(note):
    """Whether the test that a note names is there."""
    path, _, test = note.removeprefix("run by: ").partition("::")
    file = ROOT / path
    return file.is_file() and bool(test) and f"def {test}(" in file.read_text("utf-8")


def run_python(block, path, names):
    """Run a block, compare what it prints; returns what is missing for it."""
    program = compile("\n" * block.line + block.code, str(path), "exec")
    needs = block.note.removeprefix("needs: ")
    if needs and not has(needs):
        return [needs]
    promised = promised_lines(block)
    names["print"] = printing(path, promised)
    try:
        exec(program, names)
    except ModuleNotFoundError as missing:
        if missing.name.partition(".")[0] in ("numbadp", "numpy", "PIL"):
            raise
        return [missing.name]
    assert not promised, f"never printed: {promised}"
    return []


def promised_lines(block):
    """Return what prints of a block say that they print, by their lines."""
    lines = enumerate(block.code.splitlines(), block.line + 1)
    found = ((number, PRINTED.match(line)) for number, line in lines)
    return {number: match[1] for number, match in found if match}


def printing(path, promised):
    """Make a print that keeps the promises of its lines."""

    def print(*values):
        line = inspect.currentframe().f_back.f_lineno
        text = " ".join(map(str, values))
        assert text == promised.pop(line, text), f"{path.name}, line {line}"

    return print


def test_a_page_that_promises_other_words_is_found():
    """Power: what is printed is compared, and a print that never comes is missed."""
    with pytest.raises(AssertionError, match="line 2"):
        run_python(Block("", "python", "", "print(1 + 1)  # 3\n", 1), DOCS / "a.md", {})
    with pytest.raises(AssertionError, match="never printed"):
        run_python(Block("", "python", "", "if 0:\n    print(1)  # 1\n", 1), DOCS / "a.md", {})


def has(what):
    """Whether a module can be imported, or a device is there."""
    if what == "cuda":
        return numbadp.backends()[1].available and importlib.util.find_spec("cupy") is not None
    try:
        return importlib.util.find_spec(what) is not None
    except ModuleNotFoundError:  # a name inside of a module
        return False


def run_commands(block):
    """Run numbadp's commands in this process; of installations check that there is such an extra."""
    for line in block.code.splitlines():
        words = shlex.split(line, comments=True)
        if words[:2] == ["pip", "install"]:
            check_installable(words[2])
        elif words:
            assert words[0] == "numbadp", f"nobody runs {line!r}"
            with contextlib.redirect_stdout(io.StringIO()):
                assert main(words[1:]) == 0, line


def check_installable(what):
    """`.`, or an extra that the package has."""
    found = re.fullmatch(r"\.|numbadp\[(\w+)\]", what)
    assert found and (found[1] is None or found[1] in PROJECT["optional-dependencies"]), what


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH is not installed")
def test_signing_runs_as_written(tmp_path):
    """What was signed verifies, and a changed file does not."""
    page = (DOCS / "howto" / "files.md").read_text("utf-8")
    (block,) = [each for each in blocks_of(page) if "test_signing" in each.note]
    sign, verify = block.code.splitlines()
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    key = home / ".ssh" / "id_ed25519"
    quiet = {"check": True, "capture_output": True, "timeout": 60}
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], **quiet)
    public = " ".join(key.with_suffix(".pub").read_text("utf-8").split()[:2])
    (tmp_path / "allowed_signers").write_text(f"you@example.org {public}\n", "utf-8")
    release = tmp_path / "street.dpz"
    numbadp.pixelize(np.zeros((8, 8), np.uint8), epsilon=1).save(release)
    for line in (sign.replace("~", str(home)), verify):
        subprocess.run(["sh", "-c", line], cwd=tmp_path, **quiet)
    release.write_bytes(release.read_bytes()[:-1] + b"x")
    with pytest.raises(subprocess.CalledProcessError):
        subprocess.run(["sh", "-c", verify], cwd=tmp_path, **quiet)


def hooks():
    """Return the module by which the site is built."""
    spec = importlib.util.spec_from_file_location("site_hooks", DOCS / "site_hooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def documented(text):
    """Return the objects behind the `::: path` lines of a page, less those that take an extra."""
    found = []
    for path in hooks().DOCUMENTED.findall(text):
        module, _, name = path.rpartition(".")
        with contextlib.suppress(ImportError):
            whole = has(path) and importlib.import_module(path)
            found.append(whole or getattr(importlib.import_module(module), name))
    return found


def test_every_public_name_has_its_place_in_the_reference():
    """By itself, in a module that is documented as a whole, or among further names."""
    pages = [path.read_text("utf-8") for path in sorted((DOCS / "api").glob("*.md"))]
    objects = documented("\n".join([*pages, hooks().more_names()]))
    modules = {each.__name__ for each in objects if inspect.ismodule(each)}
    public = {name: getattr(numbadp, name) for name in numbadp.__all__ if name != "__version__"}
    missing = [
        name
        for name, value in public.items()
        if value not in objects and getattr(value, "__module__", "") not in modules
    ]
    assert not missing, f"docs/api/ lacks {missing}"


def test_a_room_that_lists_its_names_is_found():
    """Power: the audit has no page by hand, and is among further names."""
    for name in ("audit.certify.audit_pair", "torch.Pixelize", "albumentations.Pixelize"):
        assert f"::: numbadp.{name}" in hooks().more_names()
    assert "numbadp.mechanism.pixelize" in hooks().public_names()["numbadp"]
    assert "numbadp.mechanism.pixelize" not in hooks().more_names()


def test_every_page_is_in_the_navigation_and_every_command_in_the_reference():
    """What is listed is there, and what is not is put among further pages when the site is built."""
    listed = {str(page) for page in hooks().listed(NAVIGATION)}
    assert listed <= {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")}
    assert {"index.md", "measured.md", "howto/boxes.md", "api/more.md"} <= listed
    told = (DOCS / "cli.md").read_text("utf-8")
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        main(["--help"])
    commands = re.findall(r"^    (\w+)  ", printed.getvalue(), re.M)
    assert "pixelize" in commands
    assert [name for name in commands if f"<!-- help: {name} -->" not in told] == []


def test_the_citation_is_of_this_version():
    """CITATION.cff and the page name the version that is installed."""
    cff = (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\nversion: {numbadp.__version__}\n" in cff
    assert f"version = {{{numbadp.__version__}}}" in (DOCS / "cite.md").read_text("utf-8")
