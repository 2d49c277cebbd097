"""The table of protections that `bench.comparison` compares: one row each.

`prepare` takes a grey picture and the noise scale r = 255 m / epsilon of a sum and returns a call
that protects the picture anew, each time with fresh noise.  A layout that this version lacks is
left out and named.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from bench import baselines
from bench.layouts import layout_option
from bench.scene import M
from bench.utility import epsilon_of, mean_squared_error
from numbadp import NumbadpError, Pixelizer

ORACLE_RELEASES = 2  # for choosing the cell; they are not the ones that are judged
_ORACLE_OCTAVES = 2  # how far around the automatic cell to look

Protect = Callable[[], np.ndarray]
Prepare = Callable[[np.ndarray, int], Protect]


@dataclass(frozen=True)
class Method:
    """One protection.

    Attributes
    ----------
    name : str
        Unique.
    prepare : callable
        From a grey picture and a scale to the call.
    private : bool
        False when cells are chosen by looking at the picture and nothing is paid for it.
    """

    name: str
    prepare: Prepare
    private: bool = True

    def trouble(self) -> str | None:
        """Why this version cannot run it; None if it can."""
        try:
            self.prepare(np.zeros((8, 8), np.uint8), 4080)()
        except (NumbadpError, AttributeError) as error:
            return str(error)
        return None


def _layout(name: str, style: str) -> Prepare:
    """One of the package's layouts; zones have finer cells in the middle of any picture."""

    def prepare(picture, scale):
        layout = layout_option(name, picture.shape, epsilon_of(scale))
        return partial(_render, _pixelizer(picture.shape, scale, layout=layout), picture, style)

    return prepare


def _oracle(picture: np.ndarray, scale: int) -> Protect:
    """Uniform cells of the size with the least error on this very picture."""
    middle = _automatic_cell(picture.shape, scale).bit_length() - 1
    steps = range(max(middle - _ORACLE_OCTAVES, 0), min(middle + _ORACLE_OCTAVES, 8) + 1)
    calls = [
        partial(
            _render,
            _pixelizer(picture.shape, scale, layout="uniform", cell=1 << step),
            picture,
            "cells",
        )
        for step in steps
    ]
    return min(calls, key=partial(_error, picture))


def _error(picture: np.ndarray, call: Protect) -> float:
    return sum(mean_squared_error(call(), picture) for _ in range(ORACLE_RELEASES))


def _automatic_cell(shape: tuple[int, int], scale: int) -> int:
    return _pixelizer(shape, scale, layout="uniform").plan.planes[0].cell


def _pixelizer(shape: tuple[int, int], scale: int, **options) -> Pixelizer:
    return Pixelizer(shape, epsilon=epsilon_of(scale), m=M, **options)


def _render(pixelizer: Pixelizer, picture: np.ndarray, style: str) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "exact" warns that it is not private; the table says so
        return pixelizer(picture).render(style)


def _baseline(protect: Callable[[np.ndarray, float], np.ndarray]) -> Prepare:
    return lambda picture, scale: partial(protect, picture, scale)


METHODS = (
    Method("uniform, best cell of each photo: cells", _oracle, private=False),
    Method("uniform, automatic cell: cells", _layout("uniform", "cells")),
    Method("uniform, automatic cell: smooth", _layout("uniform", "smooth")),
    Method("free: cells", _layout("free", "cells")),
    Method("free: mosaic", _layout("free", "mosaic")),
    Method("free: smooth", _layout("free", "smooth")),
    Method("zones, middle finer: mosaic", _layout("zones", "mosaic")),
    Method("zones, middle finer: smooth", _layout("zones", "smooth")),
    Method("private: mosaic", _layout("private", "mosaic")),
    Method("private: smooth", _layout("private", "smooth")),
    Method("exact: cells", _layout("exact", "cells"), private=False),
    Method("exact: mosaic", _layout("exact", "mosaic"), private=False),
    Method("exact: smooth", _layout("exact", "smooth"), private=False),
    Method("DP-Pix, 16 px", _baseline(baselines.dp_pix)),
    Method("DP-Blur", _baseline(baselines.dp_blur)),
    Method("Laplace noise on pixels", _baseline(baselines.pixel_laplace)),
)
