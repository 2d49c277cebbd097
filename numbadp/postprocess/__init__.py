"""The public side: everything here sees releases only, and is free of any privacy cost."""

from threading import Lock

import numpy as np

from numbadp.checks import shown
from numbadp.errors import OptionError, OptionTypeError
from numbadp.plan import Plan
from numbadp.postprocess.paint import output_array, paint_cells, paint_smooth
from numbadp.postprocess.quadtree import Quadtree, build_quadtree
from numbadp.postprocess.reconstruct import reconstruct

STYLES = ("mosaic", "smooth", "cells")


class Painter:
    """Renders one release; the reconstruction and the quadtree are computed once.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    values : tuple of ndarray of int64
        Its noisy sums.
    """

    def __init__(self, plan: Plan, values: tuple[np.ndarray, ...]):
        self._plan = plan
        self._values = values
        self._lock = Lock()
        self._grids = None
        self._quadtree = None

    def render(self, style: str, out: np.ndarray | None) -> np.ndarray:
        """Paint the release in a style; see `numbadp.release.Release.render`."""
        if not isinstance(style, str):
            raise OptionTypeError(f"style must be one of {STYLES}; got {shown(style)}.")
        if style not in STYLES:
            raise OptionError(f"style must be one of {STYLES}; got {shown(style)}.")
        picture = output_array(self._plan.shape, out)
        if style == "cells":
            return paint_cells(self._plan, self._values, picture)
        if style == "smooth":
            return paint_smooth(self._plan, self.grids, picture)
        return self.quadtree.paint(picture)

    @property
    def grids(self) -> tuple[np.ndarray, ...]:
        """Denoised planes in 1/64 grey level."""
        with self._lock:
            return self._reconstructed()

    @property
    def quadtree(self) -> Quadtree:
        """Leaves of the mosaic."""
        with self._lock:
            if self._quadtree is None:
                self._quadtree = build_quadtree(self._plan, self._reconstructed())
            return self._quadtree

    def _reconstructed(self) -> tuple[np.ndarray, ...]:
        if self._grids is None:
            self._grids = reconstruct(self._plan, self._values)
        return self._grids
