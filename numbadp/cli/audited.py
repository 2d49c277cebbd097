"""What ``numbadp audit`` audits: our own layouts as callables, or a callable of the user's."""

import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import numpy as np

from numbadp.audit import Pair, each, neighbour_pairs
from numbadp.errors import NotPrivateWarning, OptionError

# Small images, so that a million releases take seconds; together they have every kind of pair.
_SCENES = (
    ("grey 8x8", (8, 8, 1), ("control", "corner", "cell")),
    ("grey 11x9", (11, 9, 1), ("spread", "partial", "straddling")),
    ("RGB 8x8", (8, 8, 3), ("cell", "vertex")),
)
_FINE, _COARSE = 4, 8
_EXACT_THRESHOLD = 500  # squared grey levels: between a flat square and one with a white pixel


@dataclass(frozen=True, eq=False)
class Target:
    """A mechanism, a pair of neighbours, and what is claimed for them.

    Attributes
    ----------
    name : str
        For the table.
    mechanism : callable
        Takes images [N, ...], returns numbers [N, ...].
    pair : Pair
        The neighbours.
    claimed : float
        Epsilon.
    delta : float
        Delta of the promise.
    promised : bool
        Whether the mechanism promises it, or was only asked for it.
    """

    name: str
    mechanism: Callable
    pair: Pair
    claimed: float
    delta: float
    promised: bool


def own_targets(layouts, *, epsilon, m: int) -> list[Target]:
    """Targets for our own layouts.

    Parameters
    ----------
    layouts : sequence of str
        Names of layouts.
    epsilon : int, str or Fraction
        Asked for.
    m : int
        Number of pixels that a neighbour may change.

    Returns
    -------
    list of Target
        Every layout on every pair of its scenes.

    Raises
    ------
    NumbadpError
        If epsilon or m makes no sense.
    """
    return [
        target
        for name in layouts
        for scene in _SCENES
        for target in _targets(name, scene, epsilon, m)
    ]


def _targets(layout: str, scene, epsilon, m: int):
    name, shape, kinds = scene
    cell = _FINE if layout in ("private", "exact") or shape[0] % _COARSE else _COARSE
    release = _releaser(shape, layout, cell, epsilon, m)
    plan, guarantee = release.pixelizer(1).plan, release.guarantee()
    promised = guarantee.epsilon == plan.epsilon
    for pair in neighbour_pairs(shape, m=m, cell=cell):
        if pair.kind in kinds:
            yield Target(
                f"{layout}, {name}", release, pair, float(plan.epsilon),
                float(guarantee.delta) if promised else 0.0, promised,
            )  # fmt: skip


def _releaser(shape, layout: str, cell: int, epsilon, m: int) -> "_Releaser":
    rule = _rules()[layout]
    return _Releaser(shape, {"layout": rule, "cell": cell, "epsilon": epsilon, "m": m})


def _rules() -> dict:
    """Layouts on squares of 8 pixels; those decided on the picture may quarter them."""
    from numbadp.plan.rules import ExactLayout, PrivateLayout

    return {
        "free": "free",
        "uniform": "uniform",
        "private": PrivateLayout(coarsest=_COARSE),
        "exact": ExactLayout(thresholds=(_EXACT_THRESHOLD,), coarsest=_COARSE),
    }


class _Releaser:
    """numbadp as an auditor sees it: a batch of images in, everything that is published out."""

    def __init__(self, shape, options: dict):
        self._shape, self._options = shape, options
        self.pixelizer = lru_cache(maxsize=4)(self._make)

    def _make(self, count: int):
        from numbadp.mechanism import Pixelizer

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotPrivateWarning)  # the table says it
            return Pixelizer((count, *self._shape), **self._options)

    def _release(self, images):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotPrivateWarning)
            return self.pixelizer(len(images))(images)

    def guarantee(self):
        """What a release promises."""
        return self._release(np.zeros((1, *self._shape), np.uint8)).guarantee

    def __call__(self, images) -> np.ndarray:
        """Noisy sums of all planes, then the levels of the leaves where they vary."""
        release = self._release(images)
        parts = [value.reshape(len(images), -1) for value in release.values]
        if release.layout.levels is not None:
            parts.append(np.reshape(release.layout.levels, (len(images), -1)))
        return np.concatenate(parts, axis=1)


def callable_targets(target: str, *, shape, cell: int, epsilon, m: int) -> list[Target]:
    """Targets for a callable of the user's.

    Parameters
    ----------
    target : str
        MODULE:NAME of a callable that takes a uint8 image and returns numbers.
    shape : tuple of int
        Shape of the images.
    cell : int
        Side of the cells that it uses.
    epsilon : int, str or Fraction
        What it claims.
    m : int
        For how many changed pixels.

    Returns
    -------
    list of Target
        The callable on every pair.

    Raises
    ------
    OptionError
        If there is no such callable, or a number makes no sense.
    """
    release = _imported(target)
    claimed = float(exact_epsilon(epsilon))
    return [
        Target(target, each(release), pair, claimed, 0.0, True)
        for pair in neighbour_pairs(shape, m=m, cell=cell)
    ]


def exact_epsilon(value):
    """Epsilon as the mechanism reads it."""
    from numbadp.mechanism.planning import build_plan

    return build_plan((1, 1), epsilon=value).epsilon


def _imported(target: str) -> Callable:
    module, _, name = target.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise OptionError(
            f"--callable must be MODULE:NAME of something that can be imported; got {target!r} "
            f"({error})."
        ) from None
    finally:
        sys.path.pop(0)
    if not callable(found):
        raise OptionError(f"--callable must be callable; {target!r} is a {type(found).__name__}.")
    return found
