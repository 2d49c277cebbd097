"""What a debugger would find: a child's writable memory, read and searched by its parent.

The child never holds what is looked for in the form that is looked for: it hands out keys masked,
and pictures travel as planes, so that neither the search nor the test plants what it finds.
"""

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import numbadp

MASK = np.uint32(0x9E3779B9)
TESTS = Path(__file__).parent
_PIECE = 1 << 26

can_search = pytest.mark.skipif(
    not os.access("/proc/self/mem", os.R_OK), reason="this system does not show memory as files"
)

START = """
import sys
import numpy as np
import numbadp
from numbadp.compute import workers
from numbadp.mechanism import entropy

MASK, draw_into, masked = np.uint32(0x9E3779B9), entropy.draw_into, []

def draw_and_tell(words):
    draw_into(words)
    if words.nbytes == entropy.KEY_BYTES:  # names of releases are public
        masked.append(words ^ MASK)

entropy.draw_into = draw_and_tell

def planes(height, width, salt=0):
    # The planes of `picture`, each in memory of its own.
    size = np.arange(height * width, dtype=np.uint64).reshape(height, width)
    for c in range(3):
        mixed = (size + np.uint64(salt + c * 1000003)) * np.uint64(0x9E3779B97F4A7C15)
        yield (mixed >> np.uint64(40)).astype(np.uint8)

def wait():
    print("masked", *(m.tobytes().hex() for m in masked), flush=True)
    sys.stdin.readline()
"""


def picture(height, width, salt=0):
    """The child's picture, H x W x 3."""
    scope = {}
    exec(START[START.index("def planes") : START.index("def wait")], {"np": np}, scope)
    return np.stack(list(scope["planes"](height, width, salt)), axis=2)


@contextmanager
def child(script):
    """Run a script that ends with ``wait()``; yield its process and the keys that it drew."""
    environment = os.environ | {"PYTHONPATH": f"{Path(numbadp.__file__).parents[1]}:{TESTS}"}
    process = subprocess.Popen(
        [sys.executable, "-c", START + script], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, env=environment,
    )  # fmt: skip
    try:
        word, *told = process.stdout.readline().split() or ["nothing"]
        assert word == "masked", "the child failed"
        yield process, [np.frombuffer(bytes.fromhex(t), np.uint32) ^ MASK for t in told]
    finally:
        process.stdin.close()
        process.wait(300)
        process.stdout.close()


def writable(pid):
    """Yield the writable memory of a process, in pieces that overlap by a page."""
    ranges = re.findall(r"^(\w+)-(\w+) rw\S+ (?:\S+ ){3} *(.*)$", _maps(pid), re.MULTILINE)
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for first, last, name in ranges:
            if name in ("[vvar]", "[vsyscall]"):
                continue
            for at in range(int(first, 16), int(last, 16), _PIECE - 4096):
                memory.seek(at)
                try:
                    yield memory.read(min(_PIECE, int(last, 16) - at))
                except OSError:
                    continue  # a device's memory


def _maps(pid):
    return Path(f"/proc/{pid}/maps").read_text()


def found(pid, patterns):
    """Return the names of the patterns, a dictionary of bytes, that lie in writable memory."""
    seen = set()
    for piece in writable(pid):
        for name, pattern in patterns.items():
            if name not in seen and pattern in piece:
                seen.add(name)
    return seen


def found_keys(pid, keys):
    """Return which keys lie in writable memory: as they are, or a word repeated, as in vectors."""
    seen = found(pid, {f"key {n}": key.tobytes() for n, key in enumerate(keys)})
    names = {int(w): f"key {n} word {i}" for n, key in enumerate(keys) for i, w in enumerate(key)}
    for piece in writable(pid):
        words = np.frombuffer(piece, np.uint32, len(piece) // 4)
        twice = words[:-1][(words[:-1] == words[1:]) & (words[:-1] != 0)]
        seen |= {names[w] for w in np.unique(twice[np.isin(twice, list(names))]).tolist()}
    return seen


def of_rows(image, count=12, length=48):
    """Patterns of a picture: pieces of rows of it, as they are in an array."""
    steps = np.linspace(0, image.shape[0] - 1, count).astype(int)
    flat = image.reshape(image.shape[0], -1)
    return {f"row {y}": flat[y, 7 * y % 64 :][:length].tobytes() for y in steps}
