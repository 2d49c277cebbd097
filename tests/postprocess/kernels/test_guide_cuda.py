"""The kernels of chroma that follows luma on the GPU, in the simulator: odd sizes, many blocks."""

from simulator import run_python


def test_halves_and_slopes_equal_the_cpu():
    run_python(
        "import numpy as np\nfrom numbadp.compute.gpu import configured\n"
        "from numbadp.postprocess.kernels import guide_cpu, guide_cuda as k\n"
        "rng = np.random.default_rng(2)\n"
        "draw = lambda *size: rng.integers(-8160, 8161, size).astype(np.int16)\n"
        "for rows, columns in ((1, 1), (3, 4), (4, 7), (5, 5)):\n"
        "    grid = draw(2, rows, columns)\n"
        "    given = np.concatenate([draw(3), grid.ravel()])\n"
        "    wanted = np.stack([guide_cpu.halve(one) for one in grid])\n"
        "    out = np.zeros(wanted.size, np.int16)\n"
        "    configured(k.halve_cuda, 40, 3, 0)(given, 3, rows, columns, 2, out)\n"
        "    np.testing.assert_array_equal(out, wanted.ravel())\n"
        "    luma, own, rest = draw(2, rows, columns), draw(2, rows, columns), rng.integers(\n"
        "        -32768, 32768, (2, rows, columns)).astype(np.int32)\n"
        "    gains = np.array([374, 973, 10**8, 0, 0])\n"
        "    wanted = [guide_cpu.slopes_of(*three, *gains[:3])\n"
        "              for three in zip(luma, own, rest)]\n"
        "    out = np.zeros(luma.size, np.int16)\n"
        "    place = np.array([rows, columns, 0, 0, 2])\n"
        "    rest = np.concatenate([[7, 7], rest.ravel()]).astype(np.int32)\n"
        "    configured(k.slopes_cuda, 40, 3, 0)(\n"
        "        luma.ravel(), own.ravel(), rest, 2, place, gains, out)\n"
        "    np.testing.assert_array_equal(out, np.stack(wanted).ravel())\n"
    )
