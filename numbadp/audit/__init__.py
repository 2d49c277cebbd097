"""A black-box audit: a lower bound on epsilon, for any callable from images to arrays.

A claim of epsilon says P(M(x) in S) <= e**epsilon P(M(x') in S) + delta for all neighbours x and x'
and all events S.  One pair and one event that break it refute the claim.  The audit releases both
images many times, searches for an event that tells them apart on one part of the releases, and
certifies ln((P(S) - delta) / P'(S)) on fresh ones with Clopper-Pearson bounds; the Bayesian
posterior of Zanella-Beguelin et al. is a second view.

A bound above the claim shows, at the stated confidence, that the claim is false.  A bound below it
proves nothing: no black box sees rare events or pairs that nobody tried.

The audit knows callables alone.  The protocol is ``mechanism(images) -> array``: `images` is uint8
[N, ...], N copies of one image; the result is numeric [N, ...], row i a release of image i with
randomness of its own.  `each` makes one from a callable that takes a single image.

>>> import numpy as np
>>> pair = Pair("one pixel", np.zeros((2, 2), np.uint8), np.array([[255, 0], [0, 0]], np.uint8))
>>> leaky = each(lambda image: image.sum())
>>> audit_pair(leaky, pair, claimed=1, runs=2000).epsilon_low > 1
True

References
----------
.. [1] Zanella-Beguelin, Wutschitz, Tople, Salem, Ruehle, Paverd, Naseri, Koepf, Jones, "Bayesian
   estimation of differential privacy", ICML 2023.
.. [2] Bichsel, Steffen, Bogunovic, Vechev, "DP-Sniper", IEEE S&P 2021 (choose, then certify).
"""

from numbadp.audit.bounds import epsilon_low, runs_needed
from numbadp.audit.certify import Finding, audit_pair
from numbadp.audit.pairs import Pair, neighbour_pairs
from numbadp.audit.posterior import epsilon_credible
from numbadp.audit.report import Report
from numbadp.audit.sampling import each

__all__ = [
    "Finding",
    "Pair",
    "Report",
    "audit_pair",
    "each",
    "epsilon_credible",
    "epsilon_low",
    "neighbour_pairs",
    "runs_needed",
]
