"""Columns of sixteen bytes in pairs of 16 bits."""

from simulator import run_python

CHECKS = """
import numpy as np
from numbadp.mechanism.kernels import columns_cuda as k

rng = np.random.default_rng(5)
for rows, low in ((1, 0), (4, 0), (7, 0), (10, 0), (16, 0), (16, 255)):
    data = rng.integers(low, 256, (rows, 48)).astype(np.uint8)
    words = data.reshape(-1).view(np.uint32)
    sums = data.astype(int).sum(axis=0)
    fours = k.interleaved_fours(*k.interleaved_rows(words, 0, 12, rows))
    found = np.array(fours, dtype=int)  # [4 groups, 3 channels, 4 pixels]
    assert (found.transpose(0, 2, 1).reshape(-1) == sums).all()
    parts = [k.words_of_rows(words, 4 * c, 12, rows) for c in range(3)]
    planes = np.array(k.plane_fours(*parts), dtype=int).transpose(1, 0, 2).reshape(3, 16)
    assert (planes == sums.reshape(3, 16)).all()
    loose = [k.bytes_of_rows(data.reshape(-1), c, 48, rows, 3, 11) for c in range(3)]
    ragged = np.array(k.plane_fours(*loose), dtype=int).transpose(1, 0, 2).reshape(3, 16)
    assert (ragged[:, :11] == sums.reshape(16, 3).T[:, :11]).all() and not ragged[:, 11:].any()
"""


def test_columns_equal_plain_sums():
    """Interleaved, in planes and byte by byte; sixteen rows of 255 do not carry.  Oracle: NumPy."""
    run_python(CHECKS)
