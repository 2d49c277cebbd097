"""Stages that see secrets: nothing that they saw is left on a stack.

Statement.  When `drain` returns or raises, nothing that the kernel left on the stack of a thread
  that ran it, or in its vector registers, holds a word of a key, a sum or a pixel.
Proof sketch.
  (1) Whoever runs the kernel, the caller or a helper, runs `wipe_stack` right behind it, which is
      called as the kernel was, so starts as high on the stack, and reaches down farther than the
      kernels' frames.
  (2) `wipe_stack` is compiled before the kernel runs.
  (3) One interrupt cannot keep both of its calls from happening.
Assumes.  Frames of kernels are no deeper than STACK_BYTES.
Tested by tests/mechanism/test_draining.py
"""

from numbadp.compute import workers

_NOTHING = ()


def drain(kernel, items: int, cost: float, *arguments) -> None:
    """Run a stage as `workers.drain` does, and overwrite what it left on every stack.

    Parameters
    ----------
    kernel : callable
        As there.
    items : int
        Number of work items.
    cost : float
        Rough cost of the whole stage on one core, in ns; from public numbers alone.
    *arguments
        Passed on.
    """
    workers.drain(traceless(kernel), items, cost, *arguments)


def traceless(kernel):
    """Follow every call of a kernel by `wipe_stack`.

    Parameters
    ----------
    kernel : callable
        A compiled kernel.

    Returns
    -------
    callable
        For the same arguments.
    """
    from numbadp.mechanism.kernels.stack_cpu import wipe_stack

    wipe_stack()  # step 2

    def run(*arguments):
        try:
            try:
                kernel(*arguments)
            finally:
                wipe_stack(*_NOTHING)  # step 1: the same way down as the kernel's
        finally:
            wipe_stack(*_NOTHING)  # step 3

    run.__name__ = kernel.__name__
    return run
