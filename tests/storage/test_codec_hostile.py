"""Hostile release files: one kind of error, bounded memory, whatever the bytes are.

Checksums are mended after every change, since whoever means harm would do so.
"""

import io
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from oracles import dpz
from postprocess.releases import BY_ID, noisy_release

import numbadp
from numbadp import load
from numbadp.errors import FileFormatError, NumbadpError
from numbadp.storage.codec import MAX_BYTES, describe

from .test_codec import content_of, loaded

CASES = [BY_ID[name] for name in ("grey-ragged", "ygo-coarse-ragged", "batch-rgb")]
MIXED = (
    {"layout": "private"},
    {"layout": numbadp.Layout.zones((24, 40), [((0, 0, 8, 8), 4)], default=8)},
    {"boxes": [(2, 3, 20, 20)]},
)
SMALL = 1 << 20  # bytes that any of the small files here may cost
PAYLOADS = ("release", "mosaic")


def mixed_release(options):
    """Return a release with leaves of mixed size or a region."""
    return numbadp.pixelize(np.zeros((24, 40, 3), np.uint8), epsilon=50, **options)


@pytest.fixture(scope="module")
def files():
    """Intact files of every case and payload, and everything compiled."""
    releases = [*map(noisy_release, CASES), *map(mixed_release, MIXED)]
    found = [content_of(release, payload) for release in releases for payload in PAYLOADS]
    for content in found:
        loaded(content).render()
    return found


def survives(content, most=SMALL):
    """Load and use a file; anything but success and a FileFormatError is raised."""
    tracemalloc.start()
    try:
        describe(io.BytesIO(content))
        release = loaded(content)
        assert tracemalloc.get_traced_memory()[1] < most
    except FileFormatError as error:
        assert tracemalloc.get_traced_memory()[1] < most
        assert len(str(error)) < 400 and str(error).isprintable()
        return None
    finally:
        tracemalloc.stop()
    return release


def use(release):
    """Render what was loaded, if it is small enough, and print its promises."""
    if release is None:
        return
    assert repr(release) and str(release.plan) and str(release.guarantee)
    if np.prod([float(side) for side in release.shape]) < 10**6:
        assert release.render().shape == release.shape
        release.quadtree().draw()


# --- accidents ---------------------------------------------------------------


