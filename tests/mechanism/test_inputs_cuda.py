"""Pictures on the device: what is refused, and who reads rows by words."""

import pytest
from simulator import run_python

CHECKS = """
import numpy as np
from gpu_child import Exported
from numbadp import errors
from numbadp.mechanism.inputs_cuda import loads_words, read_device

def words(view, room=None):
    array = read_device(Exported(view))
    return loads_words(array, room or array.shape[-2 if view.ndim > 2 else -1])

base = np.zeros(1 << 16, np.uint8)
base = base[-base.ctypes.data % 16:]
rgb = base[: 8 * 32 * 3].reshape(8, 32, 3)
assert words(rgb) and words(rgb[:, :16]) and not words(rgb[:, 1:17]) and not words(rgb[:, :15])
assert words(rgb[:, :15], 16) and not words(rgb[:, ::2]) and not words(rgb[..., ::-1])
planes = base[: 8 * 32 * 3].reshape(3, 8, 32).transpose(1, 2, 0)
assert words(planes) and not words(base[: 3 * 9 * 40].reshape(3, 9, 40)[:, :, :32].transpose(1, 2, 0))
grey = base[: 8 * 32].reshape(8, 32)
assert words(grey) and words(grey[:, :, None]) and words(rgb.reshape(2, 4, 32, 3))
assert not words(base[1 : 1 + 8 * 32].reshape(8, 32))
for bad, error in (
    (np.zeros((4, 4), np.int8), errors.ArrayTypeError),
    (np.zeros((4, 4), np.float32), errors.ArrayTypeError),
    (np.zeros((3, 4, 5), np.uint8), errors.ShapeError),
    (np.zeros((0, 4), np.uint8), errors.ShapeError),
):
    try:
        read_device(Exported(bad))
    except error:
        continue
    raise AssertionError(bad.dtype)
"""


def test_rows_are_read_by_words_only_where_they_may_be():
    """Alignment of address, rows and planes decides, and whole sixteens; wrong arrays refused."""
    run_python(CHECKS)


def test_dlpack_is_read_without_a_copy():
    """An array without the CUDA interface is taken by DLPack: same address, strides in bytes."""
    pytest.importorskip("cuda.core", reason="numba-cuda is not installed")
    run_python(
        "import numpy as np\nfrom numbadp.compute.device import describe\n"
        "a = np.zeros((3, 4, 6), np.uint8).transpose(1, 2, 0)[:, ::2]\n"
        "class Tensor:\n    def __dlpack__(self, *, stream=None, **_):\n"
        "        assert stream == 1\n        return a.__dlpack__()\n"
        "    def __dlpack_device__(self):\n        return a.__dlpack_device__()\n"
        "d = describe(Tensor())\n"
        "assert (d.address, d.shape, d.strides) == (a.ctypes.data, a.shape, a.strides)\n"
        "assert d.dtype == np.uint8\n"
    )


def test_torch_tensors_name_their_current_stream():
    """PyTorch's interface names no stream; its current one is asked for."""
    run_python(
        "import sys\nfrom types import SimpleNamespace\nimport numpy as np\n"
        "class Tensor:\n    device = 'cuda:0'\n"
        "asked = []\n"
        "def current(device):\n    asked.append(device)\n    return SimpleNamespace(cuda_stream=7)\n"
        "sys.modules['torch'] = SimpleNamespace(Tensor=Tensor, cuda=SimpleNamespace(current_stream=current))\n"
        "from numbadp.compute.streams import stream_of\nstream_of(Tensor(), None)\nassert asked == ['cuda:0']\n"
    )


def test_pixels_are_forgotten_on_both_sides():
    """The pinned copy is wiped after use, and where clearing the device's copy fails."""
    run_python(
        "from types import SimpleNamespace\nimport numpy as np, pytest\n"
        "from numbadp.compute.forgetting import Scratch\nfrom numbadp.mechanism import inputs_cuda\n"
        "kept, back, image = [], [], np.full((5, 7, 3), 9, np.uint8)\n"
        "def take(count):\n"
        "    kept.append(np.full(count, 7, np.uint8))\n    return kept[-1]\n"
        "def give_back(buffer):\n    assert not buffer.any()\n    back.append(buffer)\n"
        "def fails(*_):\n    raise RuntimeError('lost')\n"
        "inputs_cuda.PINNED = SimpleNamespace(take=take, give_back=give_back)\n"
        "with Scratch() as own:\n"
        "    picture, room = inputs_cuda.upload(image, 0, own)\n"
        "    target = picture.owner\n    assert kept[0].any() and target.copy_to_host().any()\n"
        "assert not kept[0].any() and not target.copy_to_host().any()\n"
        "inputs_cuda.clear = fails\n"
        "with pytest.raises(RuntimeError, match='lost'), Scratch() as own:\n"
        "    inputs_cuda.upload(image, 0, own)\n    assert kept[1].any()\n"
        "assert not kept[1].any() and len(back) == 2\n"
    )


def test_pictures_on_another_gpu_are_refused_before_anything_is_charged():
    """The error says which GPU is current, and how to change that."""
    run_python(
        "import numpy as np, pytest, numbadp\nfrom gpu_child import Exported\n"
        "class Elsewhere(Exported):\n    def __dlpack_device__(self):\n        return 2, 1\n"
        "class Here(Exported):\n    def __dlpack_device__(self):\n        return 2, 0\n"
        "image = np.zeros((4, 4), np.uint8)\nledger = numbadp.Ledger(epsilon=1)\n"
        "with pytest.raises(numbadp.BackendError, match='on GPU 1, and GPU 0 is the current one'):\n"
        "    numbadp.pixelize(Elsewhere(image), epsilon=1, cell=4, ledger=ledger)\n"
        "assert ledger.spent == 0\n"
        "numbadp.pixelize(Here(image), epsilon=1, cell=4, ledger=ledger)\n"
    )


def test_arrays_that_do_not_say_where_they_live_are_looked_up():
    """Numba's have no DLPack: their address tells, before anything is charged."""
    run_python(
        "import numpy as np, pytest, numbadp\nfrom gpu_child import Exported\n"
        "from numbadp.compute import device\ndevice.home_of = lambda array: 3\n"
        "ledger = numbadp.Ledger(epsilon=1)\n"
        "with pytest.raises(numbadp.BackendError, match='image lives on GPU 3, and GPU 0 is'):\n"
        "    numbadp.pixelize(Exported(np.zeros((4, 4), np.uint8)), epsilon=1, cell=4, ledger=ledger)\n"
        "assert ledger.spent == 0\n"
    )
