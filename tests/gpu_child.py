"""What the CUDA kernels make of small pictures, written to a file; run in a process of its own.

``NUMBA_ENABLE_CUDASIM=1 python tests/gpu_child.py FILE [ROW ...]`` runs the rows in Numba's
simulator, with small blocks; with ``NUMBA_DISABLE_JIT=1`` beside it every line is plain Python, and
coverage sees it.
"""

import sys
import time
import warnings
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from cases import BY_ID, Case, fixed_key, picture  # noqa: E402
from gpu_layouts import LineCoverage, run_mixed, run_mixed_failures, run_mixed_host  # noqa: E402
from gpu_pools import run_pools  # noqa: E402
from gpu_steady import run_steady  # noqa: E402
from gpu_temporal import run_temporal  # noqa: E402

SMALL_BLOCK = 16  # threads
ITERATIONS = 3  # of the reconstruction, in the child and in what it is compared with
RELEASES = (
    "grey-one-pixel", "grey-row", "grey-ragged", "grey-with-channel", "grey-cell-1", "grey-uniform",
    "grey-two-blocks", "grey-tiny-scale", "ygo-even", "ygo-coarse-ragged", "ygo-cell-1",
    "ygo-uniform", "ygo-mixed-blocks", "rgb-ragged", "batch-grey", "batch-one", "batch-ygo-coarse",
    "batch-rgb",
)  # fmt: skip
WIDE = (
    Case("wide-grey", (18, 32), "200", 1, {"cell": 8}),
    Case("wide-grey-cell-2", (5, 16), "200", 1, {"cell": 2}),
    Case("wide-ygo", (20, 32, 3), "60", 1, {"cell": 2}),
    Case("wide-ygo-cell-32", (35, 48, 3), "20", 1, {"cell": 32}),
    Case("wide-ygo-cell-16", (18, 32, 3), "20", 1, {"cell": 16}),
    Case("wide-ygo-cell-1", (3, 16, 3), "20", 1, {"cell": 1}),
    Case("wide-batch", (2, 17, 16, 3), "60", 1, {"cell": 4}),
)
PAINTED = (
    BY_ID["grey-cell-1"], BY_ID["ygo-uniform"], BY_ID["rgb-ragged"], BY_ID["batch-rgb"],
    Case("tiles-grey", (17, 14), "90", 1, {"cell": 2}),
    Case("tiles-ygo", (7, 10, 3), "30", 1, {"cell": 1}),
    Case("plain-ygo", (24, 32, 3), "3", 1, {"cell": 2}),
    Case("words-grey", (9, 16), "20", 1, {"cell": 8}),
    Case("follows-ygo", (21, 27, 3), "1", 1, {}),
)  # fmt: skip
STYLES = ("cells", "mosaic", "smooth", "blocks")


def memory_layouts():
    """Views of one picture of 18 x 32 x 3 with other strides, by name."""
    image = picture((18, 32, 3))
    planes = np.ascontiguousarray(image.transpose(2, 0, 1))
    padded = np.zeros((18, 48, 3), np.uint8)
    padded[:, :32] = image
    doubled = np.repeat(np.repeat(image, 2, 0), 2, 1)
    return image, {
        "planes": planes.transpose(1, 2, 0),
        "padded-rows": padded[:, :32],
        "every-other": doubled[::2, ::2],
        "upside-down": np.ascontiguousarray(image[::-1, ::-1])[::-1, ::-1],
        "transposed": np.ascontiguousarray(image.transpose(1, 0, 2)).transpose(1, 0, 2),
    }


LAYOUT_PLAN = Case("layouts", (18, 32, 3), "60", 1, {"cell": 4})


class Exported:
    """A view as another library would export it."""

    def __init__(self, view):
        self.view = view
        self.__cuda_array_interface__ = view.__array_interface__ | {"stream": None}


def keep(found, name, release):
    for k, value in enumerate(release.values):
        found[f"{name}/{k}"] = np.asarray(value.copy_to_host())


