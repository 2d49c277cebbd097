"""The CUDA subset: intrinsics and their plain twins."""

import subprocess
import sys

from simulator import run_python


def test_plain_twins_of_the_intrinsics():
    """Words move as they are, bits of singles come back, halves round to even."""
    run_python(
        "import numpy as np\nfrom numbadp.compute import gpu\n"
        "words = np.arange(12, dtype=np.uint32)\n"
        "gpu.store_words(words, 4, *gpu.load_words(words, 8))\n"
        "assert words.tolist() == [0, 1, 2, 3, 8, 9, 10, 11, 8, 9, 10, 11]\n"
        "for x in (1.0, 3.5e-3, 2.0**100):\n"
        "    assert gpu.bits_float(gpu.float_bits(np.float32(x))) == np.float32(x)\n"
        "assert [int(gpu.nearest(x)) for x in (0.5, 1.5, 2.5, -0.5, -1.5)] == [0, 2, 2, 0, -2]\n"
        "assert [int(gpu.nearest_long(x)) for x in (0.5, 1.5, -3e15)] == [0, 2, -3 * 10**15]\n"
    )


def test_launches_are_kept_and_the_setting_is_as_before():
    """Made once for a shape, with the advice off while it is made and only then."""
    run_python(
        "from numbadp.compute import gpu\nmade, config = [], gpu._config\n"
        "class Kernel:\n    def __getitem__(self, shape):\n"
        "        made.append((shape, config.CUDA_LOW_OCCUPANCY_WARNINGS))\n        return object()\n"
        "kernel, other, gpu.SIMULATED = Kernel(), Kernel(), False\n"
        "config.CUDA_LOW_OCCUPANCY_WARNINGS = 1\n"
        "one = gpu.configured(kernel, (3, 1), 128, 0)\n"
        "assert gpu.configured(kernel, (3, 1), 128, 0) is one\n"
        "assert gpu.configured(kernel, (4, 1), 128, 0) is not one\n"
        "assert gpu.configured(other, (3, 1), 128, 0) is not one\n"
        "assert gpu.configured(kernel, (3, 1), 128, 'stream') is not one\n"
        "assert made[0] == (((3, 1), 128, 0, 0), 0) and len(made) == 4\n"
        "assert config.CUDA_LOW_OCCUPANCY_WARNINGS == 1\n"
    )


def test_nothing_of_cuda_is_imported_until_used():
    """A release on the CPU, its picture and the list of backends leave numba.cuda alone."""
    script = (
        "import sys, numpy, numbadp\n"
        "numbadp.pixelize(numpy.zeros((4, 4), numpy.uint8), epsilon=1).render()\n"
        "assert not {'numbadp.compute.gpu', 'numbadp.compute.device'} & set(sys.modules)\n"
        "assert 'numba.cuda.compiler' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=1200)
