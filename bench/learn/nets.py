"""The nets as PyTorch trains them: small convolutions on blocks of 2 x 2 cells.

What runs at inference is integers: weights of 8 bits with a power of two for every output, and
activations of 10 bits.  From the last part of training on, both are rounded as they will be.
"""

import torch
from torch import nn
from torch.nn import functional

DILATIONS = (1, 2, 4)
ACTIVATION_BITS = 7  # behind the point; an activation is at most 8
MOST = 8.0
INPUT_BITS = 5
GUIDE = 16.0  # grey levels of a guide that count as one


class Net(nn.Module):
    """Five 3 x 3 convolutions: `inputs` -> hidden -> hidden -> hidden -> hidden -> 16."""

    def __init__(self, inputs: int, hidden: int):
        super().__init__()
        sizes = [(inputs, hidden, 1)]
        sizes += [(hidden, hidden, d) for d in DILATIONS]
        sizes += [(hidden, 16, 1)]
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 3, padding=d, dilation=d) for a, b, d in sizes)
        self.exact = False

    def forward(self, x):
        x = _rounded(x, INPUT_BITS)
        for layer in self.layers[:-1]:
            x = _rounded(self._apply(layer, x).clamp(0, MOST), ACTIVATION_BITS)
        return self._apply(self.layers[-1], x)

    def _apply(self, layer, x):
        weight = layer.weight
        if self.exact:
            step = steps_of(weight)
            rounded = (weight / step).round().clamp(-127, 127) * step
            weight = weight + (rounded - weight).detach()
        return functional.conv2d(
            x, weight, layer.bias, padding=layer.padding, dilation=layer.dilation
        )


def steps_of(weight):
    """A power of two for every output, so that weights fit into 8 bits."""
    largest = weight.detach().abs().amax((1, 2, 3), keepdim=True).clamp_min(2.0**-9)
    return torch.exp2(torch.ceil(torch.log2(largest / 127)))


def _rounded(x, bits: int):
    scaled = x.detach() * 2.0**bits
    return x + (scaled.round() * 2.0**-bits - x.detach())


def inputs_of(noisy, level, guides=()):
    """Channels of blocks of 2 x 2 cells.

    `noisy` [N, 1, g, g] is in grey levels less the middle, `level` [N] the noise scale of a cell's
    mean, `guides` are denoised planes [N, 1, 2 g, 2 g] on the same cells' sub-cells.
    """
    scale = level.view(-1, 1, 1, 1)
    own = functional.pixel_unshuffle(noisy / (4 * scale), 2).clamp(-64, 64)
    known = (torch.round(8 * torch.log2(scale)) / 32).expand(-1, 1, *own.shape[2:])
    more = [functional.pixel_unshuffle(guide / GUIDE, 4) for guide in guides]
    return torch.cat([own, known, *more], 1)


def denoise(net: Net, noisy, level, guides=()):
    """Sub-cells [N, 1, 2 g, 2 g] of noisy cells, in grey levels less the middle."""
    residual = functional.pixel_shuffle(net(inputs_of(noisy, level, guides)), 4)
    base = functional.interpolate(noisy, scale_factor=2, mode="bilinear", align_corners=False)
    return base + level.view(-1, 1, 1, 1) * residual
