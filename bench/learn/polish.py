"""Train the polishing nets: ``python -m bench.learn.polish PHOTOS OUT.npz``.

It takes half an hour on one core.  Parts of the photos are released at many scales and denoised by
total variation; one small net for every octave of noise learns what brings the sub-cells closest to
the photo, as they are and interpolated, in shares of the uniform mosaic's error.  The noise of the
releases is fresh, so a second run gives nearly, but not exactly, the same numbers.

In the run that made `polish-3.npz` the net of octave 4 began from a shorter one, and those of
octaves 3 and 4 were trained further on as many releases again: about twice this recipe in all.
"""

import argparse
import io
import sys
import zipfile
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

from bench.learn.photos import DRAWN, draw_leaves, read_photos
from numbadp import Pixelizer
from numbadp.postprocess.drawing import Drawing
from numbadp.postprocess.kernels.polish_body import (
    ACTIVATION_BITS,
    INPUT_BITS,
    WEIGHT_MOST,
)
from numbadp.postprocess.polish_weights import HIDDEN, OCTAVES, SUBCELLS, build_polish

# log2 of the sides of cells, and how often each is trained on.
SIDES, PARTS = (2, 3, 4, 5, 6), (0.32, 0.28, 0.2, 0.12, 0.08)
MOST_CELLS = 96  # of a part of a photo, on a side
PIXELS = 3_000_000  # a photo's largest size, where cells are fine
OVERLAP = 0.35  # octaves of noise that neighbouring nets share
CROP, BATCH, EDGE = 28, 24, 2  # cells of a crop, crops of a step, cells at edges that do not count
PLAIN = 1.0  # squared grey levels: errors below count as this much
RATE, EXACT_FROM = 4e-3, 0.6
# Octaves in turn, each begun from a neighbour, and their steps.
ORDER = ((4, None, 7500), (3, 4, 3000), (2, 3, 2500), (5, 4, 1500), (1, 2, 1500), (0, 1, 1500))
RELEASES = 36  # of a photo
_DATE = (1980, 1, 1, 0, 0, 0)


class Sample(NamedTuple):
    """A part of a photo, released and denoised; values in grey levels."""

    level: float  # noise scale of a cell's mean
    denoised: np.ndarray  # sub-cells
    residues: np.ndarray  # cells: noisy means less those of the sub-cells
    fine: np.ndarray  # the photo at twice the sub-cells' resolution
    error: float  # of the uniform mosaic


