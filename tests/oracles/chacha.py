"""ChaCha20 blocks in plain Python integers.

WARNING.  Slow, not constant time, leaves key material in memory: test-only.
Layout of the state: RFC 8439, section 2.3.
"""

MASK = 0xFFFFFFFF
CONSTANTS = tuple(int.from_bytes(b"expand 32-byte k"[i : i + 4], "little") for i in range(0, 16, 4))
COLUMNS = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15))
DIAGONALS = ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))


def key_words(key):
    """Return the 8 little-endian words of a 32-byte key."""
    if len(key) != 32:
        raise ValueError(f"a key has 32 bytes; got {len(key)}")
    return [int.from_bytes(key[i : i + 4], "little") for i in range(0, 32, 4)]


def _rotate(word, count):
    return ((word << count) | (word >> (32 - count))) & MASK


def _quarter_round(state, a, b, c, d):
    for x, y, z, count in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        state[x] = (state[x] + state[y]) & MASK
        state[z] = _rotate(state[z] ^ state[x], count)


def block(key_words, w12, w13, w14, w15):
    """Return the 16 output words for a key and the four address words."""
    start = [*CONSTANTS, *(int(word) for word in key_words), w12, w13, w14, w15]
    if len(start) != 16 or any(not 0 <= word <= MASK for word in start):
        raise ValueError("the state takes 8 key words and 4 address words of 32 bits")
    state = list(start)
    for _ in range(10):
        for quarter in COLUMNS + DIAGONALS:
            _quarter_round(state, *quarter)
    return [(a + b) & MASK for a, b in zip(state, start, strict=True)]


def addressed_words(key_words, cell, image, stage, plane, block_index, limb):
    """Return the 8 64-bit words of one address (specification A)."""
    for name, field in (("stage", stage), ("plane", plane), ("block", block_index), ("limb", limb)):
        if not 0 <= field < 256:
            raise ValueError(f"{name} must fit 8 bits; got {field}")
    w15 = stage << 24 | plane << 16 | block_index << 8 | limb
    out = block(key_words, cell & MASK, cell >> 32, image, w15)
    return [out[2 * i] | out[2 * i + 1] << 32 for i in range(8)]
