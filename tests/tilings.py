"""What tests of layouts share: strategies of zones, and leaves pixel by pixel."""

import numpy as np
from hypothesis import strategies as st

POWERS = [2**k for k in range(9)]
sides = st.integers(1, 300)
powers = st.sampled_from(POWERS)
boxes = st.tuples(st.integers(-50, 320), st.integers(-50, 320), st.integers(1, 200), st.integers(1, 200)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)  # fmt: skip
zone_lists = st.lists(st.tuples(boxes, powers), max_size=4)


def pixels_of(layout):
    """Return the side of the leaf that holds each pixel, [H, W] or [N, H, W]."""
    cell = layout.cell
    wide = np.repeat(np.repeat(layout.sides, cell, -2), cell, -1)
    return wide[..., : layout.shape[0], : layout.shape[1]]


def assert_tiles(layout):
    """Check that leaves are aligned squares that cover every pixel exactly once."""
    pixels = pixels_of(layout)
    for one in pixels.reshape(-1, *layout.shape):
        covered = np.zeros(layout.shape, int)
        for top, left in np.argwhere(covered == 0):
            side = one[top, left]
            if top % side == 0 and left % side == 0:
                square = one[top : top + side, left : left + side]
                assert (square == side).all()
                covered[top : top + side, left : left + side] += 1
        assert (covered == 1).all()
