"""What a file of a store says of itself, before all else: the section `once`, for `numbadp.Store`.

Contents: JSON in ASCII with sorted keys, an object with "id", the identity of the input as it was
given, and "terms", an object with the options that it was released with.  All of it is public.
It stands right behind the opening of the file, so that few bytes tell it; readers that do not know
it leave it out.
"""

import json
import zlib

from numbadp.errors import FileFormatError
from numbadp.storage.container import MAGIC, VERSION, damaged, read_sections, write_sections
from numbadp.storage.opening import KNOWN

ONCE = b"once"
MOST_BYTES = 1 << 16  # of a file that tell its record
_HEAD = len(MAGIC) + 1
_TAG, _LENGTH, _CHECKSUM = 4, 8, 4  # bytes


def put_record(content: bytes, record: dict) -> bytes:
    """Write a record into a release file.

    Parameters
    ----------
    content : bytes
        The file, as `Release.save` writes it.
    record : dict
        Its ``"id"`` and ``"terms"``.

    Returns
    -------
    bytes
        The file with its record.

    Raises
    ------
    FileFormatError
        If the record is too long.
    """
    body = json.dumps(record, sort_keys=True, separators=(",", ":")).encode("ascii")
    if len(body) > MOST_BYTES - _HEAD - _TAG - _LENGTH - _CHECKSUM:
        raise FileFormatError(
            f"an id with its options takes {len(body)} bytes in a file; at most "
            f"{MOST_BYTES} are allowed. Use shorter ids."
        )
    kept = [(name, bytes(part)) for name, part in read_sections(content, KNOWN).items()]
    return write_sections([(ONCE, body), *kept])


def read_record(head: bytes) -> dict | None:
    """Read the record at the beginning of a file; untrusted input.

    Parameters
    ----------
    head : bytes
        Its first `MOST_BYTES` bytes, or all of it.

    Returns
    -------
    dict or None
        With a string ``"id"`` and a dictionary ``"terms"``; None if the file has no record.

    Raises
    ------
    FileFormatError
        If it is no release file, or its beginning is damaged.
    """
    if not head.startswith(MAGIC) or head[_HEAD - 1 : _HEAD] != bytes([VERSION]):
        raise damaged("it does not begin as one")
    body = _HEAD + _TAG + _LENGTH
    if head[_HEAD : _HEAD + _TAG] != ONCE:
        return None
    end = body + int.from_bytes(head[_HEAD + _TAG : body], "little")
    stored = head[end : end + _CHECKSUM]
    if len(stored) < _CHECKSUM or zlib.crc32(head[:end]) != int.from_bytes(stored, "little"):
        raise damaged("its record is cut or changed")
    try:
        record = json.loads(head[body:end])
        if isinstance(record["id"], str) and isinstance(record["terms"], dict):
            return record
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    raise damaged("its record makes no sense")
