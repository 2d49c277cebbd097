"""The nets' kernels on the GPU, in the simulator: more elements than threads, strides over z."""

from simulator import run_python


def test_few_blocks_stride_over_pictures():
    """One block in z for three pictures gives what three give."""
    run_python(
        "import numpy as np\nfrom numbadp.compute.gpu import configured\n"
        "from numbadp.postprocess.kernels import polish_cuda as k\n"
        "from numbadp.postprocess.polish_weights import polish_weights\n"
        "rng, own = np.random.default_rng(2), polish_weights()\n"
        "numbers = np.array([[3, 2, 5, 4, 2, 10, 8, 64, 4, 0, 16320, 0, 0, 1]], np.int64)\n"
        "places = np.array([[8160, 4]], np.int64)\n"
        "gains = np.array([[0.03, 0.1]], np.float32)\n"
        "first, second = (w.astype(np.int32) for w in (own.first, own.second))\n"
        "grids = rng.integers(0, 16321, 3 * 20).astype(np.int16)\n"
        "residues = rng.integers(-900, 900, 3 * 6).astype(np.int32)\n"
        "found = []\n"
        "for layers in (1, 3):\n"
        "    inputs, hidden = np.zeros(3 * 6 * 5, np.int16), np.zeros(3 * 6 * 8, np.int16)\n"
        "    out = np.zeros(3 * 20, np.int16)\n"
        "    configured(k.inputs_cuda, (2, 1, layers), 5, 0)(\n"
        "        grids, residues, 3, numbers, places, gains, inputs)\n"
        "    configured(k.hidden_cuda, (20, 1, layers), 5, 0)(\n"
        "        inputs, 3, numbers, places, first, own.activated.copy(), hidden)\n"
        "    configured(k.polish_cuda, (4, 1, layers), 5, 0)(\n"
        "        grids, hidden, 3, numbers, places, gains, second, out)\n"
        "    found.append((inputs, hidden, out))\n"
        "assert all(a.any() for a in found[0])\n"
        "for a, b in zip(*found):\n"
        "    np.testing.assert_array_equal(a, b)\n"
    )
