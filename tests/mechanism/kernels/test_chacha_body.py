"""The scalar block function: published vectors, compiled and as plain Python."""

import struct

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from hypothesis import given
from hypothesis import strategies as st

from numbadp.compute.jit import jit
from numbadp.mechanism.kernels.chacha_body import build_block, build_double_round

BLOCKS = {"python": build_block(lambda f: f), "compiled": build_block(jit)}
every_block = pytest.mark.parametrize("kind", BLOCKS)

# RFC 8439, section 2.3.2 (whole block) and appendix A.1 (first 16 bytes): key, counter, nonce, block
VECTORS = {
    "2.3.2": (
        bytes(range(32)), 1, bytes.fromhex("000000090000004a00000000"),
        "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
        "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e",
    ),
    "A.1-1": (bytes(32), 0, bytes(12), "76b8e0ada0f13d90405d6ae55386bd28"),
    "A.1-2": (bytes(32), 1, bytes(12), "9f07e7be5551387a98ba977c732d080d"),
    "A.1-3": (bytes(31) + b"\x01", 1, bytes(12), "3aeb5224ecf849929b9d828db1ced4dd"),
    "A.1-4": (b"\x00\xff" + bytes(30), 2, bytes(12), "72d54dfbf12ec44b362692df94137f32"),
    "A.1-5": (bytes(32), 0, bytes(11) + b"\x02", "c2c64d378cd536374ae204b9ef933fcd"),
}  # fmt: skip


def block_bytes(kind, key, address):
    """Return the 64 bytes of a block; `address` is words 12 to 15 as 16 bytes."""
    words = np.frombuffer(key, "<u4").astype(np.uint32)
    out = BLOCKS[kind](words, *map(np.uint64, struct.unpack("<4I", address)))
    assert all(0 <= int(word) < 2**32 for word in out)
    return struct.pack("<16I", *map(int, out))


@every_block
@pytest.mark.parametrize("name", VECTORS)
def test_published_blocks(kind, name):
    """RFC 8439's blocks come out, byte for byte."""
    key, counter, nonce, expected = VECTORS[name]
    found = block_bytes(kind, key, struct.pack("<I", counter) + nonce)
    assert found.hex()[: len(expected)] == expected


@every_block
@given(key=st.binary(min_size=32, max_size=32), address=st.binary(min_size=16, max_size=16))
def test_any_block_equals_cryptography(kind, key, address):
    """Random keys and 128-bit addresses give an independent ChaCha20's block."""
    cipher = Cipher(algorithms.ChaCha20(key, address), mode=None).encryptor()
    assert block_bytes(kind, key, address) == cipher.update(bytes(64))


@every_block
@pytest.mark.parametrize("word", [0, 2**31, 2**32 - 1])
def test_extreme_words_wrap(kind, word):
    """All-zero, top-bit and all-one states give 32-bit words, where widened sums would not."""
    key, address = struct.pack("<8I", *[word] * 8), struct.pack("<4I", *[word] * 4)
    cipher = Cipher(algorithms.ChaCha20(key, address), mode=None).encryptor()
    assert block_bytes(kind, key, address) == cipher.update(bytes(64))


def test_quarter_round_of_rfc_8439():
    """Section 2.2.1: one column's quarter round, seen through a double round's first half."""
    seen = []

    def spy(function):
        def called(*words):
            seen.append((words, function(*words)))
            return seen[-1][1]

        return called

    mask = 0xFFFFFFFF
    double_round = build_double_round(
        spy, lambda x: x & mask, lambda x, n: (x << n | x >> (32 - n)) & mask
    )
    state = [0] * 16
    state[1], state[5], state[9], state[13] = 0x11111111, 0x01020304, 0x9B8D6F43, 0x01234567
    double_round(tuple(state))
    assert seen[1] == (
        (0x11111111, 0x01020304, 0x9B8D6F43, 0x01234567),
        (0xEA2A92F4, 0xCB1CF8CE, 0x4581472E, 0x5881C4BB),
    )
