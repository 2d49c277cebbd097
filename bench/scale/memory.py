"""Memory of a worker beyond its interpreter, and of a driver whose queue is long."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.pictures import ROOT

FILM = 60  # frames
_WORKER = """\
import json, resource, sys
def now():
    return int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1])
before = now()
import numbadp
style = None if sys.argv[2].endswith(".mp4") else "mosaic"
pixelize = numbadp.batch.Pixelize(epsilon=1, m=16, store=numbadp.Store(sys.argv[1]), style=style)
for path in sys.argv[2:]:
    pixelize([path])
print(json.dumps({"before": before, "after": now()}))
"""

_DRIVER = """\
import json, sys
from numbadp.batch.engines import run_chunks
def now():
    return int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1])
def work(chunk):
    return chunk
def paths(count):
    for number in range(0, count, 4):
        yield [f"/a/folder/with/a/name/{number + k:09d}.jpg" for k in range(4)]
def drive(count):
    return sum(len(found) for _, found in run_chunks("threads", work, paths(count), 2, None))
drive(10_000)
before = now()
done = drive(int(sys.argv[1]))
print(json.dumps({"done": done, "before": before, "after": now()}))
"""

_COMMAND = """\
import json, sys
from numbadp.cli import main
def now():
    return int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1])
code = main(["pixelize", "@" + sys.argv[1], "-o", sys.argv[2], "--epsilon", "1", "--jobs", "2",
             "--payload", "release", "--quiet"])
print(json.dumps({"code": code, "after": now()}))
"""


def worker_memory(paths: list[str]) -> dict:
    """KiB at the peak, before and after releasing and painting some pictures in a new process.

    Of a video before and after releasing it.
    """
    with tempfile.TemporaryDirectory() as folder:
        return _run(_WORKER, folder, *paths)


def driver_memory(count: int) -> dict:
    """KiB at the peak, after a short queue and after a long one."""
    return _run(_DRIVER, str(count))


def command_memory(paths: list[str], count: int) -> dict:
    """KiB at the peak of the command line for lists of two lengths, of which few are pictures."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, length in (("short", count // 100), ("long", count)):
            names = Path(folder) / f"{name}.txt"
            with open(names, "w") as stream:
                for number in range(length):
                    stream.write(paths[number % len(paths)] + "\n")
            found[name] = _run(_COMMAND, str(names), str(Path(folder) / name))["after"]
    return found


def _run(script: str, *arguments: str) -> dict:
    command = [sys.executable, "-c", script, *arguments]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(found.stdout.splitlines()[-1])
