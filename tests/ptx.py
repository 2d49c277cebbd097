"""Every CUDA kernel, compiled without a GPU: PTX by libNVVM, then machine code by ptxas."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

ARCHITECTURES = ((7, 5), (8, 0), (9, 0))
# name -> module, types of arguments; "kind*n" is a C-contiguous array of n dimensions
KERNELS = {
    "measure_rgb_cuda": ("mechanism", "measure", "uint32*1 int64*1 int64*2 int32*1"),
    "measure_planes_cuda": ("mechanism", "measure", "uint32*1 int64*1 int64*2 int32*1"),
    "measure_bytes_cuda": ("mechanism", "measure", "uint8*1 int64*1 int64*2 int32*1"),
    "noise_cuda": (
        "mechanism", "noise",
        "int32*1 int64*1 int64 int64 int64 int64*2 uint32*1 int64*2 uint64*3 int64*2 "
        "uint64 uint64 uint64 uint64",
    ),
    "base_sums_cuda": ("mechanism", "leaves", "int32*1 int64*1 int64 int64 int64 int64*2 int64*3"),
    "pool_cuda": ("mechanism", "leaves", "int64*1 int64 int64 int64*2 int64*3"),
    "leaves_cuda": (
        "mechanism", "leaves",
        "int64*1 uint8*3 int64*1 int64 int64*2 int64*3 uint8*1 uint32*1 int64*2 uint64*3 int64*2 "
        "uint64 uint64 uint64 uint64",
    ),
    "splits_cuda": (
        "mechanism", "splits",
        "int64*1 uint8*1 int64 int64*2 int64*3 int64*1 uint8*1 uint32*1 int64*2 uint64*3 int64*2 "
        "uint64 uint64 uint64 uint64",
    ),
    "levels_cuda": ("mechanism", "splits", "uint8*1 int64 int64*2 int64*3 int64 uint8*3"),
    "mask_cuda": ("mechanism", "mask", "uint8*1 int64*1 uint8*2 uint8*1 uint8*1"),
    "statistics_cuda": (
        "mechanism", "exact", "uint8*1 int64*1 int64 int64 int64*3 int64 int64*1",
    ),
    "merge_cuda": ("mechanism", "exact", "int64 int64 int64 int64*3 int64 int64*1"),
    "exact_cuda": (
        "mechanism", "exact", "int64 int64*1 int64 int64*2 int64*3 int64 int64*1 uint8*1",
    ),
    "leaf_colours_cuda": (
        "postprocess", "leaves", "int64*1 int64 int64 int64*2 int32*3 float64*2 uint32*3",
    ),
    "outside_cuda": ("postprocess", "leaves", "uint8*1 int64 uint8*2 int64*1 uint8*1"),
    "leaf_numbers_cuda": (
        "postprocess", "reconstruct_leaves",
        "int64*1 int64 int64 int64 int64*2 int32*3 float64*1 float32*2 float32*2",
    ),
    "start_leaves_cuda": (
        "postprocess", "reconstruct_leaves",
        "int64 int64 int64*2 int32*3 float32*2 float32*2 float32*2",
    ),
    "duals_cuda": ("postprocess", "reconstruct_leaves", "int64 int64*2 float32*2 float32*2"),
    "primals_cuda": ("postprocess", "reconstruct_leaves", "int64 int64*2 float32*2 float32*2"),
    "leaf_steps_cuda": (
        "postprocess", "reconstruct_leaves",
        "int64 int64 int64*2 int32*3 float32*2 float32*2",
    ),
    "move_cuda": (
        "postprocess", "reconstruct_leaves",
        "int64 int64 int64*2 int32*3 float32*2 float32*2",
    ),
    "finish_leaves_cuda": (
        "postprocess", "reconstruct_leaves",
        "float32*2 int64 int64 int64 int64*2 float32*2 int16*1",
    ),
    "start_cuda": (
        "postprocess", "reconstruct",
        "int64*1 int64 int64 int64 int64*2 float64*3 float32*2 float32*1 float32*1",
    ),
    "sweep_cuda": (
        "postprocess", "reconstruct",
        "float32*1 float32*1 int64 int64*2 float32*3 float32*3 int64 int64 float32*1",
    ),
    "finish_cuda": (
        "postprocess", "reconstruct",
        "float32*1 int64 int64 int64 int64*2 float32*2 int16*1",
    ),
    "quadtree_cuda": (
        "postprocess", "quadtree", "int16*1 int64 int64 int64*2 uint8*3 uint32*3",
    ),
    "colours_cuda": (
        "postprocess", "paint", "int64*1 int64 int64 int64*2 float64*3 float64*2 uint32*3",
    ),
    "flat_words_cuda": ("postprocess", "paint", "uint32*3 int64 int64*1 uint32*1"),
    "flat_bytes_cuda": ("postprocess", "paint", "uint32*3 int64 int64*1 uint8*1"),
    "smooth_cuda": ("postprocess", "paint", "int16*1 int64 int64*2 int64*1 uint8*1"),
}  # fmt: skip
PRIVATE = [name for name, (side, *_) in KERNELS.items() if side == "mechanism"]


@dataclass(frozen=True)
class Compiled:
    """PTX of a kernel, and what ptxas says of it."""

    ptx: str
    report: str


def missing():
    """Name what the compilation lacks, or nothing."""
    if find_spec("numba_cuda") is None:
        return "numba-cuda is not installed; pip install '.[ptx]'"
    if assembler() is None:
        return "no ptxas; pip install '.[ptx]'"
    return ""


def assembler():
    """Return the path of ptxas: of the installed wheel, else of a toolkit."""
    spec = find_spec("nvidia")
    folders = list(spec.submodule_search_locations) if spec else []
    wheels = [path for folder in folders for path in Path(folder).glob("*/bin/ptxas")]
    return str(wheels[0]) if wheels else shutil.which("ptxas")


def module_of(name):
    """Return a kernel's module."""
    side, stage, _ = KERNELS[name]
    return import_module(f"numbadp.{side}.kernels.{stage}_cuda")


@cache
def compiled(name, architecture, folder):
    """Compile a kernel for a compute capability."""
    from numba import cuda

    kernel = getattr(module_of(name), name)

    def pretend():
        return SimpleNamespace(compute_capability=architecture)

    with mock.patch("numba.cuda.dispatcher.get_current_device", pretend):
        ptx, _ = cuda.compile_ptx(kernel.py_func, _signature(name), cc=architecture)
    source = Path(folder) / f"{name}.ptx"
    source.write_text(ptx)
    target = "sm_{}{}".format(*architecture)
    done = subprocess.run(
        [assembler(), "-v", f"-arch={target}", str(source), "-o", os.devnull],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Compiled(ptx, done.stderr)


def _signature(name):
    from numba.cuda import types

    def kind(text):
        scalar, _, dimensions = text.partition("*")
        base = getattr(types, scalar)
        return types.Array(base, int(dimensions), "C") if dimensions else base

    return types.void(*map(kind, KERNELS[name][2].split()))
