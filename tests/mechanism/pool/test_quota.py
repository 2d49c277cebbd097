"""Bounded contributions: at most so many of each owner, whatever others do and however they come."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbadp.errors import ArrayTypeError
from numbadp.mechanism.pool.quota import Quota

calls = st.lists(st.lists(st.integers(0, 4), max_size=12), max_size=5)


def kept_of(batches, most):
    """Return, in order, (owner, number of that owner's item) of everything that was kept."""
    quota, seen, kept = Quota(most), Counter(), []
    for batch in batches:
        flags = quota.take(quota.checked(np.array(batch, np.int64)))
        for owner, flag in zip(batch, flags.tolist(), strict=True):
            if flag:
                kept.append((owner, seen[owner]))
            seen[owner] += 1
    return kept


@given(calls, st.integers(1, 3))
def test_the_first_items_of_every_owner_count(batches, most):
    """Exactly the first `most` of each owner are kept, over all calls."""
    kept = kept_of(batches, most)
    totals = Counter(owner for batch in batches for owner in batch)
    assert sorted(kept) == sorted(
        (owner, i) for owner, n in totals.items() for i in range(min(n, most))
    )


@given(calls, st.integers(1, 3))
def test_an_owner_changes_nothing_for_others(batches, most):
    """Without owner 0's items the same items of all others are kept (step 3)."""
    without = [[owner for owner in batch if owner] for batch in batches]
    assert [x for x in kept_of(batches, most) if x[0]] == kept_of(without, most)


def test_names_may_be_strings_but_not_both():
    """7 and "7" would be two owners, so a change of sort is refused."""
    quota = Quota(1)
    assert quota.take(quota.checked(np.array(["a", "b", "a"]))).tolist() == [True, True, False]
    assert quota.take(quota.checked(np.array(["bb", "b"]))).tolist() == [True, False]
    with pytest.raises(ArrayTypeError, match="after strings"):
        quota.checked(np.array([1]))
    with pytest.raises(ArrayTypeError, match="integers or strings"):
        Quota(1).checked(np.array([1.5]))


def test_names_are_forgotten():
    """After forgetting, an owner starts anew."""
    quota = Quota(1)
    quota.take(np.array([1]))
    quota.forget()
    assert quota.take(np.array([1])).tolist() == [True]
