"""The table of attackers: each is trained anew on faces protected in the same way.

They know the protection and hold other pictures of the same people, which they protect as often
as they like: that is `copies`, several protected versions of every training picture.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

COMPONENTS = 30  # of the principal component analysis
HEIGHT = 56  # pixels that an attacker looks at, from top to bottom, about
_HOG = {"orientations": 9, "pixels_per_cell": (8, 8), "cells_per_block": (2, 2)}
_HOG_COPIES = 4  # more do not help much, and take long
_SVM_COST = 0.1


@dataclass(frozen=True)
class Task:
    """What an attacker gets.

    Attributes
    ----------
    copies : ndarray of float32, shape (copies, n, H, W)
        Protected training pictures, several versions of each.
    people : ndarray of int, shape (n,)
        Who is on them.
    tests : ndarray of float32, shape (t, H, W)
        One protected version of each picture to be named.
    """

    copies: np.ndarray
    people: np.ndarray
    tests: np.ndarray


def look(pictures: np.ndarray) -> np.ndarray:
    """Reduce pictures [..., H, W] to about `HEIGHT` rows: means of squares, the rest cut off."""
    *front, height, width = pictures.shape
    side = max(1, round(height / HEIGHT))
    rows, columns = height // side, width // side
    whole = pictures[..., : rows * side, : columns * side]
    return whole.reshape(*front, rows, side, columns, side).mean((-3, -1), dtype=np.float32)


def _subspace(task: Task) -> np.ndarray:
    """Principal components, then linear discriminants with a shrunken covariance."""
    from sklearn.decomposition import PCA
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.pipeline import make_pipeline

    examples = _vectors(task.copies.reshape(-1, *task.copies.shape[2:]))
    count = min(COMPONENTS, *(size - 1 for size in examples.shape))
    discriminants = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    model = make_pipeline(PCA(count, random_state=0), discriminants)
    return model.fit(examples, np.tile(task.people, len(task.copies))).predict(_vectors(task.tests))


def _nearest(task: Task) -> np.ndarray:
    """The nearest training picture, each the mean of its copies; L1 suits Laplace noise."""
    from sklearn.neighbors import KNeighborsClassifier

    model = KNeighborsClassifier(1, metric="manhattan")
    return model.fit(_vectors(task.copies.mean(0)), task.people).predict(_vectors(task.tests))


def _gradients(task: Task) -> np.ndarray:
    """Linear support vector machine on histograms of oriented gradients."""
    from sklearn.svm import LinearSVC

    copies = task.copies[:_HOG_COPIES]
    examples = _histograms(copies.reshape(-1, *copies.shape[2:]))
    model = LinearSVC(C=_SVM_COST, random_state=0, tol=1e-3, max_iter=5000)
    return model.fit(examples, np.tile(task.people, len(copies))).predict(_histograms(task.tests))


def _vectors(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1)


def _histograms(pictures: np.ndarray) -> np.ndarray:
    from skimage.feature import hog

    return np.stack([hog(picture, **_HOG) for picture in pictures])


ATTACKERS: dict[str, Callable[[Task], np.ndarray]] = {
    "PCA + LDA": _subspace,
    "nearest neighbour": _nearest,
    "SVM on HOG": _gradients,
}
