"""The release: the only object that crosses the border, and everything a user does with it."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from numbadp.accounting.guarantee import Guarantee, coverage_of
from numbadp.compute.forks import ForkSafeLock
from numbadp.compute.host import on_host
from numbadp.errors import ShapeError
from numbadp.files import check_release_name, write_bytes
from numbadp.plan import Plan
from numbadp.plan.coverage import UNNAMED, WHOLE
from numbadp.plan.layout import Layout
from numbadp.release.views import Views

if TYPE_CHECKING:  # what is not drawn needs no compiler
    from numbadp.postprocess.quadtree import IslandTrees, Quadtree

_MAKING_PAINTERS = ForkSafeLock()  # so that threads that share a release also share its painter


@dataclass(frozen=True, eq=False, repr=False)
class Release(Views):
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
        Of a region of islands (``plan.anchor``) [cells] or [N, cells], the cells of each island
        row by row, in the order of ``plan.spots``; [cells] of the whole batch where its pictures
        have boxes of their own.
        Of a picture on a GPU they are device arrays, marked read-only for Numba and for whoever
        reads ``__cuda_array_interface__``; what refuses such arrays takes a copy.
    background : ndarray of uint8 or None
        With a region: the picture as given outside of it, 0 inside; read-only, on a GPU too.  None
        with ``outside="leave"``: such a release is painted into an `out` that has the picture.
    resident : tuple of device arrays of int64, or None
        The same sums on the GPU, where a picture from host memory was released there; it is painted
        from them.
    home : numbadp.inputs.Home or None
        How pictures are handed out, where the original was a tensor or had its channels first; not
        kept in files and pickles.
    """

    shape: tuple[int, ...]
    layout: Layout
    guarantee: Guarantee
    plan: Plan
    values: tuple[np.ndarray, ...]
    background: np.ndarray | None = None
    resident: tuple | None = None
    home: Any = None

    def render(
        self, style: str = "mosaic", *, out: np.ndarray | None = None, upsampler=None,
        effort: str = "default", side: int | None = None, version: int | None = None,
    ) -> np.ndarray:  # fmt: skip
        """Paint the release.

        Parameters
        ----------
        style : {"mosaic", "smooth", "blocks", "cells"}, default "mosaic"
            ``"mosaic"``: flat quadtree leaves of the denoised picture; ``"smooth"``: the same
            interpolated, closest to the picture; ``"blocks"``: even squares of one size;
            ``"cells"``: the noisy cells as measured.
        out : ndarray of uint8, optional
            Writable, C-contiguous, of the release's shape; painted into and returned.  On a GPU a
            device array with any strides, in order with the work on its own stream.  A release that
            was made with ``outside="leave"`` needs it, and changes nothing outside of its region.
        upsampler : callable, optional
            With style ``"smooth"``: enlarges the denoised grid in place of bilinear interpolation,
            for instance a super-resolution model that was trained on other pictures.  Called once
            a picture as ``upsampler(grid, (height, width))`` with a new uint8 array
            [rows, columns] or [rows, columns, C], one pixel a sub-cell; returns a uint8 array
            [height, width] or [height, width, C].  That is a whole number of sub-cells: what
            reaches over the right and bottom edge of the picture is cut off afterwards.  Always in
            host memory, wherever the release is.
        effort : {"default", "best", "tv"}, default "default"
            How much work goes into denoising: total variation, a very small net for luma and grey
            and filters for chroma that give back what it took; with ``"best"`` luma and grey are
            what a larger net makes of it instead, the mean over the picture mirrored in four ways,
            on the CPU: release and picture take 12 to 15 times a copy at 1080p with cells of 16
            (``python -m bench speed``).  Chroma follows luma.  ``"tv"`` is total variation alone.
            Leaves of mixed size, boxes and masks have total variation with every effort.
        side : int, optional
            With style ``"blocks"``: side of a square in pixels; by default one that would have
            less than ten grey levels of noise if it were measured.  Squares begin at the picture's
            corner, with boxes at theirs.
        version : int, optional
            Draw as version so-and-so of the rules did, for the same picture again from an old
            file; 0 is what was drawn before the rules had numbers.  The latest by default.

        Returns
        -------
        ndarray of uint8
            A picture of the release's shape; of a picture on a GPU a device array, which names its
            stream; of a tensor a tensor, on the same device and with its channels where they were.

        Raises
        ------
        OptionTypeError, OptionError
            If there is no such style, effort, side or version, or the upsampler is of no use.
        OutputError
            If `out` cannot take the picture.
        UpsamplerError
            If the upsampler returns anything else.

        Notes
        -----
        The reconstruction is computed once for a release and kept.  An upsampler sees released
        numbers alone: whatever it was trained on, the guarantee of this picture stays.

        Examples
        --------
        Lanczos interpolation by Pillow:

        >>> import numpy, numbadp
        >>> from PIL import Image
        >>> def lanczos(grid, size):
        ...     enlarged = Image.fromarray(grid).resize(size[::-1], Image.Resampling.LANCZOS)
        ...     return numpy.asarray(enlarged)
        >>> release = numbadp.pixelize(numpy.zeros((50, 70, 3), numpy.uint8), epsilon=1)
        >>> release.render("smooth", upsampler=lanczos).shape
        (50, 70, 3)
        """
        from numbadp.postprocess.drawing import choose_drawing

        how = {"drawing": choose_drawing(effort, version), "side": side}
        if upsampler is None:
            painted = self._painter.render(style, out, **how)
        else:  # it takes host arrays
            painted = self.to_host()._painter.render(style, out, upsampler, **how)
        return painted if self.home is None or out is not None else self.home.put(painted)

    def _painted(self, style: str = "mosaic", **options):
        from numbadp.postprocess.drawing import choose_drawing

        drawing = choose_drawing(options.get("effort", "default"), options.get("version"))
        return self._painter.render(style, None, drawing=drawing, side=options.get("side"))

    def to_host(self) -> "Release":
        """Return this release with its values in host memory.

        Returns
        -------
        Release
            Itself, if they are there already.
        """
        if self.resident is None and self._in_host_memory:
            return self
        return build_release(*self._parts())

    def quadtree(self) -> "Quadtree | IslandTrees":
        """Return the leaves of the mosaic.

        Returns
        -------
        Quadtree or IslandTrees
            Levels and colours of the leaves; ``draw()`` paints them with their borders.  Made with
            ``outside="leave"``, where `render` looks at the surround in `out`, these do without.
        """
        return self._painter.quadtree

    def save(self, path, *, payload: str = "release") -> None:
        """Write the release to a file; `numbadp.load` reads it.

        Parameters
        ----------
        path : str, os.PathLike or binary file
            Where to, by custom a name that ends with ``.dpz``; a file is replaced in one step.
        payload : {"release", "mosaic"}, default "release"
            ``"release"``: the noisy sums, exactly; ``"mosaic"``: only the quadtree with 8-bit
            values, the smallest; it renders the same mosaic, up to 1 level where colour is
            measured as Y, g, o, and exactly elsewhere.  With ``outside="leave"`` it has the leaves
            of `quadtree`, which know no surround.

        Raises
        ------
        OptionTypeError, OptionError
            If there is no such payload.
        FileFormatError
            If the release has parts that files cannot hold, or the name is that of a picture.
        OSError
            If the file cannot be written.
        """
        from numbadp.storage.codec import check_payload, encode_mosaic, encode_release
        from numbadp.storage.stored_mosaic import mosaic_planes, mosaic_shape

        check_payload(payload)
        check_release_name(path)
        here = self.to_host()
        if payload == "release":
            content = encode_release(here, here.values)
        else:
            painter = here._painter
            levels = painter.quadtree.levels
            if self.plan.anchor == "picture":
                levels = levels.reshape(mosaic_shape(self.plan))
            content = encode_mosaic(here, levels, mosaic_planes(self.plan, painter.grids, levels))
        write_bytes(path, content)

    def __repr__(self) -> str:
        """Public facts in one line."""
        size = f"{self.plan.width} x {self.plan.height}"
        several = f"{self.plan.batch} pictures" if len(self.shape) == 4 else "a picture"
        return (
            f"<Release of {several} of {size} pixels: epsilon = {self.guarantee.epsilon}, "
            f"m = {self.plan.m}, layout = {self.layout.kind!r}>"
        )

    def __reduce__(self):
        """Pickle the plan and the noisy sums; reading them back checks and freezes again."""
        return build_release, self._parts()

    def _parts(self) -> tuple:
        """What `build_release` takes, in host memory."""
        values = tuple(map(on_host, self.values))
        background = None if self.background is None else on_host(self.background)
        return self.plan, self.guarantee, values, self.layout, background

    @property
    def _in_host_memory(self) -> bool:
        return all(isinstance(value, np.ndarray) for value in self.values)

    @property
    def _painter(self):
        from numbadp.postprocess import painter_of  # late: what is not drawn needs no compiler

        with _MAKING_PAINTERS:
            if "_kept_painter" not in self.__dict__:
                self.__dict__["_kept_painter"] = painter_of(self)
        return self.__dict__["_kept_painter"]


