"""The weights of the nets that denoise: read once, checked, and laid out for kernels.

`bench/learn` trains them and writes the file.  A version's file never changes: its SHA-256 stands
here.  For every layer it holds weights as int8 [outputs, inputs, 3, 3], biases as int32 in units of
the layer's sums, and a shift a channel: how many places behind the point its sums have.
"""

import hashlib
import io
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from numbadp.postprocess.kernels.net_body import LAYERS, MOST_INPUT, RESIDUAL_BITS
from numbadp.postprocess.kernels.net_row import MOST_ACTIVATION, OUTPUTS

# Version of the drawing -> name of the file, and its SHA-256.
_FIRST = ("nets-1.npz", "fcb96eebb2db6e57c74db2064b7e94576f1a7e050d0d6d2f2a08a3cd5de128e9")
_SECOND = ("nets-2.npz", "009acbb212db543239c89ffb901940c20e8cb301530e75830262197dcc84c06e")
FILES = {1: _FIRST, 2: _FIRST, 3: _SECOND}
DILATIONS = (1, 1, 2, 4, 1)
ACTIVATION_BITS = 7  # behind the point
INPUT_BITS = 5
OWN = 4  # channels of a block's cells
_MOST_KNOWN = 80  # eighths of log2 of a noise scale up to 128, of a side up to 1024
_LAST_UNITS = 1 << (ACTIVATION_BITS - INPUT_BITS)  # of the last layer's sums that an input counts
_EXACT = 2**24  # integers below it are exact in single precision


@dataclass(frozen=True)
class Net:
    """A net in the form that kernels take.

    Attributes
    ----------
    sizes : ndarray of int64, shape (layers, 2)
        Inputs and outputs of every layer.
    dilations : ndarray of int64, shape (layers,)
        How far apart taps are, in blocks.
    weights : tuple of ndarray of float32
        Whole numbers, by eights of outputs, then inputs, taps, and outputs.
    rests : tuple of ndarray of float32
        Bias and scale of every output in turn.
    shifts : ndarray of int64, shape (16,)
        Places behind the point that the last layer's sums have too many.
    """

    sizes: np.ndarray
    dilations: np.ndarray
    weights: tuple[np.ndarray, ...]
    rests: tuple[np.ndarray, ...]
    shifts: np.ndarray


@lru_cache(maxsize=8)
def read_net(version: int) -> Net:
    """Read a net of a version.

    Parameters
    ----------
    version : int
        Version of the drawing.

    Returns
    -------
    Net
        Read-only.

    Raises
    ------
    RuntimeError
        If the file is not the one that was made, or a sum could be inexact: the installation is
        damaged.
    """
    file, digest = FILES[version]
    content = files("numbadp").joinpath("data", file).read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise RuntimeError(
            f"numbadp/data/{file} is damaged: its SHA-256 is not {digest}. Install numbadp again."
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as kept:
        layers = [
            tuple(kept[f"luma/{k}/{part}"] for part in ("weights", "biases", "shifts"))
            for k in range(LAYERS)
        ]
    return build_net(layers)


def build_net(layers: list) -> Net:
    """Lay out the numbers of a net.

    Parameters
    ----------
    layers : list of (ndarray of int8, ndarray of int32, ndarray of int8)
        Weights [outputs, inputs, 3, 3], biases and shifts of every layer.

    Returns
    -------
    Net
        Read-only.

    Raises
    ------
    RuntimeError
        If a sum could be inexact.
    """
    weights, rests = [], []
    for k, (kernel, biases, places) in enumerate(layers):
        most = np.full(kernel.shape[1], MOST_ACTIVATION)
        seen = kernel.shape[1] - (layers[k - 1][0].shape[0] if k else 0)
        if seen:  # inputs: cells, what is known of them, and what lies under them
            inputs = np.full(seen, MOST_INPUT)
            inputs[OWN : OWN + 2] = _MOST_KNOWN
            most[-seen:] = inputs * (_LAST_UNITS if k else 1)
        taps = np.abs(kernel.astype(np.int64)).sum(axis=(2, 3))
        worst = taps @ most + np.abs(biases)
        if worst.max() >= _EXACT:
            raise RuntimeError(f"layer {k} of a net has sums of up to {worst.max()}; train anew.")
        outputs, inputs = kernel.shape[:2]
        eights = kernel.reshape(outputs // OUTPUTS, OUTPUTS, inputs, 9).transpose(0, 2, 3, 1)
        weights.append(_frozen(eights.astype(np.float32).ravel()))
        scales = np.exp2(ACTIVATION_BITS - places.astype(np.float32))
        rests.append(_frozen(np.stack([biases, scales], axis=1).astype(np.float32).ravel()))
    return Net(
        _frozen(np.array([kernel.shape[1::-1] for kernel, _, _ in layers], np.int64)),
        _frozen(np.array(DILATIONS, np.int64)), tuple(weights), tuple(rests),
        _frozen(layers[-1][2].astype(np.int64) - RESIDUAL_BITS),
    )  # fmt: skip


def _frozen(array: np.ndarray) -> np.ndarray:
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array
