"""Keys: drawn from the operating system at the call, read as RFC words, wiped, never copied."""

import os

import numpy as np
import pytest
from cases import ExpectFail, failing
from oracles import chacha

from numbadp.errors import KeyUseError, NumbadpError
from numbadp.mechanism.entropy import KEY_BYTES, Key, fresh_id, fresh_key


def test_fresh_key_takes_32_bytes_of_the_system_once(monkeypatch):
    """One call of os.urandom with 32 bytes makes the key, and nothing else does."""
    asked, material = [], bytes(range(50, 82))

    def urandom(size):
        asked.append(size)
        return material[:size]

    monkeypatch.setattr(os, "urandom", urandom)
    assert fresh_key().words.tolist() == chacha.key_words(material)
    assert asked == [KEY_BYTES] == [32]


def test_fresh_keys_differ():
    """A thousand keys are a thousand keys, and every word of them varies."""
    words = np.array([fresh_key().words for _ in range(1000)])
    assert words.shape == (1000, 8)
    for column in words.T:
        assert len(set(column.tolist())) > 990  # false alarm below 1e-20


def test_words_are_little_endian():
    """Word 0 of a key is its first four bytes, least significant first."""
    assert Key(bytes(range(32))).words[0] == 0x03020100


def test_a_key_keeps_its_own_copy():
    """Changing the material afterwards does not change the key."""
    material = bytearray(32)
    key = Key(material)
    material[0] = 255
    assert not key.words.any()


def test_leaving_the_block_wipes():
    """After a ``with`` block the words are zero in the memory that kernels saw."""
    key = Key(bytes(range(1, 33)))
    seen = key.words
    with key as same:
        assert same is key
        assert seen.all()
    assert not seen.any()


def test_an_error_in_the_block_wipes():
    """A ``with`` block that raises wipes the words and lets the error through."""
    key = Key(bytes(range(1, 33)))
    seen = key.words
    with pytest.raises(ZeroDivisionError), key:
        raise ZeroDivisionError
    assert not seen.any()


def test_a_key_has_no_room_for_more():
    """A key has no dictionary in which words could linger."""
    key = Key(bytes(32))
    assert Key.__slots__ == ("words",)
    with pytest.raises(AttributeError):
        key.note = 1


@failing(
    ExpectFail("short", bytes(31), KeyUseError, "32 bytes; got 31"),
    ExpectFail("long", bytes(33), KeyUseError, "32 bytes; got 33"),
    ExpectFail("empty", b"", KeyUseError, "32 bytes; got 0"),
)
def test_refuses_other_lengths(bad):
    """A key of another length is refused, and the message carries no byte of it."""
    with pytest.raises(bad.error, match=bad.match) as caught:
        Key(bad.given)
    assert isinstance(caught.value, (NumbadpError, TypeError))
    assert "fresh_key()" in str(caught.value)


def test_ids_are_32_digits_and_differ():
    """A thousand names are a thousand names, and no release's name comes from its key."""
    names = {fresh_id() for _ in range(1000)}
    assert len(names) == 1000
    assert all(len(name) == 32 and set(name) <= set("0123456789abcdef") for name in names)
