"""What the pools' CUDA kernels make of small vectors, in the simulator or on a device."""

from fractions import Fraction

import numpy as np
from cases import fixed_key

SIZE, EACH = 37, 9
RADII = np.array([3, 10**9, 77, 2**40, 1], np.int64)
VARIANCES = (Fraction(1, 7), Fraction(15129), Fraction(2**50))
SCALES = (Fraction(17, 3), Fraction(2**30))
LAWS = {"gauss": 19, "cube": 17, "laplace": 16}


def tag_of(law):
    """Return the address tag of a law."""
    return np.uint64(LAWS[law] << 24 | 1 << 16)


def key_words():
    """Return the key as four words of 64 bits."""
    return tuple(np.uint64(word) for word in fixed_key(8).words.view(np.uint64))


def tables_of(variance):
    """Return the Gaussian's tables as kernels take them."""
    from numbadp.mechanism.pool.gauss import gauss_arrays, gauss_tables

    arrays = gauss_arrays(gauss_tables(variance))
    return arrays.cuts, arrays.bits, arrays.numbers, arrays.start, arrays.accepts


def cuts_of(scale):
    """Return a scale's tables."""
    from numbadp.mechanism.cutoffs import cutoffs_for
    from numbadp.mechanism.noise import cut_limbs

    cutoffs = cutoffs_for(scale)
    return cut_limbs(cutoffs), np.array(cutoffs.bits, np.int64)


def pictures():
    """Return small pictures with labels, and which are kept."""
    rng = np.random.default_rng(4)
    images, labels = rng.integers(0, 256, (11, 23), np.uint8), rng.integers(0, 3, 11)
    return images, labels, (rng.random(11) < 0.8).astype(np.uint8)


def frames():
    """Return frames of a size that cells do not fill, cell, bins, and the number of the first."""
    rng = np.random.default_rng(5)
    return rng.integers(0, 256, (9, 10, 13, 3), np.uint8), 4, 16, 11


def points():
    """Return cells of points, some outside, and their tracks; most cells of a track."""
    rng = np.random.default_rng(6)
    return rng.integers(-1, 12, 300), rng.integers(0, 7, 300), 5


def run_pools(found):
    """Noise of every law on vectors of zeros, and sums of pictures, votes and visits."""
    from numbadp.compute.gpu import configured, cuda
    from numbadp.mechanism.kernels import cube_cuda, gauss_cuda, pool_cuda

    key, stream = key_words(), 0

    def launch(name, module, kernel, size, *arguments):
        values = cuda.to_device(np.zeros(size, np.int64))
        blocks = -(-size // module.THREADS)
        sent = [cuda.to_device(a.copy()) if isinstance(a, np.ndarray) else a for a in arguments]
        configured(kernel, blocks, module.THREADS, stream)(values, *sent, *key)
        found[f"pool/{name}"] = values.copy_to_host()

    for k, variance in enumerate(VARIANCES):
        launch(
            f"gauss-{k}", gauss_cuda, gauss_cuda.gauss_cuda, SIZE, tag_of("gauss"),
            *tables_of(variance),
        )  # fmt: skip
    launch("cube", cube_cuda, cube_cuda.cube_cuda, SIZE, EACH, RADII, tag_of("cube"))
    for k, scale in enumerate(SCALES):
        launch(
            f"laplace-{k}", cube_cuda, cube_cuda.laplace_cuda, SIZE, tag_of("laplace"),
            *cuts_of(scale),
        )  # fmt: skip
    images, labels, kept = pictures()
    sums, counts = (cuda.to_device(np.zeros(s, np.int64)) for s in ((3, 23), 3))
    parts = [cuda.to_device(part) for part in (images, labels, kept)]
    blocks = -(-images.shape[1] // pool_cuda.THREADS)
    configured(pool_cuda.pictures_cuda, blocks, pool_cuda.THREADS, stream)(*parts, sums, counts)
    found["pool/sums"], found["pool/counts"] = sums.copy_to_host(), counts.copy_to_host()
    shown, cell, bins, first = frames()
    votes = cuda.to_device(np.zeros((3, 4, 3, bins + 1), np.int64))
    configured(pool_cuda.votes_cuda, 1, pool_cuda.THREADS, stream)(
        cuda.to_device(shown), cell, bins, first, votes
    )
    found["pool/votes"] = votes.copy_to_host()
    cells, tracks, most = points()
    seen, used, visits = (cuda.to_device(np.zeros(s, np.int64)) for s in ((7, most), 7, 12))
    for part in (slice(0, 120), slice(120, None)):  # tracks go on in the next part
        configured(pool_cuda.tracks_cuda, 1, pool_cuda.THREADS, stream)(
            cuda.to_device(cells[part]), cuda.to_device(tracks[part]), most, seen, used
        )
    configured(pool_cuda.visits_cuda, 1, pool_cuda.THREADS, stream)(seen, used, visits)
    found["pool/visits"], found["pool/seen"] = visits.copy_to_host(), seen.copy_to_host()
