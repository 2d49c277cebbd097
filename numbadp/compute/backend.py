"""Which backends there are, and which one runs a call; the sole importer of ``numba.cuda``."""

import importlib
import os
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from numbadp.checks import shown
from numbadp.errors import BackendError, OptionError, OptionTypeError

_DLPACK_CUDA = (2, 13)  # device and managed memory
_NAMES = ("auto", "cpu", "cuda")
_INSTALL = "pip install 'numbadp[cu13]' (or 'numbadp[cu12]' for a CUDA 12 driver)"


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
    return Backend("cpu", True), _examine_cuda()


def choose_backend(name: str) -> str:
    """Resolve the option ``backend``.

    Parameters
    ----------
    name : {"auto", "cpu", "cuda"}
        What the caller asked for; ``"auto"`` means the CPU for what lies in host memory.

    Returns
    -------
    str
        ``"cpu"`` or ``"cuda"``.

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
    if name != "cuda":
        return "cpu"
    cuda = _examine_cuda()
    if not cuda.available:
        raise BackendError(
            f"backend 'cuda' cannot run: {cuda.reason}; {cuda.remedy}, or use backend='cpu'."
        )
    return name


def lives_on_gpu(image) -> bool:
    """Tell whether an array is in the memory of a CUDA device, without importing anything.

    Parameters
    ----------
    image : object
        Anything.

    Returns
    -------
    bool
        True if it says so by ``__cuda_array_interface__`` or DLPack.
    """
    if type(image).__module__ == "numpy":
        return False
    if hasattr(image, "__cuda_array_interface__") or hasattr(image, "__cuda_ndarray__"):
        return True
    where = getattr(image, "__dlpack_device__", None)
    return where is not None and int(where()[0]) in _DLPACK_CUDA


def load_cuda():
    """Import ``numba.cuda``: the package numba-cuda where it is installed, else Numba's own.

    Returns
    -------
    module
        The same module for every caller.
    """
    return importlib.import_module("numba.cuda")


def simulated() -> bool:
    """Tell whether kernels run in Numba's simulator, for tests.

    Returns
    -------
    bool
        True if ``NUMBA_ENABLE_CUDASIM`` was set before Numba was imported.
    """
    from numba.core import config

    return bool(config.ENABLE_CUDASIM)


def _examine_cuda() -> Backend:
    """Look for package, NumPy, driver and device, in this order."""
    if os.environ.get("NUMBA_ENABLE_CUDASIM", "0") not in ("", "0") and simulated():
        return Backend("cuda", True)
    return _examine_device()


@lru_cache(maxsize=1)
def _examine_device() -> Backend:
    if find_spec("numba_cuda") is None:
        return Backend("cuda", False, "the package numba-cuda is not installed", _INSTALL)
    numpy = version("numpy")
    if tuple(map(int, numpy.split(".")[:2])) >= (2, 5):
        reason = f"numba-cuda does not work with NumPy {numpy}"
        return Backend("cuda", False, reason, "pip install 'numpy<2.5'")
    missing = _missing_toolkit()
    if missing:
        return Backend("cuda", False, f"{missing} is not installed", _INSTALL)
    try:
        cuda = load_cuda()
        if cuda.is_available():
            return Backend("cuda", True)
        why = cuda.cuda_error()
    except Exception as error:  # whatever a broken driver raises is the reason
        why = error
    detail = str(why or "").strip().splitlines() or ["no driver or no device found"]
    reason = f"no CUDA device can be used ({detail[0][:120]})"
    return Backend("cuda", False, reason, "install an NVIDIA driver for CUDA 12 or 13")


def _missing_toolkit() -> str:
    """Name of the compiler package that is absent, or nothing if a toolkit may be there."""
    if (
        os.environ.get("CUDA_HOME")
        or os.environ.get("CUDA_PATH")
        or os.path.isdir("/usr/local/cuda")
    ):
        return ""
    for names in (
        ("nvidia-nvvm", "nvidia-cuda-nvcc-cu12"),
        ("nvidia-cuda-nvrtc", "nvidia-cuda-nvrtc-cu12"),
    ):
        if not any(map(_installed, names)):
            return " or ".join(names)
    return ""


def _installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True
