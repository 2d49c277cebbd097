"""Crops of photos as a release sees them, and what the product makes of their noisy cells."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from bench.learn.photos import HELD_OUT, NAMES, draw_leaves, read_photos
from numbadp.mechanism.planning import build_plan
from numbadp.plan import Plan
from numbadp.postprocess.learned import means_of
from numbadp.postprocess.reconstruct import UNITS, reconstruct

CELL = 16  # pixels that a cell counts for here, whatever it covers in a photo
LEVELS = 7  # log2 of the largest side of a sub-cell in pixels
CUT = 0.3  # how often the last row, or column, of cells is partial
# Cells across a crop and crops a step, by log2 of a sub-cell's side: photos have only so many.
SIZES = {
    1: (48, 16),
    2: (48, 16),
    3: (48, 16),
    4: (32, 36),
    5: (24, 64),
    6: (16, 144),
    7: (16, 144),
}
_OFTEN = (0.26, 0.22, 0.19, 0.15, 0.1, 0.05, 0.03)  # how often they are drawn
MIDDLE = 127.5  # of the range
_ONE = 1000  # noise scales are whole thousandths of a grey level


class Batch(NamedTuple):
    """Crops of one noise scale.

    Attributes
    ----------
    plan : Plan
        What they would be released by, as a grey video.
    means : ndarray of int32, shape (N, g, g)
        Means of noisy cells in 1/64 grey level.
    base : ndarray of int16, shape (N, 2 g, 2 g)
        Sub-cells as total variation leaves them.
    fine : ndarray of float32, shape (N, 4 g, 4 g)
        The photo, four times as fine as the cells, in grey levels less the middle.
    seen : ndarray of bool, shape (4 g, 4 g)
        What lies in the picture.
    side : int
        log2 of a cell's side in pixels of the photo.
    """

    plan: Plan
    means: np.ndarray
    base: np.ndarray
    fine: np.ndarray
    seen: np.ndarray
    side: int

    @property
    def level(self) -> float:
        """Noise scale of a cell's mean in grey levels."""
        return float(self.plan.planes[0].level_scale)


class Crops:
    """Pyramids of all photos, and a generator that draws from them."""

    def __init__(self, folder, drawn: int, seed: int, photos=None):
        self.random = np.random.default_rng(seed)
        if photos is None:
            photos = read_photos(folder, tuple(name for name in NAMES if name not in HELD_OUT))
        photos += [draw_leaves(n) for n in range(drawn)]
        self.pyramids = [_pyramid(photo) for photo in photos]
        self._weights = np.array([min(float(p[0].size), 4e6) for p in self.pyramids]) ** 0.5
        self._weights /= self._weights.sum()

    def batch(self, part: float = 1.0) -> Batch:
        """Draw crops of a noise scale, mostly by the plan's rule; `part` of their number.

        Some are of photos of half the size, which are sharper.
        """
        noise, level = self._noise_and_level()
        smaller = int(level < LEVELS and self.random.random() < 0.2)
        cells, count = SIZES[level + smaller]
        fine = self._draw(max(1, int(count * part)), level + smaller - 1, 4 * cells)
        return self._released(fine, round(noise * _ONE), level + 1)

    def _draw(self, count: int, level: int, side: int) -> np.ndarray:
        """Crops [count, side, side] of luma, of means over 2**level pixels a side."""
        out = np.empty((count, side, side), np.float32)
        for n in range(count):
            photo = self.pyramids[self.random.choice(len(self.pyramids), p=self._weights)][level]
            top, left = (self.random.integers(0, max(s - side, 0) + 1) for s in photo.shape)
            crop = photo[top : top + side, left : left + side].astype(np.float32)
            pads = [(0, side - size) for size in crop.shape]
            if any(pad for _, pad in pads):
                crop = np.pad(crop, pads, mode="symmetric")
            if self.random.random() < 0.5:
                crop = crop[:, ::-1]
            if self.random.random() < 0.5:
                crop = crop[::-1]
            if self.random.random() < 0.5:
                crop = crop.T
            gain, lift = self.random.uniform(0.6, 1.1), self.random.uniform(-25, 25)
            out[n] = np.clip(crop * gain + lift, -MIDDLE, MIDDLE)
        return out

    def _noise_and_level(self) -> tuple[float, int]:
        """Noise scale of a cell's mean, and log2 of a sub-cell's side.

        By the rule it is from 8 to 32 grey levels, and below where cells cannot be finer.
        """
        kind = self.random.random()
        if kind < 0.25:
            return 2 ** self.random.uniform(-1, 3), 1
        level = int(self.random.choice(range(1, LEVELS + 1), p=_OFTEN))
        if kind < 0.9:
            return 2 ** self.random.uniform(3, 5), level
        return 2 ** self.random.uniform(-1, 7), level

    def _released(self, fine: np.ndarray, noise: int, side: int) -> Batch:
        count, cells = len(fine), fine.shape[1] // 4
        sides = [
            CELL * cells - (int(self.random.integers(1, CELL)) if self.random.random() < CUT else 0)
            for _ in "yx"
        ]
        down, across = (np.minimum(CELL, side - CELL * np.arange(cells)) for side in sides)
        pixels = down[:, None] * across
        level = Fraction(noise, _ONE)
        sums = (halved(halved(fine)) + MIDDLE) * pixels
        sums += self.random.laplace(0, float(level) * CELL**2, sums.shape)
        plan = plan_of(count, sides, level)
        values = np.rint(sums).astype(np.int64)
        pads = [(0, 2 * cells - -(-2 * side // CELL)) for side in sides]
        base = np.pad(reconstruct(plan, (values,))[0], [(0, 0), *pads], mode="edge")
        seen = np.zeros(fine.shape[1:], bool)
        seen[: -(-4 * sides[0] // CELL), : -(-4 * sides[1] // CELL)] = True
        return Batch(plan, means_of(plan, 0, values), base, fine, seen, side)


def plan_of(count: int, sides, level: Fraction) -> Plan:
    """Plan a grey video whose cells' means have noise of this scale."""
    return build_plan(
        (count, *sides, 1), epsilon=255 / (level * CELL**2), m=1, cell=CELL, layout="uniform"
    )


def _pyramid(photo: np.ndarray) -> list[np.ndarray]:
    """Luma less the middle as means over 2**level pixels a side, by level."""
    rgb = photo.astype(np.float32)
    plane = (rgb[..., 0] + 2 * rgb[..., 1] + rgb[..., 2]) / 4 - MIDDLE
    levels = [plane.astype(np.float16)]
    while len(levels) < LEVELS:
        height, width = (size // 2 * 2 for size in plane.shape)
        if min(height, width) >= 2:
            plane = halved(plane[:height, :width])
        levels.append(plane.astype(np.float16))
    return levels


def halved(grid: np.ndarray) -> np.ndarray:
    """Means of 2 x 2 neighbours on the last two axes."""
    across = grid[..., 0::2] + grid[..., 1::2]
    return (across[..., 0::2, :] + across[..., 1::2, :]) * np.float32(0.25)


def grey(units: np.ndarray) -> np.ndarray:
    """1/64 grey level in grey levels less the middle."""
    return units.astype(np.float32) / UNITS - MIDDLE
