"""What a pool measures: public facts, fixed before the first picture."""

from dataclasses import dataclass
from math import prod
from typing import NamedTuple

import numpy as np

from numbadp.numbers import size_text
from numbadp.plan.changes import COUNTS_CHANGE, sums_change, visits_change, votes_change
from numbadp.plan.laws import Change, PoolStage

IMAGES, PLATE, VISITS = "images", "plate", "visits"


class Part(NamedTuple):
    """What one stage measures, whatever its noise."""

    name: str
    vectors: int
    size: int
    change: Change


@dataclass(frozen=True)
class PoolPlan:
    """A pool's public facts.

    Attributes
    ----------
    kind : {"images", "plate", "visits"}
        What is pooled.
    shape : tuple of int
        H x W or H x W x C of one picture.
    cell : int
        Side of a cell in pixels; cells at the right and bottom edge may be smaller.
    stages : tuple of PoolStage
        What is noised, in the order of a release's values.
    classes : int
        Of images; 1 otherwise.
    bins : int
        Of a plate's votes; 0 otherwise.
    event : tuple of int
        Of a plate: frames, width and height of what the policy covers; empty otherwise.
    most : int
        Contributions of one unit that count.
    """

    kind: str
    shape: tuple[int, ...]
    cell: int
    stages: tuple[PoolStage, ...]
    classes: int = 1
    bins: int = 0
    event: tuple[int, ...] = ()
    most: int = 1

    @property
    def channels(self) -> int:
        """Channels of a picture."""
        return self.shape[2] if len(self.shape) == 3 else 1

    @property
    def grid(self) -> tuple[int, int]:
        """Cells down and across."""
        return -(-self.shape[0] // self.cell), -(-self.shape[1] // self.cell)

    @property
    def value_shapes(self) -> tuple[tuple[int, ...], ...]:
        """Shape of the noisy numbers of every stage."""
        if self.kind == IMAGES:
            return (self.classes, *self.grid, self.channels), (self.classes,)
        if self.kind == PLATE:
            return ((*self.grid, self.channels, self.bins + 1),)
        return (self.grid,)

    @property
    def parts(self) -> tuple[Part, ...]:
        """What every stage measures, and what one unit changes of it."""
        sizes = [prod(shape) for shape in self.value_shapes]
        if self.kind == IMAGES:
            sums = sums_change(self.shape, self.cell).times(self.most)
            counts = COUNTS_CHANGE.times(self.most)
            each = sizes[0] // self.classes
            return Part("sums", self.classes, each, sums), Part("counts", 1, sizes[1], counts)
        if self.kind == PLATE:
            votes = votes_change(self.shape, self.cell, self.event)
            return (Part("votes", 1, sizes[0], votes),)
        return (Part("visits", 1, sizes[0], visits_change(self.most)),)

    @property
    def units(self) -> tuple[str, ...]:
        """What the guarantee of such a pool may be about."""
        if self.kind == IMAGES:
            return ("image", "owner") if self.most == 1 else ("owner",)
        if self.kind == PLATE:
            frames, width, height = self.event
            return (f"event of at most {frames} frames, {width} x {height} pixels",)
        return ("visitor",)

    @property
    def cell_pixels(self) -> np.ndarray:
        """True pixels of every cell, int64 [rows, columns]."""
        return np.multiply.outer(*(_sides(side, self.cell) for side in self.shape[:2]))

    def __str__(self) -> str:
        """One line a stage."""
        rows = [f"{self.kind} of {size_text(self.shape)}, cells of {self.cell} x {self.cell}"]
        rows += [
            f"  {stage.name}: {stage.vectors} x {stage.law.size} numbers, {stage.law.kind} noise "
            f"of deviation {stage.law.deviation:.4g}"
            for stage in self.stages
        ]
        return "\n".join(rows)


def _sides(side: int, cell: int) -> np.ndarray:
    """Pixels of each cell along one side."""
    starts = np.arange(0, side, cell)
    return np.minimum(starts + cell, side) - starts
