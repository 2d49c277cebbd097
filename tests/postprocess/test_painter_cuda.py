"""Painters of releases on the GPU: what they return and refuse."""

import pytest
from simulator import run_python, simulated

START = """
import numpy as np, pytest
from cases import picture
from gpu_child import Exported
import numbadp
from numbadp.compute.gpu import cuda
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


def test_every_effort_and_version_is_drawn_as_on_the_host():
    """Pictures of one row or one column, and R, G, B, where nothing follows."""
    run_python(
        START + "from importlib import import_module\n"
        "for name in ('reconstruct', 'reconstruct_cuda'):\n"
        "    import_module(f'numbadp.postprocess.{name}').ITERATIONS = 2\n"
        "for shape, more in (((1, 19, 3), {}), ((21, 1, 3), {}), ((9, 7, 3), {'planes': 'rgb'})):\n"
        "    image = picture(shape)\n"
        "    release = numbadp.pixelize(cuda.to_device(image), epsilon=1, m=1, **more)\n"
        "    host = release.to_host()\n"
        "    for effort, version in (('best', 3), ('tv', 3), ('default', 3), ('default', 2)):\n"
        "        for style in ('smooth', 'mosaic', 'blocks'):\n"
        "            how = {'effort': effort, 'version': version}\n"
        "            found = release.render(style, **how).copy_to_host()\n"
        "            np.testing.assert_array_equal(found, host.render(style, **how))\n"
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


def test_pictures_painted_into_are_in_order_on_their_own_stream():
    """Painting waits for what was queued on `out` before, and what is queued there later for it."""
    run_python(
        START + "from dataclasses import replace\nfrom numbadp.postprocess import painter_cuda\n"
        "out, seen = cuda.to_device(np.zeros((6, 9, 3), np.uint8)), []\n"
        "describe = painter_cuda.describe\n"
        "painter_cuda.describe = lambda a: replace(describe(a), stream='theirs')\n"
        "painter_cuda.follow = lambda later, earlier: seen.append(\n"
        "    (later, earlier, bool(out.copy_to_host().any())))\n"
        "release.render('cells', out=out)\n"
        "assert seen == [(0, 'theirs', False), ('theirs', 0, True)]\n"
    )


@pytest.mark.parametrize(("style", "arrays"), [("cells", 1), ("smooth", 3), ("mosaic", 4)])
def test_working_memory_is_let_go_behind_its_work(style, arrays):
    """States, measurements and colours of one size of cells."""
    run_python(
        START + "from numbadp.postprocess import painter_cuda, reconstruct_cuda\n"
        "from gpu_child import use_small_blocks\n"
        "use_small_blocks()\nreconstruct_cuda.ITERATIONS, seen = 1, []\n"
        "for module in (painter_cuda, reconstruct_cuda):\n"
        "    module.let_go = lambda stream, *arrays: seen.extend(arrays)\n"
        f"release.render({style!r})\nassert len(seen) == {arrays}\n"
    )


def test_another_gpu_is_refused_by_name():
    """A release that lives there, and an output that does, before anything is queued."""
    run_python(
        START + "from numbadp.compute import device\nown = release.values[0]\n"
        "address = device.describe(own).address\n"
        "release.render('cells')\n"
        "device.home_of = lambda array: int(array.address == address)\n"
        "for call in (lambda: release.render('cells'), lambda: release.quadtree()):\n"
        "    with pytest.raises(numbadp.BackendError, match='the release lives on GPU 1'):\n"
        "        call()\n"
        "with pytest.raises(numbadp.BackendError, match='the release lives on GPU 1'):\n"
        "    release.to_host()\n"
        "device.home_of = lambda array: int(array.address != address)\n"
        "with pytest.raises(numbadp.BackendError, match='out lives on GPU 1'):\n"
        "    release.render('cells', out=cuda.to_device(np.zeros((6, 9, 3), np.uint8)))\n"
    )


def test_a_lost_device_gives_our_error_while_painting():
    """Where the picture stays on the device, and where it is copied down."""
    run_python(
        START + "from numbadp.postprocess import painter_cuda\n"
        "lost = type('CudaAPIError', (Exception,), {'__module__': 'numba.cuda.cudadrv.driver'})\n"
        "def fails(*_):\n    raise lost('[700] illegal address')\n"
        "onto = numbadp.pixelize(picture((6, 9, 3)), epsilon=30, m=1, cell=4, backend='cuda')\n"
        "painter_cuda.configured = painter_cuda.download = fails\n"
        "for call in (lambda: release.render('cells'), lambda: release.quadtree(),\n"
        "             lambda: onto.render('cells')):\n"
        "    with pytest.raises(numbadp.BackendError, match='illegal address'):\n        call()\n"
    )
