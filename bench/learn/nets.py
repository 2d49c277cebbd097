"""The nets as PyTorch trains them: small convolutions on blocks of 2 x 2 cells.

What runs at inference is integers: weights of 8 bits with a power of two for every output, and
activations of 10 bits.  In the last part of training both are rounded as they will be; before that
products are of 16 bits where the processor has them, which takes half of the time.
"""

import math

import torch
from torch import nn
from torch.nn import functional

DILATIONS = (1, 2, 4)
ACTIVATION_BITS = 7  # behind the point; an activation is at most 8
MOST = 8.0
INPUT_BITS = 5
MOST_INPUT = 64.0
INPUTS = 26  # four cells, their noise and side, what lies under them, and sixteen sub-cells
_MOST_SUM = 2.0**24 * 0.98  # of whole numbers; the rest is for a bias


class Net(nn.Module):
    """Five 3 x 3 convolutions: `inputs` -> hidden -> hidden -> hidden -> hidden -> 16.

    The last one sees the inputs as well: what is linear need not pass through the layers.
    """

    def __init__(self, inputs: int, hidden: int):
        super().__init__()
        sizes = [(inputs, hidden, 1)]
        sizes += [(hidden, hidden, d) for d in DILATIONS]
        sizes += [(hidden + inputs, 16, 1)]
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 3, padding=d, dilation=d) for a, b, d in sizes)
        nn.init.zeros_(self.layers[-1].weight)
        self.to(memory_format=torch.channels_last)
        self.exact = False

    def forward(self, x):
        if not self.exact:
            return self.layers[-1](self.seen_last(x))
        y = x
        for layer, places, seen in self.scales()[:-1]:
            y = functional.hardtanh(_apply(layer, y, places, seen), 0, MOST)
            y = _moved(y, (y * 2.0**ACTIVATION_BITS + 0.5).floor() * 2.0**-ACTIVATION_BITS)
        layer, places, seen = self.scales()[-1]
        return _apply(layer, torch.cat([y, x], 1), places, seen)

    def seen_last(self, x):
        """What the last layer sees, not rounded as the kernels do."""
        y = x
        with torch.autocast("cpu", torch.bfloat16):
            for layer in self.layers[:-1]:
                y = functional.hardtanh(layer(y), 0, MOST)
        return torch.cat([y.float(), x], 1)

    def scales(self) -> list:
        """Layers, places behind the point of what they see, and how many inputs are among it."""
        inner = [(layer, ACTIVATION_BITS, 0) for layer in self.layers[1:-1]]
        inputs = self.layers[0].in_channels
        return [
            (self.layers[0], INPUT_BITS, inputs), *inner,
            (self.layers[-1], ACTIVATION_BITS, inputs),
        ]  # fmt: skip


def _apply(layer, x, places: int, seen: int):
    step = steps_of(layer.weight, places, seen)
    weight = _moved(layer.weight, (layer.weight / step).round().clamp(-127, 127) * step)
    unit = step.flatten() * 2.0**-places
    bias = _moved(layer.bias, (layer.bias / unit).round() * unit)
    return functional.conv2d(x, weight, bias, padding=layer.padding, dilation=layer.dilation)


def _moved(own, rounded):
    """Count as rounded, and learn as if it were not."""
    return own + (rounded - own).detach()


def steps_of(weight, places: int, seen: int):
    """A power of two for every output: weights fit into 8 bits, and sums are exact.

    The last `seen` channels are inputs, which can be larger than activations.
    """
    largest = weight.detach().abs().amax((1, 2, 3), keepdim=True).clamp_min(2.0**-9)
    most = torch.full((1, weight.shape[1], 1, 1), MOST * 2.0**places)
    most[:, weight.shape[1] - seen :] = MOST_INPUT * 2.0**places
    total = (weight.detach().abs() * most).sum((1, 2, 3), keepdim=True) / _MOST_SUM
    return torch.exp2(torch.ceil(torch.log2(torch.maximum(largest / 127, total))))


def inputs_of(cells, base, level: float, side: int):
    """Channels of blocks of 2 x 2 cells, whole numbers over 2**INPUT_BITS.

    `cells` [N, 1, g, g] are noisy means and `base` [N, 1, 2 g, 2 g] sub-cells, both in grey levels
    less the middle, `level` is the noise scale of a cell's mean, and 2**`side` its side in pixels.
    """
    under = functional.avg_pool2d(base, 2)
    detail = base - under.repeat_interleave(2, 2).repeat_interleave(2, 3)
    own = [functional.pixel_unshuffle(_whole((cells - under) * (16 / level)), 2)]
    for known in (round(8 * math.log2(level)), 8 * side):
        own.append(torch.full_like(own[0][:, :1], known / 2**INPUT_BITS))
    own.append(functional.pixel_unshuffle(_whole(under * (8 / level)), 2))
    own.append(functional.pixel_unshuffle(_whole(detail * (64 / level)), 4))
    return torch.cat(own, 1).contiguous(memory_format=torch.channels_last)


def _whole(units):
    most = MOST_INPUT * 2**INPUT_BITS
    return units.round().clamp(-most, most) / 2**INPUT_BITS


def denoise(net: Net, cells, base, level: float, side: int):
    """Sub-cells [N, 1, 2 g, 2 g] in grey levels less the middle."""
    return base + level * functional.pixel_shuffle(net(inputs_of(cells, base, level, side)), 4)


def finer(grid):
    """Twice as fine, as the smooth style draws it between the middles of sub-cells."""
    return _finer_down(_finer_down(grid).mT).mT


def _finer_down(grid):
    own, other = 0.75 * grid, 0.25 * grid
    above = torch.cat([other[:, :, :1], other[:, :, :-1]], 2)
    below = torch.cat([other[:, :, 1:], other[:, :, -1:]], 2)
    return torch.stack([own + above, own + below], 3).flatten(2, 3)
