"""A release of which only the mosaic was kept."""

from dataclasses import dataclass

import numpy as np

from numbadp.accounting.guarantee import Guarantee
from numbadp.checks import check_style
from numbadp.errors import PayloadError
from numbadp.files import check_release_name, write_bytes
from numbadp.numbers import size_text
from numbadp.plan import Plan
from numbadp.plan.layout import Layout
from numbadp.postprocess.quadtree import IslandTrees, Quadtree
from numbadp.release.views import Views
from numbadp.storage.codec import check_payload, encode_mosaic
from numbadp.storage.stored_mosaic import mosaic_colours


@dataclass(frozen=True, eq=False, repr=False)
class MosaicRelease(Views):
    """The mosaic of a release, loaded from a file that holds nothing else.

    It renders, draws and saves like a `Release`; what needs the noisy values is refused.

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
    levels : ndarray of uint8, shape (N, rows, columns) or (sub-cells,)
        Level of the leaf that holds each finest sub-cell, read-only; island after island.
    planes : tuple of ndarray of uint8, in the same shape
        8-bit values of the leaves, one array a plane, read-only; they define the mosaic.
    background : ndarray of uint8 or None
        With a region: the picture as given outside of it, 0 inside.
    """

    shape: tuple[int, ...]
    layout: Layout
    guarantee: Guarantee
    plan: Plan
    levels: np.ndarray
    planes: tuple[np.ndarray, ...]
    background: np.ndarray | None = None

    @property
    def values(self):
        """Refused: the noisy sums were not kept.

        Raises
        ------
        PayloadError
            Always.
        """
        raise _refusal("values")

    def render(
        self, style: str = "mosaic", *, out: np.ndarray | None = None, upsampler=None,
        effort: str = "default", side: int | None = None, version: int | None = None,
    ) -> np.ndarray:  # fmt: skip
        """Paint the mosaic.

        Parameters
        ----------
        style : {"mosaic"}, default "mosaic"
            The only one that the file holds.
        out : ndarray of uint8, optional
            Writable, C-contiguous, of the release's shape; painted into and returned.
        upsampler : None
            Refused, like the style that it belongs to.
        effort, side, version
            Refused unless left out: the leaves were decided when the file was written.

        Returns
        -------
        ndarray of uint8
            A picture of the release's shape.

        Raises
        ------
        OptionTypeError, OptionError
            If there is no such style.
        PayloadError
            If the style needs what was not kept.
        OutputError
            If `out` cannot take the picture.
        """
        check_style(style)
        if style != "mosaic" or upsampler is not None:
            raise _refusal(style if upsampler is None else "upsampler")
        for name, given in (("effort", effort), ("side", side), ("version", version)):
            if given not in (None, "default"):
                raise _refusal(name)
        return self.quadtree().paint(out)

    def quadtree(self) -> Quadtree | IslandTrees:
        """Return the leaves of the mosaic.

        Returns
        -------
        Quadtree or IslandTrees
            Levels and colours of the leaves.
        """
        if "_kept_quadtree" not in self.__dict__:  # two threads may make the same one
            packed = mosaic_colours(self.plan, self.planes)
            tree: Quadtree | IslandTrees
            if self.plan.anchor == "islands":
                tree = IslandTrees(self.plan, self.levels, packed, self.background)
            else:
                tree = Quadtree(
                    self.plan.planes[0].subcell, self.shape, self.levels, packed,
                    self.plan.region, self.background,
                )  # fmt: skip
            self.__dict__["_kept_quadtree"] = tree
        return self.__dict__["_kept_quadtree"]

    def save(self, path, *, payload: str = "mosaic") -> None:
        """Write the mosaic to a file again.

        Parameters
        ----------
        path : str, os.PathLike or binary file
            Where to; a file is replaced in one step.
        payload : {"mosaic"}, default "mosaic"
            What there is.

        Raises
        ------
        OptionTypeError, OptionError
            If there is no such payload.
        PayloadError
            If the noisy values are asked for.
        OSError
            If the file cannot be written.
        """
        check_payload(payload)
        if payload != "mosaic":
            raise PayloadError(
                "only the mosaic of this release was kept; its noisy values cannot be saved. "
                "Pass payload='mosaic'."
            )
        check_release_name(path)
        write_bytes(path, encode_mosaic(self, self.levels, self.planes))

    def __repr__(self) -> str:
        """Public facts in one line."""
        several = "" if len(self.shape) == 4 else "a picture of "
        return (
            f"<MosaicRelease of {several}{size_text(self.shape)}: "
            f"epsilon = {self.guarantee.epsilon}, m = {self.plan.m}, layout = {self.layout.kind!r}>"
        )


def _refusal(what: str) -> PayloadError:
    return PayloadError(
        f"only the mosaic of this release was kept; there is nothing for {what!r}. Save releases "
        "with payload='release' to keep their noisy values."
    )