def released(image, case):
    from numbadp.mechanism import _pixelize

    return _pixelize(image, case.plan(), fixed_key())


def run_releases(found):
    from numbadp.compute.device import device_number
    from numbadp.compute.gpu import cuda
    from numbadp.mechanism.tables_cuda import tables_on_device

    for case in (*(BY_ID[i] for i in RELEASES), *WIDE):
        keep(found, case.id, released(cuda.to_device(case.image()), case))
        (units,) = tables_on_device(case.plan(), device_number()).scratch.values()
        found[f"{case.id}/units-left"] = np.asarray(units.sums.copy_to_host())


def run_layouts(found):
    for name, view in memory_layouts()[1].items():
        keep(found, f"layout-{name}", released(Exported(view), LAYOUT_PLAN))


def run_ties(found):
    """Every word is said to meet a cut: the scalar sampler draws every value."""
    from numbadp.compute.gpu import cuda
    from numbadp.mechanism.kernels import noise_cuda

    short = noise_cuda.draw_tops
    noise_cuda.draw_tops = lambda *_: (np.int64(12345), np.uint32(1))
    for name in ("batch-ygo-coarse", "grey-two-blocks"):
        keep(found, f"tied-{name}", released(cuda.to_device(BY_ID[name].image()), BY_ID[name]))
    noise_cuda.draw_tops = short


def run_few_blocks(found):
    """More pictures than blocks in y: kernels stride over them."""
    from numbadp.compute.gpu import cuda
    from numbadp.mechanism import run_cuda
    from numbadp.postprocess import painter_cuda, reconstruct_cuda

    modules = (run_cuda, painter_cuda, reconstruct_cuda)
    for module in modules:
        module.MOST_PICTURES = 2
    reconstruct_cuda._STATE_BYTES, whole = 1, reconstruct_cuda._STATE_BYTES
    case = BY_ID["batch-grey"]
    release = released(cuda.to_device(case.image()), case)
    keep(found, "strided", release)
    for style in STYLES:
        found[f"strided/{style}"] = release.render(style).copy_to_host()
    for module in modules:
        module.MOST_PICTURES = 65_535
    reconstruct_cuda._STATE_BYTES = whole


def run_failures(found):
    """A launch that fails leaves no sums behind."""
    from numbadp.compute.gpu import cuda
    from numbadp.mechanism.kernels import noise_cuda
    from numbadp.mechanism.tables_cuda import tables_on_device

    case = Case("fails", (16, 16), "30", 1, {"cell": 4})
    draw = noise_cuda.draw_tops

    def broken(*_):
        raise RuntimeError("no")

    noise_cuda.draw_tops = broken
    try:
        released(cuda.to_device(case.image()), case)
    except RuntimeError:
        found["failed/raised"] = np.ones(1)
    noise_cuda.draw_tops = draw
    (units,) = tables_on_device(case.plan(), 0).scratch.values()
    found["failed/units-left"] = np.asarray(units.sums.copy_to_host())


def run_painting(found):
    from numbadp.compute.gpu import cuda

    for case in PAINTED:
        release = released(cuda.to_device(case.image()), case)
        keep(found, case.id, release)
        for style in STYLES:
            found[f"{case.id}/{style}"] = release.render(style).copy_to_host()
        tree = release.quadtree()
        found[f"{case.id}/levels"], found[f"{case.id}/colors"] = tree.levels, tree.colors
    case = LAYOUT_PLAN
    release = released(cuda.to_device(case.image()), case)
    for style in STYLES:
        planes = np.zeros((3, 18, 32), np.uint8)
        out = Exported(planes.transpose(1, 2, 0))
        assert release.render(style, out=out) is out
        found[f"out-{style}"] = planes.transpose(1, 2, 0)
        found[f"in-{style}"] = release.render(style).copy_to_host()


