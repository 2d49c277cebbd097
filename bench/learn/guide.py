"""Fit the gains of `numbadp/postprocess/guide.py`: ``python -m bench.learn.guide FOLDER``.

Every photo is released at several scales and drawn as version 2 does it; least squares say how many
times a slope over luma, of a chroma plane and of its residues, brings its sub-cells closest to the
photo on luma's.  A photo counts by its share of error.  The noise of the releases is fresh, so a
second run gives nearly, but not exactly, the same numbers.
"""

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from bench.learn.filters import PLAIN, block_sums
from bench.learn.photos import read_photos
from numbadp import Pixelizer
from numbadp.postprocess.drawing import Drawing
from numbadp.postprocess.guide import FLOOR, guided

SCALES = (255, 1020, 4080, 16320)
PIXELS, CROP = 3_500_000, 1024  # a photo's largest size; and a side where cells are fine
FINE = 2000  # scales below it have fine cells
RIDGE = 1e-6
BEFORE = Drawing("filters", 2)


def window(grid: np.ndarray) -> np.ndarray:
    """Means over 3 x 3 cells, weights 1 2 1."""
    padded = np.pad(grid, 1, mode="edge")
    across = (padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]) / 4
    return (across[:-2] + 2 * across[1:-1] + across[2:]) / 4


def halved(grid: np.ndarray, times: int) -> np.ndarray:
    """Means of squares of 2**times; the last ones are those of what there is."""
    counts = block_sums(np.ones(grid.shape), 1 << times)
    return block_sums(grid, 1 << times) / counts


def finer(grid: np.ndarray, side: int, shape) -> np.ndarray:
    """Interpolate bilinearly to a grid that is finer by `side`."""
    size = grid.shape[1] * side, grid.shape[0] * side
    image = Image.fromarray(grid.astype(np.float32)).resize(size, Image.Resampling.BILINEAR)
    return np.asarray(image)[: shape[0], : shape[1]]


def moves_of(luma, own, residue, ratio: int) -> np.ndarray:
    """What a plane moves by at gains of 1, [4, rows, columns], in the order of `GAINS`."""
    shape, times = luma.shape, ratio.bit_length() - 1
    around = halved(luma, times)
    cells = halved(around, 1)
    mean = window(cells)
    varies = window(cells * cells) - mean * mean + FLOOR
    slopes = [
        finer((window(cells * x) - mean * window(x)) / varies, 2 * ratio, shape)
        for x in (halved(own, 1), residue)
    ]
    near = finer(around, ratio, shape) - finer(cells, 2 * ratio, shape)
    far = luma - finer(around, ratio, shape)
    return np.stack([slope * away for away in (near, far) for slope in slopes])


def add_release(photo: np.ndarray, scale: int, sums: dict) -> None:
    """Add a release's normal equations to those of its planes."""
    release = Pixelizer(photo.shape, epsilon=Fraction(255, scale), m=1)(photo)
    plan, grids = release.plan, release._painter.grids_of(BEFORE)
    channels, pixels = np.moveaxis(photo.astype(np.int32), -1, 0), np.ones(photo.shape[:2])
    side = plan.planes[0].subcell
    for k in guided(plan):
        plane, own = plan.planes[k], grids[k][0] / 64
        counts, within = (block_sums(pixels, n) for n in (plane.cell, plane.subcell))
        held = block_sums(own * within, 2)
        noisy = release.values[k].reshape(counts.shape) / plane.divisor
        residue = (noisy - held) / plane.cell**2
        luma = grids[0][0] / 64
        truth = block_sums(sum(w * c for w, c in zip(plane.form, channels, strict=True)), side)
        truth = truth / (plane.divisor * block_sums(pixels, side))
        moves = moves_of(luma, own, residue, plane.subcell // side).reshape(4, -1)
        target = (truth - finer(own, plane.subcell // side, luma.shape)).ravel()
        error = float((target**2).mean())
        share = 1 / (target.size * (error + PLAIN))
        square, product = sums.setdefault(plane.name, [0, 0])
        sums[plane.name] = [square + share * moves @ moves.T, product + share * moves @ target]


def fit(photos, scales=SCALES) -> dict[str, tuple[float, ...]]:
    """Gains of every plane; residues are not limited here, which changes little."""
    sums: dict = {}
    for number, photo in enumerate(photos):
        print(f"# photo {number}", file=sys.stderr, flush=True)
        while photo.shape[0] * photo.shape[1] > PIXELS:
            photo = np.asarray(Image.fromarray(photo).reduce(2))
        for scale in scales:
            part = photo[:CROP, :CROP] if scale < FINE else photo
            add_release(np.ascontiguousarray(part), scale, sums)
    found = {}
    for name, (square, product) in sums.items():
        gains = np.linalg.solve(square + RIDGE * np.trace(square) * np.eye(4), product)
        found[name] = tuple(float(gain) for gain in gains.round(2))
    return found


if __name__ == "__main__":
    print("GAINS =", fit(read_photos(Path(sys.argv[1]))))
