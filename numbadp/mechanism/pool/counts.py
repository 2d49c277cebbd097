"""Noise on counts that somebody else made: votes, histograms, tallies.

Statement.  If one contributor changes `counts` by at most what `contribution` says, `noisy_counts`
  is (epsilon, delta)-differentially private for one contributor more or less.
Proof sketch.
  (1) Numbers beyond 2**60 are clipped to it, which moves no two vectors apart.
  (2) A contribution c in all changes the counts by at most c in L1, so in L2 and Linf; (k, e), at
      most k counts by at most e each, by k e, e sqrt(k) and e.
  (3) The law is that of planning.py, one stage with the whole budget.
Assumes.  The caller's bound on contributions holds: nothing here can check it.
Tested by tests/mechanism/pool/test_counts.py
"""

import numpy as np

from numbadp.accounting.ledger.charging import charge_budgets, check_ledger
from numbadp.accounting.pooled import POLICY
from numbadp.checks import shown, whole_number
from numbadp.compute.forgetting import Scratch
from numbadp.errors import ArrayTypeError, OptionTypeError
from numbadp.mechanism.entropy import fresh_key
from numbadp.mechanism.pool.drawing import add_noise, load_law
from numbadp.mechanism.pool.planning import budget_of, guarantee_for, plan_stages
from numbadp.plan.laws import Change
from numbadp.plan.pooled import Part

_MOST = 2**40
_CLIP = 2**60


def noisy_counts(counts, *, contribution=1, epsilon, delta=0, ledger=None) -> np.ndarray:
    """Release counts with the smallest noise that keeps (epsilon, delta)-differential privacy.

    Parameters
    ----------
    counts : array_like of int
        Exact counts, of any shape.
    contribution : int or (int, int), default 1
        How much one contributor can add: so much over all counts together, or a pair (bins, each):
        at most `each` to at most `bins` counts.
    epsilon : int, str, Fraction, Decimal or float
        Privacy loss for one contributor more or less.
    delta : int, str, Fraction, Decimal or float, default 0
        0 for pure differential privacy; a small number lets Gaussian noise in.
    ledger : Ledger, optional
        With ``unit="contributor"``; charged before noise is drawn.

    Returns
    -------
    ndarray of int64
        Noisy counts, which may be negative, in the shape of `counts`.

    Raises
    ------
    ArrayTypeError, OptionTypeError, OptionError, EpsilonError
        If an argument makes no sense.
    BudgetError, LedgerError
        If a ledger refuses.

    Notes
    -----
    The law is discrete Laplace, the cube's or the discrete Gaussian, whichever has the smallest
    deviation.  The histogram of nearest neighbours of Private Evolution is such a count: every
    private sample votes for its nearest generated one.

    Examples
    --------
    >>> import numpy as np
    >>> nearest = np.array([0, 2, 2, 1, 2])  # of five private samples among three generated ones
    >>> votes = np.bincount(nearest, minlength=3)
    >>> noisy = noisy_counts(votes, contribution=1, epsilon=1, delta="1e-5")
    >>> noisy.shape, noisy.dtype
    ((3,), dtype('int64'))
    """
    check_ledger(ledger)
    if isinstance(counts, np.ma.MaskedArray):
        raise ArrayTypeError(
            "counts are a masked array, whose masked counts would be released. Pass "
            "counts.filled(0)."
        )
    array = np.asarray(counts)
    if array.dtype.kind not in "iu":
        raise ArrayTypeError(f"counts must be integers; got {array.dtype}. Pass exact counts.")
    change, budget = _change_of(contribution), budget_of(epsilon, delta)
    if array.size == 0:
        raise ArrayTypeError("there are no counts to release. Pass at least one.")
    stages = plan_stages((Part("counts", 1, array.size, change),), budget)  # steps 2 and 3
    guarantee = guarantee_for(stages, budget, "contributor", change.total, POLICY)
    own = Scratch()
    with own, own:
        load_law(stages[0].law.kind)
        values = own.zeros(array.shape, np.int64)
        np.clip(
            array,
            max(-_CLIP, np.iinfo(array.dtype).min),
            min(_CLIP, np.iinfo(array.dtype).max),
            out=values,
            casting="unsafe",
        )  # step 1
        key = fresh_key(own)
        charge_budgets(guarantee, ledger)
        add_noise(values.reshape(-1), stages[0], 0, key)
        own.hand_out(values)
    return values


def _change_of(contribution) -> Change:
    """What a contributor changes (step 2)."""
    advice = "Pass an integer, or (bins, each)."
    if isinstance(contribution, (tuple, list)):
        if len(contribution) != 2:
            raise OptionTypeError(
                f"contribution has two parts; got {shown(contribution)}. {advice}"
            )
        bins = whole_number("bins", contribution[0], _MOST, advice)
        each = whole_number("each", contribution[1], _MOST, advice)
        return Change(bins * each, bins * each**2, each)
    total = whole_number("contribution", contribution, _MOST, advice)
    return Change(total, total**2, total)
