"""What stands for a release where nothing was found and nothing is to be covered: the picture."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from numbadp.accounting.guarantee import Guarantee
from numbadp.errors import FileFormatError, OutputError
from numbadp.release.views import Views


@dataclass(frozen=True, eq=False, repr=False)
class Untouched(Views):
    """A picture as it was given, with the guarantee that covers none of its pixels.

    Attributes
    ----------
    shape : tuple of int
        Shape of the picture.
    guarantee : Guarantee
        Epsilon 0, for no pixel.
    background : ndarray of uint8
        The picture; read-only.
    home : numbadp.inputs.Home or None
        How pictures are handed out.
    """

    shape: tuple[int, ...]
    guarantee: Guarantee
    background: np.ndarray
    home: Any = None

    def render(
        self, style: str = "mosaic", *, out: np.ndarray | None = None, upsampler=None,
        effort: str = "default", side: int | None = None, version: int | None = None,
    ) -> np.ndarray:  # fmt: skip
        """Return a copy of the picture, whatever the style.

        Parameters
        ----------
        style : {"mosaic", "smooth", "blocks", "cells"}, default "mosaic"
            As of `Release.render`.
        out : ndarray of uint8, optional
            Of the picture's shape; written to and returned.
        upsampler : callable, optional
            Not called.
        effort, side, version
            As of `Release.render`; checked, and of no effect.

        Returns
        -------
        ndarray of uint8
            The picture; of a tensor a tensor.

        Raises
        ------
        OptionTypeError, OptionError
            As of `Release.render`.
        OutputError
            If `out` cannot take the picture.
        """
        from numbadp.checks import check_style
        from numbadp.postprocess.blocks import check_side
        from numbadp.postprocess.drawing import choose_drawing
        from numbadp.postprocess.upsample import check_upsampler

        check_style(style)
        check_side(side, style)
        choose_drawing(effort, version)
        if upsampler is not None:
            check_upsampler(upsampler, style)
        if out is None:
            copy = self.background.copy()
            return copy if self.home is None else self.home.put(copy)
        if (
            not isinstance(out, np.ndarray)
            or (out.shape, out.dtype) != (self.shape, np.uint8)
            or not out.flags.writeable
        ):
            raise OutputError(f"out must be a writable uint8 array of shape {self.shape}.")
        out[...] = self.background
        return out

    def _painted(self, style: str = "mosaic", **options) -> np.ndarray:
        return self.render(style, out=np.empty(self.shape, np.uint8), **options)

    def to_host(self) -> "Untouched":
        """Return this, which is in host memory.

        Returns
        -------
        Untouched
            Itself.
        """
        return self

    def save(self, path, *, payload: str = "release") -> None:
        """Refuse: a release file holds noisy numbers, and here are none.

        Parameters
        ----------
        path, payload
            As of `Release.save`.

        Raises
        ------
        FileFormatError
            Always.
        """
        raise FileFormatError(
            "nothing was measured of this picture, so there is no release to store. Save "
            "to_pil(), which is the picture as it was given."
        )

    def __repr__(self) -> str:
        """Public facts in one line."""
        height, width = self.shape[1:3] if len(self.shape) == 4 else self.shape[:2]
        return f"<Untouched picture of {width} x {height} pixels: none is covered>"