def run_host(found):
    """Pictures in host memory with backend="cuda", by the public names, under a fixed key."""
    import pickle

    import numbadp
    from numbadp import mechanism

    mechanism.fresh_key = lambda own: fixed_key()
    image = picture((9, 19, 3))
    release = numbadp.pixelize(image[::-1], epsilon=30, m=1, cell=4, backend="cuda")
    for k, value in enumerate(release.values):
        found[f"host/{k}"] = value
    found["host/cells"] = release.render("cells")
    found["host/out"] = release.render("mosaic", out=np.empty(release.shape, np.uint8))
    found["host/levels"] = release.quadtree().levels
    onto = numbadp.Pixelizer((9, 19, 3), epsilon=30, m=1, cell=4, backend="cuda")(image[::-1])
    found["host/again"] = onto.values[0]
    device = numbadp.pixelize(Exported(image), epsilon=30, m=1, cell=4)
    again = pickle.loads(pickle.dumps(device))
    found["host/pickled"], found["host/down"] = again.values[0], device.to_host().values[0]
    found["host/array"] = np.asarray(device)
    found["host/pil"] = np.asarray(device.to_pil("cells"))


def run_cipher(found):
    """Blocks of RFC 8439 and of other addresses, whole and by their high halves."""
    from numbadp.compute.gpu import jit_device
    from numbadp.mechanism.kernels.chacha_cuda import build_block, top_words

    key = tuple(map(np.uint32, np.frombuffer(bytes(range(32)), "<u4")))
    for name, address in CIPHER.items():
        words = build_block(jit_device)(key, *map(np.uint64, address))
        found[f"cipher/{name}"] = np.array(words, np.uint64)
        found[f"cipher/{name}-tops"] = np.array(top_words(key, *map(np.uint32, address)), np.uint32)


CIPHER = {
    "rfc": (1, 0x09000000, 0x4A000000, 0),
    "full": (0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF),
    "zero": (0, 0, 0, 0),
}
ROWS = {
    "cipher": run_cipher, "releases": run_releases, "layouts": run_layouts, "ties": run_ties,
    "strides": run_few_blocks, "failures": run_failures, "painting": run_painting, "host": run_host,
    "mixed": run_mixed, "mixed-failures": run_mixed_failures, "mixed-host": run_mixed_host,
    "pools": run_pools, "steady": run_steady, "temporal": run_temporal,
}  # fmt: skip


def use_small_blocks():
    """Give planes of small pictures several blocks, the last of them partly used."""
    from numbadp.mechanism import run_cuda
    from numbadp.postprocess import painter_cuda
    from numbadp.postprocess.kernels import (
        reconstruct_leaves_cuda,
        steady_denoise_cuda,
        sweep_cuda,
    )
    from numbadp.release import temporal_cuda

    assert run_cuda and painter_cuda and temporal_cuda  # they import all others
    for name, module in list(sys.modules.items()):
        if name.startswith("numbadp.") and hasattr(module, "THREADS"):
            module.THREADS = SMALL_BLOCK
    sweep_cuda.ACROSS_BLOCK, sweep_cuda.DOWN_BLOCK, sweep_cuda.HALO = 10, 9, 2
    steady_denoise_cuda.ACROSS_BLOCK, steady_denoise_cuda.DOWN_BLOCK = 16, 9
    steady_denoise_cuda.HALO, reconstruct_leaves_cuda.LARGE_RISE = 1, 2


def main(path, *rows):
    # 32-bit words wrap by design; compiled code wraps without a word.
    warnings.filterwarnings("error")
    warnings.filterwarnings("ignore", "overflow encountered")
    from numbadp.postprocess import leaves_cuda, reconstruct_cuda

    use_small_blocks()
    reconstruct_cuda.ITERATIONS = leaves_cuda.ITERATIONS = ITERATIONS
    found = {}
    coverage = LineCoverage(Path(__file__).parents[1] / "numbadp")
    coverage.start()
    for row in rows or ROWS:
        began = time.monotonic()
        ROWS[row](found)
        print(row, f"{time.monotonic() - began:.1f} s", flush=True)
    found["lines-missing"] = np.array(coverage.missing(), dtype=str)
    np.savez(path, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
