"""Crops of photos as a release would see them: sub-cells as truth, cells with noise."""

import numpy as np

from bench.learn.photos import draw_leaves, read_photos

SUBCELLS = tuple(range(1, 8))  # log2 of the sides of sub-cells
CROP = 48  # cells of the finest plane across
_MIRRORED = 3  # times that a small picture is mirrored, at most
LUMA_NOISE, CHROMA_NOISE = 32, 10  # what the plan's rule accepts on a cell's mean, in grey levels
# Noise scale of a sum over that of luma's, in grey levels: Y, g, o.
FACTORS = (1.0, 2.5, 10 / 3)


class Crops:
    """Pyramids of all photos, and a generator that draws from them."""

    def __init__(self, folder, drawn: int, seed: int, photos=None):
        self.random = np.random.default_rng(seed)
        photos = read_photos(folder) if photos is None else photos
        photos += [draw_leaves(n) for n in range(drawn)]
        self.pyramids = [_pyramid(photo) for photo in photos]
        self._weights = np.array([min(float(p.shape[0] * p.shape[1]), 4e6) for p in photos])
        self._weights **= 0.5
        self._weights /= self._weights.sum()

    def draw(self, count: int, level: int, side: int) -> np.ndarray:
        """Crops [count, 3, side, side] of planes Y, g, o, of means over 2**level pixels a side."""
        out = np.empty((count, 3, side, side), np.float32)
        for n in range(count):
            photo = self.pyramids[self.random.choice(len(self.pyramids), p=self._weights)][level]
            top, left = (
                self.random.integers(0, max(size - side, 0) + 1) for size in photo.shape[1:]
            )
            crop = photo[:, top : top + side, left : left + side].astype(np.float32)
            pads = [(0, side - size) for size in crop.shape[1:]]
            if any(pad for _, pad in pads):
                crop = np.pad(crop, ((0, 0), *pads), mode="symmetric")
            if self.random.random() < 0.5:
                crop = crop[:, :, ::-1]
            if self.random.random() < 0.5:
                crop = crop[:, ::-1]
            if self.random.random() < 0.5:
                crop = crop.transpose(0, 2, 1)
            gain, lift = self.random.uniform(0.6, 1.1), self.random.uniform(-25, 25)
            out[n] = crop * gain
            out[n, 0] = np.clip(out[n, 0] + lift, -128, 127)
        return out

    def scale_and_level(self) -> tuple[float, int]:
        """A noise scale r and log2 of a sub-cell's side, mostly by the plan's rule."""
        if self.random.random() < 0.15:
            level = int(self.random.choice(SUBCELLS))
            return float(2 ** self.random.uniform(-1, 7) * 4 ** (level + 1)), level
        r = float(2 ** self.random.uniform(4, 17))
        level = 1
        while r >= LUMA_NOISE * 4 ** (level + 1) and level < SUBCELLS[-1]:
            level += 1
        return r, level


def _pyramid(photo: np.ndarray) -> dict[int, np.ndarray]:
    """Planes Y - 128, g, o as means over 2**level pixels a side, by level."""
    rgb = photo.astype(np.float32)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    planes = np.stack(
        [(red + 2 * green + blue) / 4 - 128, (2 * green - red - blue) / 4, (red - blue) / 2]
    )
    levels = {}
    for level in range(1, SUBCELLS[-1] + 3):
        height, width = (size // 2 * 2 for size in planes.shape[1:])
        if min(height, width) < 2:
            levels[level] = levels[level - 1]
            continue
        planes = planes[:, :height, :width].reshape(3, height // 2, 2, width // 2, 2).mean((2, 4))
        levels[level] = planes.astype(np.float16)
    return levels


def halved(grid: np.ndarray) -> np.ndarray:
    """Means of 2 x 2 neighbours on the last two axes."""
    *rest, height, width = grid.shape
    return grid.reshape(*rest, height // 2, 2, width // 2, 2).mean((-3, -1))


def measured(truth: np.ndarray, level: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Cells with noise from sub-cells [N, 2 g, 2 g]; the last ones may be partial.

    A partial cell has more noise, and is mixed with its neighbour as the product does it.
    """
    cells = halved(truth)
    noise = random.laplace(0, 1, cells.shape) * level[:, None, None]
    shares = np.where(random.random((len(cells), 2)) < 0.4, random.uniform(0.02, 1, (1, 2)), 1)
    noise[:, -1] /= shares[:, :1]
    noise[:, :, -1] /= shares[:, 1:]
    found = cells + noise
    down, across = (weight_of(shares[:, k])[:, None] for k in (0, 1))
    found[:, -1] = found[:, -2] + down * (found[:, -1] - found[:, -2])
    found[:, :, -1] = found[:, :, -2] + across * (found[:, :, -1] - found[:, :, -2])
    return found


def weight_of(share):
    """How much of a partial cell's own value is kept; the rest is its whole neighbour's."""
    return share**2 / (share**2 + (1 - share) ** 2)
