"""Device memory from the host's side: whose it is, and how it is copied.

Nothing here is imported until a GPU is asked for, or looks at what the memory holds.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from numbadp.compute.gpu import SIMULATED, cuda
from numbadp.compute.streams import let_go, stream_of
from numbadp.errors import BackendError

ALIGNMENT = 16  # bytes that one instruction loads


@dataclass(frozen=True, eq=False)
class DeviceArray:
    """An array in device memory, whoever made it.

    Attributes
    ----------
    address : int
        Of its first element.
    shape, strides : tuple of int
        Strides in bytes.
    dtype : numpy.dtype
        Of an element.
    stream : object
        Work on the array belongs here: a stream of ``numba.cuda``, or 0 for the default stream.
    owner : object
        Keeps the memory alive.
    """

    address: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype
    stream: object
    owner: object


@dataclass(frozen=True, eq=False)
class _Memory:
    """Memory that somebody else owns, in the words of both array interfaces."""

    interface: dict
    owner: object

    @property
    def __cuda_array_interface__(self) -> dict:
        return self.interface

    @property
    def __array_interface__(self) -> dict:
        return self.interface


def describe(array) -> DeviceArray:
    """Take what another library made, without a copy.

    Parameters
    ----------
    array : object
        With ``__cuda_array_interface__``, or DLPack on a CUDA device.

    Returns
    -------
    DeviceArray
        The same memory; its stream is the one that the library works on.
    """
    if SIMULATED and hasattr(array, "__cuda_ndarray__"):
        return _described(array.__array_interface__, array)
    if hasattr(array, "__cuda_array_interface__"):
        return _described(array.__cuda_array_interface__, array)
    from cuda.core.utils import StridedMemoryView

    stream = stream_of(array, None)
    handle = 1 if stream == 0 else int(getattr(stream.handle, "value", stream.handle))
    view = StridedMemoryView.from_dlpack(array, stream_ptr=handle)
    shape, dtype = tuple(view.shape), np.dtype(view.dtype)
    strides = _contiguous(shape, 1) if view.strides is None else tuple(view.strides)
    in_bytes = tuple(dtype.itemsize * step for step in strides)
    return DeviceArray(view.ptr, shape, in_bytes, dtype, stream, view)


def _described(interface: dict, owner) -> DeviceArray:
    shape, dtype = tuple(interface["shape"]), np.dtype(interface["typestr"])
    strides = interface.get("strides") or _contiguous(shape, dtype.itemsize)
    stream = stream_of(owner, interface.get("stream"))
    return DeviceArray(interface["data"][0], shape, tuple(strides), dtype, stream, owner)


def _contiguous(shape: tuple[int, ...], item: int) -> tuple[int, ...]:
    strides = [item]
    for side in reversed(shape[1:]):
        strides.insert(0, strides[0] * side)
    return tuple(strides)


def flat_view(array: DeviceArray, dtype, beyond: int = 0):
    """View the memory between an array's first and last byte as one flat device array.

    Parameters
    ----------
    array : DeviceArray
        Of bytes, with any strides.
    dtype : dtype
        Of an element of the view; memory and all strides are aligned to it.
    beyond : int
        Bytes after the last one that belong to the view too.

    Returns
    -------
    view : device array
        From the lowest address on.
    origin : int
        Bytes from there to the array's first element.
    """
    reach = [(side - 1) * step for side, step in zip(array.shape, array.strides, strict=True)]
    below, above = -sum(min(r, 0) for r in reach), sum(max(r, 0) for r in reach)
    kind = np.dtype(dtype)
    count = -(-(below + above + array.dtype.itemsize + beyond) // kind.itemsize)
    interface = {
        "shape": (count,), "typestr": kind.str, "data": (array.address - below, False), "version": 3
    }  # fmt: skip
    return _wrapped(_Memory(interface, array)), below


def _wrapped(memory: _Memory):
    return _fake(np.asarray(memory)) if SIMULATED else cuda.as_cuda_array(memory, sync=False)


def _fake(array: np.ndarray):
    from numba.cuda.simulator.cudadrv.devicearray import FakeCUDAArray

    return FakeCUDAArray(array)


def part_of(flat, start: int, shape: tuple[int, ...], stream):
    """Cut a C-contiguous array out of a flat one.

    Parameters
    ----------
    flat : device array
        One-dimensional and contiguous.
    start : int
        First element.
    shape : tuple of int
        Shape of the part.
    stream : object
        Stream that the part names to whoever takes it.

    Returns
    -------
    device array
        The same memory.
    """
    stop = start + int(np.prod(shape))
    if SIMULATED:
        return _fake(flat._ary[start:stop].reshape(shape))
    from numba.cuda.cudadrv.devicearray import DeviceNDArray

    item = flat.dtype.itemsize
    memory = flat.gpu_data.view(start * item, stop * item)
    strides = _contiguous(shape, item)
    return DeviceNDArray(shape, strides, flat.dtype, stream=stream, gpu_data=memory)


def frozen(array):
    """Read-only view of a device array, for what is published.

    Parameters
    ----------
    array : device array or None
        Of ours; nothing is copied.

    Returns
    -------
    device array or None
        The same memory.  Its own methods, kernels of Numba and the interface that other libraries
        look at refuse to write; slices of it are no longer marked.
    """
    if array is None:
        return None
    if SIMULATED:
        view = array._ary.view()
        view.flags.writeable = False
        return _fake(view)
    return _read_only_type()(
        array.shape, array.strides, array.dtype, stream=array.stream, gpu_data=array.gpu_data
    )


@lru_cache(maxsize=1)
def _read_only_type():
    from numba.cuda.cudadrv.devicearray import DeviceNDArray

    class ReadOnlyDeviceArray(DeviceNDArray):
        """A device array that is published."""

        @property
        def __cuda_array_interface__(self):
            own = super().__cuda_array_interface__
            return own | {"data": (own["data"][0], True)}

        @property
        def _numba_type_(self):
            return super()._numba_type_.copy(readonly=True)

        def _refuse(self, *_, **__):
            raise ValueError("this array is part of a release and read-only. Copy it first.")

        __setitem__ = setitem = copy_to_device = _refuse

    return ReadOnlyDeviceArray


def empty(shape, dtype, stream):
    """New device array, not filled."""
    return cuda.device_array(shape, dtype, stream=stream)


def table(array: np.ndarray):
    """Copy of a small constant array on the device, there for streams of every kind."""
    copied = cuda.to_device(np.ascontiguousarray(array))
    if not SIMULATED:  # a stream that does not wait for the default one may be the first to read it
        cuda.default_stream().synchronize()
    return copied


def clear(array, stream) -> None:
    """Fill a contiguous device array with zero bytes."""
    if SIMULATED:
        array[:] = 0
        return
    from numba.cuda.cudadrv.driver import device_memset

    device_memset(array, 0, array.nbytes, stream)


def forget(stream, *arrays) -> None:
    """Clear device arrays after an error, which stays the one that is told.

    Parameters
    ----------
    stream : object
        Where work on the arrays is queued.
    *arrays : device arrays
        Contiguous.
    """
    for array in arrays:
        with suppress(Exception):  # a lost device has nothing left to clear
            clear(array, stream)
    with suppress(Exception):
        let_go(stream, *arrays)


def home_of(array: DeviceArray) -> int | None:
    """Number of the GPU that an array's memory belongs to, by the driver; None if it is unknown.

    Parameters
    ----------
    array : DeviceArray
        Whoever made it.

    Returns
    -------
    int or None
        As `device_number` counts.
    """
    if SIMULATED or not array.address:
        return None
    with suppress(Exception):
        from cuda.bindings import driver

        asked = driver.CUpointer_attribute.CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL
        code, number = driver.cuPointerGetAttribute(asked, driver.CUdeviceptr(array.address))
        return int(number) if int(code) == 0 else None
    return None


def check_home(array: DeviceArray, name: str) -> None:
    """Refuse an array in the memory of another GPU than the current one.

    Parameters
    ----------
    array : DeviceArray
        Whoever made it.
    name : str
        What the caller calls it.

    Raises
    ------
    BackendError
        With both numbers, and how to change the current one.
    """
    number, current = home_of(array), device_number()
    if number not in (None, current):
        raise another_gpu(name, number, current)


def another_gpu(name: str, number: int, current: int) -> BackendError:
    """The error for what lives on another GPU."""
    return BackendError(
        f"{name} lives on GPU {number}, and GPU {current} is the current one. Make {number} "
        f"current first, as by `with numba.cuda.gpus[{number}]:` or your library's own way."
    )


def device_number() -> int:
    """Number of the device that is current in this thread."""
    return 0 if SIMULATED else cuda.get_current_device().id
