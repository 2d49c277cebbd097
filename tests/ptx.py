"""Every CUDA kernel, compiled without a GPU: PTX by libNVVM, then machine code by ptxas."""

import re
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
    "gauss_cuda": (
        "mechanism", "gauss",
        "int64*1 uint64 uint64*2 int64*1 int64*1 uint64*1 uint64*3 uint64 uint64 uint64 uint64",
    ),
    "cube_cuda": (
        "mechanism", "cube", "int64*1 int64 int64*1 uint64 uint64 uint64 uint64 uint64",
    ),
    "laplace_cuda": (
        "mechanism", "cube", "int64*1 uint64 uint64*2 int64*1 uint64 uint64 uint64 uint64",
    ),
    "pictures_cuda": ("mechanism", "pool", "uint8*2 int64*1 uint8*1 int64*2 int64*1"),
    "votes_cuda": ("mechanism", "pool", "uint8*4 int64 int64 int64 int64*4"),
    "tracks_cuda": ("mechanism", "pool", "int64*1 int64*1 int64 int64*2 int64*1"),
    "visits_cuda": ("mechanism", "pool", "int64*2 int64*1 int64*1"),
    "mask_cuda": ("mechanism", "mask", "uint8*1 int64*1 uint8*2 uint8*1 uint8*1"),
    "statistics_cuda": (
        "mechanism", "exact",
        "uint8*1 int64*1 int64 int64 int64 int64 int64*3 int64 int64*1",
    ),
    "merge_cuda": ("mechanism", "exact", "int64 int64 int64 int64*3 int64 int64*1"),
    "exact_cuda": (
        "mechanism", "exact",
        "int64 int64*1 int64 int64 int64 int64*2 int64*3 int64 int64*1 uint8*1",
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
    "large_steps_cuda": (
        "postprocess", "reconstruct_leaves",
        "int64 int64 int64*2 int32*3 int64*2 float32*2 float32*2",
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
        "int64*1 int64 int64 int64 int64*2 float64*3 float32*2 int64*4 float32*1 float32*1",
    ),
    "sweep_cuda": (
        "postprocess", "sweep",
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
    "moments_cuda": (
        "postprocess", "shrink", "int16*1 int64 int64*2 int16*1 uint8*1 int64*3",
    ),
    "draw_cuda": ("postprocess", "shrink", "int16*1 int64 int64*2 int16*1 int64*3 int16*1"),
    "residues_cuda": ("postprocess", "filter", "int64*1 int16*1 int64 int64*2 int32*1"),
    "filter_cuda": (
        "postprocess", "filter", "int16*1 int32*1 int64 int64*2 int32*2 int16*1",
    ),
    "inputs_cuda": (
        "postprocess", "polish", "int16*1 int32*1 int64 int64*2 int64*2 float32*2 int16*1",
    ),
    "hidden_cuda": (
        "postprocess", "polish", "int16*1 int64 int64*2 int64*2 int32*2 int64*2 int16*1",
    ),
    "polish_cuda": (
        "postprocess", "polish",
        "int16*1 int16*1 int64 int64*2 int64*2 float32*2 int32*2 int16*1",
    ),
    "copy_cuda": ("postprocess", "guide", "int16*1 int64 int64 int16*1 int64"),
    "halve_cuda": ("postprocess", "guide", "int16*1 int64 int64 int64 int64 int16*1"),
    "slopes_cuda": (
        "postprocess", "guide", "int16*1 int16*1 int32*1 int64 int64*1 int64*1 int16*1",
    ),
    "guide_cuda": (
        "postprocess", "guide",
        "int16*1 int16*1 int16*1 int16*1 int64 int64*1 int64*1 int64*2 int16*1",
    ),
    "squares_cuda": ("postprocess", "blocks", "int16*1 int64 int64 int64*2 int64*1 uint32*3"),
    "spread_cuda": ("postprocess", "blocks", "uint32*3 int64 int64*1 int64*1 uint8*1"),
    "read_cuda": ("postprocess", "steady", "int64*1 float64*2 float32*2"),
    "energy_cuda": (
        "postprocess", "steady", "float32*2 float32*2 float32*2 float32*2 float64*1",
    ),
    "cut_cuda": ("postprocess", "steady", "float64*1 int64 float64*1"),
    "apart_cuda": ("postprocess", "steady", "float32*2 float32*2 float32*2"),
    "jumps_cuda": ("postprocess", "steady", "float32*2 float32*3 uint8*2 uint8*2"),
    "fast_cuda": (
        "postprocess", "steady",
        "float32*2 float32*2 float32*2 float32*2 float32*2 float32*2 uint8*2 uint8*2 uint8*2 "
        "float32*2 float32*2 float64*1",
    ),
    "moving_cuda": ("postprocess", "steady", "float32*2 float32*2 uint8*2 uint8*2"),
    "decide_cuda": ("postprocess", "steady", "uint8*2 uint8*2 uint8*2 uint8*2 uint8*2"),
    "background_cuda": ("postprocess", "steady_fit", "float32*2 float32*2"),
    "fit_cuda": (
        "postprocess", "steady_fit",
        "float32*2 float32*2 uint8*2 float32*2 float64*2 int64*1 float64*1",
    ),
    "whole_cuda": ("postprocess", "steady_fit", "float64*2 int64*1 int64 float64*3 float64*1"),
    "light_cuda": ("postprocess", "steady_fit", "float32*2 float32*2 float64*3 float64*1"),
    "tile_columns_cuda": (
        "postprocess", "steady", "float32*2 float32*2 uint8*2 float64*2 float64*2 float64*1",
    ),
    "tiles_cuda": ("postprocess", "steady", "float64*2 float64*2 int64 uint8*2 float64*1"),
    "slow_cuda": (
        "postprocess", "steady",
        "float32*2 float32*2 float32*2 float32*2 float32*2 float32*2 uint8*2 uint8*2 uint8*2 "
        "uint8*2 float32*2 float32*2 float64*1",
    ),
    "restart_cuda": (
        "postprocess", "steady",
        "float32*2 float32*2 float32*2 float32*2 float32*2 float32*2 uint8*2 uint8*2 float32*2 "
        "float32*2 int64 float64*1",
    ),
    "busy_cuda": ("postprocess", "steady", "uint8*2 int64*1"),
    "share_cuda": ("postprocess", "steady", "int64*1 int64 float64*1"),
    "pooled_cuda": ("postprocess", "steady", "uint8*2 int64 uint8*2"),
    "begin_cuda": ("postprocess", "steady", "float64*1"),
    "as_told_cuda": ("postprocess", "steady", "float64*1 float64*1"),
    "block_marks_cuda": (
        "postprocess", "steady_denoise",
        "float32*2 float32*2 float32*2 int64 float64*1 uint8*2",
    ),
    "turns_cuda": (
        "postprocess", "steady_denoise",
        "uint8*2 int64*2 int64 int64 float64*1 uint8*2 uint8*2",
    ),
    "fresh_cuda": (
        "postprocess", "steady_denoise",
        "float32*2 float32*2 float32*2 float32*2 float32*1 int64 float64*1 uint8*2 float32*1 "
        "float32*1 float32*1",
    ),
    "steady_sweep_cuda": (
        "postprocess", "steady_denoise",
        "float32*1 float32*1 uint8*2 int64 int64 int64 int64 float32*1",
    ),
    "steady_finish_cuda": (
        "postprocess", "steady_denoise",
        "float32*1 float32*1 uint8*2 int64 int64 int64 int16*1",
    ),
    "single_pixels_cuda": ("postprocess", "steady_denoise", "float32*2 float32*1 int16*1"),
    "take_over_cuda": (
        "postprocess", "steady_frame",
        "float32*2 float32*2 float32*2 float32*2 uint8*2 uint8*2 int64 int64 float32*1 float32*2 "
        "float32*2 float32*2 float32*2 float32*2 uint8*2 uint8*2",
    ),
    "note_cuda": ("postprocess", "steady_frame", "float64*1 int64 float64 float64*1"),
    "middle_cuda": ("postprocess", "steady_frame", "float32*2 int64 float64 int64 int64*2"),
    "sums_cuda": ("postprocess", "steady_frame", "float32*2 float64*2 int64*1"),
    "steady_residues_cuda": (
        "postprocess", "steady_filter", "float32*2 int16*1 int64*1 int32*1",
    ),
    "steady_filter_cuda": (
        "postprocess", "steady_filter",
        "float32*2 int16*1 int32*1 int64*1 float32*1 int32*2 uint8*2 int16*1",
    ),
    "steady_inputs_cuda": (
        "postprocess", "steady_polish", "int16*1 int32*1 int64*1 int64*1 float32*1 int16*3",
    ),
    "steady_hidden_cuda": (
        "postprocess", "steady_polish",
        "float32*2 int16*3 float32*1 float32*1 int32*2 float32*2 uint8*2 int16*3",
    ),
    "steady_polish_cuda": (
        "postprocess", "steady_polish",
        "float32*2 int16*1 int16*3 int64*1 float32*1 int32*2 float32*1 uint8*2 int16*1",
    ),
}  # fmt: skip
# From the name of such a function to the next one, or to the end.
_INTERNAL = re.compile(
    r"^\$__internal_\d+_\$__cuda_sm\d\w_(?:div|d?sqrt)_\w+:.*?(?=^\s+\.weak|^\s*\.section|\Z)",
    re.MULTILINE | re.DOTALL,
)
PRIVATE = [name for name, (side, *_) in KERNELS.items() if side == "mechanism"]


@dataclass(frozen=True)
class Compiled:
    """PTX of a kernel, what ptxas says of it, and where its machine code lies."""

    ptx: str
    report: str
    binary: Path


def missing():
    """Name what the compilation lacks, or nothing."""
    if find_spec("numba_cuda") is None:
        return "numba-cuda is not installed; pip install '.[ptx]'"
    for name in ("ptxas", "nvdisasm"):
        if program(name) is None:
            return f"no {name}; pip install '.[ptx]'"
    return ""


def program(name):
    """Return the path of a program of the toolkit: of the installed wheel, else on the path."""
    spec = find_spec("nvidia")
    folders = list(spec.submodule_search_locations) if spec else []
    wheels = [path for folder in folders for path in Path(folder).glob(f"*/bin/{name}")]
    return str(wheels[0]) if wheels else shutil.which(name)


def module_of(name):
    """Return a kernel's module."""
    side, stage, _ = KERNELS[name]
    return import_module(f"numbadp.{side}.kernels.{stage}_cuda")


@cache
def compiled(name, architecture, folder):
    """Compile a kernel for a compute capability."""
    ptx = compiled_ptx(getattr(module_of(name), name).py_func, KERNELS[name][2], architecture)
    return assembled(name, ptx, architecture, folder)


def assembled(name, ptx, architecture, folder):
    """Assemble PTX for a compute capability, into a folder."""
    target = "sm_{}{}".format(*architecture)
    source, binary = (Path(folder) / f"{name}.{kind}" for kind in ("ptx", f"{target}.cubin"))
    source.write_text(ptx)
    report = _run(program("ptxas"), "-v", f"-arch={target}", source, "-o", binary)[1]
    return Compiled(ptx, report, binary)


def compiled_ptx(function, kinds, architecture):
    """Compile a function as a kernel of such arguments to PTX, as if such a device were there."""
    from numba import cuda

    def pretend():
        return SimpleNamespace(compute_capability=architecture)

    with mock.patch("numba.cuda.dispatcher.get_current_device", pretend):
        return cuda.compile_ptx(function, _signature(kinds), cc=architecture)[0]


def instructions(binary):
    """Return the machine instructions of a kernel, in order: words like ``FADD.FTZ``.

    Those of the assembler's own functions for quotients and roots are left out.
    """
    listing = _run(program("nvdisasm"), "-c", binary)[0]
    return re.findall(
        r"^\s*/\*[0-9a-f]{4,}\*/\s+(?:@!?\w+\s+)?([A-Z][\w.]*)",
        _INTERNAL.sub("", listing), re.MULTILINE,
    )  # fmt: skip


def _run(*command):
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def _signature(kinds):
    from numba.cuda import types

    def kind(text):
        scalar, _, dimensions = text.partition("*")
        base = getattr(types, scalar)
        return types.Array(base, int(dimensions), "C") if dimensions else base

    return types.void(*map(kind, kinds.split()))
