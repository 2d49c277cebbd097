"""DP-Pix on the GPU as others would write it: uniform cells of 16, floating-point Laplace noise.

Both keep the batch on the device and pad it to whole cells beforehand.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from bench.rivals import CELL, laplace_scale


@dataclass(frozen=True)
class Peer:
    """A rival: its name, the module it needs, and what builds its work from a batch."""

    name: str
    module: str
    build: Callable[[np.ndarray, int, int], Callable[[], object]]

    @property
    def available(self) -> bool:
        """Whether its module is installed and sees a device."""
        if find_spec(self.module) is None:
            return False
        module = importlib.import_module(self.module)
        return bool(module.cuda.is_available())


def torch_dp_pix(batch: np.ndarray, epsilon: int, m: int, device: str = "cuda"):
    """PyTorch: means by pooling, Laplace noise, clip, repeat."""
    torch = importlib.import_module("torch")
    images = torch.as_tensor(_padded(batch), device=device).permute(0, 3, 1, 2).contiguous()
    scale = laplace_scale(epsilon, m, batch.shape[-1]) / CELL**2
    laplace = torch.distributions.Laplace(
        torch.zeros((), device=device), torch.full((), scale, device=device)
    )

    def pixelate():
        means = torch.nn.functional.avg_pool2d(images.float(), CELL)
        noisy = means + laplace.sample(means.shape)
        flat = noisy.round().clamp(0, 255).to(torch.uint8)
        return flat.repeat_interleave(CELL, 2).repeat_interleave(CELL, 3)

    return pixelate


def cupy_dp_pix(batch: np.ndarray, epsilon: int, m: int):
    """CuPy: sums over an axis of the cells, Laplace noise, clip, repeat."""
    cupy = importlib.import_module("cupy")
    images = cupy.asarray(_padded(batch))
    count, height, width, channels = images.shape
    cells = (count, height // CELL, CELL, width // CELL, CELL, channels)
    scale = laplace_scale(epsilon, m, channels) / CELL**2

    def pixelate():
        means = images.reshape(cells).mean(axis=(2, 4), dtype=cupy.float32)
        noisy = means + cupy.random.laplace(0, scale, means.shape)
        flat = cupy.clip(cupy.rint(noisy), 0, 255).astype(cupy.uint8)
        return flat.repeat(CELL, 1).repeat(CELL, 2)

    return pixelate


def _padded(batch: np.ndarray) -> np.ndarray:
    _, height, width, _ = batch.shape
    room = ((0, 0), (0, -height % CELL), (0, -width % CELL), (0, 0))
    return np.pad(batch, room, mode="edge")


PEERS = (Peer("PyTorch DP-Pix", "torch", torch_dp_pix), Peer("CuPy DP-Pix", "cupy", cupy_dp_pix))
