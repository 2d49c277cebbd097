"""The privacy loss that one changed pixel can cause in several noisy sums together.

Statement.  Where sums of the linear forms a_k of a pixel's channels over disjoint cells are
  released with discrete Laplace noise of scales l_k, changing one pixel costs at most
  `worst_loss(forms, scales)`, and that is reached; n pixels cost n times that.
Proof sketch.
  (1) A pixel whose channels change by D moves one sum of each form by |a_k.D|, which costs
      |a_k.D| / l_k; costs of independent noises add, and so do those of n pixels.
  (2) sum_k |a_k.D| / l_k is convex in D, so its maximum over the cube [-255, 255]**channels is at
      a vertex.
Planning sets scales by it (mechanism/planning.py); files are held against it
(postprocess/claims.py).
Tested by tests/accounting/test_loss.py
"""

from fractions import Fraction
from itertools import product


def worst_loss(forms, scales) -> Fraction:
    """Largest loss that one changed pixel can cause in all planes together.

    Parameters
    ----------
    forms : sequence of tuple of int
        Linear forms of the channels.
    scales : sequence of Fraction
        Noise scale of each form's sums.

    Returns
    -------
    Fraction
        Maximum over the vertices of the cube of channel differences.
    """
    channels = len(forms[0])
    return max(
        sum(
            abs(sum(a * d for a, d in zip(form, difference, strict=True))) / Fraction(scale)
            for form, scale in zip(forms, scales, strict=True)
        )
        for difference in product((-255, 255), repeat=channels)
    )
