"""Sections and elementary types: exact, bounded, and refused with one kind of error."""

import tracemalloc
from fractions import Fraction
from math import inf

import pytest
from cases import ExpectFail, failing
from hypothesis import given
from hypothesis import strategies as st
from oracles import dpz

from numbadp.errors import FileFormatError
from numbadp.storage.container import Reader, Writer, read_sections, write_sections

PARTS = [(b"HEAD", b"abc"), (b"note", b""), (b"VALS", bytes(300))]
FILE = write_sections(PARTS)
KNOWN = (b"HEAD", b"VALS")
numbers = st.integers(0, 2**8192 - 1)


def reader_of(writer):
    """Return a reader of what was written."""
    return Reader(memoryview(writer.content()))


# --- sections ----------------------------------------------------------------


def test_files_equal_the_specification():
    assert dpz.sections(FILE) == [*PARTS, (b"END ", b"")]
    assert dpz.joined(PARTS) == FILE


def test_known_sections_are_returned_and_optional_ones_left_out():
    found = read_sections(FILE, KNOWN)
    assert {tag: bytes(body) for tag, body in found.items()} == dict(PARTS[::2])


def test_every_changed_byte_is_noticed():
    for at in range(len(FILE)):
        for change in (1, 0x80):
            wrong = FILE[:at] + bytes([FILE[at] ^ change]) + FILE[at + 1 :]
            with pytest.raises(FileFormatError):
                read_sections(wrong, KNOWN)


def test_every_cut_is_noticed():
    for size in range(len(FILE)):
        with pytest.raises(FileFormatError):
            read_sections(FILE[:size], KNOWN)


def test_sections_cannot_change_places_between_files():
    """A section fits only what stands before it, so that no guarantee moves to other numbers."""
    other = write_sections([(b"HEAD", b"xyz"), *PARTS[1:]])
    first = 9 + 12 + 3 + 4
    with pytest.raises(FileFormatError, match="checksum"):
        read_sections(other[:first] + FILE[first:], KNOWN)


def joined(*parts):
    """Return a file of these sections."""
    return dpz.joined(list(parts))


WRONG = [
    ExpectFail("empty", b"", FileFormatError, "does not begin"),
    ExpectFail("png", b"\x89PNG\r\n\x1a\n" + bytes(50), FileFormatError, "does not begin"),
    ExpectFail("magic-alone", FILE[:8], FileFormatError, "ends early"),
    ExpectFail("version-2", FILE[:8] + b"\2" + FILE[9:], FileFormatError, "version 2; this"),
    ExpectFail("trailing", FILE + b"x", FileFormatError, "1 bytes follow its end"),
    ExpectFail("unknown-part", joined((b"ROOM", b"")), FileFormatError, "needs the part 'ROOM'"),
    ExpectFail("odd-tag", joined((b"\xff\n\1\0", b"")), FileFormatError, "needs the part"),
    ExpectFail("twice", joined((b"HEAD", b""), (b"HEAD", b"")), FileFormatError, "twice"),
    ExpectFail(
        "length", FILE[:13] + b"\xff" * 8 + FILE[21:], FileFormatError, "ends early"
    ),
]  # fmt: skip


@failing(*WRONG)
def test_refuses_files(bad):
    with pytest.raises(bad.error, match=bad.match) as caught:
        read_sections(bad.given, KNOWN)
    assert str(caught.value).isprintable()


def test_a_full_end_is_refused():
    piece = b"END " + (1).to_bytes(8, "little") + b"x"
    content = dpz.MAGIC + b"\1" + piece
    content += dpz.zlib.crc32(content).to_bytes(4, "little")
    with pytest.raises(FileFormatError, match="end is not empty"):
        read_sections(content, KNOWN)


# --- elementary types --------------------------------------------------------


