"""Painting mixed leaves and regions on the GPU, in the simulator."""

import numpy as np
import pytest
from gpu_layouts import BY_NAME, FROM_HOST
from simulator import run_python, simulated

from postprocess.mixed_painted import mixed_on_cpu


@pytest.mark.parametrize("name", BY_NAME)
def test_mosaics_and_leaves_equal_the_cpu(name):
    pictures, tree = mixed_on_cpu(name)
    np.testing.assert_array_equal(simulated()[f"{name}/mosaic"], pictures["mosaic"])
    np.testing.assert_array_equal(simulated()[f"{name}/tree"], tree.levels)
    np.testing.assert_array_equal(simulated()[f"{name}/drawn"], tree.draw())


def test_host_pictures_show_the_background():
    pictures, tree = mixed_on_cpu(FROM_HOST)
    np.testing.assert_array_equal(simulated()["mixed-host/smooth"], pictures["smooth"])
    np.testing.assert_array_equal(simulated()["mixed-host/drawn"], tree.draw())


def test_a_batch_in_parts_gives_the_same_numbers():
    """One picture's state at a time, with leaves of their own and with shared ones."""
    run_python(
        "import numpy as np\n"
        "from cases import fixed_key\n"
        "from gpu_child import use_small_blocks\n"
        "from gpu_layouts import BY_NAME\n"
        "from layout_cases import LAYOUT_BY_ID\n"
        "from numbadp.compute.gpu import cuda\n"
        "from numbadp.mechanism import _pixelize\n"
        "from numbadp.postprocess import leaves_cuda\n"
        "leaves_cuda.ITERATIONS = 1\n"
        "use_small_blocks()\n"
        "for case in (BY_NAME['small-mask'], LAYOUT_BY_ID['mask-batch']):\n"
        "    pictures = []\n"
        "    for leaves_cuda._STATE_BYTES in (1, 1 << 30):\n"
        "        release = _pixelize(cuda.to_device(case.image()), case.plan(), fixed_key())\n"
        "        pictures.append(release.render('smooth').copy_to_host())\n"
        "    assert (pictures[0] == pictures[1]).all()\n"
    )


def test_every_large_leaf_has_a_block_and_no_other():
    """Once, by its head, in every plane and picture.  Oracle: the published levels, square by square."""
    run_python(
        "import numpy as np\n"
        "from cases import fixed_key\n"
        "from layout_cases import LAYOUT_BY_ID\n"
        "from numbadp.mechanism import _pixelize\n"
        "from numbadp.postprocess import leaves_cuda\n"
        "leaves_cuda.kernels.LARGE_RISE = 1\n"
        "met = 0\n"
        "for name in ('private-batch', 'zones-on-finer-cells', 'exact-grey'):\n"
        "    case = LAYOUT_BY_ID[name]\n"
        "    plan, layout = case.plan(), _pixelize(case.image(), case.plan(), fixed_key()).layout\n"
        "    levels = layout.levels if layout.levels.ndim == 3 else layout.levels[None]\n"
        "    expected = set()\n"
        "    for k, plane in enumerate(plan.planes):\n"
        "        step, width = plane.cell // plan.planes[0].cell, plane.grid[1]\n"
        "        for n, own in enumerate(levels):\n"
        "            for (y, x), level in np.ndenumerate(own[::step, ::step]):\n"
        "                span = max((256 >> int(level)) // plane.cell, 1)\n"
        "                if span >= 2 and y % span == 0 and x % span == 0:\n"
        "                    expected.add((k, n, y * width + x))\n"
        "    found = leaves_cuda.large_leaves(plan, leaves_cuda.leaf_maps(plan, layout))\n"
        "    assert set(map(tuple, found.tolist())) == expected and len(found) == len(expected)\n"
        "    met += bool(expected)\n"
        "assert met == 3\n"
    )


def test_large_leaves_are_added_in_the_order_of_the_cpu():
    """256 cells and more, several loads a block, leaves of one picture and of all: the same bits."""
    run_python(
        "import numpy as np\nfrom cases import fixed_key\n"
        "from gpu_child import use_small_blocks\n"
        "from layout_cases import LayoutCase, zones\n"
        "from numbadp.compute.gpu import cuda\nfrom numbadp.mechanism import _pixelize\n"
        "from numbadp.postprocess import leaves, leaves_cuda\n"
        "from numbadp.plan.rules import ExactLayout\n"
        "leaves.ITERATIONS = leaves_cuda.ITERATIONS = 2\nuse_small_blocks()\n"
        "queued = []\n"
        "own = leaves_cuda.configured\n"
        "def configured(kernel, *shape):\n    queued.append(kernel)\n    return own(kernel, *shape)\n"
        "leaves_cuda.configured = configured\n"
        "for case in (\n"
        "    LayoutCase('a', (2, 19, 18, 1), '9', 1, {'cell': 1}, zones([((0, 0, 4, 4), 1)], 16)),\n"
        "    LayoutCase('b', (2, 18, 17, 1), '5', 1, {'cell': 2}, ExactLayout('range')),\n"
        "):\n"
        "    expected = _pixelize(case.image(), case.plan(), fixed_key()).render('smooth')\n"
        "    found = _pixelize(cuda.to_device(case.image()), case.plan(), fixed_key())\n"
        "    assert (found.render('smooth').copy_to_host() == expected).all()\n"
        "assert leaves_cuda.kernels.large_steps_cuda in queued\n"
    )
