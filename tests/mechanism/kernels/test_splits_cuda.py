"""Splits on the GPU, in the simulator: one draw a square, whatever is above it."""

from gpu_layouts import MIXED
from simulator import run_python, simulated


def test_every_square_draws_at_its_own_address():
    """The addresses of a release are the same for two pictures, and each is used once."""
    run_python(
        "import numpy as np\n"
        "from cases import fixed_key\n"
        "from gpu_layouts import BY_NAME\n"
        "from numbadp.compute.gpu import cuda\n"
        "from numbadp.mechanism import _pixelize\n"
        "from numbadp.mechanism.kernels import splits_cuda\n"
        "draw, case, seen = splits_cuda.draw_noise, BY_NAME['small-private'], []\n"
        "def watched(key, cell, n, k, tag, *rest):\n"
        "    seen[-1].append((int(cell), int(n), int(tag)))\n"
        "    return draw(key, cell, n, k, tag, *rest)\n"
        "splits_cuda.draw_noise = watched\n"
        "for image in (case.image(), np.zeros(case.shape, np.uint8)):\n"
        "    seen.append([])\n"
        "    _pixelize(cuda.to_device(image), case.plan(), fixed_key())\n"
        "assert sorted(seen[0]) == sorted(seen[1])\n"
        "assert len(set(seen[0])) == len(seen[0])\n"
        "levels = case.plan().split_levels\n"
        "assert len(seen[0]) == sum(level.grid[0] * level.grid[1] for level in levels)\n"
    )


def test_levels_are_within_the_plan():
    """No leaf is wider than the widest square or finer than a base cell."""
    for name, case in MIXED.items():
        if case.kind == "private":
            plan = case.plan()
            sides = 256 >> simulated()[f"{name}/leaves"].astype(int)
            assert sides.max() <= plan.split_levels[0].side
            assert sides.min() >= plan.planes[0].cell