@settings(max_examples=150)
@given(st.data())
def test_flipped_bits_are_noticed(files, data):
    content = bytearray(data.draw(st.sampled_from(files)))
    for at in data.draw(
        st.lists(st.integers(0, 8 * len(content) - 1), min_size=1, max_size=3, unique=True)
    ):
        content[at // 8] ^= 1 << at % 8
    assert survives(bytes(content)) is None


@settings(max_examples=60)
@given(st.data())
def test_cut_and_lengthened_files_are_noticed(files, data):
    content = data.draw(st.sampled_from(files))
    assert survives(content[: data.draw(st.integers(0, len(content) - 1))]) is None
    assert survives(content + data.draw(st.binary(min_size=1, max_size=40))) is None


@settings(max_examples=60)
@given(st.binary(max_size=300))
@example(b"")
@example(dpz.MAGIC)
@example(dpz.MAGIC + b"\1")
@example(dpz.joined([]))
def test_any_bytes_are_refused(content):
    assert survives(content) is None
    assert survives(dpz.MAGIC + b"\1" + content) is None


# --- harm --------------------------------------------------------------------


def changed(data, body):
    """Draw a change of a section's contents."""
    body = bytearray(body)
    how = data.draw(st.sampled_from(("flip", "set", "cut", "insert", "swap")))
    at = data.draw(st.integers(0, max(len(body) - 1, 0)))
    if how == "flip" and body:
        body[at] ^= 1 << data.draw(st.integers(0, 7))
    elif how == "set" and body:
        body[at] = data.draw(st.sampled_from((0, 1, 2, 127, 128, 254, 255)))
    elif how == "cut":
        del body[at : at + data.draw(st.integers(1, 9))]
    elif how == "insert":
        body[at:at] = data.draw(st.binary(min_size=1, max_size=9))
    elif body:
        other = data.draw(st.integers(0, len(body) - 1))
        body[at], body[other] = body[other], body[at]
    return bytes(body)


@settings(max_examples=400)
@given(st.data())
def test_changed_contents_with_right_checksums_do_no_harm(files, data):
    """Every section, up to three changes: refused, or loaded and rendered like any other."""
    parts = dpz.sections(data.draw(st.sampled_from(files)))[:-1]
    for _ in range(data.draw(st.integers(1, 3))):
        k = data.draw(st.integers(0, len(parts) - 1))
        parts[k] = (parts[k][0], changed(data, parts[k][1]))
    use(survives(dpz.joined(parts), 2 * MAX_BYTES))


@settings(max_examples=80)
@given(st.data())
def test_sections_of_different_files_do_no_harm(files, data):
    """Plans, guarantees and payloads of other files, in any order, some missing, some twice."""
    every = [part for content in files for part in dpz.sections(content)[:-1]]
    parts = data.draw(st.lists(st.sampled_from(every), max_size=5))
    use(survives(dpz.joined(parts)))


def number(value):
    """Return what stands for a side or scale in HEAD."""
    return dpz.count(value)


SCALES = ((255,), (1020, 2550, 1700), (765,) * 3)
FORMS = ((1,), (4, 4, 2), (1, 1, 1))
TAU = 2**190


def head(sides, cells, names):
    """Return contents of HEAD: epsilon 1, m 1."""
    out = [number(len(sides)), *map(number, sides), number(1), number(1), number(1)]
    out += [number(4), b"free", number(names)]
    for cell, form, scale in zip(cells, FORMS[names], SCALES[names], strict=True):
        out += [number(cell), number(255 * form), number(scale), number(1), number(1), number(TAU)]
    return b"".join(out)


def guarantee(channels, batch=1, draws=0, cell=1):
    """Return contents of GUAR, of a grey picture of so many cells if there are any."""
    text, name = b"differentially private", b"sums of grey, cell %d" % cell
    numbers = [1, 1, draws, TAU, 1, channels, 1, batch, int(draws > 0)]
    out = dpz.count(len(text)) + text + b"".join(map(dpz.count, numbers))
    if draws:
        stage = [1, 1, 255, 255, 1, draws]
        out += dpz.count(len(name)) + name + b"".join(map(dpz.count, stage))
    return out


def grey_promise(sides, cell):
    """Return contents of GUAR as they are for a grey picture: nothing but the payload is wrong."""
    return guarantee(1, draws=-(-sides[0] // cell) * -(-sides[1] // cell), cell=cell)


def bomb(size):
    """Return a plane of zeros that unpacks to `size` bytes."""
    return dpz.deflated(bytes(size))


def bombs():
    """Yield (name, file, most memory)."""
    many, huge = 2**31 - 1, 1 << 25
    grey, colour = guarantee(1), guarantee(3)
    eight, coarse = grey_promise((8, 8), 1), grey_promise((8, 8), 2)
    values = number(0) + number(8) + bomb(huge) * 8
    yield "values beyond any memory", head((many, many), (1,), 0), grey, [(b"VALS", values)], SMALL
    yield (
        "leaves beyond any memory",
        head((many, many, 3), (1, 1, 1), 1),
        colour,
        [(b"TREE", number(1) + bomb(1)), (b"LEAF", bomb(1))],
        SMALL,
    )
    yield (
        "a batch beyond any memory",
        head((many, many, many, 3), (256,) * 3, 2),
        guarantee(3, many),
        [(b"VALS", values)],
        SMALL,
    )
    yield "a plane that unpacks to more", head((8, 8), (1,), 0), eight, [(b"VALS", values)], SMALL
    yield (
        "a tree that unpacks to more",
        head((8, 8), (2,), 0),
        coarse,
        [(b"TREE", number(1) + bomb(huge)), (b"LEAF", bomb(1))],
        SMALL,
    )
    yield (
        "a tree that says it is huge",
        head((8, 8), (2,), 0),
        coarse,
        [(b"TREE", number(huge) + bomb(huge)), (b"LEAF", bomb(1))],
        SMALL,
    )
    yield (
        "leaves that unpack to more",
        head((2, 2), (2,), 0),
        grey_promise((2, 2), 2),
        [(b"TREE", number(1) + dpz.stored(b"\0")), (b"LEAF", bomb(huge))],
        SMALL,
    )
    most = MAX_BYTES // 8
    yield (
        "as many values as are allowed",
        head((1, most), (1,), 0),
        guarantee(1, draws=most),
        [(b"VALS", number(1) + number(8) + bomb(most) * 8)],
        4 * MAX_BYTES,
    )
    yield (
        "one value more",
        head((1, most + 1), (1,), 0),
        grey,
        [(b"VALS", number(1) + number(1) + bomb(most + 1))],
        SMALL,
    )


BOMBS = list(bombs())


@pytest.mark.parametrize(
    ("facts", "promise", "payload", "most"), [b[1:] for b in BOMBS], ids=[b[0] for b in BOMBS]
)
def test_bombs_do_not_go_off(facts, promise, payload, most):
    """Peak memory stays below a gigabyte always, and below a megabyte where the header tells."""
    content = dpz.joined([(b"HEAD", facts), (b"GUAR", promise), *payload])
    assert most <= 1 << 29
    release = survives(content, most + 3 * len(content))
    assert (release is None) == (most == SMALL)


def test_a_long_file_is_not_read(tmp_path):
    """A file that is longer than its contents may be is refused by its length."""
    path = tmp_path / "long.dpz"
    with open(path, "wb") as stream:
        stream.write(dpz.MAGIC + b"\1")
        stream.truncate(1 << 40)
    tracemalloc.start()
    try:
        with pytest.raises(FileFormatError, match="longer than the 100 bytes"):
            load(path, max_bytes=100)
        assert tracemalloc.get_traced_memory()[1] < 4 * SMALL
    finally:
        tracemalloc.stop()


def test_the_limit_is_the_caller_s():
    release = noisy_release(BY_ID["ygo-coarse-ragged"])
    content = content_of(release)
    needed = 8 * release.plan.draws
    load(io.BytesIO(content), max_bytes=needed)
    with pytest.raises(FileFormatError, match=f"Pass max_bytes={needed} if you trust it"):
        load(io.BytesIO(content), max_bytes=needed - 1)
    for wrong in (0, -1, 1.5, "1", None):
        with pytest.raises(NumbadpError, match="max_bytes must be"):
            load(io.BytesIO(content), max_bytes=wrong)