class Polish(nn.Module):
    """Two 3 x 3 convolutions over cells: four sub-cells and a residue -> hidden -> sub-cells."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(SUBCELLS + 1, HIDDEN, 3, bias=False)
        self.second = nn.Conv2d(HIDDEN, SUBCELLS, 3, bias=False)
        with torch.no_grad():
            self.first.weight *= 0.5
            self.second.weight *= 0.3
        self.exact = False

    def forward(self, cells):
        hidden = _convolved(cells, self.weights(0)).clamp(-1, 1)
        return _convolved(hidden, self.weights(1))

    def weights(self, layer: int):
        """Weights as they act: those of sub-cells in the first layer sum to zero."""
        weight = (self.first if layer == 0 else self.second).weight
        if layer == 0:
            own = weight[:, :SUBCELLS]
            own = own - own.mean((1, 2, 3), keepdim=True)
            weight = torch.cat([own, weight[:, SUBCELLS:]], 1)
        if self.exact:
            step = _steps(weight, layer)
            rounded = (weight / step).round().clamp(-WEIGHT_MOST, WEIGHT_MOST) * step
            weight = weight + (rounded - weight).detach()
        return weight


def _steps(weight, layer: int):
    """Powers of two: one for every output of the first layer, one for all of the second."""
    largest = weight.detach().abs().amax((1, 2, 3), keepdim=True).clamp_min(2.0**-9)
    steps = torch.exp2(torch.ceil(torch.log2(largest / WEIGHT_MOST)))
    return steps if layer == 0 else steps.amax()


def _convolved(x, weight):
    return functional.conv2d(functional.pad(x, (1, 1, 1, 1), mode="replicate"), weight)


def release_part(photo: np.ndarray, cell: int, level: float, random) -> Sample | None:
    """Release a part of a grey photo; None if it is too small."""
    down, across = (min(size // cell, MOST_CELLS) for size in photo.shape)
    if min(down, across) < CROP:
        return None
    top, left = (
        int(random.integers(0, size - cells * cell + 1))
        for size, cells in zip(photo.shape, (down, across), strict=True)
    )
    part = np.ascontiguousarray(photo[top : top + down * cell, left : left + across * cell])
    scale = Fraction(level * cell**2).limit_denominator(64)
    pixelizer = Pixelizer(part.shape, epsilon=255 / scale, m=1, cell=cell)
    release = pixelizer(part)
    denoised = release._painter.grids_of(Drawing("tv", 0))[0][0] / np.float32(64)
    residues = release.values[0].reshape(down, across) / cell**2 - _averaged(denoised, 2)
    wide = part[: down // 2 * 2 * cell, : across // 2 * 2 * cell].astype(np.float32)
    coarse = np.repeat(np.repeat(_averaged(wide, 2 * cell), 2 * cell, 0), 2 * cell, 1)
    error = float(((wide - coarse) ** 2).mean()) + 2 * (level / 4) ** 2
    fine = _averaged(part.astype(np.float32), cell // 4)
    return Sample(level, denoised, residues.astype(np.float32), fine, error + PLAIN)


def _averaged(array: np.ndarray, side: int) -> np.ndarray:
    down, across = (size // side for size in array.shape)
    return array.reshape(down, side, across, side).mean((1, 3))


def gather(photos, count: int, random) -> list[list[Sample]]:
    """Releases of every photo, over all octaves of noise."""
    found = []
    for number, photo in enumerate(photos):
        grey = np.asarray(Image.fromarray(photo).convert("L"))
        small = grey
        while small.size > PIXELS:
            small = np.asarray(Image.fromarray(small).reduce(2))
        pair = np.concatenate([grey, grey[:, ::-1]], axis=1)  # few photos are large enough
        mirrored = np.concatenate([pair, pair[::-1]], axis=0)
        samples = []
        for _ in range(count):
            cell = 2 ** int(random.choice(SIDES, p=PARTS))
            level = 2 ** random.uniform(-0.25, OCTAVES - 0.75)
            own = mirrored if cell > 16 else small
            samples.append(release_part(own, cell, level, random))
        found.append([sample for sample in samples if sample is not None])
        print(f"# photo {number}: {len(found[-1])} releases", file=sys.stderr, flush=True)
    return found


def polished(net: Polish, denoised, residues, level):
    """Sub-cells [N, 1, 2 g, 2 g] as a net leaves them."""
    scale = level.view(-1, 1, 1, 1)
    cells = torch.cat([functional.pixel_unshuffle(denoised / scale, 2), residues / scale], 1)
    return denoised + scale * functional.pixel_shuffle(net(cells), 2)


def loss_of(drawn, fine, error):
    """Error of sub-cells and of what is interpolated between them, of the uniform mosaic's."""
    twice = functional.interpolate(drawn, scale_factor=2, mode="bilinear", align_corners=False)
    pairs = (drawn, functional.avg_pool2d(fine, 2), 2), (twice, fine, 4)
    total = 0
    for own, wanted, side in pairs:
        edge = EDGE * side
        apart = (own - wanted)[..., edge:-edge, edge:-edge]
        total = total + (apart**2).mean((1, 2, 3))
    return (total / error).mean()


def batch_of(samples: list[list[Sample]], random):
    """Crops, turned, mirrored and inverted by chance."""
    rows = []
    for _ in range(BATCH):
        own = samples[random.integers(len(samples))]
        sample = own[random.integers(len(own))]
        top, left = (int(random.integers(0, n - CROP + 1)) for n in sample.residues.shape)
        parts = []
        for array, side in ((sample.denoised, 2), (sample.residues, 1), (sample.fine, 4)):
            y, x = side * top, side * left
            parts.append(array[y : y + side * CROP, x : x + side * CROP])
        turn = random.integers(0, 2, 4)
        parts = [part.T if turn[0] else part for part in parts]
        parts = [part[:: 1 - 2 * turn[1], :: 1 - 2 * turn[2]] for part in parts]
        if turn[3]:
            parts = [255 - parts[0], -parts[1], 255 - parts[2]]
        rows.append((*parts, sample.level, sample.error))
    return [torch.from_numpy(np.stack(part).astype(np.float32)) for part in zip(*rows, strict=True)]


