"""Train the net of `render(effort="best")`: ``python -m bench.learn.train PHOTOS FOLDER``.

It starts from what total variation makes of the noisy cells, and adds what is missing.  The recipe
takes ten minutes of one core; what it has done is kept, and a second call goes on from there.  Sums
of products are in an order that the processor decides, so a second run gives a net that is nearly,
but not exactly, the same elsewhere.  In the run that made `nets-2.npz`, half of the crops
of the first 1,500 steps came from halved photos, and the length of the fall was changed twice.
It was not at its end: more steps would bring more.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn import functional

from bench.learn.crops import Batch, Crops, grey, halved
from bench.learn.nets import INPUTS, Net, denoise, finer, inputs_of
from bench.learn.photos import DRAWN
from numbadp.compute.workers import threads

RATE, WARM = 2e-3, 300  # highest rate of learning, and steps until it is reached
SOLVED = 24  # batches that the first last layer is fitted to
RIDGE = 1e-4  # of a mean square, for stability
KEEP_S = 120  # seconds between two states that are kept


@dataclass(frozen=True)
class Recipe:
    """How long a net is trained.

    Attributes
    ----------
    hidden : int
        Channels between layers.
    steady, falling : int
        Steps at the highest rate, and then steps while it falls to zero.
    exact : int
        How many of the last steps round as the kernels do.
    """

    hidden: int
    steady: int
    falling: int
    exact: int

    @property
    def steps(self) -> int:
        """All of them."""
        return self.steady + self.falling

    def rate_at(self, step: int) -> float:
        """Rate of learning."""
        left = (self.steps - step) / self.falling
        return RATE * min((step + 1) / WARM, left, 1)


RECIPE = Recipe(hidden=48, steady=3600, falling=4400, exact=300)


class Training:
    """A net, its optimiser and its crops, and how many steps they have made."""

    def __init__(self, recipe: Recipe, crops: Crops):
        torch.manual_seed(0)
        self.recipe, self.crops, self.done = recipe, crops, 0
        self.net = Net(INPUTS, recipe.hidden)
        self.optimiser = torch.optim.Adam(self.net.parameters(), RATE)

    def step(self, part: float = 1.0) -> float:
        """Learn from crops, `part` of their number; returns their loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate_at(self.done)
        self.net.exact = self.recipe.steps - self.done <= self.recipe.exact
        loss = loss_of(self.net, self.crops.batch(part))
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        self.done += 1
        return loss.item()

    def solve_last(self, batches: int, part: float = 1.0) -> None:
        """Put the best last layer in place, by least squares: steps take long to find it."""
        layer, square, product = self.net.layers[-1], 0.0, 0.0
        for _ in range(batches):
            batch = self.crops.batch(part)
            cells, base, fine = tensors(batch)
            with torch.no_grad():
                seen = self.net.seen_last(inputs_of(cells, base, batch.level, batch.side))
                rows = functional.pad(functional.unfold(seen, 3, padding=1), (0, 0, 0, 1), value=1)
                target = functional.pixel_unshuffle((halved(fine) - base) / batch.level, 4)
                rows, target = (a.transpose(1, 2).flatten(0, 1) for a in (rows, target.flatten(2)))
                share = 1 / torch.from_numpy(plain_error(batch)).mean() * batch.level**2
                square = square + (share * rows.T @ rows).double()
                product = product + (share * rows.T @ target).double()
        size = len(square)
        stable = RIDGE * square.trace() / size * torch.eye(size, dtype=torch.double)
        found = torch.linalg.solve(square + stable, product).float().T
        with torch.no_grad():
            layer.weight.copy_(found[:, :-1].reshape(layer.weight.shape))
            layer.bias.copy_(found[:, -1])

    def keep(self, path: Path) -> None:
        """Write all that `resume` needs."""
        kept = {
            "net": self.net.state_dict(), "optimiser": self.optimiser.state_dict(),
            "random": self.crops.random.bit_generator.state, "done": self.done,
        }  # fmt: skip
        torch.save(kept, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    def resume(self, path: Path) -> None:
        """Go on from what `keep` wrote."""
        kept = torch.load(path, weights_only=False)
        self.net.load_state_dict(kept["net"])
        self.optimiser.load_state_dict(kept["optimiser"])
        self.crops.random.bit_generator.state = kept["random"]
        self.done = kept["done"]


def loss_of(net: Net, batch: Batch):
    """Squared error of sub-cells and of the smooth picture, as a share of even squares'."""
    (cells, base, fine), seen = tensors(batch), torch.from_numpy(batch.seen)
    found = denoise(net, cells, base, batch.level, batch.side)
    flat = functional.mse_loss(found, halved(fine), reduction="none")
    smooth = functional.mse_loss(finer(found), fine, reduction="none")
    error = (flat * seen[::2, ::2]).mean((1, 2, 3)) + (smooth * seen).mean((1, 2, 3))
    plain = torch.from_numpy(plain_error(batch))
    return (error / (plain + plain.mean())).mean()


def tensors(batch: Batch) -> tuple:
    """Cells, sub-cells to start from, and the photo, [N, 1, ., .], in levels less the middle."""
    arrays = grey(batch.means), grey(batch.base), batch.fine
    return tuple(torch.from_numpy(array)[:, None] for array in arrays)


def plain_error(batch: Batch):
    """Squared error of squares of twice the side, by crop: about what bench utility divides by.

    A whole photo's error is what counts there: half of it stands for the rest of the photo.
    """
    squares = halved(halved(halved(batch.fine))).repeat(8, 1).repeat(8, 2)
    return ((batch.fine - squares) ** 2).mean((1, 2)) + 2 * (batch.level / 4) ** 2


def train(recipe: Recipe, crops: Crops, folder: Path, part: float = 1.0) -> Net:
    """Train a net, or go on with what `folder` keeps; `part` of the crops of every step."""
    training, state = Training(recipe, crops), folder / "state.pt"
    if state.exists():
        training.resume(state)
    else:
        training.solve_last(SOLVED, part)
    begun = kept = time.monotonic()
    smooth = None
    while training.done < recipe.steps:
        loss = training.step(part)
        smooth = loss if smooth is None else 0.998 * smooth + 0.002 * loss
        now = time.monotonic()
        if training.done % 500 == 0:
            print(f"{training.done} steps, {now - begun:.0f} s, {smooth:.4f}", flush=True)
        if now - kept > KEEP_S:
            training.keep(state)
            kept = now
    training.keep(state)
    return training.net.eval()


def save(net: Net, path: Path) -> None:
    """Write a net for `load`."""
    first = net.layers[0]
    kept = {"inputs": first.in_channels, "hidden": first.out_channels, "weights": net.state_dict()}
    torch.save(kept, path)


def load(path: Path) -> Net:
    """Read a net that `save` wrote."""
    kept = torch.load(path)
    net = Net(kept["inputs"], kept["hidden"])
    net.load_state_dict(kept["weights"])
    net.exact = True
    return net.eval()


def main() -> None:
    """Train the shipped net."""
    parser = argparse.ArgumentParser()
    parser.add_argument("photos", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    crops = Crops(given.photos, DRAWN, 1)
    with threads(1):
        save(train(RECIPE, crops, given.folder), given.folder / "luma.pt")


if __name__ == "__main__":
    main()
