"""Every choice that is made before a pixel is read, as frozen data.

Both sides of the private border know a `Plan`; `mechanism.planning` builds it from public facts
alone (shape, epsilon, m, options).
"""

from dataclasses import dataclass, field
from decimal import MAX_EMAX, MIN_EMIN, Decimal, localcontext
from fractions import Fraction

LIMBS = 3
LIMB_BITS = 64
CUT_BITS = LIMBS * LIMB_BITS


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
class PlanePlan:
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
        Cells down and across.
    sensitivity : int
        Most that all sums of this plane together can change (L1) between neighbours.
    scale : Fraction
        Scale of the discrete Laplace noise on a sum.
    cutoffs : Cutoffs
        The sampler's tables for `scale`.
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
    cutoffs: Cutoffs = field(compare=False, repr=False)

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
class Plan:
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
        ``"free"`` or ``"uniform"``.
    planes : tuple of PlanePlan
        The planes in the order of ``Release.values``.
    """

    shape: tuple[int, ...]
    epsilon: Fraction
    m: int
    layout: str
    planes: tuple[PlanePlan, ...]

    def __hash__(self) -> int:
        """Cheap, since plans key the caches of tables; equality still compares everything."""
        return hash((self.shape, self.epsilon, self.m, self.layout, len(self.planes)))

    @property
    def batch(self) -> int:
        """Number of pictures."""
        return self.shape[0] if len(self.shape) == 4 else 1

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
    def draws(self) -> int:
        """Number of noise values that a release draws, all pictures together."""
        return self.batch * sum(plane.grid[0] * plane.grid[1] for plane in self.planes)

    @property
    def tau(self) -> Fraction:
        """Total variation of a whole release from an exactly epsilon-DP mechanism."""
        return self.batch * sum(
            (plane.grid[0] * plane.grid[1] * plane.cutoffs.tau for plane in self.planes),
            start=Fraction(0),
        )

    def __str__(self) -> str:
        """Table of the planes, their cells and their noise."""
        return "\n".join([self._headline(), _COLUMNS, *map(_row, self.planes), self._footer()])

    def _headline(self) -> str:
        size = "x".join(map(str, self.shape))
        return (
            f"plan for {size}: epsilon = {self.epsilon}, m = {self.m} pixels, "
            f"layout = {self.layout!r}"
        )

    def _footer(self) -> str:
        return (
            f"{self.draws} noise values a release; jointly exactly epsilon = {self.epsilon}; "
            f"tau <= {power_above(self.tau)}"
        )


_COLUMNS = (
    f"{'plane':<6}{'form':<10}{'cell':>6}{'grid':>12}{'sensitivity':>13}"
    f"{'noise scale of a sum':>22}{'of a mean (grey levels)':>25}{'epsilon alone':>15}"
)


def _row(plane: PlanePlan) -> str:
    form = ",".join(map(str, plane.form))
    grid = f"{plane.grid[0]}x{plane.grid[1]}"
    return (
        f"{plane.name:<6}{form:<10}{plane.cell:>6}{grid:>12}{plane.sensitivity:>13}"
        f"{_short(plane.scale, 6):>22}{_short(plane.level_scale, 4):>25}"
        f"{_short(plane.epsilon_alone, 4):>15}"
    )


def power_above(value: Fraction) -> str:
    """Write a tiny number as a power of two that is not below it.

    Parameters
    ----------
    value : Fraction
        From 0 to 1.

    Returns
    -------
    str
        Such as ``"2^-175"``.
    """
    if value == 0 or value >= 1:
        return str(value)
    return f"2^-{(value.denominator // value.numerator).bit_length() - 1}"


def _short(value: Fraction, digits: int) -> str:
    """A few digits of a number of any size; floats would overflow."""
    if value == 0 or Fraction(1, 10**9) < value < 10**15:
        return f"{float(value):.{digits}g}"
    with localcontext() as context:
        context.prec, context.Emax, context.Emin = digits, MAX_EMAX, MIN_EMIN
        return f"{(Decimal(value.numerator) / Decimal(value.denominator)).normalize():g}"
