"""Fit `numbadp/postprocess/filter_weights.py`: ``python -m bench.learn.filters FOLDER``.

Every photo is released at several scales and denoised by total variation; least squares say how
much of every neighbour, and of what total variation took from every cell around, brings a sub-cell
closest to the photo.  A photo counts by its share of error.  The noise of the releases is fresh, so
a second run gives nearly, but not exactly, the same numbers.
"""

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from bench.learn.photos import read_photos
from numbadp import Pixelizer
from numbadp.postprocess.drawing import Drawing
from numbadp.postprocess.filters import RESIDUES, TAPS, bucket_of
from numbadp.postprocess.shrink import kind_of

# Scales of a grey sum's noise that meet every bucket of every plane: cells of 4, 8 and 32 pixels.
FINE, COARSE = (16, 23, 32, 45, 64, 90), (512, 650, 750, 1000, 1100, 1448, 1911)
SCALES = (*FINE, *COARSE, *(16 * scale for scale in COARSE))
PIXELS, CROP = 1_600_000, 768  # a photo's largest size; and a side where cells are fine
PLAIN, RIDGE = 5.0, 1e-3  # squared grey levels: errors below count as this much; for stability
SAMPLES = 30_000  # sub-cells of a plane of a release


def block_sums(array: np.ndarray, side: int) -> np.ndarray:
    """Sums over squares, the last ones partial."""
    for axis in (0, 1):
        array = np.add.reduceat(array, np.arange(0, array.shape[axis], side), axis)
    return array


def neighbours(grid: np.ndarray, reach: int, pairs, turn: tuple[int, int], step: int):
    """Sums of mirrored neighbours of every `step`-th element, one row a pair of places."""
    padded = np.pad(grid, reach, mode="edge")
    rows, columns = (size // step for size in grid.shape)
    down, across = turn

    def at(dy, dx):
        if step == 2:
            dy, dx = (1 - 2 * down) * dy + down, (1 - 2 * across) * dx + across
        else:
            dy, dx = (1 - 2 * down) * dy, (1 - 2 * across) * dx
        return padded[reach + dy :: step, reach + dx :: step][:rows, :columns]

    return [at(a, b) if a == b else at(a, b) + at(b, a) for a, b in pairs]


def rows_of(denoised, means, truth, counts, cell: int):
    """Features [F, samples], targets and weights, all four sub-cells of cells in one frame."""
    shape = tuple(2 * size for size in means.shape)
    pads = [(0, a - b) for a, b in zip(shape, denoised.shape, strict=True)]
    weights = np.pad(counts, pads)
    denoised, truth = (np.pad(array, pads, mode="edge") for array in (denoised, truth))
    own = block_sums(denoised * weights, 2)
    residue = (means * block_sums(weights, 2) - own) / cell**2
    found = []
    for turn in ((0, 0), (0, 1), (1, 0), (1, 1)):
        middle = denoised[turn[0] :: 2, turn[1] :: 2]
        near = neighbours(denoised, 2, TAPS, turn, 2)
        features = [a - (1 + (p[0] != p[1])) * middle for a, p in zip(near, TAPS, strict=True)]
        features += neighbours(residue, 1, RESIDUES, turn, 1)
        target, weight = (a[turn[0] :: 2, turn[1] :: 2] for a in (truth, weights))
        found.append((np.stack([f.ravel() for f in features]), (target - middle).ravel(),
                      weight.ravel()))  # fmt: skip
    return tuple(np.concatenate(parts, axis=-1) for parts in zip(*found, strict=True))


def add_release(photo: np.ndarray, scale: int, sums: dict, random) -> None:
    """Add a release's normal equations to those of its planes' kinds and levels."""
    pixelizer = Pixelizer(photo.shape, epsilon=Fraction(255, scale), m=1)
    release = pixelizer(photo)
    grids = release._painter.grids_of(Drawing("tv", 0))
    red, green, blue = np.moveaxis(photo.astype(np.int32), -1, 0)
    for plane, value, grid in zip(pixelizer.plan.planes, release.values, grids, strict=True):
        sub = plane.subcell
        if plane.cell == 1:
            continue
        counts = block_sums(np.ones(photo.shape[:2], np.int32), sub)
        truth = block_sums(
            sum(w * c for w, c in zip(plane.form, (red, green, blue), strict=True)), sub
        ) / (counts * plane.divisor)
        cells = block_sums(np.ones(photo.shape[:2], np.int32), plane.cell) * plane.divisor
        rows = rows_of(grid[0] / 64, value / cells, truth, counts, plane.cell)
        if rows[1].size > SAMPLES:
            chosen = random.choice(rows[1].size, SAMPLES, replace=False)
            rows = tuple(part[..., chosen] for part in rows)
        features, target, weight = rows
        weight = weight / weight.sum()
        error = float((weight * target**2).sum())
        share = 1 / (error + PLAIN)
        own = sums.setdefault((kind_of(plane), bucket_of(plane)), [0, 0, 0, 0, 0])
        own[0] = own[0] + share * (features * weight) @ features.T
        own[1] = own[1] + share * (features * weight) @ target
        own[2] += share * error
        own[3] += share
        own[4] += 1


def fit(photos) -> dict:
    """Weights in 1/4096 of every kind of plane and bucket of noise."""
    random, sums = np.random.default_rng(7), {}
    for number, photo in enumerate(photos):
        print(f"# photo {number}", file=sys.stderr, flush=True)
        while photo.shape[0] * photo.shape[1] > PIXELS:
            photo = np.asarray(Image.fromarray(photo).reduce(2))
        for scale in SCALES:
            fine = photo[:CROP, :CROP] if scale in FINE else photo
            add_release(np.ascontiguousarray(fine), scale, sums, random)
    weights = {}
    for key, (square, product, error, total, count) in sorted(sums.items()):
        best = np.linalg.solve(square + RIDGE * total * np.eye(len(square)), product)
        left = (error - 2 * best @ product + best @ square @ best) / error
        print(f"# {key}: {count} releases, {left:.3f} of the error is left", file=sys.stderr)
        weights[key] = tuple(int(w) for w in np.rint(4096 * best))
    return weights


if __name__ == "__main__":
    for key, weights in fit(read_photos(Path(sys.argv[1]))).items():
        near, far = (", ".join(map(str, part)) for part in (weights[:14], weights[14:]))
        print(f"    {key}: (\n        {near},\n        {far},\n    ),".replace("'", '"'))
