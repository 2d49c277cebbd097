"""Bounded contributions: the first so many of every owner count, all others are dropped.

Statement.  Over all calls of `take`, at most `most` items of every owner are kept; which ones
  depends on that owner's items alone.
Proof sketch.
  (1) Within a call the r-th item of an owner is kept iff r is below what is left of the quota.
  (2) What was kept is counted by owner and taken off for the next call.
  (3) So adding or removing all items of one owner changes nothing that is kept of others.
Assumes.  An owner is named alike in every call.
Tested by tests/mechanism/pool/test_quota.py
"""

import numpy as np

from numbadp.errors import ArrayTypeError


class Quota:
    """How many items of each owner were kept; secret.

    Parameters
    ----------
    most : int
        Items of one owner that count.
    """

    def __init__(self, most: int):
        self._most = most
        self._taken: dict = {}
        self._kind = ""

    def checked(self, owners: np.ndarray) -> np.ndarray:
        """Refuse names of another sort than before: 7 and "7" would be two owners.

        Parameters
        ----------
        owners : ndarray
            Names.

        Returns
        -------
        ndarray
            The same.

        Raises
        ------
        ArrayTypeError
            If they are neither integers nor strings, or not what they were.
        """
        kind = {"i": "integers", "u": "integers", "U": "strings", "S": "bytes"}.get(
            owners.dtype.kind, ""
        )
        if not kind or (self._kind and kind != self._kind):
            raise ArrayTypeError(
                f"names must be integers or strings, the same in every call; got {owners.dtype}"
                f"{f' after {self._kind}' if self._kind else ''}."
            )
        self._kind = kind
        return owners

    def take(self, owners: np.ndarray) -> np.ndarray:
        """Decide which items count.

        Parameters
        ----------
        owners : ndarray, shape (n,)
            Names, all of one sort: integers or strings.

        Returns
        -------
        ndarray of bool, shape (n,)
            True for those that are kept.
        """
        names, which = np.unique(owners, return_inverse=True)
        names = names.tolist()
        before = np.array([self._taken.get(name, 0) for name in names], np.int64)
        order = np.argsort(which, kind="stable")
        starts = np.searchsorted(which[order], np.arange(len(names)))
        rank = np.empty(len(which), np.int64)
        rank[order] = np.arange(len(which)) - starts[which[order]]
        kept = rank + before[which] < self._most  # step 1
        after = before + np.bincount(which[kept], minlength=len(names))
        self._taken.update(zip(names, after.tolist(), strict=True))  # steps 2 and 3
        return kept

    def forget(self) -> None:
        """Drop all names."""
        self._taken.clear()
