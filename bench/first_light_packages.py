"""Which packages a bare machine lacks, and the wheels of a folder that bring them.

``python -m bench.first_light_packages FOLDER`` prints the wheels to put in front of what is
installed: those of packages that are absent or of a version that does not work here.  Nothing that
works is replaced.  Only the standard library is imported.
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

# Package -> first version that works, first that does not.
NEEDED = {
    "numpy": ((1, 26), (2, 5)),  # numba-cuda does not work with a newer one
    "numba": ((0, 66), None),
    "llvmlite": (None, None),
    "numba-cuda": ((0, 30), (0, 31)),
    "pillow": ((10,), None),
    "tqdm": ((4, 60), None),
    "filelock": ((3, 12), None),
    "pytest": ((8,), None),
    "pluggy": ((1, 6), None),
    "iniconfig": ((1, 1), None),
    "packaging": ((22,), None),
    "pygments": ((2, 7), None),
    "hypothesis": ((6, 100), None),
    "sortedcontainers": ((2, 1), None),
    "mpmath": ((1, 3), None),
}
# Tools, for machines that have none on the path.
TOOLS = {"nvidia-cuda-sanitizer-api": "compute-sanitizer"}


def state_of(package: str) -> tuple[str | None, bool]:
    """Version that is installed, if any, and whether it works."""
    try:
        found = distribution(package).version
    except PackageNotFoundError:
        return None, False
    low, high = NEEDED.get(package, (None, None))
    own = numbers(found)
    return found, (low is None or own >= low) and (high is None or own < high)


def numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version."""
    return tuple(map(int, re.match(r"\d+(?:\.\d+)*", version)[0].split(".")))


def wheels_to_take(folder: Path) -> list[Path]:
    """Wheels of what does not work as it is installed, by package."""
    found = []
    for package in (*NEEDED, *(tool for tool in TOOLS if tool_is_absent(tool))):
        if not state_of(package)[1]:
            found += sorted(folder.glob(f"{package.replace('-', '_')}-[0-9]*.whl"))[-1:]
    return found


def tool_is_absent(package: str) -> bool:
    """Whether the program of a package is neither on the path nor in the toolkit."""
    from bench.first_light import find_tool

    return find_tool(TOOLS[package]) is None


if __name__ == "__main__":
    for path in wheels_to_take(Path(sys.argv[1])):
        print(path)
