"""Exact sums over many pictures on the GPU: one thread a pixel, so that nothing is added twice."""

import numpy as np

from numbadp.compute.gpu import cuda, jit_kernel

THREADS = 128


@jit_kernel
def pictures_cuda(pictures, labels, kept, sums, counts):
    """Add the pictures [n, P] that are kept to `sums` of their classes; thread 0 counts them."""
    pixel = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    if pixel < pictures.shape[1]:
        for i in range(pictures.shape[0]):
            if kept[i] != 0:
                sums[labels[i], pixel] += np.int64(pictures[i, pixel])
                if pixel == 0:
                    counts[labels[i]] += 1
