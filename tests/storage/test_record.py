"""The record at the beginning of a store's file."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import dpz

import numbadp
from numbadp.errors import FileFormatError
from numbadp.storage.record import MOST_BYTES, put_record, read_record

RECORD = {"id": "/a/\udc80ä b.png", "terms": {"epsilon": "1", "m": "16"}}


def file_bytes():
    """A release file."""
    stream = io.BytesIO()
    numbadp.pixelize(np.zeros((9, 7), np.uint8), epsilon=1).save(stream)
    return stream.getvalue()


PLAIN = file_bytes()
WHOLE = put_record(PLAIN, RECORD)


def test_a_record_comes_back_from_few_bytes():
    """Names that are no text included; a file without one says so."""
    assert read_record(WHOLE) == RECORD and read_record(WHOLE[:200]) == RECORD
    assert read_record(PLAIN) is None


def test_the_rest_of_the_file_is_as_it_was():
    """Readers that do not know the record find the release; so does the reference reader."""
    kept, other = numbadp.load(io.BytesIO(WHOLE)), numbadp.load(io.BytesIO(PLAIN))
    assert kept.plan == other.plan and kept.guarantee == other.guarantee
    assert all(map(np.array_equal, kept.values, other.values))
    first, *rest = dpz.sections(WHOLE)
    assert first[0] == b"once" and rest == dpz.sections(PLAIN)


def test_what_is_too_long_is_refused():
    """A record fits into the bytes that are read of a file."""
    longest = {"id": "x" * (MOST_BYTES - 60), "terms": {}}
    assert read_record(put_record(PLAIN, longest)[:MOST_BYTES]) == longest
    with pytest.raises(FileFormatError, match="shorter ids"):
        put_record(PLAIN, {"id": "x" * MOST_BYTES, "terms": {}})


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a_changed_byte_is_noticed_or_outside(at, change):
    """Where the record is still read, it is the one that was written."""
    damaged = bytearray(WHOLE)
    damaged[at] ^= change
    try:
        found = read_record(bytes(damaged))
    except FileFormatError:
        return
    assert found in (RECORD, None)
    if found is None:  # the tag itself became another one's: the file's own checksum tells
        with pytest.raises(FileFormatError):
            numbadp.load(io.BytesIO(bytes(damaged)))


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"id":1,"terms":{}}', b'{"id":"a","terms":[]}', b"\xff", b"[" * 9999],
)
def test_records_that_make_no_sense_are_refused(body):
    """With a checksum that is right."""
    from numbadp.storage.container import write_sections

    with pytest.raises(FileFormatError):
        read_record(write_sections([(b"once", body)]))
