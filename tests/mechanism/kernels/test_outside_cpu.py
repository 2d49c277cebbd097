"""What lies outside of islands: copied strip by strip, and nothing of the inside."""

import numpy as np
from islands import some_islands

from numbadp.mechanism.inputs import kernel_view
from numbadp.mechanism.kernels.outside_cpu import STRIP, outside_cpu
from numbadp.mechanism.running import prepare


@some_islands("boxes-ygo", "mask-ring", "mask-batch", "boxes-of-each-grey", "mask-specks")
def test_an_item_copies_its_strip_without_the_inside(case):
    """Item k writes its rows of its picture alone.  Oracle: NumPy and the masks."""
    tables, plan, image = prepare(case.plan()).bands, case.plan(), case.image()
    strips = -(-plan.height // STRIP)
    inside = np.stack(case.masks())[..., None]
    expected = np.where(inside, 0, image.reshape(plan.batch, plan.height, plan.width, -1))
    expected = expected.reshape(plan.batch, plan.height, -1)
    for first in range(plan.batch * strips + 1):
        out = np.full(expected.shape, 77, np.uint8)
        outside_cpu(
            np.full(1, first, np.int64), plan.batch * strips, kernel_view(image), plan.channels,
            tables.islands, tables.masks, out,
        )  # fmt: skip
        for item in range(plan.batch * strips):
            n, top = item // strips, item % strips * STRIP
            found = out[n, top : top + STRIP]
            if item < first:
                assert (found == 77).all()
            else:
                np.testing.assert_array_equal(found, expected[n, top : top + STRIP])
