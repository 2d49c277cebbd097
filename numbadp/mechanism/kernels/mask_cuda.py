"""A picture's pixels inside a region, and those outside, on the GPU; the mask is public."""

import numpy as np

from numbadp.compute.gpu import cuda, jit_kernel

# Entries of `numbers`; the last five are bytes.
BATCH, HEIGHT, WIDTH, CHANNELS, ROOM, ORIGIN, PICTURE, ROW, COLUMN, CHANNEL = range(10)


@jit_kernel
def mask_cuda(picture, numbers, mask, inside, outside):
    """Copy pixels where `mask` [H, W] is 1 to `inside`, all others to `outside`, 0 elsewhere.

    `picture` is uint8, from the first byte in memory on.  `inside` is packed, its rows filled up
    with zeros to ROOM pixels; `outside` is packed.
    """
    height, width, room = numbers[HEIGHT], numbers[WIDTH], numbers[ROOM]
    channels = numbers[CHANNELS]
    pixel = np.int64(cuda.blockIdx.x) * cuda.blockDim.x + cuda.threadIdx.x
    y = pixel // room
    x = pixel - y * room
    n = np.int64(cuda.blockIdx.y)
    while y < height and n < numbers[BATCH]:
        source = numbers[ORIGIN] + n * numbers[PICTURE] + y * numbers[ROW] + x * numbers[COLUMN]
        to_inside = ((n * height + y) * room + x) * channels
        to_outside = ((n * height + y) * width + x) * channels
        for c in range(channels):
            inside[to_inside + c] = np.uint8(0)
            if x < width:
                value = picture[source + c * numbers[CHANNEL]]
                covered = mask[y, x] != 0
                # leaves.py, step 4: what lies outside is never summed
                inside[to_inside + c] = value if covered else np.uint8(0)
                outside[to_outside + c] = np.uint8(0) if covered else value
        n += cuda.gridDim.y
