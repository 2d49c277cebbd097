"""Keys that a test's name fixes: no test fails by chance, and no fault is caught by chance."""

import importlib.util
import os
import sys
from contextlib import contextmanager

import numpy as np

_MODULE = "numbadp.mechanism.entropy"
_stream, _process = None, 0  # while a test runs, and where


@contextmanager
def fixed_by(name):
    """Draw what the system's generator is asked for from a stream of our own, in this process."""
    global _stream, _process
    before = _stream, _process
    _stream, _process = np.random.default_rng([*name.encode()]), os.getpid()
    try:
        yield
    finally:
        _stream, _process = before


def _drawing_from_streams(fresh):
    """Put a stream, while there is one, in the place of the system's generator."""

    def draw_into(words):
        if _stream is None or os.getpid() != _process:  # a fork has no key of its parent's
            fresh(words)
        else:
            words[...] = _stream.integers(1 << 32, size=words.shape, dtype=np.uint32)

    return draw_into


def _take_the_place_of_the_generator(module):
    module.draw_into = _drawing_from_streams(module.draw_into)


class _Finder:
    """Prepares the module when it is imported: no test imports it for this alone."""

    def find_spec(self, name, path=None, target=None):
        if name != _MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            _take_the_place_of_the_generator(module)

        spec.loader.exec_module = exec_module
        return spec


def prepare():
    """Be there when the package is imported, or now if it was."""
    if _MODULE in sys.modules:
        _take_the_place_of_the_generator(sys.modules[_MODULE])
    else:
        sys.meta_path.insert(0, _Finder())
