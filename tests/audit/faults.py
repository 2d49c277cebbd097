"""Mechanisms for the auditor to catch, written down after faults of public libraries, and sound ones.

Every maker takes a generator and returns a batched mechanism that claims epsilon = 1 for 16 pixels
(`sampler` claims 1/3 for a sum that changes by 1).  The sound twin differs from the faulty one in the
fault alone.
"""

from fractions import Fraction
from math import exp, gcd

import numpy as np

M, CELL = 16, 8
SCALE = 255 * M  # of the noise on a sum, at epsilon = 1
SAMPLER_SCALE = 3


def sums(images):
    """Return the sum of every image and channel."""
    return images.sum(axis=(1, 2), dtype=np.int64)


# --- opendp#2638: rationals divided by integers wrongly ----------------------


def right_division(x, k):
    """Divide a rational by an integer."""
    return x / k


def wrong_division(x, k):
    """Divide as dashu 0.4 did: the common factor is taken from the denominator as well."""
    g = gcd(x.numerator, k)
    return Fraction(x.numerator // g, x.denominator // g * k)


def exp_minus(x, divide):
    """Return the probability that the Bernoulli race for exp(-x), 0 <= x <= 1, says yes."""
    reached, yes = Fraction(1), Fraction(0)
    for k in range(1, 40):  # the race goes on from k with probability x / k
        onwards = divide(x, k) if x else Fraction(0)
        yes += reached * (1 - onwards) * (k % 2)
        reached *= onwards
    return float(yes)


def sampler_law(divide):
    """Return values and probabilities of Canonne-Kamath-Steinke's discrete Laplace at scale 3."""
    low = [exp_minus(Fraction(u, SAMPLER_SCALE), divide) for u in range(SAMPLER_SCALE)]
    size = np.array([low[n % SAMPLER_SCALE] * exp(-(n // SAMPLER_SCALE)) for n in range(120)])
    law = np.concatenate([size[:0:-1], size])
    return np.arange(-119, 120), law / law.sum()


def sampler(divide):
    """Make a mechanism whose noise follows a law; its sum changes by at most 1."""
    values, law = sampler_law(divide)
    below = np.cumsum(law)

    def make(rng):
        def mechanism(images):
            at = np.searchsorted(below, rng.random(len(images)))
            return sums(images).ravel() + values[np.minimum(at, len(values) - 1)]

        return mechanism

    return make


# --- faults of public DP-Pix code --------------------------------------------


def channels(times):
    """Noise on every channel's sum; the scale must be three times a grey one's."""

    def make(rng):
        return lambda images: sums(images) + rng.laplace(0, SCALE * times, (len(images), 3))

    return make


def partial_cells(mode):
    """Sums of cells of a padded image: edge pixels that are repeated count more than once."""

    def make(rng):
        def mechanism(images):
            _, height, width, _ = images.shape
            rest = ((0, 0), (0, -height % CELL), (0, -width % CELL), (0, 0))
            padded = np.pad(images, rest, mode=mode).astype(np.int64)
            cells = padded.reshape(len(images), -1, CELL, padded.shape[2] // CELL, CELL)
            exact = cells.sum(axis=(2, 4)).reshape(len(images), -1)
            return exact + rng.laplace(0, SCALE, exact.shape)

        return mechanism

    return make


def painted(draws):
    """A mosaic of one cell, painted; `draws` is the shape of the noise of a picture."""

    def make(rng):
        def mechanism(images):
            n, height, width, _ = images.shape
            area = height * width
            means = images.mean(axis=(1, 2, 3))[:, None, None]
            noise = rng.laplace(0, SCALE / area, (n, *draws))
            return np.broadcast_to(means + noise, (n, height, width))

        return mechanism

    return make


def seeded(rng):
    """Noise of a generator that every call seeds anew."""
    return lambda images: (
        sums(images) + np.random.default_rng(69).laplace(0, SCALE, (len(images), 1))
    )


def fresh(rng):
    """Noise of a generator that goes on."""
    return lambda images: sums(images) + rng.laplace(0, SCALE, (len(images), 1))
