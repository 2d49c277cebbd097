"""The kernel of exposures: the same bits for any number of threads, nothing of a frame left."""

import numpy as np

from numbadp.compute.workers import threads
from numbadp.mechanism.entropy import Key
from numbadp.mechanism.kernels.exposure_cpu import expose_cpu
from numbadp.mechanism.noise import noise_tables
from numbadp.mechanism.planning import build_plan
from numbadp.mechanism.running import prepare, run
from numbadp.mechanism.sums import band_tables, grid_tables


def test_single_sums_are_forgotten_band_by_band():
    """After the pass the sums of single frames are 0, and values are not."""
    plan = build_plan((40, 30), epsilon=1, cell=4, exposure=2)
    grid, noise = grid_tables(plan), noise_tables(plan)
    bands = band_tables(plan, grid)
    frames = np.full((2, 40, 30), 200, np.uint8)
    frames.flags.writeable = False
    cells = plan.planes[0].grid[0] * plan.planes[0].grid[1]
    nothing = np.zeros((0, cells), np.int64)
    values = (np.zeros((1, cells), np.int64), nothing, nothing)
    single = (np.zeros((1, cells), np.int64), nothing, nothing)
    expose_cpu(
        np.zeros(1, np.int64), len(bands.bands), frames, 1, grid.cell, values, single, grid.forms,
        grid.shifts, bands.islands, bands.masks, bands.bands, Key(bytes(range(1, 33))).words,
        noise.tags, noise.cuts, noise.bits,
    )  # fmt: skip
    assert not single[0].any()
    assert abs(values[0].mean() - 2 * 200 * 16) < 3 * 4080


def test_threads_do_not_change_a_bit():
    """Bands in any order give the same values."""
    plan = build_plan((300, 500, 3), epsilon=1, cell=4, exposure=3)
    frames = np.random.default_rng(1).integers(0, 256, (3, 300, 500, 3), np.uint8)
    found = []
    for count in (1, 3):
        with threads(count):
            found.append(run(frames, prepare(plan), Key(bytes(range(1, 33)))).values)
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)
