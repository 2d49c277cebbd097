"""Nets of steadied frames by the GPU's kernels, in the simulator: what is computed, by which net."""

from simulator import run_python


def test_activations_are_computed_where_they_are_wanted():
    """Of cells that are drawn and those beside, each by its own net and in its own noise."""
    run_python(
        "import numpy as np\nfrom numbadp.compute.gpu import configured\n"
        "from numbadp.postprocess.kernels import steady_polish_cuda as k\n"
        "first, inputs = np.zeros((2, 360), np.int32), np.zeros((3, 40, 5), np.int16)\n"
        "first[:, 8 * (4 * 9 + 4)] = 10, 20  # of a cell's own residue, for the first output\n"
        "inputs[..., 4] = 4\n"
        "noise = np.full((3, 40), 2, np.float32)\nnoise[0, 15:] = 8\n"
        "turns, hidden = np.zeros((3, 3), np.uint8), np.full((3, 40, 8), -7, np.int16)\n"
        "turns[0, 1] = 1\n"
        "configured(k.steady_hidden_cuda, 200, 5, 0)(\n"
        "    noise, inputs, np.array([1, 2], np.float32), np.array([4], np.float32), first,\n"
        "    np.full((2, 16), 0.5, np.float32), turns, hidden)\n"
        "seen = (hidden != -7).all(2)\n"
        "assert seen[:2, 15:33].all() and seen.sum() == 36\n"
        "assert (hidden[0, 15:33, 0] == 40).all() and (hidden[1, 15:33, 0] == 40).all()\n"
        "assert not hidden[seen][:, 1:].any()\n"
    )


def test_inputs_are_limited_and_beyond_an_edge_as_on_it():
    run_python(
        "import numpy as np\nfrom numbadp.compute.gpu import configured\n"
        "from numbadp.postprocess.kernels import steady_polish_cuda as k\n"
        "numbers = np.array([2, 2, 3, 4, 2, 6, 8, 1, 4, 0, 16320], np.int64)\n"
        "inputs = np.zeros((2, 2, 5), np.int16)\n"
        "configured(k.steady_inputs_cuda, 2, 3, 0)(\n"
        "    np.arange(12).astype(np.int16), np.array([7, 2**15, -2**15, 6], np.int32), numbers,\n"
        "    np.array([4]), np.array([0.5, 1], np.float32), inputs)\n"
        "wanted = [[-2, -2, 0, 0, 4], [-1, 0, 1, 2, 5000]], [[2, 2, 2, 2, -5000], [3, 4, 3, 4, 3]]\n"
        "assert inputs.tolist() == list(wanted), inputs\n"
    )
