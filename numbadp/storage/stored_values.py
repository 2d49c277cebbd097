"""The payload "release": the noisy integers of every plane, exactly (section VALS).

`numbadp.storage.codec` specifies the bytes.  Noise does not compress: what can be saved is the
bytes that no value needs, the skew of the highest ones, and, where there is little noise, the
difference from the cell before.
"""

import numpy as np

from numbadp.plan import Plan
from numbadp.storage.container import Reader, Writer

_PLAIN, _DIFFERENCES = 0, 1
_WORD = 8  # bytes of a value


def encode_values(values: tuple[np.ndarray, ...]) -> bytes:
    """Write the noisy sums.

    Parameters
    ----------
    values : tuple of ndarray of int64
        One array a plane.

    Returns
    -------
    bytes
        Contents of VALS.
    """
    writer = Writer()
    for value in values:
        flat = np.ascontiguousarray(value, np.int64).ravel()
        differences = np.diff(flat, prepend=flat[:1])
        differences[0] = flat[0]
        filtered = _size(differences) < _size(flat)
        _encode_numbers(writer, differences if filtered else flat, int(filtered))
    return writer.content()


def decode_values(body: memoryview, plan: Plan) -> tuple[np.ndarray, ...]:
    """Read the noisy sums back.

    Parameters
    ----------
    body : memoryview
        Contents of VALS.
    plan : Plan
        The plan of the same file; the caller has bounded its grids.

    Returns
    -------
    tuple of ndarray of int64
        In the shapes of ``Release.values``.

    Raises
    ------
    FileFormatError
        If they are not the values of such a plan.
    """
    reader = Reader(body)
    batch = (plan.batch,) if len(plan.shape) == 4 else ()
    values = []
    for plane in plan.planes:
        flat = _decode_numbers(reader, plan.batch * plane.grid[0] * plane.grid[1])
        values.append(flat.reshape(*batch, *plane.grid))
    reader.finish()
    return tuple(values)


def _size(numbers: np.ndarray) -> float:
    """Rough number of bits of all numbers, to choose between two ways of writing them."""
    return float(np.log2(np.abs(numbers.astype(np.float64)) + 1).sum())


def _encode_numbers(writer: Writer, numbers: np.ndarray, way: int) -> None:
    """Write one plane: zigzag, then all lowest bytes, all second ones, up to the last needed."""
    folded = ((numbers << 1) ^ (numbers >> 63)).view(np.uint64).astype("<u8")
    width = max(-(-int(folded.max()).bit_length() // 8), 1)
    writer.count(way)
    writer.count(width)
    by_byte = folded.view(np.uint8).reshape(-1, _WORD)
    for k in range(width):
        writer.plane(by_byte[:, k].tobytes())


def _decode_numbers(reader: Reader, size: int) -> np.ndarray:
    way, width = reader.count(_DIFFERENCES), reader.count(_WORD, least=1)
    by_byte = np.zeros((size, _WORD), np.uint8)
    for k in range(width):
        by_byte[:, k] = np.frombuffer(reader.plane(size), np.uint8)
    # In place: a hostile header shall not cost more than twice what it was allowed.
    folded = by_byte.reshape(-1).view("<u8").astype(np.uint64, copy=False)
    numbers = folded.view(np.int64)
    sign = numbers & 1
    np.negative(sign, out=sign)
    folded >>= np.uint64(1)
    numbers ^= sign
    return np.cumsum(numbers, out=numbers) if way == _DIFFERENCES else numbers
