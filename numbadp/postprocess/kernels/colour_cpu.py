"""Rows of plane values to rows of packed colours on the CPU."""

from numbadp.compute.jit import jit, jit_lean_inline
from numbadp.postprocess.kernels.paint_body import build_colour

colour = build_colour(jit)


@jit_lean_inline
def widen_row(row, shift, line):
    """Repeat each value of a coarser plane's row 2**shift times."""
    for x in range(line.size):
        line[x] = row[x >> shift]


@jit_lean_inline
def colour_row(kind, lines, target):
    """Packed colours from a row of plane values in 1/64 grey level, `lines` [3, columns]."""
    first, second, third = lines[0], lines[1], lines[2]
    for x in range(target.size):
        target[x] = colour(kind, first[x], second[x], third[x])
