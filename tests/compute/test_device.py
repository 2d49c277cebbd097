"""Device memory from the host's side."""

import subprocess
import sys

import pytest
from simulator import run_python


def test_views_start_at_the_lowest_address():
    """With negative strides the origin lies inside the view; nothing is copied."""
    run_python(
        "import numpy as np\nfrom gpu_child import Exported\n"
        "from numbadp.compute.device import describe, flat_view\n"
        "a = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)[::-1, :, ::-2]\n"
        "view, origin = flat_view(describe(Exported(a)), np.uint8)\n"
        "at = origin + 2 * a.strides[0] + 1 * a.strides[1] + 2 * a.strides[2]\n"
        "assert view[at] == a[2, 1, 2] and view.size == 60\n"
        "view[at] = 99\nassert a[2, 1, 2] == 99\n"
    )


def test_downloads_and_clearing():
    """A part of a flat array comes down in its shape; clearing zeroes all of it."""
    run_python(
        "import numpy as np\nfrom numbadp.compute.device import clear, part_of, table\nfrom numbadp.compute.pinned import download\n"
        "flat = table(np.arange(30, dtype=np.int64))\npart = part_of(flat, 6, (4, 3), 0)\n"
        "found = download(part, np.empty((4, 3), np.int64), 0)\n"
        "assert found.tolist() == np.arange(6, 18).reshape(4, 3).tolist()\n"
        "clear(flat, 0)\nassert not part.copy_to_host().any()\n"
    )


def test_tables_are_there_before_anybody_reads_them():
    """The copy is waited for: a stream that does not wait for the default one may read it next."""
    run_python(
        "from types import SimpleNamespace\nimport numpy as np\nfrom numbadp.compute import device\n"
        "done = []\n"
        "stream = SimpleNamespace(synchronize=lambda: done.append('waited'))\n"
        "device.SIMULATED = False\n"
        "device.cuda = SimpleNamespace(\n"
        "    to_device=lambda array: done.append('copied') or array, default_stream=lambda: stream)\n"
        "assert device.table(np.arange(3)).tolist() == [0, 1, 2]\n"
        "assert done == ['copied', 'waited']\n"
    )


def test_what_is_frozen_cannot_be_written():
    """The same memory, seen through a view that refuses; the array itself stays as it is."""
    run_python(
        "import numpy as np, pytest\nfrom numbadp.compute.device import frozen, table\n"
        "own = table(np.arange(6, dtype=np.int64))\nview = frozen(own)\n"
        "with pytest.raises(ValueError, match='read-only'):\n    view[0] = 9\n"
        "with pytest.raises(ValueError, match='read-only'):\n"
        "    view.copy_to_device(np.zeros(6, np.int64))\n"
        "assert view.__array_interface__['data'] == (own.__array_interface__['data'][0], True)\n"
        "own[0] = 5\nassert view[0] == 5 and frozen(None) is None\n"
    )


def test_a_frozen_array_of_a_device_is_marked_for_every_library():
    """Numba's type and the array interface say it, and its methods refuse."""
    pytest.importorskip("numba_cuda", reason="numba-cuda is not installed")
    script = (
        "import ctypes\nfrom types import SimpleNamespace\nimport numpy as np, pytest\n"
        "from numba.cuda.cudadrv.devicearray import DeviceNDArray\nfrom numbadp.compute.device import frozen\n"
        "memory = SimpleNamespace(device_ctypes_pointer=ctypes.c_void_p(4096))\n"
        "own = DeviceNDArray((2, 3), (24, 8), np.int64, stream=0, gpu_data=memory)\n"
        "view = frozen(own)\nassert isinstance(view, DeviceNDArray) and view.gpu_data is memory\n"
        "assert view.__cuda_array_interface__['data'] == (4096, True)\n"
        "assert own.__cuda_array_interface__['data'] == (4096, False)\n"
        "assert not view._numba_type_.mutable and own._numba_type_.mutable\n"
        "for write in (lambda: view.__setitem__(0, 1), lambda: view.setitem(0, 1, 0),\n"
        "              lambda: view.copy_to_device(own)):\n"
        "    with pytest.raises(ValueError, match='read-only'):\n        write()\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=1200)


def test_arrays_of_another_gpu_are_told_by_their_address():
    """The driver is asked; what it does not know passes."""
    run_python(
        "from types import SimpleNamespace\nimport pytest\nfrom numbadp import BackendError\nfrom numbadp.compute import device\n"
        "array = SimpleNamespace(address=4096, owner=None)\n"
        "for number in (0, None):\n"
        "    device.home_of = lambda array: number\n    device.check_home(array, 'image')\n"
        "device.home_of = lambda array: 1\n"
        "with pytest.raises(BackendError, match=r'^out lives on GPU 1, .*gpus\\[1\\]'):\n"
        "    device.check_home(array, 'out')\n"
    )
