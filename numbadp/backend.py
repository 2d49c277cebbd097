"""Which backends there are, and which one runs a call."""

from dataclasses import dataclass

from numbadp.checks import shown
from numbadp.errors import BackendError, OptionError, OptionTypeError

_NAMES = ("auto", "cpu", "cuda")


@dataclass(frozen=True)
class Backend:
    """A place to compute.

    Attributes
    ----------
    name : str
        ``"cpu"`` or ``"cuda"``.
    available : bool
        Whether it can run here.
    reason : str
        Why not; empty when it can.
    remedy : str
        What to do about it; empty when it can.
    """

    name: str
    available: bool
    reason: str = ""
    remedy: str = ""


def backends() -> tuple[Backend, ...]:
    """List the backends.

    Returns
    -------
    tuple of Backend
        Each with `available` and, if not, the reason and the remedy.
    """
    return (
        Backend("cpu", True),
        Backend(
            "cuda",
            False,
            "this version of numbadp has no CUDA kernels",
            "use backend='cpu'",
        ),
    )


def choose_backend(name: str) -> str:
    """Resolve the option ``backend``.

    Parameters
    ----------
    name : {"auto", "cpu", "cuda"}
        What the caller asked for.

    Returns
    -------
    str
        ``"cpu"``.

    Raises
    ------
    OptionTypeError, OptionError
        If it is none of the names.
    BackendError
        If it cannot run here.
    """
    if not isinstance(name, str):
        raise OptionTypeError(f"backend must be one of {_NAMES}; got {shown(name)}.")
    if name not in _NAMES:
        raise OptionError(f"backend must be one of {_NAMES}; got {shown(name)}.")
    if name == "auto":
        return "cpu"
    backend = next(b for b in backends() if b.name == name)
    if not backend.available:
        raise BackendError(f"backend {name!r} cannot run: {backend.reason}; {backend.remedy}.")
    return name
