"""The weights of the polishing nets: read once, checked, and laid out for kernels.

`bench/learn/polish.py` trains them and writes the file.  A version's file never changes: its
SHA-256 stands here.
"""

import hashlib
import io
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from numbadp.postprocess.kernels.net_row import OUTPUTS
from numbadp.postprocess.kernels.polish_body import (
    HIDDEN,
    INPUTS,
    MOST_ACTIVATION,
    MOST_INPUT,
    SUBCELLS,
)

FILE = "polish-3.npz"  # of version 3 of the drawing
DIGEST = "c900aeed6d4593b1304fb358760d95cf039de4ab263f6e0245887512b39a9262"
OCTAVES = 6  # of noise: one net each
_EXACT = 2**24  # integers below it are exact in single precision
_MOST_PLACES = 12  # so are units of the activations, and a half, with as many behind the point
_MOST_SHIFT = 12


class PolishWeights(NamedTuple):
    """All nets, in the form that kernels take.

    Attributes
    ----------
    first : ndarray of float32, shape (nets, 360)
        Whole numbers, by eights of outputs, then inputs, taps, and outputs.
    rests : ndarray of float32, shape (nets, 16)
        Of every hidden output 0, and by what its sum is multiplied.
    second : ndarray of float32, shape (nets, 288)
        Whole numbers, by inputs, then taps, and outputs.
    nothing : ndarray of float32, shape (8,)
        Of every output 0 and 1.
    activated : ndarray of int64, shape (nets, 8)
        Places that the sums of the first layer have too many.
    settled : ndarray of int64, shape (nets,)
        Places behind the point of the second layer's sums.
    """

    first: np.ndarray
    rests: np.ndarray
    second: np.ndarray
    nothing: np.ndarray
    activated: np.ndarray
    settled: np.ndarray


@lru_cache(maxsize=1)
def polish_weights() -> PolishWeights:
    """Read the nets.

    Returns
    -------
    PolishWeights
        Read-only.

    Raises
    ------
    RuntimeError
        If the file is not the one that was made, or a sum could be inexact: the installation is
        damaged.
    """
    content = files("numbadp").joinpath("data", FILE).read_bytes()
    if hashlib.sha256(content).hexdigest() != DIGEST:
        raise RuntimeError(
            f"numbadp/data/{FILE} is damaged: its SHA-256 is not {DIGEST}. Install numbadp again."
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as kept:
        return build_polish(*(kept[k] for k in ("first", "activated", "second", "settled")))


def build_polish(
    first: np.ndarray, activated: np.ndarray, second: np.ndarray, settled: np.ndarray
) -> PolishWeights:
    """Lay out the numbers of nets.

    Parameters
    ----------
    first : ndarray of int8, shape (nets, 8, 5, 3, 3)
        Weights of the first layer; those of sub-cells sum to zero.
    activated : ndarray of int8, shape (nets, 8)
        Places that the sums of the first layer have too many.
    second : ndarray of int8, shape (nets, 4, 8, 3, 3)
        Weights of the second layer.
    settled : ndarray of int8, shape (nets, 1)
        Places behind the point of the second layer's sums.

    Returns
    -------
    PolishWeights
        Read-only.

    Raises
    ------
    RuntimeError
        If a sum could be inexact, or a flat plane would be moved.
    """
    nets, kernel = len(first), first.astype(np.int64)
    worst = max(
        int(np.abs(kernel).sum((2, 3, 4)).max()) * MOST_INPUT,
        int(np.abs(second.astype(np.int64)).sum((2, 3, 4)).max()) * MOST_ACTIVATION,
    )
    if worst >= _EXACT or activated.min() < 1 or activated.max() > _MOST_PLACES:
        raise RuntimeError(f"a polishing net has sums of up to {worst} or odd places; train anew.")
    if kernel[:, :, :SUBCELLS].sum((2, 3, 4)).any():
        raise RuntimeError("a polishing net moves flat planes; train anew.")
    eights = kernel.reshape(nets, HIDDEN // OUTPUTS, OUTPUTS, INPUTS, 9).transpose(0, 1, 3, 4, 2)
    scales = np.exp2(-activated.astype(np.float32))
    rests = np.stack([np.zeros_like(scales), scales], axis=2)
    last = second.astype(np.float32).reshape(nets, SUBCELLS, HIDDEN, 9).transpose(0, 2, 3, 1)
    return PolishWeights(
        _frozen(eights.reshape(nets, -1).astype(np.float32)), _frozen(rests.reshape(nets, -1)),
        _frozen(last.reshape(nets, -1)), _frozen(np.tile(np.array([0, 1], np.float32), SUBCELLS)),
        _frozen(activated.astype(np.int64)), _frozen(settled.astype(np.int64).reshape(nets)),
    )  # fmt: skip


def _frozen(array: np.ndarray) -> np.ndarray:
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array