def placed(release: Release, home) -> Release:
    """Let a new release hand out pictures as its original was given.

    Parameters
    ----------
    release : Release
        That nobody has yet.
    home : numbadp.inputs.Home or None
        Where the original was.

    Returns
    -------
    Release
        The same.
    """
    if home is not None:
        object.__setattr__(release, "home", home)
    return release


def rehearse(release: Release) -> None:
    """Draw nothing of a release, the last steps first, so that their kernels are compiled.

    Parameters
    ----------
    release : Release
        In host memory.
    """
    release._painter.rehearse()


def build_release(
    plan: Plan,
    guarantee: Guarantee,
    values: tuple[np.ndarray, ...],
    layout: Layout | None = None,
    background: np.ndarray | None = None,
    resident: tuple | None = None,
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
    resident : tuple of device arrays of int64, optional
        The values on the GPU, if they were made there.

    Returns
    -------
    Release
        The frozen release.

    Raises
    ------
    ShapeError
        If the values, the layout or the background do not fit the plan.
    """
    expected, found = plan.value_shapes, tuple([value.shape for value in values])
    if found != expected or any([value.dtype != np.int64 for value in values]):
        raise ShapeError(
            f"values must be int64 arrays of shapes {list(expected)}; got {list(found)}."
        )
    if layout is None:
        layout = _grid_layout(plan) if plan.leaves is None else plan.leaves
    if layout.shape != (plan.height, plan.width) or layout.cell != plan.planes[0].cell:
        raise ShapeError(f"the layout does not fit the plan; got {layout}.")
    kept = plan.anchor == "islands" and background is None
    if (background is None) != (plan.region is None) and not kept:
        raise ShapeError("a release has a background iff its plan has a region.")
    if background is not None and (background.shape, background.dtype) != (plan.shape, np.uint8):
        raise ShapeError(f"background must be uint8 of shape {plan.shape}.")
    for array in (background, *values):
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    covers = guarantee.covers
    if covers.shape is None and covers in (
        WHOLE,
        UNNAMED,
    ):  # a pickle of before guarantees named their pixels
        named = replace(guarantee, covers=coverage_of(plan))
        if layout.guarantee == guarantee:  # leaves that this release decided
            layout = replace(layout, guarantee=named)
        guarantee = named
    return Release(plan.shape, layout, guarantee, plan, tuple(values), background, resident)


def _grid_layout(plan: Plan) -> Layout:
    return _layout_of(plan.layout, plan.height, plan.width, plan.planes[0].cell)


@lru_cache(maxsize=32)
def _layout_of(kind: str, height: int, width: int, cell: int) -> Layout:
    return Layout(kind, (height, width), cell)
