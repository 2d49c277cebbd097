"""Scores that drive splits: integers from the sums of four children, or from raw statistics.

The largest contrast H of four child sums has coefficients +-1 in each of its functionals, so a
change of one child by d moves each by |d|, and a maximum is 1-Lipschitz (mechanism/score.py,
steps 1 and 2).
"""

import numpy as np

VARIANCE, RANGE, GRADIENT = 0, 1, 2
FIRST, SECOND, THIRD, FOURTH = 0, 1, 2, 3
PARTS = 256  # thresholds of raw scores are in 1/256 of the score's unit


def build_contrast(jit):
    """Bind the largest contrast of four child sums to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``contrast(a, b, c, d)``: the largest of the horizontal, vertical and diagonal
        differences, int64; a b are the upper children, c d the lower ones.
    """

    @jit
    def contrast(a, b, c, d):
        across = abs((a + c) - (b + d))
        down = abs((a + b) - (c + d))
        diagonal = abs((a + d) - (b + c))
        return np.int64(max(across, max(down, diagonal)))

    return contrast


def build_complex(jit):
    """Bind the comparison of a square's raw complexity with a threshold to a compiler.

    Parameters
    ----------
    jit : callable
        Compiler of scalar functions.

    Returns
    -------
    callable
        ``is_complex(kind, statistics, count, threshold)``: int64 0 or 1.  The statistics are, for
        the variance, the channels' sums and the sum of all squares; for the range the channels'
        largest differences; for the gradient the sum of squared differences in the first.
    """

    @jit
    def is_complex(kind, statistics, count, threshold):
        first, second, third = statistics[FIRST], statistics[SECOND], statistics[THIRD]
        if kind == VARIANCE:
            # n * sum(x**2) - sum(x)**2 = n**2 * variance: below 2**50 for 256 x 256 pixels
            spread = count * statistics[FOURTH] - (first * first + second * second + third * third)
            return np.int64(spread * PARTS > threshold * count * count)
        if kind == RANGE:
            return np.int64(max(first, max(second, third)) * PARTS > threshold)
        return np.int64(first * PARTS > threshold * count)

    return is_complex
