"""Painters of releases on the GPU: what they return and refuse."""

from simulator import run_python, simulated

START = """
import numpy as np, pytest
from cases import picture
from gpu_child import Exported
import numbadp
from numbadp.gpu import cuda
release = numbadp.pixelize(cuda.to_device(picture((6, 9, 3))), epsilon=30, m=1, cell=4)
"""


def test_device_pictures_stay_on_the_device():
    run_python(
        START + "out = release.render('cells')\n"
        "assert hasattr(out, 'copy_to_host') and out.shape == (6, 9, 3)\n"
        "host = release.to_host()\n"
        "assert host.to_host() is host and isinstance(host.render('cells'), np.ndarray)\n"
        "assert (host.render('cells') == out.copy_to_host()).all()\n"
        "assert np.asarray(release.to_pil('cells')).shape == (6, 9, 3)\n"
    )


def test_outputs_that_cannot_take_the_picture_are_refused():
    run_python(
        START + "frozen = Exported(np.zeros((6, 9, 3), np.uint8))\n"
        "frozen.__cuda_array_interface__['data'] = (1, True)\n"
        "for out in (np.zeros((6, 9, 3), np.uint8), cuda.to_device(np.zeros((6, 9), np.uint8)),\n"
        "            cuda.to_device(np.zeros((6, 9, 3), np.int8)), frozen, 'out'):\n"
        "    with pytest.raises(numbadp.OutputError, match='out must be'):\n"
        "        release.render('cells', out=out)\n"
        "for style, error in ((3, numbadp.OptionTypeError), ('x', numbadp.OptionError)):\n"
        "    with pytest.raises(error, match='style'):\n"
        "        release.render(style)\n"
    )


def test_pictures_on_the_device_are_refused_by_the_cpu():
    run_python(
        START + "with pytest.raises(numbadp.BackendError, match='lives on a GPU'):\n"
        "    numbadp.pixelize(cuda.to_device(picture((32, 32, 3))), epsilon=9, backend='cpu')\n"
    )


def test_host_pictures_are_painted_on_the_device_and_copied_down():
    found = simulated()
    assert found["host/out"].shape == found["host/array"].shape == (9, 19, 3)
    assert found["host/levels"].shape == (5, 10)
