"""Just enough of ONNX's file format to let a network take pictures of any size.

An ONNX file is a tree of numbered fields, each with its length before it.  Some exporters write the
size of their example into inputs and outputs, and list weights as inputs; onnxruntime then refuses
other sizes and folds nothing.  Both is left out of a copy here; weights and nodes are not touched.
"""

from collections.abc import Iterator

from numbadp.errors import FileFormatError

# Field numbers, as onnx.proto has them.
_GRAPH = 7
_INITIALIZER, _INPUT, _OUTPUT, _VALUE_INFO = 5, 11, 12, 13
_TENSOR_NAME, _INFO_NAME, _INFO_TYPE = 8, 1, 2
_TENSOR_TYPE, _SHAPE = 1, 2
_VARINT, _EIGHT_BYTES, _WITH_LENGTH, _FOUR_BYTES = 0, 1, 2, 5


def loosened(model: bytes) -> bytes:
    """Take the sizes out of a model's inputs and outputs.

    Parameters
    ----------
    model : bytes
        An ONNX file.

    Returns
    -------
    bytes
        The same network for tensors of any size.

    Raises
    ------
    FileFormatError
        If it is no such file.
    """
    try:
        return b"".join(
            field(_GRAPH, _loose_graph(content)) if number == _GRAPH else raw
            for number, content, raw in fields(model)
        )
    except (IndexError, StopIteration):
        raise FileFormatError("this is no intact ONNX file.") from None


def field(number: int, content: bytes) -> bytes:
    """Write a field that has a length.

    Parameters
    ----------
    number : int
        Its number.
    content : bytes
        What is in it.

    Returns
    -------
    bytes
        Head and content.
    """
    return _varint(number << 3 | _WITH_LENGTH) + _varint(len(content)) + content


def fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Read the fields of a message.

    Parameters
    ----------
    message : bytes
        Field after field.

    Yields
    ------
    number : int
        Of the field.
    content : bytes
        What is in it, without its head.
    raw : bytes
        All of it.
    """
    at = 0
    while at < len(message):
        start = at
        key, at = _read_varint(message, at)
        kind = key & 7
        if kind == _VARINT:
            _, end = _read_varint(message, at)
        elif kind == _WITH_LENGTH:
            length, at = _read_varint(message, at)
            end = at + length
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            end = at + (8 if kind == _EIGHT_BYTES else 4)
        else:
            raise IndexError
        if end > len(message):
            raise IndexError
        yield key >> 3, message[at:end], message[start:end]
        at = end


def _loose_graph(graph: bytes) -> bytes:
    parts = list(fields(graph))
    weights = {
        _first(content, _TENSOR_NAME) for number, content, _ in parts if number == _INITIALIZER
    }
    kept = []
    for number, content, raw in parts:
        if number == _VALUE_INFO or (number == _INPUT and _first(content, _INFO_NAME) in weights):
            continue
        kept.append(field(number, _loose_info(content)) if number in (_INPUT, _OUTPUT) else raw)
    return b"".join(kept)


def _loose_info(info: bytes) -> bytes:
    return _edited(info, _INFO_TYPE, lambda kind: _edited(kind, _TENSOR_TYPE, _shapeless))


def _shapeless(tensor: bytes) -> bytes:
    return b"".join(raw for number, _, raw in fields(tensor) if number != _SHAPE)


def _edited(message: bytes, wanted: int, edit) -> bytes:
    return b"".join(
        field(number, edit(content)) if number == wanted else raw
        for number, content, raw in fields(message)
    )


def _first(message: bytes, wanted: int) -> bytes:
    return next(content for number, content, _ in fields(message) if number == wanted)


def _varint(number: int) -> bytes:
    groups = []
    while number > 127:
        groups.append(number & 127 | 128)
        number >>= 7
    return bytes([*groups, number])


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        group = message[at]
        at += 1
        number |= (group & 127) << shift
        shift += 7
        if group < 128:
            return number, at
