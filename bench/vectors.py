"""Whether hot loops are vectorised: packed instructions in the compiled kernels.

What Python calls is counted, with all that it calls: one library of machine code.
"""

import re
from importlib import import_module

import numpy as np

from bench.tables import markdown_table
from numbadp import Pixelizer

SHAPE = (96, 160)
KERNELS = {
    "numbadp.mechanism.kernels.release_cpu": ("release_cpu",),
    "numbadp.postprocess.kernels.reconstruct_cpu": ("reconstruct_cpu",),
    "numbadp.postprocess.kernels.quadtree_cpu": ("quadtree_cpu",),
    "numbadp.postprocess.kernels.paint_cpu": ("cells_cpu", "flat_cpu", "smooth_cpu"),
}
_REGISTER = re.compile(r"%?([xyz])mm\d+|\bv\d+\.(?:16b|8b|8h|4h|4s|2s|2d)\b")
# AVX's scalars live in the same registers: ...ss, ...sd, and moves of one element.
_SCALAR = re.compile(r"^v?(?:\w+(?:ss|sd)\b|mov[dq]\b|cvt\w*2s[sid]\w*|cvtt?s[sd]\w*|ucomi|comi)")
_BITS = {"x": 128, "y": 256, "z": 512}


def count_packed(assembly: str) -> tuple[int, int]:
    """Number of packed instructions and the bits of the widest register that they use."""
    packed, widest = 0, 0
    for line in assembly.splitlines():
        text = line.strip()
        if not text or text[0] in ".#" or text.endswith(":") or _SCALAR.match(text):
            continue
        found = [_BITS.get(m.group(1), 128) for m in _REGISTER.finditer(text)]
        if found:
            packed, widest = packed + 1, max(widest, *found)
    return packed, widest


def measure_vectors() -> dict:
    """Compile everything on small pictures, then count in each kernel's assembly."""
    for shape in (SHAPE, (*SHAPE, 3)):
        release = Pixelizer(shape, epsilon=1, m=16)(np.zeros(shape, np.uint8))
        for style in ("cells", "mosaic", "smooth"):
            release.render(style)
    rows = []
    for module, names in KERNELS.items():
        loaded = import_module(module)
        for name in names:
            dispatcher = getattr(loaded, name, None)
            counts = [count_packed(text) for text in _assemblies(dispatcher)]
            packed, widest = max(counts, default=(None, None))
            rows.append({"kernel": name, "packed": packed, "bits": widest})
    return {"rows": rows}


def _assemblies(dispatcher) -> list[str]:
    """Assembly of every compiled signature; none where the kernel is gone or never called."""
    return list(dispatcher.inspect_asm().values()) if hasattr(dispatcher, "inspect_asm") else []


def render_vectors(section: dict) -> str:
    """Write the table."""
    lines = [[row["kernel"], _shown(row["packed"]), _shown(row["bits"])] for row in section["rows"]]
    header = ["kernel", "packed instructions", "widest register, bits"]
    legend = "A dash: no such kernel, or not compiled. 0: not vectorised."
    return f"{markdown_table(header, lines)}\n\n{legend}"


def _shown(value: int | None) -> str:
    return "–" if value is None else str(value)
