"""What the kernels compute inside: exact contrasts of every level, and recorded noise calls."""

import numpy as np

from numbadp.mechanism.inputs import kernel_view
from numbadp.mechanism.kernels import splits_cpu
from numbadp.mechanism.sums import measure_sums


def covered(image, plan):
    """Return a picture as the kernels see it: 0 outside the plan's region."""
    if plan.region is None:
        return image
    mask = plan.region.mask if image.ndim == 2 else plan.region.mask[..., None]
    return np.where(mask, image, np.uint8(0))


def pyramid(plan, sums):
    """Return int64 [squares] of every size, base cells first, from base sums of one picture."""
    rows, columns = plan.planes[0].grid
    depth = len(plan.split_levels)
    starts = splits_cpu.pyramid_starts.py_func(rows, columns, depth)
    flat = np.zeros(starts[-1], np.int64)
    flat[: rows * columns] = sums
    splits_cpu.pool_pyramid(rows, columns, depth, starts, flat)
    return [flat[a:b] for a, b in zip(starts[:-1], starts[1:], strict=True)]


def contrasts(image, plan):
    """Return the exact contrasts of all squares, whole or not: [picture][size, coarsest first]."""
    values = measure_sums(kernel_view(covered(image, plan)), plan)
    weights = np.array(plan.splits.weights, np.int64)
    base_rows, base_columns = plan.planes[0].grid
    found = []
    for n in range(plan.batch):
        sums = np.empty(base_rows * base_columns, np.int64)
        splits_cpu.split_sums(values, n, weights, 0, sums.size, sums)
        levels = pyramid(plan, sums)
        here = []
        for j in range(len(plan.split_levels), 0, -1):
            rows = splits_cpu.halved(base_rows, j)
            columns = splits_cpu.halved(base_columns, j)
            fine = [splits_cpu.halved(side, j - 1) for side in (base_rows, base_columns)]
            scores = np.empty((rows, columns), np.int64)
            for y in range(rows):
                splits_cpu.score_row(levels[j - 1], *fine, y, columns, scores[y])
            here.append(scores)
        found.append(here)
    return found


def in_plain_python(monkeypatch, *modules):
    """Replace the compiled functions that modules hold by the Python that they were made from."""
    for module in modules:
        for name, thing in list(vars(module).items()):
            if hasattr(thing, "py_func"):
                monkeypatch.setattr(module, name, thing.py_func)


def record_draws(monkeypatch, modules, noise):
    """Replace the sampler; return a list that collects (image, tag, first cell, count).

    `noise(tag, cell)` gives the value of a draw.
    """
    calls = []

    def draw_lanes(cell, count, key, image, tag, cuts, bits, lanes):
        calls.append((int(image), int(tag), int(cell), int(count)))
        for i in range(count):
            lanes[i] = noise(int(tag), int(cell) + i)

    def next_item(counter):
        counter[0] += 1
        return int(counter[0]) - 1

    for module in modules:
        if hasattr(module, "draw_lanes"):
            monkeypatch.setattr(module, "draw_lanes", draw_lanes)
        if hasattr(module, "next_item"):
            monkeypatch.setattr(module, "next_item", next_item)
    return calls
