"""Memory that is used again and again is mapped once."""

import ctypes
import json
import subprocess
import sys

import pytest

from numbadp.compute import pages

# As pictures do: two large pieces at once, filled and let go; faults a turn, after the first ones.
_TURNS = """
import json, resource
from PIL import Image
from numbadp.compute.pages import keep_pages
{first}
def turn():
    pieces = [Image.new("RGB", (1920, 1080)) for _ in range(3)]
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(3):
    turn()
before = faults()
for _ in range(10):
    turn()
print(json.dumps((faults() - before) / 10))
"""


def _has_mallopt() -> bool:
    return sys.platform == "linux" and hasattr(ctypes.CDLL(None), "gnu_get_libc_version")


def _faults(first: str) -> float:
    script = _TURNS.format(first=first)
    return json.loads(subprocess.check_output([sys.executable, "-c", script]))


@pytest.mark.skipif(not _has_mallopt(), reason="needs glibc")
def test_pages_are_mapped_once():
    """Power: without it, some thousand faults a turn."""
    assert _faults("") > 1000
    assert _faults("keep_pages()") < 100


def test_it_is_chosen_once_a_process(monkeypatch):
    """And where there is nothing to choose, nothing happens."""
    asked = []

    class Library:
        def __init__(self, name):
            asked.append(name)

    monkeypatch.setattr(pages, "_done", [])
    monkeypatch.setattr(pages.ctypes, "CDLL", Library)
    pages.keep_pages()
    pages.keep_pages()
    assert asked == [None]


def test_both_thresholds_are_set(monkeypatch):
    """Either alone has pages mapped anew: at the end of a heap, or for what is large."""
    asked = []

    class Library:
        def __init__(self, name):
            self.mallopt = lambda *given: asked.append(given)

    monkeypatch.setattr(pages, "_done", [])
    monkeypatch.setattr(pages.ctypes, "CDLL", Library)
    pages.keep_pages()
    assert asked == [(-1, 1 << 27), (-3, 1 << 25)]
