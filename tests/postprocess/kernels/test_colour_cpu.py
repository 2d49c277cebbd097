"""Rows of colours: coarser planes widened, three planes packed."""

import numpy as np

from numbadp.compute.jit import jit
from numbadp.postprocess.kernels.colour_cpu import colour_row, widen_row
from numbadp.postprocess.kernels.paint_body import GREY, RGB, YGO


@jit
def widened(row, shift, line):
    widen_row(row, shift, line)


@jit
def coloured(kind, lines, target):
    colour_row(kind, lines, target)


def test_rows_are_widened_by_powers_of_two():
    """Value x of the line is value x >> shift of the row, up to a ragged end."""
    row = np.array([5, -7, 300], np.int16)
    for shift, columns in ((0, 3), (1, 5), (2, 11)):
        line = np.zeros(columns, np.int32)
        widened(row, shift, line)
        np.testing.assert_array_equal(line, row.repeat(1 << shift)[:columns])


def test_colours_are_packed_with_red_lowest():
    """Oracle: the colour forms in plain integers, rounded and clipped."""
    lines = np.array([[6400, 0, 16320, 8000], [640, 8160, -8160, 0], [-320, 0, 99, 31]], np.int32)
    y, c, d = lines.astype(int)
    planes = {GREY: (y, None, None), YGO: (y - c + d, y + c, y - c - d), RGB: (y, c, d)}
    for kind, channels in planes.items():
        packed = np.zeros(4, np.uint32)
        coloured(kind, lines, packed)
        for place, values in enumerate(channels):
            found = packed >> np.uint32(8 * place) & np.uint32(255)
            wanted = 0 if values is None else np.clip((values + 32) >> 6, 0, 255)
            np.testing.assert_array_equal(found, np.broadcast_to(wanted, 4))
