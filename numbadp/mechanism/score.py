"""Scores that drive private splits, and how much a picture's neighbour can change them.

Statement.  Let the squares of one size tile the picture, with integer child sums of one linear form
  a of the channels.  The contrasts H = max(|a+b-c-d|, |a-b+c-d|, |a-b-c+d|) of all squares together
  change by at most `score_sensitivity(form, m)` in L1 between pictures that differ in m pixels, and
  a change of that size exists.
Proof sketch.
  (1) One changed pixel moves one child sum of one square by d = a.D, |d| <= 255 * sum |a_c|.  Each
      functional has coefficients +-1, so it moves by |d|, and so does its absolute value at most.
  (2) A maximum of functions that move by at most |d| moves by at most |d|.
  (3) Squares of one size are disjoint, partial ones included: one pixel changes one score.  m
      pixels are m steps of one pixel.
  (4) It is reached: in a flat picture a pixel from 0 to white raises H from 0 to 255 * sum |a_c|.
H is taken on raw sums, never on means of partial squares: those would break (1) by up to 64 times.
H is not monotone down the tree, so no bound for monotone scores (PrivTree's) may be used with it.
Assumes.  Child sums are sums of the form over true pixels; pixels outside the picture count as 0.
Tested by tests/mechanism/test_score.py
"""


def score_sensitivity(form: tuple[int, ...], m: int) -> int:
    """Largest L1 change of all contrasts of one level between neighbours (steps 1 to 3).

    Parameters
    ----------
    form : tuple of int
        Linear form of the channels whose sums are compared.
    m : int
        Number of pixels that may change.

    Returns
    -------
    int
        In units of the sums.
    """
    return 255 * m * sum(map(abs, form))  # step 4: and no less
