"""Whatever memory an array lies in, its numbers in host memory."""

import numpy as np


def on_host(array) -> np.ndarray:
    """Return an array in host memory.

    Parameters
    ----------
    array : ndarray or device array
        Ours, or one that knows its stream.

    Returns
    -------
    ndarray
        The array itself, or a copy of what lies on a GPU.
    """
    if isinstance(array, np.ndarray):
        return array
    from numbadp.compute.device import check_home, describe
    from numbadp.compute.pinned import download
    from numbadp.compute.streams import device_errors

    with device_errors():
        check_home(describe(array), "the release")
        return download(array, np.empty(array.shape, array.dtype), array.stream)
