"""``numbadp doctor``: versions, processor, caches, backends, and a small self check."""

import io
import math
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory

from numbadp._version import __version__
from numbadp.checks import STYLES
from numbadp.cli.kernels import announce_compilation
from numbadp.cli.terminal import Terminal, shown

_PACKAGES = ("numpy", "numba", "llvmlite", "pillow", "tqdm", "filelock")
_VECTORS = ("avx512f", "avx2", "sse4.2", "neon")
# RFC 8439, section 2.3.2: key 00 01 .. 1f, block 1, nonce 000000090000004a00000000.
_RFC_ADDRESS = (1, 0x09000000, 0x4A000000, 0)
_RFC_WORDS = (
    0xE4E7F110, 0x15593BD1, 0x1FDD0F50, 0xC47120A3, 0xC7F4D1C7, 0x0368C033, 0x9AAA2204, 0x4E6CD4C3,
    0x466482D2, 0x09AA9F07, 0x05D7C214, 0xA2028BD9, 0xD19C12B5, 0xB94E16DE, 0xE883D0CB, 0x4E3C50A2,
)  # fmt: skip
_SIDE, _GREY = 48, 128


def run(options) -> int:
    """Examine the installation.

    Parameters
    ----------
    options : argparse.Namespace
        Unused.

    Returns
    -------
    int
        0 if everything works, else 1.
    """
    for name, value in _facts():
        print(shown(f"{name:<14}{value}"))
    announce_compilation(Terminal(quiet=False))
    failed = 0
    for name, check in _CHECKS:
        try:
            verdict = "ok" if check() else "FAILED: wrong result"
        except Exception as error:  # whatever is wrong with it is what we are here to say
            verdict = f"FAILED: {type(error).__name__}: {shown(error)}"
        failed += verdict != "ok"
        print(shown(f"{'check':<14}{name}: {verdict}"))
    print("everything works" if not failed else "something is broken: see the lines above")
    return 1 if failed else 0


def _facts():
    from numbadp.compute.backend import backends
    from numbadp.compute.workers import THREAD_LIMITS, thread_count

    yield "numbadp", __version__
    yield "python", f"{platform.python_version()} ({platform.platform()})"
    for package in _PACKAGES:
        yield package, _version(package)
    yield "cores", os.cpu_count()
    yield "threads", f"{thread_count()} (at most {', '.join(THREAD_LIMITS)}, where set)"
    yield "processor", _processor()
    yield from _cache()
    for backend in backends():
        state = "available" if backend.available else f"no: {backend.reason}; {backend.remedy}"
        yield "backend", f"{backend.name}: {state}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    from llvmlite import binding

    try:
        features = binding.get_host_cpu_features()
    except RuntimeError:  # LLVM cannot tell on every platform
        features = {}
    found = [name for name in _VECTORS if features.get(name)]
    return f"{binding.get_host_cpu_name()}, vectors: {', '.join(found) or 'unknown'}"


def _cache():
    from numbadp.compute.kernel_folder import kept_kernels, kernel_folder

    found = kernel_folder()
    if found.path is None:
        yield "kernel cache", f"off: {shown(found.reason)}; kernels are compiled at every start"
        yield "", f"remedy: {shown(found.remedy)}"
        return
    number, size = kept_kernels(found.path)
    writable = os.access(found.path, os.W_OK)
    state = "" if writable else f": it cannot be written; run: chmod 700 {shown(found.path)}"
    yield "kernel cache", f"{shown(found.path)}{state}"
    yield "", "NUMBADP_CACHE_DIR names another place, NUMBADP_CACHE=0 switches it off"
    yield "cache size", f"{size / 1e6:.1f} MB"
    yield "kernels", f"{number} cached" if number else "none cached yet"


def _cipher_is_right() -> bool:
    import numpy as np

    from numbadp.compute.jit import jit
    from numbadp.mechanism.kernels.chacha_body import build_block

    key = np.frombuffer(bytes(range(32)), "<u4").astype(np.uint32)
    words = build_block(jit)(key, *map(np.uint64, _RFC_ADDRESS))
    return tuple(map(int, words)) == _RFC_WORDS


def _vectors_are_right() -> bool:
    """Compare noise that is made of vectors with single draws of the same known key; no picture."""
    import numpy as np

    from numbadp.mechanism.entropy import KEY_BYTES
    from numbadp.mechanism.kernels.noise_cpu import DRAWS, add_noise_range, draw
    from numbadp.mechanism.noise import noise_tables
    from numbadp.mechanism.planning import build_plan

    shape = (_SIDE, _SIDE, 3)
    plan = build_plan(shape, epsilon=1, cell=4)
    key = np.frombuffer(bytes(range(KEY_BYTES)), "<u4").astype(np.uint32)
    tables, image = noise_tables(plan), np.uint64(0)
    tag, cuts, bits = tables.tags[0], tables.cuts[0], tables.bits[0]
    noise, lanes = np.zeros(math.prod(plan.planes[0].grid), np.int64), np.empty(DRAWS, np.int64)
    add_noise_range(noise, 0, noise.size, 0, key, image, tag, cuts, bits, lanes)
    singly = [draw(key, np.uint64(n), image, tag, cuts, bits) for n in range(noise.size)]
    return noise.tolist() == singly


def _pipeline_works() -> bool:
    release = _release()
    return all(release.render(style).shape == (_SIDE, _SIDE, 3) for style in STYLES)


def _outside_stays() -> bool:
    painted = _release(boxes=[(0, 0, _SIDE // 2, _SIDE)]).render()
    return bool((painted[:, _SIDE // 2 :] == _GREY).all())


def _ledger_is_kept() -> bool:
    """In a file, as runs share it: this is what needs the package filelock."""
    from numbadp.accounting.ledger import Ledger

    with TemporaryDirectory() as folder:
        path = Path(folder, "ledger.json")
        _release(ledger=Ledger(3, path=path))
        _release(ledger=Ledger(3, path=path))
        return Ledger.load(path).spent == 2


def _file_is_read_back() -> bool:
    from numbadp.release.loading import load

    release, stream = _release(), io.BytesIO()
    release.save(stream)
    stream.seek(0)
    return bool((load(stream).render() == release.render()).all())


def _noise_is_fresh() -> bool:
    first, second = _release(), _release()
    return any((a != b).any() for a, b in zip(first.values, second.values, strict=True))


def _release(**options):
    import numpy as np

    from numbadp.mechanism import pixelize

    return pixelize(np.full((_SIDE, _SIDE, 3), _GREY, np.uint8), epsilon=1, **options)


_CHECKS = (
    ("the compiled cipher gives the known answer of RFC 8439", _cipher_is_right),
    ("noise of many cells at once equals noise cell by cell", _vectors_are_right),
    ("a small picture is pixelized and rendered in every style", _pipeline_works),
    ("pixels outside of a box stay as they are", _outside_stays),
    ("two releases of a picture differ", _noise_is_fresh),
    ("a ledger in a file is charged by both", _ledger_is_kept),
    ("a release file is read back", _file_is_read_back),
)
