"""Denoising with a quadratic data term: minimise (u - y)**2 / (2 sd**2) + w / sd * TV(u).

This is the posterior mode under Gaussian noise of deviation sd; under noise that spreads over a
cube it is as good, since a number is then nearly uniform.  Counts are denoised by it whatever their
noise: a robust data term would remove single high cells, which are what a heat map is about.

The weight w is the one of `WEIGHTS` with the least estimated error, 0 among them: Stein's unbiased
estimate needs the noise and the released numbers alone [2]_.  Where the noise is below `FINEST`
grey levels nothing is done: there is nothing to gain.

References
----------
.. [1] Rudin, Osher, Fatemi, "Nonlinear total variation based noise removal", Physica D 60 (1992).
.. [2] Ramani, Blu, Unser, "Monte-Carlo SURE", IEEE Trans. Image Process. 17 (2008).
"""

import numpy as np

from numbadp.compute.workers import drain

ITERATIONS = 100
FINEST = 1.0  # grey levels
WEIGHTS = (0.0, 0.15, 0.3, 0.5, 0.8)
_STEP = 0.05  # of the noise, by which the estimate moves every value
_COST = 5 * ITERATIONS  # ns a value on one core, roughly


def denoise(planes: np.ndarray, deviations: np.ndarray, finest: float = FINEST) -> np.ndarray:
    """Denoise planes of known noise.

    Parameters
    ----------
    planes : ndarray of float32, shape (n, rows, columns)
        As measured.
    deviations : ndarray of float64, shape (n, rows, columns)
        Of the noise on each value.
    finest : float
        Planes with less noise than that are left as they are.

    Returns
    -------
    ndarray of float32, shape (n, rows, columns)
        A new array.
    """
    out = np.ascontiguousarray(planes, np.float32).copy()
    typical = np.median(deviations, axis=(1, 2))
    noisy = typical >= finest
    if noisy.any():
        unit = typical[noisy, None, None]  # in units of the noise nothing depends on it
        seen = (out[noisy] / unit).astype(np.float32)
        spread = deviations[noisy] / unit
        out[noisy] = _best(seen, spread) * unit
    return out


def _best(seen: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """All planes under the weight of the least estimated error of all of them together."""
    found, least = seen, float((spread**2).sum())
    probe = _signs(seen.shape)
    for weight in WEIGHTS[1:]:
        smooth = total_variation(seen, spread, weight)
        moved = total_variation(seen + _STEP * probe, spread, weight)
        slope = float((probe * (moved - smooth) / _STEP * spread**2).sum(dtype=np.float64))
        change = float(((smooth - seen).astype(np.float64) ** 2).sum())
        error = change + 2 * slope - float((spread**2).sum())
        if error < least:
            found, least = smooth, error
    return found


def total_variation(seen: np.ndarray, spread: np.ndarray, weight: float) -> np.ndarray:
    """Minimise the functional.

    Parameters
    ----------
    seen : ndarray of float32, shape (n, rows, columns)
        As measured, in units of the noise.
    spread : ndarray of float64, shape (n, rows, columns)
        Each value's noise in the same units.
    weight : float
        w.

    Returns
    -------
    ndarray of float32, shape (n, rows, columns)
        A new array.
    """
    from numbadp.postprocess.kernels.rof_cpu import rof_cpu

    out = np.ascontiguousarray(seen, np.float32).copy()
    pull = (1 / (weight * spread**2)).astype(np.float32)
    drain(rof_cpu, len(out), _COST * out.size, out, pull, ITERATIONS)
    return out


def _signs(shape) -> np.ndarray:
    """Fixed signs without a pattern: bits of a multiplicative hash of the place."""
    place = np.arange(np.prod(shape), dtype=np.uint64)
    mixed = (place + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return (1 - 2 * (mixed >> np.uint64(63)).astype(np.float32)).reshape(shape)
