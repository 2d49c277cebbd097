"""Fit the numbers of `numbadp/postprocess/prior.py`: ``python -m bench.learn.prior FOLDER``."""

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np

from bench.learn.photos import read_photos
from numbadp import Pixelizer
from numbadp.postprocess.surround import fill_inside

SIDES = tuple(1 << k for k in range(11))
BOXES = 12  # a photo
NAMES = ("luma", "g", "o")


def planes_of(rgb: np.ndarray) -> np.ndarray:
    """Y, g, o in grey levels, [3, H, W]."""
    red, green, blue = np.moveaxis(rgb.astype(np.float32), -1, 0)
    return np.stack([(red + 2 * green + blue) / 4, (2 * green - red - blue) / 4, (red - blue) / 2])


def cell_means(plane: np.ndarray, side: int) -> np.ndarray:
    """Means of whole cells."""
    rows, columns = (size // side for size in plane.shape)
    cut = plane[: rows * side, : columns * side]
    return cut.reshape(rows, side, columns, side).mean(axis=(1, 3), dtype=np.float64)


def fit_signal(photos) -> dict:
    """Variance of cell means about the picture's mean, by plane and side."""
    found = {name: [] for name in NAMES}
    for photo in photos:
        for name, plane in zip(NAMES, planes_of(photo), strict=True):
            middle = plane.mean(dtype=np.float64)
            rows = [
                ((cell_means(plane, side) - middle) ** 2).mean()
                for side in SIDES
                if side <= min(plane.shape)
            ]
            found[name].append(rows + [np.nan] * (len(SIDES) - len(rows)))
    return {name: np.nanmean(rows, axis=0).round().astype(int) for name, rows in found.items()}


def fit_middle(photos) -> dict:
    """Mean of pictures' means, none for colours, and their variance about it."""
    means = np.array([planes_of(photo).mean(axis=(1, 2), dtype=np.float64) for photo in photos])
    middles = means.mean(axis=0) * [1, 0, 0]
    spread = ((means - middles) ** 2).mean(axis=0)
    return {
        name: (round(middle), round(varies))
        for name, middle, varies in zip(NAMES, middles.tolist(), spread.tolist(), strict=True)
    }


def fit_inside(photos) -> dict:
    """Variance of 16-pixel cells about what a box's rim says: mean deviation of boxes, squared."""
    rng = np.random.default_rng(5)
    found = {name: [] for name in NAMES}
    for photo in photos:
        height, width = photo.shape[:2]
        plan = Pixelizer((height, width, 3), epsilon=Fraction(1), m=1, cell=32).plan
        for _ in range(BOXES):
            rows, columns = (int(rng.integers(4, 20)) for _ in "ab")
            if 16 * rows >= height or 16 * columns >= width:
                continue
            top = int(rng.integers(0, height - 16 * rows))
            left = int(rng.integers(0, width - 16 * columns))
            inside = np.zeros((height, width), bool)
            inside[top : top + 16 * rows, left : left + 16 * columns] = True
            cut = photo[top : top + 16 * rows, left : left + 16 * columns]
            for name, plane, part in zip(NAMES, planes_of(cut), plan.planes, strict=True):
                part = _with_subcell(part)
                guess = fill_inside(part, photo, inside, (top, left), (rows, columns)) / 64
                found[name].append(float(((cell_means(plane, 16) - guess) ** 2).mean()))
    return {name: round(float(np.mean(np.sqrt(v)) ** 2)) for name, v in found.items()}


def _with_subcell(part):
    from dataclasses import replace

    return replace(part, cell=32)


def main(folder: str) -> None:
    """Fit and print."""
    photos = read_photos(Path(folder))
    print("SIGNAL", {name: tuple(v.tolist()) for name, v in fit_signal(photos).items()})
    print("MIDDLE", fit_middle(photos))
    print("INSIDE", fit_inside(photos))


if __name__ == "__main__":
    main(sys.argv[1])
