"""The measuring loops by themselves: column sums, bands, and what they leave alone."""

import numpy as np
import pytest
from cases import picture

from numbadp.mechanism.inputs import kernel_view
from numbadp.mechanism.kernels.measure_cpu import band_rows, column_sums, measure_cpu
from numbadp.mechanism.planning import build_plan
from numbadp.mechanism.sums import band_tables, empty_values, grid_tables, kernel_values


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 255, 256])
@pytest.mark.parametrize("value", [None, 255])
def test_column_sums_of_any_height(rows, value):
    """1 to 256 rows, whole groups of four or not, add up exactly in 16 bits."""
    image = picture((rows + 3, 11)) if value is None else np.full((rows + 3, 11), 255, np.uint8)
    columns = np.full(11, 7, np.uint16)  # what was there before does not count
    column_sums(kernel_view(image)[0], 2, 2 + rows, 0, columns)
    np.testing.assert_array_equal(columns, image[2 : 2 + rows].astype(int).sum(axis=0))


def test_bands_share_out_every_row_of_a_plane_once():
    """Over all bands every plane's rows are taken once and in order, at any shift."""
    for fine_rows in range(1, 40):
        for span_bits in range(4):
            span = 1 << span_bits
            bands = -(-fine_rows // span)
            for shift in range(span_bits + 1):
                rows = -(-fine_rows // (1 << shift))
                parts = [band_rows.py_func(b, span, shift, rows) for b in range(bands)]
                assert [y for start, stop in parts for y in range(start, stop)] == list(range(rows))


@pytest.mark.parametrize("shape", [(21, 18, 1), (2, 21, 18, 3)], ids=str)
def test_bands_come_from_the_counter_and_touch_their_own_rows(shape):
    """Starting the counter later leaves the values of the earlier bands as they were."""
    image = picture(shape)
    plan = build_plan(shape, epsilon=1, m=1, cell=4)
    tables, values = grid_tables(plan), empty_values(plan)
    for plane in values:
        plane.fill(-1)
    items = plan.batch * tables.bands
    counter = np.array([items - 1], np.int64)
    dealt = band_tables(plan, tables)
    measure_cpu(
        counter, items, kernel_view(image), tables.channels, tables.cell, kernel_values(values),
        tables.forms, tables.shifts, dealt.islands, dealt.masks, dealt.bands,
    )  # fmt: skip
    assert counter[0] == items + 1
    for plane, found in zip(plan.planes, values, strict=True):
        first = (tables.bands - 1) * tables.span * tables.cell // plane.cell * plane.grid[1]
        assert (found[:-1] == -1).all()
        assert (found[-1, :first] == -1).all()
        assert (found[-1, first:] != -1).mean() > 0.5


def test_measuring_replaces_what_was_there():
    """Values of an earlier use of the arrays do not leak into the sums."""
    image, plan = picture((9, 9, 3)), build_plan((9, 9, 3), epsilon=1, m=1, cell=4)
    tables, results = grid_tables(plan), []
    dealt = band_tables(plan, tables)
    for start in (0, 12345):
        values = empty_values(plan)
        for plane in values:
            plane.fill(start)
        measure_cpu(
            np.zeros(1, np.int64), tables.bands, kernel_view(image), tables.channels, tables.cell,
            kernel_values(values), tables.forms, tables.shifts, dealt.islands, dealt.masks,
            dealt.bands,
        )  # fmt: skip
        results.append([plane.tolist() for plane in values])
    assert results[0] == results[1]
