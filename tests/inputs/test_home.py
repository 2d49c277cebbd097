"""What is painted goes back to where the picture was: type, layout, class."""

import pickle

import numpy as np
import pytest
from simulator import run_python

import numbadp
from numbadp.inputs import Home

PAINTED = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)


def test_channels_go_back_to_the_front():
    put = Home(first=True).put(PAINTED)
    np.testing.assert_array_equal(put, PAINTED.transpose(2, 0, 1))
    assert put.flags.c_contiguous
    np.testing.assert_array_equal(Home(first=True).put(PAINTED[:, :, 0]), PAINTED[:, :, 0])


@pytest.fixture
def torch():
    return pytest.importorskip("torch", exc_type=ImportError)


@pytest.mark.parametrize("shape", [(3, 40, 50), (1, 40, 50), (40, 50), (2, 3, 40, 50), (40, 50, 3)])
def test_a_tensor_becomes_a_tensor_of_its_shape(torch, shape):
    release = numbadp.pixelize(torch.zeros(shape, dtype=torch.uint8), epsilon=1)
    picture = release.render()
    assert type(picture) is torch.Tensor and picture.dtype == torch.uint8
    assert tuple(picture.shape) == shape and picture.is_contiguous()
    assert picture.device.type == "cpu"


def test_a_tensor_keeps_its_layout_in_memory(torch):
    flat = torch.arange(2 * 40 * 50 * 3, dtype=torch.int32).to(torch.uint8).view(2, 40, 50, 3)
    inner = flat.permute(0, 3, 1, 2)
    assert inner.is_contiguous(memory_format=torch.channels_last)
    picture = numbadp.pixelize(inner, epsilon=1, boxes=[(0, 0, 9, 9)]).render()
    assert picture.is_contiguous(memory_format=torch.channels_last)
    assert picture.stride() == inner.stride()
    assert torch.equal(picture[:, :, 9:], inner[:, :, 9:])
    assert numbadp.pixelize(inner[0], epsilon=1).render().stride() == inner[0].stride()
    plain = inner.contiguous()
    assert numbadp.pixelize(plain, epsilon=1).render().stride() == plain.stride()


def test_a_tensor_of_its_own_class_stays_one(torch):
    class Picture(torch.Tensor):
        pass

    given = torch.zeros((3, 8, 9), dtype=torch.uint8).as_subclass(Picture)
    assert type(numbadp.pixelize(given, epsilon=1).render()) is Picture


def test_the_same_pixels_lie_outside_of_a_box(torch):
    pixels = torch.randint(0, 255, (3, 40, 50), dtype=torch.uint8)
    box = torch.tensor([[10.0, 8.0, 20.0, 30.0]])
    picture = numbadp.pixelize(pixels, epsilon=1, boxes=box).render()
    outside = torch.ones((40, 50), dtype=torch.bool)
    outside[8:30, 10:20] = False
    assert torch.equal(picture[:, outside], pixels[:, outside])


def test_views_of_a_release_stay_what_they_were(torch):
    release = numbadp.pixelize(torch.zeros((3, 40, 50), dtype=torch.uint8), epsilon=1)
    assert release.to_pil().size == (50, 40)
    assert np.asarray(release).shape == (40, 50, 3)
    out = np.zeros((40, 50, 3), np.uint8)
    assert release.render(out=out) is out
    assert pickle.loads(pickle.dumps(release)).render().shape == (40, 50, 3)


ON_A_GPU = """
import sys
from types import SimpleNamespace
import numpy as np, numbadp
from gpu_child import Exported
from numbadp.compute.host import on_host

class Name:
    type, is_floating_point = 'cuda', False
    def __init__(self, text): self.text = text
    def __str__(self): return self.text

class Tensor(Exported):
    dtype, device, layout, is_nested = Name('torch.uint8'), Name('cuda:0'), 'torch.strided', False
    def __init__(self, view):
        super().__init__(view)
        self.shape, self.ndim = view.shape, view.ndim
    def detach(self): return self
    def is_contiguous(self): return self.view.flags.c_contiguous
    def permute(self, *order): return Tensor(self.view.transpose(order))
    def contiguous(self): return Tensor(np.ascontiguousarray(self.view))

Tensor.__module__, made = 'torch', []

def as_tensor(painted, device):
    made.append((painted, device))
    return Tensor(on_host(painted))

sys.modules['torch'] = SimpleNamespace(
    Tensor=Tensor, as_tensor=as_tensor, cuda=SimpleNamespace(current_stream=lambda _: (
        SimpleNamespace(cuda_stream=7))),
    movedim=lambda tensor, old, new: Tensor(np.moveaxis(tensor.view, old, new)))
plain = np.arange(4 * 5, dtype=np.int64).astype(np.uint8).reshape(1, 4, 5)
inner = np.repeat(plain, 3, 0).transpose(1, 2, 0).copy().transpose(2, 0, 1)
picture = numbadp.pixelize(Tensor(inner), epsilon=1, cell=4).render('cells')
assert picture.shape == inner.shape and made[-1][1] == 'cuda:0'
assert not isinstance(made[-1][0], np.ndarray) and picture.view.strides == inner.strides
picture = numbadp.pixelize(Tensor(plain), epsilon=1, cell=4, boxes=[(0, 0, 4, 2)]).render('cells')
assert (picture.view[:, 2:] == plain[:, 2:]).all() and (picture.view != plain).any()
"""


def test_a_tensor_on_a_gpu_goes_back_there():
    """A stand-in for PyTorch's in the simulator: painted in device memory, handed to its device."""
    run_python(ON_A_GPU)
