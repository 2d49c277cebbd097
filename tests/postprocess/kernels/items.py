"""Ways to run a kernel that takes work items from a counter."""

from threading import Thread

import numpy as np


def run_from(kernel, first, items, *arguments):
    """Run the items from `first` on."""
    kernel(np.full(1, first, np.int64), items, *arguments)


def run_together(kernel, items, *arguments, threads=4):
    """Run all items on several threads that share one counter; one that hangs is left behind."""
    counter = np.zeros(1, np.int64)
    kernel(np.full(1, items, np.int64), items, *arguments)  # compiles
    rest = [
        Thread(target=kernel, args=(counter, items, *arguments), daemon=True)
        for _ in range(threads)
    ]
    for thread in rest:
        thread.start()
    for thread in rest:
        thread.join(300)
        assert not thread.is_alive()
    assert counter[0] == items + threads


def assert_items_are_independent(kernel, items, blank, run_arguments, parts):
    """Check that item k paints part k alone, and the same whatever ran before it.

    `blank` makes the outputs anew; `run_arguments(outputs)` are the kernel's; `parts(outputs)` the
    views that belong to each item.
    """
    whole = blank()
    run_from(kernel, 0, items, *run_arguments(whole))
    for first in range(1, items + 1):
        found, untouched = blank(), blank()
        run_from(kernel, first, items, *run_arguments(found))
        rows = zip(parts(found), parts(untouched), parts(whole), strict=True)
        for k, (own, before, full) in enumerate(rows):
            for a, b, c in zip(own, before, full, strict=True):
                np.testing.assert_array_equal(a, b if k < first else c)
    together = blank()
    run_together(kernel, items, *run_arguments(together))
    for a, b in zip(together, whole, strict=True):
        np.testing.assert_array_equal(a, b)
