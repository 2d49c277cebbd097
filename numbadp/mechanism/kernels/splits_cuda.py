"""Private splits on the GPU: a noisy contrast for every square of every level, then the leaves.

All squares draw, whatever becomes of those above them, so draws depend on the shape alone.
"""

import numpy as np

from numbadp.compute.gpu import cuda, jit_device, jit_kernel
from numbadp.mechanism.kernels.leaves_cuda import ROWS, WIDTH, place, square_of
from numbadp.mechanism.kernels.noise_cuda import FIRST_BLOCK, draw_noise, row_of, split_key
from numbadp.mechanism.kernels.score_body import build_contrast

# Columns of `questions`, one row a level, coarsest first, after FIRST_BLOCK.
LEVEL, BLOCKS, WORDS, TAG, FLAGS_START, RULES_START, THRESHOLD = range(1, 8)
ASKED, WHOLE, SPLIT = 0, 1, 2  # in `rules`: by its contrast, or by a public rule

contrast = build_contrast(jit_device)


@jit_device
def form_at(sums, pyramid, weights, level, n, y, x):
    """Sum of the form that drives the splits, of one square; 0 outside the picture."""
    rows, width = pyramid[0, level, ROWS], pyramid[0, level, WIDTH]
    total = np.int64(0)
    if y < rows and x < width:
        for k in range(weights.shape[0]):
            if weights[k] != 0:
                total += weights[k] * sums[place(pyramid, k, level, n, y * width + x)]
    return total


@jit_device
def score_at(sums, pyramid, weights, level, n, y, x):
    """Contrast of one square of a level."""
    return contrast(
        form_at(sums, pyramid, weights, level - 1, n, 2 * y, 2 * x),
        form_at(sums, pyramid, weights, level - 1, n, 2 * y, 2 * x + 1),
        form_at(sums, pyramid, weights, level - 1, n, 2 * y + 1, 2 * x),
        form_at(sums, pyramid, weights, level - 1, n, 2 * y + 1, 2 * x + 1),
    )


@jit_kernel
def splits_cuda(
    sums, flags, batch, questions, pyramid, weights, rules, tops, widths, cuts, bits, k01, k23, k45,
    k67,
):  # fmt: skip
    """Write 1 where a square is split, 0 where it is not.

    splits.py, step 3: a square that is not whole follows a public rule, here from `rules`; a whole
    one is split iff its noisy contrast is above the threshold of its size.
    """
    block = np.int64(cuda.blockIdx.x)
    own = row_of(questions, block)
    level = questions[own, LEVEL]
    rows, width = pyramid[0, level, ROWS], pyramid[0, level, WIDTH]
    square, y, x = square_of(questions[own, FIRST_BLOCK], width, block, cuda.threadIdx.x)
    key, tag = split_key(k01, k23, k45, k67), questions[own, TAG]
    n = np.int64(cuda.blockIdx.y)
    while y < rows and n < batch:
        # splits.py, step 1: all of a level's contrasts are noised
        noisy = score_at(sums, pyramid, weights, level, n, y, x) + draw_noise(
            key, square, n, own, tag, questions[own, BLOCKS], questions[own, WORDS], tops, widths,
            cuts, bits,
        )  # fmt: skip
        split = np.uint8(noisy > questions[own, THRESHOLD])
        rule = rules[questions[own, RULES_START] + square]
        if rule != ASKED:
            split = np.uint8(rule == SPLIT)
        flags[questions[own, FLAGS_START] + n * rows * width + square] = split
        n += cuda.gridDim.y


@jit_kernel
def levels_cuda(flags, batch, questions, pyramid, finest, levels):
    """Level of the leaf of every base cell: the first square from the coarsest down not split."""
    rows, width = pyramid[0, 0, ROWS], pyramid[0, 0, WIDTH]
    _, y, x = square_of(0, width, np.int64(cuda.blockIdx.x), cuda.threadIdx.x)
    n = np.int64(cuda.blockIdx.y)
    while y < rows and n < batch:
        own, rise, found = 0, np.int64(0), False
        while own < questions.shape[0] and not found:
            level = questions[own, LEVEL]
            across = pyramid[0, level, WIDTH]
            start = questions[own, FLAGS_START] + n * pyramid[0, level, ROWS] * across
            found = flags[start + (y >> level) * across + (x >> level)] == 0
            if found:
                rise = level
            own += 1
        levels[n, y, x] = np.uint8(finest - rise)
        n += cuda.gridDim.y