def train(samples: list[list[Sample]], steps: int, start: Polish | None, random) -> Polish:
    """Train a net for an octave."""
    torch.manual_seed(0)
    net = Polish()
    if start is not None:
        net.load_state_dict(start.state_dict())
    optimiser = torch.optim.Adam(net.parameters(), RATE)
    for step in range(steps):
        done = step / steps
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / 100) * (1 - done) + 1e-5
        net.exact = done > EXACT_FROM
        denoised, residues, fine, level, error = batch_of(samples, random)
        drawn = polished(net, denoised[:, None], residues[:, None], level)
        loss = loss_of(drawn, fine[:, None], error)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
    net.exact = True
    return net.eval()


def of_octave(samples: list[list[Sample]], octave: int) -> list[list[Sample]]:
    """Those with a noise of an octave, or nearly."""
    low, high = (2.0 ** (octave + by) for by in (-0.25 - OVERLAP, 0.75 + OVERLAP))
    found = [[sample for sample in own if low <= sample.level <= high] for own in samples]
    return [own for own in found if own]


def train_all(samples: list[list[Sample]], order=ORDER, part: float = 1.0) -> dict[int, Polish]:
    """Train the nets of all octaves."""
    nets: dict[int, Polish] = {}
    for octave, start, steps in order:
        own = of_octave(samples, octave)
        random = np.random.default_rng(octave)
        nets[octave] = train(own, max(1, int(steps * part)), nets.get(start), random)
        print(f"# octave {octave} is trained", file=sys.stderr, flush=True)
    return nets


def whole_numbers(net: Polish) -> tuple[np.ndarray, ...]:
    """Weights as int8 [8, 5, 3, 3] and [4, 8, 3, 3], and the shifts of their sums."""
    found, places = [], []
    with torch.no_grad():
        for layer in (0, 1):
            weight = net.weights(layer)
            step = _steps(weight, layer)
            whole = (weight / step).round().clamp(-WEIGHT_MOST, WEIGHT_MOST)
            found.append(whole.numpy().astype(np.int64))
            places.append(-torch.log2(step).round().flatten().numpy().astype(np.int64))
    _balance(found[0][:, :SUBCELLS])
    first = places[0] + INPUT_BITS - ACTIVATION_BITS
    second = places[1] + ACTIVATION_BITS
    return tuple(array.astype(np.int8) for array in (found[0], first, found[1], second))


def _balance(weights: np.ndarray) -> None:
    """Make the weights of every output sum to zero: its largest give or take one each."""
    for own in weights:
        flat = own.reshape(-1)
        order = np.argsort(-np.abs(flat) * (np.abs(flat) < WEIGHT_MOST))
        total = int(flat.sum())
        for k in range(abs(total)):
            flat[order[k % flat.size]] -= np.sign(total)
        own[:] = flat.reshape(own.shape)
        if own.sum() != 0 or np.abs(own).max() > WEIGHT_MOST:
            raise RuntimeError("weights of a sub-cell do not balance; train anew.")


def write(nets: dict[int, Polish], path: Path) -> str:
    """Write the package's file; returns its SHA-256."""
    parts = [whole_numbers(nets[octave]) for octave in range(OCTAVES)]
    arrays = [np.stack(part) for part in zip(*parts, strict=True)]
    build_polish(*arrays)  # refuses what would not be exact
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in zip(("first", "activated", "second", "settled"), arrays, strict=True):
            buffer = io.BytesIO()
            np.save(buffer, array, allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, buffer.getvalue())
    return sha256(path.read_bytes()).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("photos", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--part", type=float, default=1.0, help="of the steps")
    given = parser.parse_args()
    torch.set_num_threads(1)
    photos = read_photos(given.photos) + [draw_leaves(n) for n in range(DRAWN)]
    samples = gather(photos, RELEASES, np.random.default_rng(3))
    print(write(train_all(samples, part=given.part), given.out))


if __name__ == "__main__":
    main()
