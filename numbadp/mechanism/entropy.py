"""Fresh keys for the noise, and names of releases; the only caller of ``os.urandom``.

Statement.  `fresh_key` returns 256 bits from the operating system, drawn at the call, so a forked
  process or another thread never shares them.  A `Key` cannot be printed, copied or pickled, and
  `wipe` overwrites its words; leaving a ``with`` block wipes it too.  `fresh_id` returns 128 other
  bits, which are public.
Proof sketch.  `os.urandom` is called once a key, by `fresh_key`, and nothing keeps what it
  gave but the key's own words.
Assumes.  The operating system's generator is sound.
Tested by tests/mechanism/test_entropy.py
"""

import os

import numpy as np

from numbadp.errors import KeyUseError

KEY_BYTES = 32
_ID_BYTES = 16


class Key:
    """256 secret bits for one release.

    Parameters
    ----------
    material : bytes-like
        32 bytes, read as eight little-endian words.
    """

    __slots__ = ("words",)

    def __init__(self, material):
        if len(material) != KEY_BYTES:
            raise KeyUseError(f"a key has {KEY_BYTES} bytes; got {len(material)}. Use fresh_key().")
        self.words = np.frombuffer(material, dtype="<u4").astype(np.uint32)

    def wipe(self) -> None:
        """Overwrite the words; noise drawn from them stays as it is."""
        self.words[:] = 0

    def __enter__(self) -> "Key":
        return self

    def __exit__(self, *exception) -> None:
        self.wipe()

    def __repr__(self) -> str:
        """Say nothing about the words."""
        return "Key(<secret>)"

    def __reduce_ex__(self, protocol):
        raise KeyUseError("a key cannot be copied or pickled; draw a new one with fresh_key().")


def fresh_key() -> Key:
    """Draw a key for one release.

    Returns
    -------
    Key
        256 bits that no other release has.
    """
    return Key(_random(KEY_BYTES))


def fresh_id() -> str:
    """Draw a public name for one release, by which ledgers know it again.

    Returns
    -------
    str
        32 hexadecimal digits that no other release has, independent of its key and its picture.
    """
    return _random(_ID_BYTES).hex()


def _random(size: int) -> bytes:
    return os.urandom(size)
