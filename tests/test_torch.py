"""A transform for PyTorch's samples: pictures become mosaics, everything else stays as it was."""

import copy
import pickle
from collections import namedtuple

import numpy as np
import pytest
from PIL import Image

import numbadp
from numbadp.checks import STYLES
from numbadp.errors import LayoutError, OptionError, ShapeError

torch = pytest.importorskip("torch", exc_type=ImportError)

from numbadp.torch import Pixelize  # noqa: E402

PICTURE = (
    torch.arange(3 * 40 * 50, dtype=torch.int32).remainder(251).to(torch.uint8).reshape(3, 40, 50)
)


def test_a_picture_stays_a_picture_of_its_kind():
    """A picture stays a picture of its kind."""
    found = Pixelize(epsilon=1)(PICTURE)
    assert type(found) is torch.Tensor and found.shape == PICTURE.shape
    assert not torch.equal(found, PICTURE)
    image = Pixelize(epsilon=1, style="smooth")(Image.fromarray(PICTURE.permute(1, 2, 0).numpy()))
    assert isinstance(image, Image.Image) and image.size == (50, 40)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_of_a_release_is_drawn(style):
    """Those of the command line and the page."""
    assert Pixelize(epsilon=1, style=style)(PICTURE).shape == PICTURE.shape


def test_a_batch_is_a_picture_too():
    """A batch is a picture too."""
    assert Pixelize(epsilon=1)(PICTURE[None].repeat(2, 1, 1, 1)).shape == (2, 3, 40, 50)


def test_targets_pass_unchanged():
    """Targets pass unchanged."""
    target = {"label": 3, "scores": torch.ones(4), "words": ["a"]}
    picture, found = Pixelize(epsilon=1)(PICTURE, target)
    assert picture.shape == PICTURE.shape
    assert found["label"] == 3 and found["scores"] is target["scores"] and found["words"] == ["a"]


def test_nestings_stay_what_they_were():
    """Nestings stay what they were."""
    sample = namedtuple("Sample", "image more")(PICTURE, [torch.zeros(2)])
    found = Pixelize(epsilon=1)(sample)
    assert type(found) is type(sample) and found.more[0] is sample.more[0]


def test_of_several_plain_tensors_the_first_is_the_picture():
    """Of several plain tensors the first is the picture."""
    mask = torch.zeros((40, 50), dtype=torch.uint8)
    picture, found = Pixelize(epsilon=1)((PICTURE, mask))
    assert found is mask and not torch.equal(picture, PICTURE)


class BoundingBoxes(torch.Tensor):
    """As torchvision's, which is not needed for this."""

    format = type("Format", (), {"value": "XYWH"})
    canvas_size = (40, 50)


def boxes(rows):
    return torch.tensor(rows, dtype=torch.float32).reshape(-1, 4).as_subclass(BoundingBoxes)


def test_boxes_of_a_sample_are_its_region():
    """Boxes of a sample are its region."""
    own = boxes([[10, 8, 10, 22]])
    picture, target = Pixelize(epsilon=1)(PICTURE, {"boxes": own})
    outside = torch.ones((40, 50), dtype=torch.bool)
    outside[8:30, 10:20] = False
    assert target["boxes"] is own
    assert torch.equal(picture[:, outside], PICTURE[:, outside])
    assert not torch.equal(picture[:, ~outside], PICTURE[:, ~outside])


def test_boxes_are_left_out_when_told():
    """Boxes are left out when told."""
    picture, _ = Pixelize(epsilon=1, regions="none")(PICTURE, boxes([[10, 8, 10, 22]]))
    assert not torch.equal(picture[:, 35:], PICTURE[:, 35:])


def test_no_box_is_an_error_unless_told():
    """No box is an error unless told."""
    none = boxes([])
    with pytest.raises(LayoutError, match="on_none"):
        Pixelize(epsilon=1)(PICTURE, none)
    picture, _ = Pixelize(epsilon=1, on_none="copy")(PICTURE, none)
    assert torch.equal(picture, PICTURE)
    picture, _ = Pixelize(epsilon=1, on_none="whole")(PICTURE, none)
    assert not torch.equal(picture, PICTURE)


def test_boxes_of_another_size_of_picture_are_refused():
    """Boxes of another size of picture are refused."""
    with pytest.raises(ShapeError, match="for a picture of 50 x 40; this one has 40 x 50"):
        Pixelize(epsilon=1)(PICTURE.transpose(1, 2), boxes([[1, 2, 3, 4]]))


