"""Denoising with a quadratic data term: minimise (u - y)**2 / (2 sd**2) + w / sd * TV(u).

This is the posterior mode under Gaussian noise of deviation sd; under noise that spreads over a
cube it is as good, since a number is then nearly uniform.  Counts are denoised by it whatever their
noise: a robust data term would remove single high cells, which are what a heat map is about.
Where the noise is below `FINEST` grey levels nothing is done: it would cost more than it gains.

References
----------
.. [1] Rudin, Osher, Fatemi, "Nonlinear total variation based noise removal", Physica D 60 (1992).
"""

import numpy as np

from numbadp.compute.workers import drain

ITERATIONS = 200
FINEST = 1.0  # grey levels
WEIGHT = 0.8
_COST = 6 * ITERATIONS  # ns a value on one core, roughly


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
    from numbadp.postprocess.kernels.rof_cpu import rof_cpu

    out = np.ascontiguousarray(planes, np.float32).copy()
    typical = np.median(deviations, axis=(1, 2))
    noisy = typical >= finest
    if noisy.any():
        unit = typical[noisy, None, None]  # in units of the noise nothing depends on it
        scaled = (out[noisy] / unit).astype(np.float32)
        pull = ((unit / deviations[noisy]) ** 2 / WEIGHT).astype(np.float32)
        drain(rof_cpu, len(scaled), _COST * scaled.size, scaled, pull, ITERATIONS)
        out[noisy] = scaled * unit
    return out
