"""Noise on flat vectors on the GPU: points of cubes and discrete Laplace values, one a thread."""

import numpy as np

from numbadp.compute.gpu import cuda, jit_device, jit_kernel
from numbadp.mechanism.kernels.chacha_cuda import build_block
from numbadp.mechanism.kernels.cube_body import build_uniform
from numbadp.mechanism.kernels.noise_body import build_draw
from numbadp.mechanism.kernels.noise_cuda import split_key

THREADS = 128
uniform = build_uniform(jit_device, build_block)[1]
draw = build_draw(jit_device, build_block)


@jit_kernel
def cube_cuda(values, each, radii, tag, k01, k23, k45, k67):
    """Add a point of a cube to every `each` of `values`, whose radii are `radii`."""
    cell = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    if cell < values.size:
        key, radius = split_key(k01, k23, k45, k67), radii[cell // each]
        drawn = uniform(key, np.uint64(cell), tag, np.uint64(2 * radius + 1))
        values[cell] += np.int64(drawn) - radius


@jit_kernel
def laplace_cuda(values, tag, cuts, bits, k01, k23, k45, k67):
    """Add discrete Laplace noise to `values`."""
    cell = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    if cell < values.size:
        key = split_key(k01, k23, k45, k67)
        values[cell] += draw(key, np.uint64(cell), np.uint64(0), tag, cuts, bits)
