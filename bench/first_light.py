"""Stages of first_light.sh: ``python -m bench.first_light STAGE FILE``.

Each writes its file early and replaces it as a whole, so that what was found before a fault stays.
Nothing but the standard library is imported before a stage begins.
"""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
import traceback
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

SIDE = 64
PACKAGES = (
    "numba-cuda", "numba", "llvmlite", "numpy", "cuda-bindings", "cuda-core", "cuda-pathfinder",
    "nvidia-nvvm", "nvidia-cuda-nvcc", "nvidia-cuda-nvrtc", "nvidia-nvjitlink",
    "nvidia-cuda-runtime", "torch", "cupy-cuda12x", "cupy-cuda13x", "pillow", "pytest",
    "hypothesis",
)  # fmt: skip
_SMI = (
    "name", "driver_version", "memory.total", "compute_cap", "pstate", "clocks.sm",
    "clocks.max.sm", "clocks.mem", "clocks.max.mem", "power.limit",
)  # fmt: skip
_LIBRARIES = ("cudart", "nvvm", "nvrtc", "nvJitLink")
CHECKS = ("memcheck", "racecheck")
# Small rows of the tests' tables that between them launch every kernel.
SMALL = (
    "ygo-even", "ygo-coarse-ragged", "batch-rgb", "grey-two-blocks", "private-mixed-blocks",
    "exact-batch-grey", "boxes-uniform-rgb", "film-grey", "film-other-cells", "film-pixels",
)  # fmt: skip


def write(path: Path, found: dict) -> None:
    """Replace a JSON file in one step."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(found, indent=1, default=str) + "\n", "utf-8")
    part.replace(path)


def examine(path: Path) -> bool:
    """The device, its driver, the toolkit, and the versions of what drives it."""
    found = {
        "python": platform.python_version(), "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(), "cores": os.cpu_count(),
        "packages": {p: facts for p in PACKAGES if (facts := _package(p))},
        "toolkit": _toolkit(), "smi": _smi(),
    }  # fmt: skip
    write(path, found)
    return _tried(found, path, "device", _device)


def _package(name: str) -> dict | None:
    from bench.first_light_packages import NEEDED, state_of

    try:
        home = Path(str(distribution(name).locate_file("")))
    except PackageNotFoundError:
        return {"version": None, "works": False} if name in NEEDED else None
    version, works = state_of(name)
    site = os.environ.get("FIRST_LIGHT_SITE")
    carried = bool(site) and home.resolve() == Path(site).resolve()
    return {"version": version, "works": works, "from_wheels": carried}


def _toolkit() -> dict:
    """What compiles kernels, and what finds it."""
    nvcc = find_tool("nvcc")
    return {
        "nvcc": _output(nvcc, "--version").splitlines()[-1:] if nvcc else [],
        "sanitizer": bool(find_tool("compute-sanitizer")),
        "libraries": {name: _found_via(name) for name in _LIBRARIES},
    }


def _found_via(library: str) -> str:
    try:
        from cuda import pathfinder

        return str(pathfinder.load_nvidia_dynamic_lib(library).found_via)
    except Exception as error:
        return f"not found: {type(error).__name__}"


def _smi() -> dict:
    tool = find_tool("nvidia-smi")
    if tool is None:
        return {}
    text = _output(tool, f"--query-gpu={','.join(_SMI)}", "--format=csv,noheader")
    return dict(zip(_SMI, (word.strip() for word in text.split(",")), strict=False))


def _device() -> dict:
    from bench.gpu import Clock, describe_device
    from numbadp.compute.backend import backends

    (cuda,) = (b for b in backends() if b.name == "cuda")
    if not cuda.available:
        raise RuntimeError(f"{cuda.reason}; {cuda.remedy}")
    return describe_device(Clock())


def hello(path: Path) -> bool:
    """Import, and one small release that equals the CPU's in all that it shows."""
    found = {}
    return _tried(found, path, "hello", lambda: _hello(found, path))


