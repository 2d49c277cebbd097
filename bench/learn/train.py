"""Train a net: ``python -m bench.learn.train luma --hidden 16 --photos FOLDER --minutes 25 -o F``.

Luma first; chroma is trained with the denoised luma of a finished net as its guide, and `o` with
the denoised `g` as well.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from bench.learn.crops import CHROMA_NOISE, CROP, FACTORS, Crops, halved, measured
from bench.learn.nets import Net, denoise
from bench.learn.photos import DRAWN

RATE = 2e-3
EXACT_FROM = 0.6  # of the time: from here on with rounded weights
# The error that is left is about this much, in squared grey levels: at no noise, and a level more.
DETAIL, NOISE = 35, 3
INPUTS = {"luma": 5, "g": 21, "o": 37}
PLANES = {"luma": 0, "g": 1, "o": 2}
# Name, kind, hidden channels, steps, crops a step; the first of a kind guides the later ones.
# Only luma is shipped: chroma nets of so few steps are worse than total variation.
RECIPES = (
    ("luma", "luma", 16, 8000, 16),
    ("g", "g", 16, 2500, 12),
    ("o", "o", 16, 2500, 12),
)


def luma_batch(crops: Crops, count: int):
    """Noisy cells, noise levels and true sub-cells of luma (or of grey)."""
    r, level = crops.scale_and_level()
    truth = crops.draw(count, level, 2 * CROP)[:, 0]
    noise = np.full(count, r / 4 ** (level + 1), np.float32)
    return _tensors(measured(truth, noise, crops.random), noise, truth)


def chroma_batch(crops: Crops, count: int, plane: int, nets: dict):
    """The same of a chroma plane, with its guides: the planes before, denoised."""
    r, level = crops.scale_and_level()
    levels = chroma_levels(r, level)
    rise = levels[plane] - level
    truth = crops.draw(count, level, 2 * max(CROP * 3 // 4 >> rise, 12) // 2 * 2 << rise)
    guides = []
    for k in range(plane + 1):
        own = truth[:, k]
        for _ in range(levels[k] - level):
            own = halved(own)
        noise = np.full(count, r * FACTORS[k] / 4 ** (levels[k] + 1), np.float32)
        noisy, noise, target = _tensors(measured(own, noise, crops.random), noise, own)
        if k < plane:
            with torch.no_grad():
                guides.append(denoise(nets[k], noisy, noise, guides))
            guides = [coarser(guide, levels[k + 1] - levels[k]) for guide in guides]
    return noisy, noise, target, guides


def chroma_levels(r: float, level: int) -> list[int]:
    """log2 of the sub-cells' sides of Y, g, o by the plan's rule."""
    sides = [level]
    for factor in FACTORS[1:]:
        own = level
        while r * factor >= CHROMA_NOISE * 4 ** (own + 1) and own < level + 3:
            own += 1
        sides.append(own)
    return sides


def coarser(grid, times: int):
    """Means over 2**times sub-cells a side."""
    return torch.nn.functional.avg_pool2d(grid, 2**times) if times else grid


def _tensors(*arrays):
    noisy, noise, truth = (torch.from_numpy(np.asarray(a, np.float32)) for a in arrays)
    return noisy[:, None], noise, truth[:, None]


def train(kind: str, hidden: int, crops: Crops, steps: int, guides: dict, batch: int, say) -> Net:
    """Train a net for so many steps."""
    torch.manual_seed(0)
    net = Net(INPUTS[kind], hidden)
    optimiser = torch.optim.Adam(net.parameters(), RATE)
    begun, smooth = time.monotonic(), None
    for step in range(steps):
        done = step / steps
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1, step / 200) * (1 - done) + 2e-5
        net.exact = done > EXACT_FROM
        noisy, level, truth, guide = batch_of(kind, crops, batch, guides)
        found = denoise(net, noisy, level, guide)
        loss = ((found - truth) ** 2 / (DETAIL + NOISE * level.view(-1, 1, 1, 1))).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        smooth = loss.item() if smooth is None else 0.995 * smooth + 0.005 * loss.item()
        if step % 500 == 499:
            say(
                f"{kind} {hidden}: {step + 1} steps, {time.monotonic() - begun:.0f} s, {smooth:.4f}"
            )
    net.exact = True
    return net.eval()


def batch_of(kind: str, crops: Crops, count: int, guides: dict):
    """Noisy cells, noise levels, true sub-cells, guides."""
    if kind == "luma":
        return *luma_batch(crops, count), []
    return chroma_batch(crops, count, PLANES[kind], guides)


def save(net: Net, hidden: int, path: Path) -> None:
    """Write a net for `load`."""
    kept = {"inputs": net.layers[0].in_channels, "hidden": hidden, "weights": net.state_dict()}
    torch.save(kept, path)


def load(path: Path) -> Net:
    """Read a net that `save` wrote."""
    kept = torch.load(path)
    net = Net(kept["inputs"], kept["hidden"])
    net.load_state_dict(kept["weights"])
    net.exact = True
    return net.eval()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("photos", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", type=float, default=1.0, help="of the steps")
    parser.add_argument("--drawn", type=int, default=DRAWN)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    crops = Crops(given.photos, given.drawn, 1)
    train_all(crops, given.folder, given.part)


def train_all(crops: Crops, folder: Path, part: float, recipes=RECIPES) -> None:
    """Train every net that `folder` does not hold yet."""
    guides: dict[int, Net] = {}
    for name, kind, hidden, steps, batch in recipes:
        path = folder / f"{name}.pt"
        if not path.exists():
            net = train(kind, hidden, crops, max(1, int(steps * part)), guides, batch, _say)
            save(net, hidden, path)
        guides.setdefault(PLANES[kind], load(path))


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
