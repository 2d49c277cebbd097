"""Every choice that is made before a pixel is read, as frozen data.

Both sides of the private border know a `Plan`; `mechanism.planning` builds it from public facts
alone (shape, epsilon, m, options).
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

import numpy as np

from numbadp.errors import LayoutError
from numbadp.plan.coverage import Coverage
from numbadp.plan.islands import count_cells, whole
from numbadp.plan.keeping import Keeping, kept
from numbadp.plan.layout import Layout
from numbadp.plan.plan_table import plan_table
from numbadp.plan.region import Region

LIMBS = 3
LIMB_BITS = 64
CUT_BITS = LIMBS * LIMB_BITS
_BYTE = 255  # most that a channel changes


@dataclass(frozen=True)
class Cutoffs:
    """Fixed-point cutoffs of the discrete Laplace sampler for one scale.

    Attributes
    ----------
    scale : Fraction
        Scale of the noise, in units of the integer sums.
    bits : tuple of int
        How many binary digits of the geometric each digit word decides.
    gate : tuple of int
        Cuts of word 0, in units of 2**-192: P(Z != 0), then P(Z < 0).
    digits : tuple of tuple of int
        For every digit word and v = 1, 2, ...: P(digit >= v), in units of 2**-192.
    tau : Fraction
        Upper bound of the total variation between one draw and the exact law.
    """

    scale: Fraction
    bits: tuple[int, ...]
    gate: tuple[int, int]
    digits: tuple[tuple[int, ...], ...]
    tau: Fraction


@dataclass(frozen=True)
class KeptCutoffs:
    """What a file keeps of `Cutoffs`; no noise can be drawn from it.

    Attributes
    ----------
    scale : Fraction
        Scale of the noise, in units of the integer sums.
    tau : Fraction
        Upper bound of the total variation between one draw and the exact law.
    """

    scale: Fraction
    tau: Fraction


@dataclass(frozen=True)
class PlanePlan(Keeping):
    """How one plane is measured.

    Attributes
    ----------
    name : str
        ``"grey"``; ``"Y"``, ``"g"``, ``"o"``; or ``"R"``, ``"G"``, ``"B"``.
    form : tuple of int
        Coefficients of the integer linear form of the channels.
    divisor : int
        The plane's value is its sum / (divisor * pixels), in grey levels.
    low, high : Fraction
        Range of the plane's value, in grey levels.
    cell : int
        Side of a cell, in pixels.
    grid : tuple of int
        Cells down and across a whole picture.
    sensitivity : int
        Most that all sums of this plane together can change (L1) between neighbours.
    scale : Fraction
        Scale of the discrete Laplace noise on a sum.
    cutoffs : Cutoffs or KeptCutoffs
        The sampler's tables for `scale`; of a loaded plan only their tau.
    """

    name: str
    form: tuple[int, ...]
    divisor: int
    low: Fraction
    high: Fraction
    cell: int
    grid: tuple[int, int]
    sensitivity: int
    scale: Fraction
    cutoffs: Cutoffs | KeptCutoffs = field(compare=False, repr=False)

    def __hash__(self) -> int:
        """Cheap, since planes key caches of tables; equality still compares everything."""
        return self._hash

    @kept
    def _hash(self) -> int:
        return hash((self.name, self.cell, self.grid, self.sensitivity))

    @property
    def subcell(self) -> int:
        """Side of a sub-cell of the reconstruction, in pixels."""
        return max(self.cell // 2, 1)

    @property
    def epsilon_alone(self) -> Fraction:
        """What this plane would spend if it were the only one released."""
        return self.sensitivity / self.scale

    @property
    def level_scale(self) -> Fraction:
        """Noise scale of the value of a full cell, in grey levels."""
        return self.scale / (self.divisor * self.cell * self.cell)


@dataclass(frozen=True)
class SplitLevel:
    """Paid splits of all squares of one size.

    Attributes
    ----------
    side : int
        Side of the squares that may be split, in pixels.
    grid : tuple of int
        Squares down and across.
    sensitivity : int
        Most that all scores of this level together can change (L1) between neighbours.
    scale : Fraction
        Scale of the discrete Laplace noise on a score.
    threshold : int
        A square is split iff its noisy score is above this, in units of the sums.
    cutoffs : Cutoffs or KeptCutoffs
        The sampler's tables for `scale`; of a loaded plan only their tau.
    """

    side: int
    grid: tuple[int, int]
    sensitivity: int
    scale: Fraction
    threshold: int
    cutoffs: Cutoffs | KeptCutoffs = field(compare=False, repr=False)

    @property
    def epsilon_alone(self) -> Fraction:
        """What this level spends."""
        return self.sensitivity / self.scale


@dataclass(frozen=True)
class Splits:
    """How ``layout="private"`` decides its leaves.

    Attributes
    ----------
    form : tuple of int
        Linear form of the channels that the scores are computed on.
    weights : tuple of int
        The same form as a combination of the planes' sums.
    ragged : int
        A square that is not whole is split, without a draw, while it is wider than this.
    levels : tuple of SplitLevel
        Coarsest squares first.
    """

    form: tuple[int, ...]
    weights: tuple[int, ...]
    ragged: int
    levels: tuple[SplitLevel, ...]


@dataclass(frozen=True)
class ExactSplits:
    """How ``layout="exact"`` decides its leaves; nothing is paid, nothing is promised.

    Attributes
    ----------
    score : str
        ``"variance"``, ``"range"`` or ``"gradient"``.
    sides : tuple of int
        Sides of the squares that may be split, coarsest first, in pixels.
    thresholds : tuple of int
        A square is split iff its complexity is above this, in 1/256 of the score's unit.
    """

    score: str
    sides: tuple[int, ...]
    thresholds: tuple[int, ...]


@dataclass(frozen=True)
class Plan(Keeping):
    """Everything decided before a pixel is read; printable as a table.

    Attributes
    ----------
    shape : tuple of int
        Shape of the picture as given: H x W, H x W x C or N x H x W x C.
    epsilon : Fraction
        Privacy loss of one picture for neighbours that differ in at most `m` pixels.
    m : int
        Number of pixels that a neighbour may change.
    layout : str
        ``"free"``, ``"uniform"``, ``"zones"``, ``"release"``, ``"private"`` or ``"exact"``.
    planes : tuple of PlanePlan
        The planes in the order of ``Release.values``.
    leaves : Layout or None
        Public leaves of mixed size, on the first plane's cells.
    splits : Splits, ExactSplits or None
        How leaves are decided on the picture.
    region : Region or None
        The pixels that are measured and replaced; None for all.
    anchor : str
        Where grids begin: ``"picture"``: at the picture's corner; ``"islands"``: at the corner of
        every island of the region, which counts its own pixels alone (plan/islands.py).
    exposure : int
        Frames that are measured as one; planes' divisors count all of them.
    """

    shape: tuple[int, ...]
    epsilon: Fraction
    m: int
    layout: str
    planes: tuple[PlanePlan, ...]
    leaves: Layout | None = None
    splits: Splits | ExactSplits | None = None
    region: Region | None = None
    anchor: str = "picture"
    exposure: int = 1

    def __hash__(self) -> int:
        """Cheap, since plans key the caches of tables; equality still compares everything."""
        return self._hash

    @kept
    def _hash(self) -> int:
        facts = self.shape, self.epsilon, self.m, self.layout, len(self.planes)
        return hash((*facts, self.region, self.anchor))

    @property
    def batch(self) -> int:
        """Number of pictures."""
        return self.shape[0] if len(self.shape) == 4 else 1

    @property
    def pictures(self) -> int:
        """Number of pictures that a release is about, each with epsilon by itself."""
        return self.batch * self.exposure

    @property
    def height(self) -> int:
        """Rows of pixels."""
        return self.shape[1] if len(self.shape) == 4 else self.shape[0]

    @property
    def width(self) -> int:
        """Columns of pixels."""
        return self.shape[2] if len(self.shape) == 4 else self.shape[1]

    @property
    def channels(self) -> int:
        """Channels of a pixel: 1 or 3."""
        return 1 if len(self.shape) == 2 else self.shape[-1]

    @property
    def covers(self) -> Coverage:
        """The pixels of a picture that neighbours may change."""
        if self.region is None:
            return Coverage.of_picture(self.height, self.width)
        return self.region.coverage

    @property
    def changes(self) -> int:
        """Number of changed pixels of one picture that the noise is for.

        At most `m` of the pixels covered; a plan that was stored before noise was capped has `m`.
        """
        first = self.planes[0]
        return first.sensitivity // (_BYTE * sum(map(abs, first.form)))

    @property
    def mixed(self) -> bool:
        """Whether leaves differ in size, or a region lies on the grid of the whole picture."""
        on_grid = self.region is None or self.anchor == "islands"
        return not (self.leaves is None and self.splits is None and on_grid)

    @property
    def covered(self) -> Region:
        """The region of a plan that has one; others are refused."""
        if self.region is None:
            raise LayoutError("this plan covers whole pictures: it has no region.")
        return self.region

    @property
    def spots(self) -> np.ndarray:
        """Islands of all pictures, int64 [islands, 6] (plan/islands.py); one each without any."""
        if self.anchor == "islands":
            return self.covered.spots(self.batch)
        return whole(self.batch, self.height, self.width)

    @property
    def cells(self) -> tuple[int, ...]:
        """Most cells that each plane is measured in, all pictures together."""
        return self._cells

    @kept
    def _cells(self) -> tuple[int, ...]:
        if self.anchor == "picture":
            return tuple(self.batch * plane.grid[0] * plane.grid[1] for plane in self.planes)
        return count_cells(self.spots, [plane.cell for plane in self.planes])

    @property
    def value_shapes(self) -> tuple[tuple[int, ...], ...]:
        """Shapes of the arrays of ``Release.values``."""
        return self._value_shapes

    @kept
    def _value_shapes(self) -> tuple[tuple[int, ...], ...]:
        batch = (self.batch,) if len(self.shape) == 4 else ()
        if self.anchor == "picture":
            return tuple((*batch, *plane.grid) for plane in self.planes)
        if self.covered.each:
            return tuple((count,) for count in self.cells)
        return tuple((*batch, count // self.batch) for count in self.cells)

    @property
    def unpaid(self) -> bool:
        """Whether the layout is decided on the picture itself and nothing is paid for it."""
        return isinstance(self.splits, ExactSplits)

    @property
    def split_levels(self) -> tuple[SplitLevel, ...]:
        """The paid splits; empty where nothing is paid for the layout."""
        return self.splits.levels if isinstance(self.splits, Splits) else ()

    @property
    def draws(self) -> int:
        """Most noise values that a release draws, all pictures together."""
        return self._draws

    @kept
    def _draws(self) -> int:
        return sum(count for _, count in self._noised)

    @property
    def tau(self) -> Fraction:
        """Total variation of a whole release from an exactly epsilon-DP mechanism."""
        # noise.py, step 4: total variations of independent draws add
        terms = [(count, *part.cutoffs.tau.as_integer_ratio()) for part, count in self._noised]
        unit = lcm(*[below for _, _, below in terms])
        return Fraction(sum(count * above * (unit // below) for count, above, below in terms), unit)

    @property
    def _noised(self) -> list[tuple]:
        squares = [self.batch * level.grid[0] * level.grid[1] for level in self.split_levels]
        parts, counts = (*self.planes, *self.split_levels), (*self.cells, *squares)
        return list(zip(parts, counts, strict=True))

    def __str__(self) -> str:
        """Table of the planes, their cells and their noise."""
        return plan_table(self)
