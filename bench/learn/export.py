"""Write trained nets as the package's file of weights: ``python -m bench.learn.export FOLDER OUT``.

Numbers are written without a date, so the same nets always give the same bytes.
"""

import hashlib
import io
import sys
import zipfile
from pathlib import Path

import numpy as np
import torch

from bench.learn.nets import Net, steps_of
from bench.learn.train import load
from numbadp.postprocess.weights import build_net

_DATE = (1980, 1, 1, 0, 0, 0)


def whole_numbers(net: Net) -> list:
    """Weights, biases and shifts of every layer."""
    found = []
    with torch.no_grad():
        for layer, places, seen in net.scales():
            step = steps_of(layer.weight, places, seen)
            weights = (layer.weight / step).round().clamp(-127, 127)
            shifts = places - torch.log2(step.flatten())
            biases = (layer.bias * torch.exp2(shifts)).round()
            found.append((
                weights.numpy().astype(np.int8), biases.numpy().astype(np.int32),
                shifts.round().numpy().astype(np.int8),
            ))  # fmt: skip
    build_net(found)  # refuses what would not be exact
    return found


def write(nets: dict[str, Net], path: Path) -> str:
    """Write the file; returns its SHA-256."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, net in nets.items():
            for k, layer in enumerate(whole_numbers(net)):
                for part, array in zip(("weights", "biases", "shifts"), layer, strict=True):
                    buffer = io.BytesIO()
                    np.save(buffer, array, allow_pickle=False)
                    entry = zipfile.ZipInfo(f"{name}/{k}/{part}.npy", _DATE)
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(entry, buffer.getvalue())
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    print(write({"luma": load(folder / "luma.pt")}, Path(sys.argv[2])))
