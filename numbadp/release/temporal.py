"""Steady video: a causal filter over the releases of its frames.

It uses released numbers and known noise scales alone, so it is post-processing: what each frame
promises, it promises after the filter too, and anybody could filter the unfiltered video.

For every cell there are a slow estimate (the background, up to 40 frames) and a fast one (about
two frames).  Where they differ by more than noise allows, in a cell, in a window of 3 or 5 cells or
in a tile, something moves: the fast one is shown and the slow one waits, for ten frames at most.  A
whole-grid test tells a cut, a moving camera (everything starts again) and a change of light (the
background follows).  What is shown is drawn in temporal_frames.py; of releases on a GPU all of it
is done there, with the same numbers (temporal_cuda.py).
"""

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from numbadp.compute.forks import ForkSafeLock
from numbadp.errors import BackendError, OptionError, OptionTypeError
from numbadp.plan import Plan
from numbadp.postprocess.drawing import Drawing, choose_drawing
from numbadp.postprocess.steady_masks import MaskTables
from numbadp.postprocess.steady_plane import BY_BLOCKS, BY_ROWS, BY_TURNS, Pace, SteadyPlane
from numbadp.release.temporal_frames import SteadyRelease, draw_frame
from numbadp.release.temporal_islands import IslandFilters, SteadyIslands

if TYPE_CHECKING:  # who has no GPU needs none of it
    from numbadp.release.temporal_cuda import DeviceSteadyIslands, DeviceSteadyRelease

Steadied: TypeAlias = "SteadyRelease | SteadyIslands | DeviceSteadyRelease | DeviceSteadyIslands"

SHARE = 0.2  # of the newest frame in the share of cells that move


class TemporalFilter:
    """Makes the frames of a video steady, one after the other.

    Keep one a stream and hand it the releases in order.  It looks at noisy numbers alone: the
    guarantee of what it returns is that of the release that went in.

    Of releases whose values live on a GPU (those of device arrays) it keeps its state there, and
    the frames that it returns are painted there too; it works where its first release was.

    Parameters
    ----------
    effort : {"default", "tv"}, default "default"
        How frames are drawn, as in `numbadp.Release.render`.  Every frame is denoised from the one
        before, so a filter keeps to one way.
    version : int, optional
        Version of the rules; the latest by default.  From 3 on luma and grey are polished by each
        cell's own noise; colours of steadied frames do not follow luma.

    Raises
    ------
    OptionTypeError, OptionError
        If there is no such drawing, or it is ``"best"``.

    Attributes
    ----------
    moving : float
        Share of the cells that move, averaged over some frames; 1 before the second frame.  On a
        GPU, asking for it or for the next one waits for the frame.
    restarted : bool
        Whether the last frame was taken for the first of a new scene, or of a moving camera.
    frames : int
        Frames taken.

    Examples
    --------
    >>> import numpy, numbadp
    >>> pixelizer = numbadp.Pixelizer((64, 64), epsilon=1)
    >>> steady = numbadp.TemporalFilter()
    >>> frames = numpy.zeros((3, 64, 64), numpy.uint8)
    >>> [steady.steady(pixelizer(frame)).render().shape for frame in frames]
    [(64, 64), (64, 64), (64, 64)]
    """

    def __init__(self, *, effort: str = "default", version: int | None = None):
        self._drawing = choose_drawing(effort, version)
        if self._drawing.method == "best":
            raise OptionError(
                "a TemporalFilter knows no effort 'best': its frames have other noise than the net "
                "was trained for. Pass 'default' or 'tv'."
            )
        self._plan: Plan | None = None
        self._planes: tuple[Any, ...] = ()
        self._state: Any = None  # a _HostState or a DeviceState, once there is a frame
        self._masked: MaskTables | None = None
        self._islands = IslandFilters(filter_within, {"effort": effort, "version": version})
        self._lock = ForkSafeLock()
        self.frames = 0

    @property
    def moving(self) -> float:
        """Share of the cells that move, averaged."""
        return 1.0 if self._state is None else self._state.moving

    @property
    def restarted(self) -> bool:
        """Whether the last frame began a scene."""
        return True if self._state is None else self._state.restarted

    def steady(self, release) -> "Steadied":
        """Filter the next frame.

        Parameters
        ----------
        release : Release
            Of one picture.  A frame of another size starts a new scene; of the same size its cells
            may be twice or half as wide as those of the frame before.

        Returns
        -------
        SteadyRelease, SteadyIslands or Release
            What renders like the release, steadier.  Of a release with boxes each box is filtered
            that stays, or moves and keeps its size (temporal_islands.py).  A release of a batch or
            with leaves of mixed size is returned as it is.  Of a release on a GPU a
            `DeviceSteadyRelease`, or with boxes a `DeviceSteadyIslands`, which the CPU filters.

        Raises
        ------
        OptionTypeError
            If it is no release with noisy values.
        BackendError
            If the values lie elsewhere than those of the frames before, or the GPU fails.
        """
        plan = getattr(release, "plan", None)
        if not isinstance(plan, Plan) or not hasattr(release, "to_host"):
            raise OptionTypeError(
                f"steady() takes a numbadp.Release; got {type(release).__name__}. "
                "Pass what a Pixelizer returns."
            )
        with self._lock:
            whole = not (plan.mixed or len(plan.shape) == 4)
            if whole and plan.region is None:
                found = self._steady(release)
            elif whole:
                found = self._steady_islands(release)
            else:
                found = release
            self.frames += 1
            return found

    def _steady(self, release):
        if self._state is None:
            self._state = _state_for(release, self._drawing)
        return self._state.taking(release, self._take)

    def _take(self, release):
        plan = release.plan
        first = not self._fits(plan)
        sums = self._state.sums_of(release)
        leader = self._planes[_leading(plan)]
        (leader.start if first else leader.lead)(sums[_leading(plan)])
        for k, plane in enumerate(self._planes):
            if plane is not leader:
                plane.follow(sums[k], leader)
        self._state.note(leader, self.frames == 1)
        return self._state.frame(release, self._planes, self._counts(plan))

    def _steady_islands(self, release):
        found = self._islands.steady(release.to_host())
        if not _on_device(release):
            return found
        from numbadp.release.temporal_cuda import DeviceSteadyIslands

        return DeviceSteadyIslands(release, found)

    def _counts(self, plan: Plan) -> tuple[np.ndarray, ...] | None:
        """Pixels of the mask in the cells of every plane; None without one."""
        if self._masked is None:
            return None
        return tuple(self._masked.of(plane.cell).counts for plane in plan.planes)

    def _fits(self, plan: Plan) -> bool:
        """Make planes of this plan; whether they continue those of the frame before."""
        if plan == self._plan:
            return True
        before, self._plan = (self._plan, self._planes), plan
        counts = self._counts(plan) or (None,) * len(plan.planes)
        self._planes = self._state.planes_of(plan, counts)
        if before[0] is None or before[0].shape != plan.shape:
            return False
        if [p.name for p in before[0].planes] != [p.name for p in plan.planes]:
            return False
        return all([new.take_over(old) for new, old in zip(self._planes, before[1], strict=True)])

    def __repr__(self) -> str:
        """How far it is."""
        return f"<TemporalFilter: {self.frames} frames, {self.moving:.0%} of the cells move>"


