"""The filters' kernels on the GPU, in the simulator: more elements than threads, strides over z."""

from simulator import run_python


def test_few_blocks_stride_over_pictures():
    """One block in z for three pictures gives what three give."""
    run_python(
        "import numpy as np\nfrom numbadp.compute.gpu import configured\n"
        "from numbadp.postprocess.kernels import filter_cuda as k\n"
        "rng = np.random.default_rng(2)\n"
        "rows = [[3, 4, 5, 7, 2, 10, 14, 64, 4, 0, 16320, 0, 0, 1]]\n"
        "numbers = np.array(rows, np.int64)\n"
        "weights = rng.integers(-400, 900, (1, 34)).astype(np.int32)\n"
        "grids = rng.integers(0, 16321, 3 * 35).astype(np.int16)\n"
        "values = rng.integers(0, 255 * 16, 3 * 12)\n"
        "found = []\n"
        "for layers in (1, 3):\n"
        "    residues = np.zeros(3 * 12, np.int32)\n"
        "    out = np.zeros(3 * 35, np.int16)\n"
        "    configured(k.residues_cuda, (3, 1, layers), 5, 0)(\n"
        "        values, grids, 3, numbers, residues)\n"
        "    configured(k.filter_cuda, (7, 1, layers), 5, 0)(\n"
        "        grids, residues, 3, numbers, weights, out)\n"
        "    found.append((residues, out))\n"
        "assert found[0][0].any() and found[0][1].any()\n"
        "for a, b in zip(*found):\n"
        "    np.testing.assert_array_equal(a, b)\n"
    )
