"""What to write where pixels are not of 8 bits a channel: one sentence, with the conversion."""

import numpy as np

from numbadp.errors import ArrayTypeError

_FLOAT, _WIDE, _BOOL = "If it is from 0 to 1, pass", "If it has 16 bits, pass", "Pass"
_OF_NUMPY = {
    _FLOAT: "(image * 255).round().clip(0, 255).astype('uint8')",
    _WIDE: "(image // 257).astype('uint8')",
    _BOOL: "image.astype('uint8') * 255",
}
_OF_TORCH = {
    _FLOAT: "(image * 255).round().clamp(0, 255).to(torch.uint8)",
    _WIDE: "(image.int() // 257).to(torch.uint8)",
    _BOOL: "image.to(torch.uint8) * 255",
}


def check_dtype(dtype: np.dtype) -> None:
    """Refuse an array that is not of uint8.

    Parameters
    ----------
    dtype : numpy.dtype
        Its dtype.

    Raises
    ------
    ArrayTypeError
        With the conversion to write.
    """
    if dtype == np.uint8:
        return
    kind = {"f": _FLOAT, "b": _BOOL}.get(dtype.kind, "")
    if dtype.kind == "u" and dtype.itemsize == 2:
        kind = _WIDE
    raise _refusal(str(dtype), kind, _OF_NUMPY)


def check_torch_dtype(dtype) -> None:
    """Refuse a tensor that is not of uint8.

    Parameters
    ----------
    dtype : torch.dtype
        Its dtype.

    Raises
    ------
    ArrayTypeError
        With the conversion to write.
    """
    name = str(dtype)
    if name == "torch.uint8":
        return
    kind = _FLOAT if dtype.is_floating_point else ""
    kind = {"torch.uint16": _WIDE, "torch.int32": _WIDE, "torch.bool": _BOOL}.get(name, kind)
    raise _refusal(name, kind, _OF_TORCH)


def _refusal(name: str, kind: str, conversions: dict[str, str]) -> ArrayTypeError:
    advice = f"{kind} {conversions[kind]}" if kind else "Convert it by a fixed public rule"
    return ArrayTypeError(
        f"image must have dtype uint8; got {name}. {advice}, never scaled by its own minimum and "
        "maximum, which would depend on the picture."
    )