class _HostState:
    """Planes in host memory, and what is told of them."""

    def __init__(self, drawing: Drawing):
        self._drawing, self._pace = drawing, pace_of(drawing)
        self.moving, self.restarted = 1.0, True

    def taking(self, release, take):
        """Take a release whose values lie here."""
        if _on_device(release):
            raise BackendError(
                "this TemporalFilter keeps its state in host memory, and the release lives on a "
                "GPU. Make a filter of its own for what is released there, or pass "
                "release.to_host()."
            )
        return take(release)

    def planes_of(self, plan: Plan, counts) -> tuple[SteadyPlane, ...]:
        """Make new planes."""
        return tuple(
            SteadyPlane(plan, plane, self._pace, own)
            for plane, own in zip(plan.planes, counts, strict=True)
        )

    def sums_of(self, release) -> list[np.ndarray]:
        """Noisy sums as planes take them."""
        return [value.reshape(-1) for value in release.values]

    def note(self, leader: SteadyPlane, second: bool) -> None:
        """Keep what the leading plane tells."""
        self.restarted, now = bool(leader.told[0]), float(leader.told[3])
        self.moving = now if second else (1 - SHARE) * self.moving + SHARE * now

    def frame(self, release, planes: tuple[SteadyPlane, ...], counts) -> SteadyRelease:
        """Draw what the planes show."""
        return SteadyRelease(release, draw_frame(release.plan, planes, self._drawing, counts))


def _leading(plan: Plan) -> int:
    """Plane whose flags the others follow: luma, or green."""
    return 1 if plan.planes[0].name == "R" else 0


def filter_within(masked: MaskTables | None, **how) -> TemporalFilter:
    """Make a filter for frames of which the pixels of a mask alone are measured.

    Parameters
    ----------
    masked : MaskTables or None
        The mask; None for all pixels.  Sums are to be those of full cells (steady_masks.py).
    **how
        Of `TemporalFilter`.

    Returns
    -------
    TemporalFilter
        The filter.
    """
    found = TemporalFilter(**how)
    found._masked = masked
    return found


def pace_of(drawing: Drawing) -> Pace:
    """How often the denoiser iterates.

    Parameters
    ----------
    drawing : Drawing
        How frames are drawn.

    Returns
    -------
    Pace
        The pace of what goes on.
    """
    if not drawing.filters:
        return BY_ROWS
    return BY_TURNS if drawing.version > 2 else BY_BLOCKS


def _on_device(release) -> bool:
    """Whether the values themselves are there, not a copy beside those in host memory."""
    return not isinstance(release.values[0], np.ndarray)


def _state_for(release, drawing: Drawing):
    """State where a release lies."""
    if not _on_device(release):
        return _HostState(drawing)
    from numbadp.release.temporal_cuda import DeviceState

    return DeviceState(release, drawing)