@given(st.lists(numbers, max_size=5), st.fractions(min_value=0), st.text(max_size=99))
def test_numbers_and_texts_come_back_exactly(counts, ratio, text):
    writer = Writer()
    for value in counts:
        writer.count(value)
    for value in (ratio, inf):
        writer.ratio(value)
    writer.text(text)
    reader = reader_of(writer)
    assert [reader.count(2**8192) for _ in counts] == counts
    found = reader.ratio()
    assert found == ratio and isinstance(found, Fraction)
    assert reader.ratio() == inf
    assert reader.text() == text
    reader.finish()
    stream = dpz.Stream(writer.content())
    assert [stream.count() for _ in counts] == counts and stream.ratio() == ratio


@given(st.binary(max_size=400) | st.integers(1, 10**5).map(bytes))
def test_planes_come_back_and_are_never_much_larger(plain):
    writer = Writer()
    writer.plane(plain)
    assert reader_of(writer).plane(len(plain)) == plain
    assert dpz.Stream(writer.content()).plane(len(plain)) == plain
    assert len(writer.content()) <= len(plain) + 6


def test_planes_are_packed_where_it_pays():
    for plain, most in ((bytes(10**6), 2000), (bytes(range(256)) * 4, 300), (bytes(8), 12)):
        writer = Writer()
        writer.plane(plain)
        assert len(writer.content()) < most


@pytest.mark.parametrize("value", [-1, 2**8192], ids=["negative", "long"])
def test_what_a_number_cannot_hold_is_not_written(value):
    with pytest.raises(FileFormatError, match="cannot be stored"):
        Writer().count(value)
    with pytest.raises(FileFormatError, match="cannot be stored"):
        Writer().text("x" * 4097)


BAD_READS = [
    ("short count", b"\5", lambda r: r.count(9)),
    ("count over the end", b"\5\0\1", lambda r: r.count(9)),
    ("long count", b"\1\4" + bytes(1025), lambda r: r.count(9)),
    ("count above its range", dpz.count(10), lambda r: r.count(9)),
    ("count below its range", dpz.count(0), lambda r: r.count(9, least=1)),
    ("no denominator", dpz.count(2) + dpz.count(0), lambda r: r.ratio()),
    ("zero over zero", dpz.count(0) + dpz.count(0), lambda r: r.ratio()),
    ("long text", dpz.count(4097) + bytes(4097), lambda r: r.text()),
    ("no UTF-8", dpz.count(1) + b"\xff", lambda r: r.text()),
    ("left over", b"x", lambda r: r.finish()),
    ("no byte", b"", lambda r: r.byte()),
    ("unknown coding", b"\2" + dpz.count(1) + b"x", lambda r: r.plane(1)),
    ("stored short", dpz.stored(b"x"), lambda r: r.plane(2)),
    ("stored long", dpz.stored(b"xyz"), lambda r: r.plane(2)),
    ("packed short", dpz.deflated(b"x"), lambda r: r.plane(2)),
    ("packed long", dpz.deflated(b"xyz"), lambda r: r.plane(2)),
    ("packed cut", b"\1" + dpz.count(3) + dpz.deflated(b"xyzuvw")[4:7], lambda r: r.plane(6)),
    ("packed rubbish", b"\1" + dpz.count(3) + b"\xff\xff\xff", lambda r: r.plane(2)),
    ("packed and more", b"\1" + dpz.count(6) + dpz.deflated(b"xy")[4:] + b"12", lambda r: r.plane(2)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "read"), [b[1:] for b in BAD_READS], ids=[b[0] for b in BAD_READS]
)
def test_refuses_contents(body, read):
    with pytest.raises(FileFormatError):
        read(Reader(memoryview(body)))


def test_a_bomb_is_not_unpacked():
    """64 MiB of zeros in 64 kB: only what the place allows is made."""
    body = memoryview(dpz.deflated(bytes(1 << 26)))
    assert len(body) < 1 << 17
    tracemalloc.start()
    try:
        with pytest.raises(FileFormatError, match="wrong size"):
            Reader(body).plane(1000)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
