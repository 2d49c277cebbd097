"""Colour forms: exact integer combinations of a cell's channel sums (sums.py, step 4).

A column sum over at most 256 rows is at most 256 * 255 = 65,280 and fits 16 bits: of a larger cell
squares of 256 x 256 pixels are summed one by one, and added as int64.  A cell's channel sum is at
most 1024 * 1024 * 255 < 2**28, and a form adds at most four of them: below 2**30, so that even 32
bits hold it.
"""

import numpy as np

# Columns of a table of bands: islands from one to another; rows of finest cells, of each of them;
# their picture; where the cells of each plane begin and end, and where those of the picture begin.
FIRST, STOP, ROW, END, IMAGE, BEGIN, CEASE, BASE = 0, 1, 2, 3, 4, 5, 8, 11
BAND_COLUMNS = 14


def build_form(jit):
    """Bind the colour form to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``form(coefficients, first, second, third)``: the form's value, int64.
    """

    @jit
    def form(coefficients, first, second, third):
        return np.int64(
            coefficients[0] * first + coefficients[1] * second + coefficients[2] * third
        )

    return form
