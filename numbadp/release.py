"""The release: the only object that crosses the border, and everything a user does with it."""

import io
from dataclasses import dataclass
from threading import Lock

import numpy as np

from numbadp.errors import ShapeError
from numbadp.guarantee import Guarantee
from numbadp.layout import Layout
from numbadp.plan import Plan

_MAKING_PAINTERS = Lock()  # so that threads that share a release also share its painter


@dataclass(frozen=True, eq=False, repr=False)
class Release:
    """Noisy integer sums of a picture, public for good.

    Whatever is computed from a release is post-processing and cannot weaken its guarantee.

    Attributes
    ----------
    shape : tuple of int
        Shape of the picture.
    layout : Layout
        The published cells.
    guarantee : Guarantee
        What the release promises.
    plan : Plan
        How it was made.
    values : tuple of ndarray of int64
        One read-only array of noisy sums a plane, [gh, gw] or, for a batch, [N, gh, gw]; may be
        negative.  With leaves of mixed size a leaf's sum sits at its top-left cell, 0 elsewhere.
    background : ndarray of uint8 or None
        With a region: the picture as given outside of it, 0 inside; read-only.
    """

    shape: tuple[int, ...]
    layout: Layout
    guarantee: Guarantee
    plan: Plan
    values: tuple[np.ndarray, ...]
    background: np.ndarray | None = None

    def render(self, style: str = "mosaic", *, out: np.ndarray | None = None) -> np.ndarray:
        """Paint the release.

        Parameters
        ----------
        style : {"mosaic", "smooth", "cells"}, default "mosaic"
            ``"mosaic"``: flat quadtree leaves of the denoised picture; ``"smooth"``: the same
            interpolated, closest to the picture; ``"cells"``: the noisy cells as measured.
        out : ndarray of uint8, optional
            Writable, C-contiguous, of the release's shape; painted into and returned.

        Returns
        -------
        ndarray of uint8
            A picture of the release's shape.

        Raises
        ------
        OptionTypeError, OptionError
            If the style is none of the three.
        OutputError
            If `out` cannot take the picture.

        Notes
        -----
        The reconstruction is computed once for a release and kept.
        """
        return self._painter.render(style, out)

    def quadtree(self):
        """Return the leaves of the mosaic.

        Returns
        -------
        numbadp.postprocess.quadtree.Quadtree
            Levels and colours of the leaves; ``draw()`` paints them with their borders.
        """
        return self._painter.quadtree

    def to_pil(self, style: str = "mosaic"):
        """Paint the release as a PIL image.

        Parameters
        ----------
        style : {"mosaic", "smooth", "cells"}, default "mosaic"
            As in `render`.

        Returns
        -------
        PIL.Image.Image
            Mode L or RGB, without metadata.

        Raises
        ------
        ShapeError
            If the release is a batch.
        """
        from PIL import Image

        if len(self.shape) == 4:
            raise ShapeError(
                f"a batch of shape {self.shape} is not one picture. Use render() and "
                "PIL.Image.fromarray on each."
            )
        pixels = self.render(style)
        return Image.fromarray(pixels[:, :, 0] if pixels.shape[2:] == (1,) else pixels)

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        """The mosaic as an array, painted anew."""
        if copy is False:
            raise ValueError("a release is painted into a new array. Pass copy=None or True.")
        return np.asarray(self.render(), dtype=dtype)

    def _repr_png_(self) -> bytes | None:
        """Picture for notebooks; None for a batch."""
        if len(self.shape) == 4:
            return None
        buffer = io.BytesIO()
        self.to_pil().save(buffer, format="PNG")
        return buffer.getvalue()

    def __repr__(self) -> str:
        """Public facts in one line."""
        size = "x".join(map(str, self.shape))
        return (
            f"<Release of a {size} picture: epsilon = {self.guarantee.epsilon}, "
            f"m = {self.plan.m}, layout = {self.layout.kind!r}>"
        )

    def __reduce__(self):
        """Pickle the plan and the noisy sums; reading them back checks and freezes again."""
        parts = (self.plan, self.guarantee, self.values, self.layout, self.background)
        return build_release, parts

    @property
    def _painter(self):
        from numbadp.postprocess import Painter  # the one edge that points up

        with _MAKING_PAINTERS:
            if "_kept_painter" not in self.__dict__:
                self.__dict__["_kept_painter"] = Painter(self)
        return self.__dict__["_kept_painter"]


def build_release(
    plan: Plan,
    guarantee: Guarantee,
    values: tuple[np.ndarray, ...],
    layout: Layout | None = None,
    background: np.ndarray | None = None,
) -> Release:
    """Check and freeze the parts of a release.

    Parameters
    ----------
    plan : Plan
        How the values were made.
    guarantee : Guarantee
        What they promise.
    values : tuple of ndarray of int64
        Noisy sums in the shapes of the plan; they become read-only.
    layout : Layout, optional
        The published cells; those of the plan by default.
    background : ndarray of uint8, optional
        With a region: the picture outside of it; it becomes read-only.

    Returns
    -------
    Release
        The frozen release.

    Raises
    ------
    ShapeError
        If the values, the layout or the background do not fit the plan.
    """
    batch = (plan.batch,) if len(plan.shape) == 4 else ()
    expected = [(*batch, *plane.grid) for plane in plan.planes]
    found = [value.shape for value in values]
    if found != expected or any(value.dtype != np.int64 for value in values):
        raise ShapeError(f"values must be int64 arrays of shapes {expected}; got {found}.")
    layout = layout or plan.leaves or _grid_layout(plan)
    if layout.shape != (plan.height, plan.width) or layout.cell != plan.planes[0].cell:
        raise ShapeError(f"the layout does not fit the plan; got {layout}.")
    if (background is None) != (plan.region is None):
        raise ShapeError("a release has a background iff its plan has a region.")
    if background is not None:
        if background.shape != plan.shape or background.dtype != np.uint8:
            raise ShapeError(f"background must be uint8 of shape {plan.shape}.")
        background.flags.writeable = False
    for value in values:
        value.flags.writeable = False
    return Release(plan.shape, layout, guarantee, plan, tuple(values), background)


def _grid_layout(plan: Plan) -> Layout:
    return Layout(plan.layout, (plan.height, plan.width), plan.planes[0].cell)
