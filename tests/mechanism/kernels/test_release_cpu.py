"""The fused pass: measuring plus noise, band by band, in any order."""

import numpy as np
from cases import assert_same, every_case, fixed_key, oracle_release

from numbadp.mechanism.inputs import kernel_view
from numbadp.mechanism.kernels.release_cpu import release_cpu
from numbadp.mechanism.noise import add_noise, noise_tables
from numbadp.mechanism.sums import (
    band_tables,
    empty_values,
    grid_tables,
    kernel_values,
    measure_sums,
)


def run(case, counter, items, values, key):
    """Call the kernel as a worker does."""
    plan = case.plan()
    grid, noise = grid_tables(plan), noise_tables(plan)
    tables = band_tables(plan, grid)
    release_cpu(
        counter, items, kernel_view(case.image()), grid.channels, grid.cell, kernel_values(values),
        grid.forms, grid.shifts, tables.islands, tables.masks, tables.bands, key.words, noise.tags,
        noise.cuts, noise.bits,
    )  # fmt: skip


@every_case
def test_one_pass_is_the_two_passes(case):
    """`release_cpu` gives what `measure_sums` and then `add_noise` give, and the reference."""
    plan, key, image = case.plan(), fixed_key(), case.image()
    apart = measure_sums(kernel_view(image), plan)
    add_noise(apart, plan, grid_tables(plan), noise_tables(plan), key)
    together = empty_values(plan)
    run(case, np.zeros(1, np.int64), plan.batch * grid_tables(plan).bands, together, key)
    assert_same(together, apart)
    expected = oracle_release(case, image, key)
    assert_same(together, [v.reshape(plan.batch, -1) for v in expected])


@every_case
def test_bands_in_any_order_give_the_same_bits(case):
    """A call that starts at any band gives that band the bits of the whole release."""
    plan, key = case.plan(), fixed_key(2)
    items = plan.batch * grid_tables(plan).bands
    forward, backward = empty_values(plan), empty_values(plan)
    run(case, np.zeros(1, np.int64), items, forward, key)
    for item in reversed(range(items)):
        one = empty_values(plan)
        run(case, np.array([item], np.int64), items, one, key)
        if item == items - 1:
            for target in backward:
                target.fill(0)
        merge(backward, one, item, items, plan)
    assert_same(backward, forward)


def merge(target, source, item, items, plan):
    """Take the rows of one band over; band and picture follow from the item's number."""
    bands = items // plan.batch
    n, band = divmod(item, bands)
    rows = max(plane.cell for plane in plan.planes)
    for plane, to, of in zip(plan.planes, target, source, strict=True):
        start = band * rows // plane.cell * plane.grid[1]
        stop = min((band + 1) * rows // plane.cell, plane.grid[0]) * plane.grid[1]
        to[n, start:stop] = of[n, start:stop]
