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
        "from numbadp.gpu import cuda\n"
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
