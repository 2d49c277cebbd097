"""Discrete Gaussian noise on the GPU: one thread a value, the scalar sampler of `gauss_body`."""

import numpy as np

from numbadp.compute.gpu import cuda, jit_device, jit_kernel
from numbadp.mechanism.kernels.chacha_cuda import build_block
from numbadp.mechanism.kernels.gauss_body import build_gauss
from numbadp.mechanism.kernels.noise_cuda import split_key

THREADS = 128
sample = build_gauss(jit_device, build_block)[3]


@jit_kernel
def gauss_cuda(values, tag, cuts, bits, numbers, start, accepts, k01, k23, k45, k67):
    """Add noise to `values`, int64; tables as in `gauss_cpu`."""
    cell = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    if cell < values.size:
        key = split_key(k01, k23, k45, k67)
        values[cell] += sample(key, np.uint64(cell), tag, cuts, bits, numbers, start, accepts)
