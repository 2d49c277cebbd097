"""What the whole grid says, on the GPU: twins of `steady_fit_cpu`.

A thread takes a column, where sums over rows are kept in order; one thread solves the rest.
"""

import numpy as np

from numbadp.compute.gpu import cuda, jit_device, jit_kernel, times
from numbadp.postprocess.kernels.steady_body import ONE
from numbadp.postprocess.kernels.steady_cpu import CAMERA, CHI, LIGHT, RESTARTED
from numbadp.postprocess.kernels.steady_cuda import larger, place
from numbadp.postprocess.kernels.steady_fit_cpu import MIDDLE, SUMS

NINTH = np.float32(1 / 9)


@jit_kernel
def background_cuda(x, a):
    """Means of 3 x 3 cells of the background, where these are whole."""
    rows, columns = x.shape
    i, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if i < 1 or i >= rows - 1 or j < 1 or j >= columns - 1:
        return
    left = (x[i - 1, j - 1] + x[i, j - 1]) + x[i + 1, j - 1]
    here = (x[i - 1, j] + x[i, j]) + x[i + 1, j]
    right = (x[i - 1, j + 1] + x[i, j + 1]) + x[i + 1, j + 1]
    a[i, j] = ((left + here) + right) * NINTH


@jit_kernel
def fit_cuda(apart, spreads, hot, a, sums, quiet, told):
    """Weighted normal equations of a column, and how many of its cells do not move."""
    rows, columns = hot.shape
    j = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    if j >= columns or told[RESTARTED] != 0.0:
        return
    still = 0
    for i in range(rows):
        still += 1 - np.int64(hot[i, j])
    quiet[j] = still
    for k in range(SUMS):
        sums[k, j] = 0.0
    if j < 2 or j >= columns - 2:
        return
    for i in range(2, rows - 2):
        w = np.float64((ONE - np.float32(hot[i, j])) / spreads[i + 2, j + 2])
        g = np.float64(a[i, j]) - np.float64(MIDDLE)
        down = np.float64(a[i + 1, j] - a[i - 1, j]) * 0.5
        across = np.float64(a[i, j + 1] - a[i, j - 1]) * 0.5
        z = np.float64(apart[i + 2, j + 2])
        wg, wd, wa = times(w, g), times(w, down), times(w, across)
        sums[0, j] += w
        sums[1, j] += wg
        sums[2, j] += wd
        sums[3, j] += wa
        sums[4, j] += times(wg, g)
        sums[5, j] += times(wg, down)
        sums[6, j] += times(wg, across)
        sums[7, j] += times(wd, down)
        sums[8, j] += times(wd, across)
        sums[9, j] += times(wa, across)
        sums[10, j] += times(w, z)
        sums[11, j] += times(wg, z)
        sums[12, j] += times(wd, z)
        sums[13, j] += times(wa, z)


@jit_device
def solve(matrix, m, b, first, last, answer):
    """Gauss on rows and columns first to last - 1; row 4 of `matrix` is the right side."""
    n = last - first
    for i in range(n):
        b[i] = matrix[4, first + i]
        for j in range(n):
            m[i, j] = matrix[first + i, first + j]
    for k in range(n):
        for i in range(k + 1, n):
            factor = m[i, k] / m[k, k]
            for j in range(k, n):
                m[i, j] -= times(factor, m[k, j])
            b[i] -= times(factor, b[k])
    gained = 0.0
    for k in range(n - 1, -1, -1):
        value = b[k]
        for j in range(k + 1, n):
            value -= times(m[k, j], answer[first + j])
        answer[first + k] = value / m[k, k]
        gained += times(answer[first + k], matrix[4, first + k])
    return gained


@jit_kernel
def whole_cuda(sums, quiet, size, work, told):
    """Step 4: one thread says whether the camera or the light changed.

    `work` is float64 [3, 5, 4]: the matrix and its right side, what Gauss works on, the answer.
    """
    if told[RESTARTED] != 0.0:
        return
    matrix, m, b, answer = work[0], work[1], work[1, 4], work[2, 0]
    k = 0
    for i in range(4):
        for j in range(i, 5):
            row = k if j < 4 else 10 + i
            total = 0.0
            for column in range(quiet.size):
                total += sums[row, column]
            if j < 4:
                matrix[i, j] = total
                matrix[j, i] = total
                k += 1
            else:
                matrix[4, i] = total
    trace = matrix[0, 0] + matrix[1, 1] + matrix[2, 2] + matrix[3, 3]
    ridge = times(1e-9, trace) + 1e-12
    for i in range(4):
        matrix[i, i] += ridge
    light = solve(matrix, m, b, 0, 2, answer)
    shift = solve(matrix, m, b, 2, 4, answer)
    both = solve(matrix, m, b, 0, 4, answer)
    told[CAMERA], told[LIGHT] = both - light, both - shift
    still = 0
    for j in range(quiet.size):
        still += quiet[j]
    if told[CAMERA] > CHI or still < 0.1 * size:
        told[CAMERA] = larger(told[CAMERA], 2.0 * CHI)
        told[RESTARTED] = 1.0


@jit_kernel
def light_cuda(x, a, work, told):
    """Change the background as the light changed; at the rim as its cells are."""
    rows, columns = x.shape
    i, j = place(cuda.blockIdx.x, cuda.blockDim.x, cuda.threadIdx.x, columns)
    if i >= rows or told[RESTARTED] != 0.0 or not told[LIGHT] > CHI:
        return
    zero, one = np.float32(work[2, 0, 0]), np.float32(work[2, 0, 1])
    inside = 1 <= i < rows - 1 and 1 <= j < columns - 1
    level = a[i, j] if inside else x[i, j]
    x[i, j] = x[i, j] + (zero + times(one, level - MIDDLE))