def _hello(found: dict, path: Path) -> dict:
    import numpy as np

    from bench.pictures import photo_of_size
    from numbadp import Pixelizer
    from numbadp.compute.forgetting import Scratch
    from numbadp.mechanism import _pixelize
    from numbadp.mechanism.entropy import Key, fresh_key

    picture, steps = photo_of_size(SIDE, SIDE), {}
    plan = Pixelizer(picture.shape, epsilon=1).plan
    material = fresh_key(Scratch()).words.tobytes()

    def step(name, work):
        began = time.perf_counter()
        result = work()
        steps[name] = {"seconds": time.perf_counter() - began}
        write(path, found | {"steps": steps})
        return result

    def same(name, ours, theirs):
        steps[name]["equal"] = bool(np.array_equal(ours, theirs))
        steps[name]["differ"] = int(np.count_nonzero(np.asarray(ours) != np.asarray(theirs)))

    cuda = step("import", _cuda)
    ours = step("on the CPU", lambda: _pixelize(picture, plan, Key(material)))
    resident = step("upload", lambda: cuda.to_device(picture))
    theirs = step("release", lambda: _pixelize(resident, plan, Key(material)))
    values = step("values", lambda: theirs.to_host().values)
    for k, (a, b) in enumerate(zip(ours.values, values, strict=True)):
        steps[f"plane {k}"] = {}
        same(f"plane {k}", a, b)
    for style in _styles():
        same(
            style, ours.render(style), step(style, lambda s=style: theirs.render(s).copy_to_host())
        )
    wrong = [name for name, entry in steps.items() if not entry.get("equal", True)]
    found["steps"] = steps
    if wrong:
        raise AssertionError(f"the GPU differs from the CPU in: {', '.join(wrong)}")
    return {"equal": True}


def _cuda():
    from numbadp.compute.gpu import cuda

    return cuda


def _styles() -> tuple[str, ...]:
    """All styles; in the simulator, where a barrier costs a millisecond a thread, the plain one."""
    from numbadp.compute.backend import simulated

    return ("cells",) if simulated() else ("cells", "mosaic", "smooth")


def sanitize(path: Path) -> bool:
    """compute-sanitizer's memory and race checks over small rows of the equality tests."""
    tool = find_tool("compute-sanitizer")
    found = {"tool": "present" if tool else "absent", "checks": {}}
    write(path, found)
    if tool is None:
        return True
    share = max(1.0, (float(os.environ.get("FIRST_LIGHT_SECONDS", "70")) - 4) / len(CHECKS))
    good = True
    for check in CHECKS:
        found["checks"][check] = _checked(tool, check, share)
        good = good and found["checks"][check]["exit"] == 0
        write(path, found)
    return good


def _checked(tool: str, check: str, most: float) -> dict:
    command = [
        tool, "--tool", check, "--error-exitcode", "9", sys.executable, "-m", "pytest", "-q", "-m",
        "gpu", "-p", "no:cacheprovider", "-o", "filterwarnings=default", "tests/test_on_gpu.py",
        "-k", " or ".join(f"[{name}]" for name in SMALL),
    ]  # fmt: skip
    began = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=most, check=False)
        code, text = done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired as late:
        code, text = 124, (late.stdout or b"").decode(errors="replace")
    told = [line for line in text.splitlines() if re.match(r"=+ ", line)]
    return {
        "exit": code, "seconds": time.monotonic() - began,
        "summary": [line for line in told if "SUMMARY" in line], "told": told[:60],
        "end": text.splitlines()[-15:],
    }  # fmt: skip


def profile(path: Path) -> bool:
    """Time, bytes and share of the copy rate of every kernel."""
    from bench.first_light_profile import measure_kernels

    found = {}
    return _tried(found, path, "profile", lambda: measure_kernels(lambda f: write(path, f)))


def find_tool(name: str) -> str | None:
    """Path of a program of the toolkit: on the path, in its folder, or from a wheel."""
    if found := shutil.which(name):
        return found
    homes = [os.environ.get("CUDA_HOME", ""), "/usr/local/cuda"]
    places = [Path(home, "bin", name) for home in homes if home]
    places += Path(os.environ.get("FIRST_LIGHT_SITE", "/nowhere")).glob(f"nvidia/*/bin/{name}")
    return next((str(place) for place in places if os.access(place, os.X_OK)), None)


def _output(*command: str) -> str:
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=10, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _tried(found: dict, path: Path, name: str, work) -> bool:
    """Keep what a piece of work found, or why it did not; tell whether it worked."""
    try:
        found[name] = work()
        return True
    except Exception:
        found["error"] = traceback.format_exc()[-6000:]
        print(found["error"], file=sys.stderr)
        return False
    finally:
        write(path, found)


STAGES = {"env": examine, "hello": hello, "sanitizer": sanitize, "profile": profile}

if __name__ == "__main__":
    sys.exit(0 if STAGES[sys.argv[1]](Path(sys.argv[2])) else 1)
