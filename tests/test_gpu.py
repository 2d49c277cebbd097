"""The CUDA subset: intrinsics and their plain twins."""

import subprocess
import sys

from simulator import run_python


def test_plain_twins_of_the_intrinsics():
    """Words move as they are, bits of singles come back, halves round to even."""
    run_python(
        "import numpy as np\nfrom numbadp import gpu\n"
        "words = np.arange(12, dtype=np.uint32)\n"
        "gpu.store_words(words, 4, *gpu.load_words(words, 8))\n"
        "assert words.tolist() == [0, 1, 2, 3, 8, 9, 10, 11, 8, 9, 10, 11]\n"
        "for x in (1.0, 3.5e-3, 2.0**100):\n"
        "    assert gpu.bits_float(gpu.float_bits(np.float32(x))) == np.float32(x)\n"
        "assert [int(gpu.nearest(x)) for x in (0.5, 1.5, 2.5, -0.5, -1.5)] == [0, 2, 2, 0, -2]\n"
    )


def test_nothing_of_cuda_is_imported_until_used():
    """A release on the CPU, its picture and the list of backends leave numba.cuda alone."""
    script = (
        "import sys, numpy, numbadp\n"
        "numbadp.pixelize(numpy.zeros((4, 4), numpy.uint8), epsilon=1).render()\n"
        "assert not {'numbadp.gpu', 'numbadp.device'} & set(sys.modules)\n"
        "assert 'numba.cuda.compiler' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=300)
