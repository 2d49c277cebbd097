"""What is fuzzed: one row a target, each with inputs and a check that raises on misbehaviour.

A check may let nothing out but its own `AssertionError`: whatever the input, the package answers, or
refuses with one of its own errors in one line.  Add a row to `TARGETS` to fuzz something else.
"""

import contextlib
import io
import json
import os
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np
from fuzz.pictures import MAX_PIXELS, broken_files
from hypothesis import strategies as st
from PIL import Image

import numbadp
from numbadp.errors import NumbadpError

_PIXELS = 2000


@dataclass(frozen=True)
class Target:
    """Something that takes untrusted input.

    `examples` is how many a bounded run tries.
    """

    name: str
    inputs: st.SearchStrategy
    check: Callable[[object], None]
    examples: int


# --- values of any kind ------------------------------------------------------

_NUMBERS = st.one_of(
    st.integers(-3, 300), st.integers(), st.sampled_from([2**31, 2**62, 2**63, 10**400, -(10**400)]),
    st.floats(), st.fractions(), st.decimals(), st.booleans(), st.complex_numbers(),
    st.integers(0, 255).map(np.uint8), st.integers(-5, 5).map(np.int64), st.floats(width=32).map(np.float32),
)  # fmt: skip
_TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from([
        "auto", "free", "uniform", "private", "exact", "rgb", "cpu", "cuda", "mosaic", "smooth", "cells",
        "1/3", "0.1", "1e-400", "1e999999999", "nan", "inf", "-1", "1/0", "9" * 5000, "\u0661", "1_0",
    ]),
)  # fmt: skip
ANYTHING = st.one_of(
    st.none(), _NUMBERS, _TEXTS, st.binary(max_size=4), st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2), st.just(object()),
    st.sampled_from([Decimal("sNaN"), Decimal("1e500"), Fraction(1, 10**400), int, len, ...]),
)  # fmt: skip


def mostly(usual: st.SearchStrategy) -> st.SearchStrategy:
    """Draw something that makes sense three times out of four."""
    return st.one_of(usual, usual, usual, ANYTHING)


_SIDES = st.integers(0, 12) | st.sampled_from([1, 17, 40])
_EPSILONS = st.sampled_from([1, "0.5", Fraction(1, 3), 2.5, Decimal("0.25"), "1e-9", 10**6])
_CELLS = st.sampled_from(["auto", 1, 2, 4, 64, 256])
OPTIONS = st.fixed_dictionaries(
    {"epsilon": mostly(_EPSILONS)},
    optional={
        "m": mostly(st.integers(1, 40)),
        "cell": mostly(_CELLS),
        "layout": mostly(st.sampled_from(["free", "uniform"])),
        "planes": mostly(st.sampled_from(["auto", "rgb"])),
        "backend": mostly(st.just("auto")),
        "ledger": st.none() | ANYTHING,
    },
)
SHAPES = st.one_of(
    st.tuples(_SIDES, _SIDES), st.tuples(_SIDES, _SIDES, st.sampled_from([0, 1, 2, 3, 4])),
    st.tuples(st.integers(0, 3), _SIDES, _SIDES, st.sampled_from([1, 3])),
    st.lists(st.integers(0, 5), max_size=6).map(tuple),
)  # fmt: skip
_LARGE_SHAPES = st.lists(
    st.one_of(st.integers(1, 9), st.sampled_from([2**15, 2**31 - 1, 2**31, 2**63, 3])), max_size=5
)


@st.composite
def pictures(draw):
    """Draw something that may be taken for a picture."""
    kind = draw(st.sampled_from(["array", "array", "array", "view", "pil", "subclass", "anything"]))
    if kind == "anything":
        return draw(ANYTHING)
    if kind == "pil":
        mode = draw(st.sampled_from(Image.MODES))
        return Image.new(mode, (draw(st.integers(0, 20)), draw(st.integers(0, 20))))
    dtype = draw(
        st.sampled_from(["u1", "u1", "u1", "u1", "i1", "u2", "f4", "?", "O", "U1", "M8[s]", "V3"])
    )
    array = np.zeros(draw(SHAPES), dtype)
    if dtype == "u1" and array.size:
        array[...] = np.arange(array.size, dtype=np.uint8).reshape(array.shape)
    if kind == "view":
        array = array.T if draw(st.booleans()) or not array.ndim else array[::-1]
        array.flags.writeable = draw(st.booleans()) and array.flags.owndata
    return array.view(np.ma.MaskedArray) if kind == "subclass" else array


