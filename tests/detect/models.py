"""Small ONNX files, written field by field: networks that give fixed tables, whatever they see."""

import numpy as np

from numbadp.detect.wire import field

FLOAT = 1


def number(place, value):
    """A field that is a number."""
    groups = [place << 3]
    while value > 127:
        groups.append(value & 127 | 128)
        value >>= 7
    return bytes([*groups, value])


def tensor(name, array):
    dims = b"".join(number(1, side) for side in array.shape)
    raw = field(9, np.ascontiguousarray(array, np.float32).tobytes())
    return dims + number(2, FLOAT) + field(8, name.encode()) + raw


def info(name, shape):
    dims = b"".join(
        field(1, number(1, side) if isinstance(side, int) else field(2, side.encode()))
        for side in shape
    )
    kind = field(1, number(1, FLOAT) + field(2, dims))
    return field(1, name.encode()) + field(2, kind)


def fixed_tables(tables, shape, metadata=(), shapes=None):
    """A model that takes pictures of a shape and gives these tables."""
    graph = [field(2, b"tables")]
    for index, table in enumerate(tables):
        own, out = f"table{index}", f"output{index}"
        node = field(1, own.encode()) + field(2, out.encode()) + field(4, b"Identity")
        graph += [field(1, node), field(5, tensor(own, table))]
    graph.append(field(11, info("pictures", shape)))
    for index, table in enumerate(tables):
        graph.append(field(12, info(f"output{index}", shapes[index] if shapes else table.shape)))
    parts = [number(1, 8), field(7, b"".join(graph)), field(8, number(2, 13))]
    parts += [field(14, field(1, k.encode()) + field(2, v.encode())) for k, v in metadata]
    return b"".join(parts)


def doubling(shape):
    """A model that gives its input doubled; its weight is listed as an input too."""
    node = field(1, b"pictures") + field(1, b"two") + field(2, b"output") + field(4, b"Mul")
    graph = [
        field(1, node), field(2, b"doubling"), field(5, tensor("two", np.array([2.0]))),
        field(11, info("pictures", shape)), field(11, info("two", (1,))),
        field(12, info("output", shape)), field(13, info("pictures", shape)),
    ]  # fmt: skip
    return number(1, 8) + field(7, b"".join(graph)) + field(8, number(2, 13))
