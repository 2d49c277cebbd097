"""Train the nets of steadied frames: ``python -m bench.learn.steady PHOTOS OUT.npz``.

It takes a quarter of an hour on one core.  Parts of the photos stand still before a camera for as
long as a temporal filter remembers, cells of several sizes and noise of many scales; of some frames
what it shows is kept, as total variation leaves it, and every octave's net of `polish-3.npz` learns
further from what is left of that octave's noise.  The noise is fresh, so a second run gives nearly,
but not exactly, the same numbers.
"""

import argparse
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from bench.learn.photos import DRAWN, draw_leaves, read_photos
from bench.learn.polish import (
    CROP,
    MOST_CELLS,
    OCTAVES,
    PARTS,
    PIXELS,
    PLAIN,
    SIDES,
    Polish,
    Sample,
    averaged,
    of_octave,
    train,
    write,
)
from numbadp.mechanism.planning import build_plan
from numbadp.postprocess.kernels.polish_body import ACTIVATION_BITS, INPUT_BITS
from numbadp.postprocess.polish_weights import FILE
from numbadp.postprocess.steady_plane import SteadyPlane

FRAMES = (0, 1, 1, 2, 5, 12, 25, 45)  # what is kept; what moves is as noisy as the second one
FINEST, COARSEST = -0.25, 6.25  # octaves of a frame's noise: a video's fine grid has more
SCENES = 12  # of a photo
STEPS, RATE = 1200, 1.5e-3


def scene_of(photo: np.ndarray, cell: int, level: float, random) -> list[Sample]:
    """Steadied frames of a part of a grey photo; none if it is too small."""
    down, across = (min(size // cell, MOST_CELLS) for size in photo.shape)
    if min(down, across) < CROP:
        return []
    top, left = (
        int(random.integers(0, size - cells * cell + 1))
        for size, cells in zip(photo.shape, (down, across), strict=True)
    )
    part = photo[top : top + down * cell, left : left + across * cell].astype(np.float32)
    scale = Fraction(level * cell**2).limit_denominator(64)
    plan = build_plan(part.shape, epsilon=255 / scale, m=1, cell=cell)
    state, found = SteadyPlane(plan, plan.planes[0]), []
    exact, fine = averaged(part, cell) * cell**2, averaged(part, cell // 4)
    coarse = averaged(part[: down // 2 * 2 * cell, : across // 2 * 2 * cell], 2 * cell)
    whole = np.kron(coarse, np.ones((2 * cell, 2 * cell), np.float32))
    plain = float(((part[: len(whole), : whole.shape[1]] - whole) ** 2).mean())
    for frame in range(max(FRAMES) + 1):
        noisy = np.rint(exact + random.laplace(0, float(scale), exact.shape)).astype(np.int64)
        (state.start if frame == 0 else state.lead)(noisy.ravel())
        grid = state.denoised()[0] / np.float32(64)
        left_over = float(np.sqrt(0.5 * np.median(state.noise)))
        residues = state.shown - averaged(grid, 2)
        sample = Sample(left_over, grid, residues, fine, plain + left_over**2 / 8 + PLAIN)
        found += [sample] * FRAMES.count(frame)
    return found


def gather(photos, count: int, random) -> list[list[Sample]]:
    """Steadied frames of every photo."""
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
            level = 2 ** random.uniform(FINEST, COARSEST)
            samples += scene_of(mirrored if cell > 16 else small, cell, level, random)
        found.append(samples)
        print(f"# photo {number}: {len(samples)} frames", file=sys.stderr, flush=True)
    return found


def read_net(kept, octave: int) -> Polish:
    """A net of a file, to learn further."""
    net, own = Polish(), {name: torch.from_numpy(kept[name][octave].astype(np.float32))
                          for name in ("first", "activated", "second", "settled")}  # fmt: skip
    first = torch.exp2(-(own["activated"] + ACTIVATION_BITS - INPUT_BITS))
    with torch.no_grad():
        net.first.weight.copy_(own["first"] * first.view(-1, 1, 1, 1))
        net.second.weight.copy_(own["second"] * torch.exp2(ACTIVATION_BITS - own["settled"]))
    return net


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("photos", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--part", type=float, default=1.0, help="of the steps")
    given = parser.parse_args()
    torch.set_num_threads(1)
    photos = read_photos(given.photos) + [draw_leaves(n) for n in range(DRAWN)]
    samples, nets = gather(photos, SCENES, np.random.default_rng(3)), {}
    with np.load(Path(__file__).parents[2] / "numbadp" / "data" / FILE) as kept:
        for octave in range(OCTAVES):
            start, steps = read_net(kept, octave), max(1, int(STEPS * given.part))
            random = np.random.default_rng(octave)
            nets[octave] = train(of_octave(samples, octave), steps, start, random, RATE)
            print(f"# octave {octave} is trained", file=sys.stderr, flush=True)
    print(write(nets, given.out))


if __name__ == "__main__":
    main()