def refused_or(work):
    """Return what `work` gives, or None if the package refused in its own words."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", numbadp.AlphaDroppedWarning)
        try:
            return work()
        except NumbadpError as error:
            assert str(error) and "\n" not in str(error) and len(str(error)) < 2000
            return None


# --- checks ------------------------------------------------------------------


def check_pixelize(given) -> None:
    """Any picture with any options: a whole release, or a refusal."""
    image, options = given
    release = refused_or(lambda: numbadp.pixelize(image, **options))
    if release is not None and np.prod(release.shape) <= _PIXELS:
        assert release.render().shape == release.shape
        assert str(release.guarantee) and str(release.plan) and repr(release)


def check_planning(given) -> None:
    """Any shape with any options, huge ones too: a plan without memory, or a refusal."""
    shape, options = given
    pixelizer = refused_or(lambda: numbadp.Pixelizer(shape, **options))
    if pixelizer is not None:
        assert str(pixelizer.plan) and repr(pixelizer)


@lru_cache(maxsize=1)
def _release():
    return numbadp.pixelize(np.zeros((2, 9, 8, 3), np.uint8), epsilon=1)


def check_rendering(given) -> None:
    """Any style into anything: a picture, or a refusal."""
    style, out = given
    found = refused_or(lambda: _release().render(style, out=out))
    assert found is None or (found.shape, found.dtype) == ((2, 9, 8, 3), np.uint8)


def check_guarantee(given) -> None:
    """Any count of pixels and of releases."""
    k, n = given
    guarantee = _release().guarantee
    for changed in (
        refused_or(lambda: guarantee.for_pixels(k)),
        refused_or(lambda: guarantee.compose(n)),
    ):
        assert changed is None or (str(changed) and 0 <= changed.delta <= 1)


def check_ledger(given) -> None:
    """Any terms, any charges, skips and views: the promise holds, or a refusal."""
    epsilon, window, m, steps = given
    ledger = refused_or(lambda: numbadp.Ledger(epsilon, window, m=m))
    if ledger is None:
        return
    for thing in steps:
        refused_or(lambda thing=thing: ledger.skip(thing))
        refused_or(lambda thing=thing: ledger.charge(thing))
        refused_or(lambda: ledger.charge(_release().guarantee))
        refused_or(lambda thing=thing: ledger.for_pixels(thing))
        assert ledger.spent <= ledger.epsilon and str(ledger) and repr(ledger)


def check_ledger_file(content: bytes) -> None:
    """Any bytes where a ledger should be: a ledger that holds its promise, or a refusal."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "budget.json"
        path.write_bytes(content)
        ledger = refused_or(lambda: numbadp.Ledger.load(path))
        if ledger is not None:
            assert 0 <= ledger.spent <= ledger.epsilon
            refused_or(lambda: ledger.charge(_release().guarantee))
            assert ledger.spent <= ledger.epsilon


def check_picture_file(content: bytes) -> None:
    """Any bytes where a picture should be: pixels of the announced size, or one line."""
    from numbadp.pictures.reading import read_header, read_picture

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture"
        path.write_bytes(content)
        refused_or(lambda: read_header(path))
        found = refused_or(lambda: read_picture(path, MAX_PIXELS))
        by_image = refused_or(lambda: _through_pillow(content))
    if found is not None:
        array = found.array
        assert by_image is None or np.array_equal(by_image.array, array)
        assert refused_or(lambda: found.cover([(0, 0, 1, 1)], None, "coded")) is not None
        assert array.dtype == np.uint8 and array.size <= 3 * MAX_PIXELS


def _through_pillow(content: bytes):
    """Read bytes as a caller of the API does who has Pillow open them first, if it can."""
    from numbadp.pictures import opening
    from numbadp.pictures.reading import read_image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = Image.open(io.BytesIO(content))
        except Exception:
            return None
        if image.format not in opening._READ or image.width * image.height > MAX_PIXELS:
            return None
        return read_image(image)


def check_command(arguments: list[str]) -> None:
    """Any arguments: an exit code and lines, never a traceback."""
    from numbadp.cli import main

    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            Image.new("RGB", (6, 5)).save("a.png")
            Path("broken.jpg").write_bytes(b"\xff\xd8\xff\xe0")
            Path("budget.json").write_text("{}")
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main(arguments)
        finally:
            os.chdir(before)
    assert code in (0, 1, 2) and "Traceback" not in err.getvalue()


_ACCOUNT = {
    "format": "numbadp ledger", "version": 1, "epsilon": "7", "window": 3, "m": 16, "frames": 2,
    "charges": [["1/3", 1, "1/64"], ["1", 1, "0"]], "recent": [[1, "1"], [1, "1/3"]],
}  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    | st.sampled_from(["1/3", "1e9", "0/1", "-1", "9" * 3000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)  # fmt: skip
ACCOUNTS = st.one_of(
    st.binary(max_size=40),
    st.dictionaries(st.sampled_from(sorted(_ACCOUNT)), _JSON, max_size=2).map(
        lambda changes: json.dumps(_ACCOUNT | changes).encode()
    ),
)
_WORDS = st.one_of(
    st.sampled_from([
        "a.png", "broken.jpg", "missing.png", "*.png", "[", ".", "", "b.png", "out", "budget.json", "new.json",
        "--epsilon", "--m", "--cell", "--layout", "--planes", "--style", "--backend", "--force", "--quiet",
        "--max-pixels", "--ledger", "--budget", "-o", "--help", "1", "1/3", "-1", "auto", "free", "cells", "--",
    ]),
    st.text(max_size=5).filter(lambda text: not {"/", "\\", "\0"} & set(text) and ".." not in text),
)  # fmt: skip
ARGUMENTS = st.one_of(
    st.lists(_WORDS, max_size=8),
    st.lists(_WORDS, max_size=5).map(
        lambda more: ["pixelize", "a.png", "-o", "b.png", "--epsilon", "1", *more]
    ),
    st.lists(_WORDS, max_size=4).map(lambda more: ["info", *more]),
).filter(lambda arguments: not {"demo", "doctor"} & set(arguments))

TARGETS = (
    Target("pixelize", st.tuples(pictures(), OPTIONS), check_pixelize, 60),
    Target("planning", st.tuples(mostly(_LARGE_SHAPES), OPTIONS), check_planning, 80),
    Target("rendering", st.tuples(_TEXTS | ANYTHING, st.none() | pictures()), check_rendering, 60),
    Target("guarantee", st.tuples(ANYTHING, ANYTHING), check_guarantee, 60),
    Target(
        "ledger",
        st.tuples(
            mostly(_EPSILONS),
            mostly(st.none() | st.integers(1, 4)),
            mostly(st.integers(1, 40)),
            st.lists(ANYTHING, max_size=4),
        ),
        check_ledger,
        60,
    ),
    Target("ledger file", ACCOUNTS, check_ledger_file, 120),
    Target("picture file", broken_files(), check_picture_file, 250),
    Target("command", ARGUMENTS, check_command, 60),
)
