"""The mechanism as plain Python: the kernels' own source, uncompiled, with an instrumented cipher.

Only what has no Python meaning is replaced: the atomic counter, and the vector sampler, which the
scalar one stands for (tests/mechanism/kernels/test_noise_cpu.py: equal bit for bit).
"""

import importlib
import importlib.util
import sys

import numpy as np

import numbadp.compute.jit
from numbadp.mechanism import running
from numbadp.mechanism.kernels import chacha_body, noise_body

KERNELS = ("measure_cpu", "noise_cpu", "release_cpu", "leaves_cpu", "splits_cpu")
PREFIX = "numbadp.mechanism.kernels."
for _name in KERNELS:  # what they import below a patch would stay plain for good
    importlib.import_module(PREFIX + _name)
compiled_block = chacha_body.build_block(numbadp.compute.jit.jit)


def next_item(counter):
    """Take the next work item."""
    counter[0] += 1
    return counter[0] - 1


class Recorder:
    """What a release asks of the source of randomness, and which lines it runs.

    Attributes
    ----------
    blocks : list of tuple
        Address of every keystream block, in order.
    stages : list of tuple
        Kernel, number of work items, cost and public arguments of every stage.
    lines : list of tuple
        Function and line of everything that was executed below numbadp/mechanism.
    """

    def __init__(self):
        self.blocks, self.stages, self.lines = [], [], []

    def build_block(self, jit):
        """Bind a block function that writes down its address."""

        def block(key, *address):
            self.blocks.append(tuple(map(int, address)))
            return compiled_block(key, *map(np.uint64, address))

        return block

    def drain(self, kernel, items, cost, pictures, *arguments):
        """Run a stage alone; write down what is public about it."""
        public = tuple(map(_public, arguments))
        self.stages.append((kernel.__name__, items, cost, pictures.shape, public))
        kernel(np.zeros(1, np.int64), items, pictures, *arguments)

    def trace(self, frame, event, argument):
        """Write down lines; for ``sys.settrace``."""
        if "numbadp/mechanism" not in frame.f_code.co_filename.replace("\\", "/"):
            return None
        self.lines.append((frame.f_code.co_name, frame.f_lineno))
        return self.trace


def _public(argument):
    """Shapes of what is written to, contents of what is read: tables and numbers."""
    if isinstance(argument, tuple):
        return tuple(map(_public, argument))
    if isinstance(argument, np.ndarray):
        kind = (argument.shape, str(argument.dtype))
        return kind if argument.flags.writeable else (*kind, argument.tobytes())
    return argument


def make_plain(monkeypatch):
    """Put plain copies of the kernels in the place of the compiled ones; return their recorder."""
    recorder = Recorder()
    for name in ("jit", "jit_inline", "jit_shared"):
        monkeypatch.setattr(numbadp.compute.jit, name, lambda function: function)
    monkeypatch.setattr("numbadp.compute.lanes.next_item", next_item)
    monkeypatch.setattr(noise_body, "build_block", recorder.build_block)
    monkeypatch.setattr(running, "drain", recorder.drain)
    monkeypatch.setattr("numbadp.mechanism.leaves.drain", recorder.drain)
    for name in KERNELS:
        spec = importlib.util.find_spec(PREFIX + name)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, PREFIX + name, module)
        spec.loader.exec_module(module)
        if name == "noise_cpu":
            module.draw_lanes = draw_singly(module.draw)
    return recorder


def draw_singly(draw):
    """Stand for the vector sampler: one address after the other."""

    def draw_lanes(cell, count, key, image, tag, cuts, bits, lanes):
        for i in range(count):
            lanes[i] = draw(key, np.uint64(cell + i), image, tag, cuts, bits)

    return draw_lanes


def traced(recorder, run):
    """Run something with every line written down."""
    before = sys.gettrace()
    sys.settrace(recorder.trace)
    try:
        return run()
    finally:
        sys.settrace(before)
