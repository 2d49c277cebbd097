"""Filters of steadied frames by the GPU's kernels, in the simulator: residues and kinds of noise."""

from simulator import run_python

START = """
import numpy as np
from numbadp.compute.gpu import configured
from numbadp.postprocess.kernels import steady_filter_cuda as k
# Cells of 4 x 4 pixels: 2 x 3 of them over 7 x 10 pixels, 4 x 5 sub-cells.
numbers = np.array([2, 3, 4, 5, 2, 7, 10, 1, 4, 0, 16320], np.int64)
shown = np.array([[20, 30, 1e30], [-3e8, 50, 60]], np.float32)
grid, residues = np.full(20, 64 * 10, np.int16), np.zeros(6, np.int32)
configured(k.steady_residues_cuda, 2, 4, 0)(shown, grid, numbers, residues)
"""


def test_residues_are_shares_of_whole_cells():
    """A cut cell has fewer pixels; what is wild is clipped."""
    run_python(
        START + "most = 1 << 15\n"
        "wanted = [64 * 10, 64 * 20, most, -most, 64 * 40 * 12 // 16, 64 * 50 * 6 // 16]\n"
        "assert residues.tolist() == wanted, residues\n"
    )


def test_sub_cells_take_the_weights_of_their_cells_noise():
    """And those without turns stay."""
    run_python(
        START + "weights = np.zeros((3, 34), np.int32)\nweights[:, 29] = 0, 2048, 4096\n"
        "noise = np.array([[1, 2, 3], [0.5, 2.5, 9]], np.float32)\n"
        "edges = np.array([1, 2.5], np.float32)\nresidues[:] = 100\n"
        "out = np.full(20, -7, np.int16)\n"
        "for row in ([[1], [0]], [[0], [1]]):\n"
        "    configured(k.steady_filter_cuda, 4, 5, 0)(\n"
        "        noise, grid, residues, numbers, edges, weights, np.array(row, np.uint8), out)\n"
        "    if row[0][0]:\n        assert (out[10:] == -7).all()\n"
        "upper, lower = [0, 0, 50, 50, 100], [0, 0, 50, 50, 100]\n"
        "assert out.reshape(4, 5).tolist() == [upper, upper, lower, lower], out\n"
    )
