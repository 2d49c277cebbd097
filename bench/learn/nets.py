"""The nets as PyTorch trains them: small convolutions on blocks of 2 x 2 cells.

What runs at inference is integers: weights of 8 bits with a power of two for every output, and
activations of 10 bits.  In the last part of training both are rounded as they will be; before that
products are of 16 bits where the processor has them, which takes half of the time.
"""

import torch
from torch import nn
from torch.nn import functional

DILATIONS = (1, 2, 4)
ACTIVATION_BITS = 7  # behind the point; an activation is at most 8
MOST = 8.0
INPUT_BITS = 5
INPUTS = 21  # four cells, the noise level, and sixteen sub-cells
_MOST_SUM = 2.0**24 * 0.98  # of whole numbers; the rest is for a bias


class Net(nn.Module):
    """Five 3 x 3 convolutions: `inputs` -> hidden -> hidden -> hidden -> hidden -> 16."""

    def __init__(self, inputs: int, hidden: int):
        super().__init__()
        sizes = [(inputs, hidden, 1)]
        sizes += [(hidden, hidden, d) for d in DILATIONS]
        sizes += [(hidden, 16, 1)]
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 3, padding=d, dilation=d) for a, b, d in sizes)
        nn.init.zeros_(self.layers[-1].weight)
        self.to(memory_format=torch.channels_last)
        self.exact = False

    def forward(self, x):
        if not self.exact:
            with torch.autocast("cpu", torch.bfloat16):
                for layer in self.layers[:-1]:
                    x = functional.hardtanh(layer(x), 0, MOST)
                return self.layers[-1](x).float()
        places = INPUT_BITS
        for layer in self.layers[:-1]:
            x = _rounded(functional.hardtanh(_apply(layer, x, places), 0, MOST), ACTIVATION_BITS)
            places = ACTIVATION_BITS
        return _apply(self.layers[-1], x, places)


def _apply(layer, x, places: int):
    weight = layer.weight
    step = steps_of(weight, places)
    rounded = (weight / step).round().clamp(-127, 127) * step
    weight = weight + (rounded - weight).detach()
    return functional.conv2d(x, weight, layer.bias, padding=layer.padding, dilation=layer.dilation)


def steps_of(weight, places: int):
    """A power of two for every output: weights fit into 8 bits, and sums are exact.

    `places` says what the largest whole number of an input is: those of the first layer are larger.
    """
    largest = weight.detach().abs().amax((1, 2, 3), keepdim=True).clamp_min(2.0**-9)
    most = 2048 if places == INPUT_BITS else 1024
    total = weight.detach().abs().sum((1, 2, 3), keepdim=True) * most / _MOST_SUM
    return torch.exp2(torch.ceil(torch.log2(torch.maximum(largest / 127, total))))


def _rounded(x, bits: int):
    scaled = x.detach() * 2.0**bits
    return x + ((scaled + 0.5).floor() * 2.0**-bits - x.detach())


def inputs_of(cells, base, level: float):
    """Channels of blocks of 2 x 2 cells, whole numbers over 2**INPUT_BITS.

    `cells` [N, 1, g, g] are noisy means and `base` [N, 1, 2 g, 2 g] sub-cells, both in grey levels
    less the middle, `level` is the noise scale of a cell's mean.
    """
    residue = cells - functional.avg_pool2d(base, 2)
    own = [functional.pixel_unshuffle(_whole(residue * (16 / level)), 2)]
    known = round(8 * float(torch.log2(torch.tensor(level)))) / 2**INPUT_BITS
    own.append(torch.full_like(own[0][:, :1], known))
    own.append(functional.pixel_unshuffle(_whole(base * (8 / level)), 4))
    return torch.cat(own, 1).contiguous(memory_format=torch.channels_last)


def _whole(units):
    return units.round().clamp(-2048, 2048) / 2**INPUT_BITS


def denoise(net: Net, cells, base, level: float):
    """Sub-cells [N, 1, 2 g, 2 g] in grey levels less the middle."""
    return base + level * functional.pixel_shuffle(net(inputs_of(cells, base, level)), 4)


def finer(grid):
    """Twice as fine, as the smooth style draws it between the middles of sub-cells."""
    return _finer_down(_finer_down(grid).mT).mT


def _finer_down(grid):
    own, other = 0.75 * grid, 0.25 * grid
    above = torch.cat([other[:, :, :1], other[:, :, :-1]], 2)
    below = torch.cat([other[:, :, 1:], other[:, :, -1:]], 2)
    return torch.stack([own + above, own + below], 3).flatten(2, 3)