def test_masks_are_a_region_when_asked_for():
    """Masks are a region when asked for."""

    class Mask(torch.Tensor):
        pass

    own = torch.zeros((1, 40, 50), dtype=torch.uint8)
    own[0, :8] = 1
    picture, _ = Pixelize(epsilon=1, regions="masks")(PICTURE, own.as_subclass(Mask))
    assert torch.equal(picture[:, 8:], PICTURE[:, 8:])
    with pytest.raises(ShapeError, match="has no Mask"):
        Pixelize(epsilon=1, regions="masks")(PICTURE)


def test_a_sample_without_a_picture_is_told():
    """A sample without a picture is told."""
    with pytest.raises(ShapeError, match="has no picture"):
        Pixelize(epsilon=1)(torch.zeros((3, 4, 5)))


def test_options_that_make_no_sense_are_refused():
    """Options that make no sense are refused."""
    for options in ({"style": "blue"}, {"regions": "all"}, {"on_none": "skip"}):
        with pytest.raises(OptionError):
            Pixelize(epsilon=1, **options)


def test_it_travels_into_workers(tmp_path):
    """It travels into workers."""
    ledger = numbadp.Ledger(3, path=tmp_path / "budget.json")
    for transform in (Pixelize(epsilon=1), Pixelize(epsilon=1, ledger=ledger)):
        for other in (pickle.loads(pickle.dumps(transform)), copy.deepcopy(transform)):
            assert other(PICTURE).shape == PICTURE.shape
            assert "epsilon=1" in repr(other)


class Pictures(torch.utils.data.Dataset):
    def __len__(self):
        return 2

    def __getitem__(self, index):
        return Pixelize(epsilon=1)(PICTURE)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_it_works_in_workers_of_a_loader():
    """It works in workers of a loader."""
    loader = torch.utils.data.DataLoader(Pictures(), batch_size=2, num_workers=1)
    assert next(iter(loader)).shape == (2, 3, 40, 50)


@pytest.mark.filterwarnings("ignore")
def test_a_compiled_pipeline_draws_anew():
    """Around it code is compiled; its own noise is fresh every time."""
    own = Pixelize(epsilon="0.01")
    compiled = torch.compile(lambda picture: own(picture).float() * 2, backend="eager")
    first, second = compiled(PICTURE), compiled(PICTURE)
    assert first.dtype == torch.float32 and not torch.equal(first, second)


def test_it_stands_among_the_transforms_of_torchvision():
    """It stands among the transforms of torchvision."""
    v2 = pytest.importorskip("torchvision.transforms.v2", exc_type=ImportError)
    from torchvision import tv_tensors

    image = tv_tensors.Image(PICTURE)
    own = tv_tensors.BoundingBoxes([[10, 8, 10, 22]], format="XYWH", canvas_size=(40, 50))
    chain = v2.Compose([Pixelize(epsilon=1), v2.RandomHorizontalFlip(1.0)])
    picture, target = chain(image, {"boxes": own})
    assert isinstance(picture, tv_tensors.Image)
    assert isinstance(target["boxes"], tv_tensors.BoundingBoxes)
    assert torch.equal(picture.flip(2)[:, 35:], PICTURE[:, 35:])
    assert np.asarray(picture).shape == (3, 40, 50)
    for name in ("XYXY", "XYWH", "CXCYWH"):
        one = v2.functional.convert_bounding_box_format(own, new_format=name)
        hidden = torch.Tensor(Pixelize(epsilon=1)(image, one)[0] != PICTURE).any(0).nonzero()
        assert hidden.min(0).values.tolist() >= [8, 10] and hidden.max(0).values.tolist() <= [
            29,
            19,
        ]
    masks = tv_tensors.Mask(torch.zeros((2, 40, 50), dtype=torch.bool))
    masks[0, 8:30, 10:20] = True
    covered, _ = Pixelize(epsilon=1, regions="masks")(image, masks)
    assert torch.equal(covered[:, :8], PICTURE[:, :8]) and not torch.equal(covered, PICTURE)
    video = tv_tensors.Video(PICTURE[None].repeat(2, 1, 1, 1))
    assert isinstance(Pixelize(epsilon=1)(video), tv_tensors.Video)
    again = pickle.loads(pickle.dumps(chain))
    assert isinstance(again(image, {"boxes": own})[0], tv_tensors.Image)
