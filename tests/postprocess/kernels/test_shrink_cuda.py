"""Moments over many blocks' worth of sub-cells, in the simulator."""

from simulator import run_python


def test_moments_of_a_batch_equal_the_cpu():
    """More sub-cells than threads, two pictures, two planes, one guided."""
    run_python(
        "import numpy as np\nfrom numbadp.compute.gpu import configured, cuda\n"
        "from numbadp.postprocess.kernels import shrink_cuda as k\n"
        "from numbadp.postprocess.kernels.shrink_body import build_centre, build_weight\n"
        "rng = np.random.default_rng(2)\n"
        "counts, numbers = (37, 12), (7360, 4000, 3000, 200000, 3900, 128)\n"
        "grids = rng.integers(0, 16321, 2 * sum(counts)).astype(np.int16)\n"
        "centres = rng.integers(0, 16321, grids.size).astype(np.int16)\n"
        "rows = [[c, s, g, *numbers, 0, 0, 0, 0] for c, s, g in ((37, 0, 0), (12, 37, 1))]\n"
        "found = np.zeros((2, 2, 2), np.int64)\n"
        "configured(k.moments_cuda, (2, 1), 8, 0, 16 * 8)(\n"
        "    grids, 2, np.array(rows, np.int64), centres, np.ones(1, np.uint8), found)\n"
        "centre, weight = build_centre(lambda f: f), build_weight(lambda f: f)\n"
        "for p, (count, start) in enumerate(((37, 0), (12, 37))):\n"
        "    for n in range(2):\n"
        "        at = start * 2 + n * count\n"
        "        own = grids[at : at + count].astype(np.int64)\n"
        "        c = int(centre(int(own.sum()), count, *numbers[:2]))\n"
        "        to = centres[at : at + count].astype(np.int64) if p else c\n"
        "        w = weight(int(((own - to) ** 2).sum() // count), *numbers[2:])\n"
        "        assert found[p, n].tolist() == [c, int(w)]\n"
    )
