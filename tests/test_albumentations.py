"""A transform for albumentations: the picture becomes a mosaic, everything else stays."""

import json
import pickle
from fractions import Fraction

import numpy as np
import pytest

import numbadp
from numbadp.errors import LayoutError, OptionError

albumentations = pytest.importorskip("albumentations", exc_type=ImportError)

from numbadp.albumentations import Pixelize  # noqa: E402

PICTURE = np.arange(40 * 50 * 3, dtype=np.int64).reshape(40, 50, 3).astype(np.uint8)


def test_a_picture_becomes_a_mosaic_every_time():
    """Of the same shape, and of masks nothing changes."""
    pipeline = albumentations.Compose([Pixelize(epsilon=1, style="smooth")])
    mask = np.ones((40, 50), np.uint8)
    for _ in range(3):
        found = pipeline(image=PICTURE, mask=mask)
        assert found["image"].shape == PICTURE.shape and (found["image"] != PICTURE).any()
        np.testing.assert_array_equal(found["mask"], mask)


def boxed(boxes, **options):
    """Of a pipeline that reads boxes; it warns where no transform does, which is an error here."""
    pipeline = albumentations.Compose(
        [Pixelize(epsilon=1, **options)],
        bbox_params=albumentations.BboxParams(format="pascal_voc", label_fields=["labels"]),
    )
    return pipeline(image=PICTURE, bboxes=boxes, labels=["face"] * len(boxes))["image"]


def test_boxes_of_a_sample_are_its_region():
    """Outside of them the picture is as it was."""
    found = boxed(np.array([[10, 8, 20, 30]], float))
    inside = np.zeros((40, 50), bool)
    inside[8:30, 10:20] = True
    np.testing.assert_array_equal(found[~inside], PICTURE[~inside])
    assert (found[inside] != PICTURE[inside]).any()


def test_what_else_a_sample_has_stays_as_it_is():
    """Boxes after a flip cover what they mean; masks and points pass."""
    pipeline = albumentations.Compose(
        [albumentations.HorizontalFlip(p=1), Pixelize(epsilon=1)],
        bbox_params=albumentations.BboxParams(format="coco", label_fields=["labels"]),
        keypoint_params=albumentations.KeypointParams(format="xy"),
    )
    mask = np.arange(40 * 50, dtype=np.uint8).reshape(40, 50)
    found = pipeline(
        image=PICTURE, mask=mask, masks=[mask], bboxes=[[10, 8, 10, 22]], labels=["face"],
        keypoints=[(3, 4)],
    )  # fmt: skip
    hidden = np.zeros((40, 50), bool)
    hidden[8:30, 30:40] = True
    np.testing.assert_array_equal(found["image"][~hidden], PICTURE[:, ::-1][~hidden])
    np.testing.assert_array_equal(found["mask"], mask[:, ::-1])
    np.testing.assert_array_equal(found["masks"][0], mask[:, ::-1])
    np.testing.assert_allclose(found["bboxes"], [[30, 8, 10, 22]], atol=1e-3)
    np.testing.assert_array_equal(found["keypoints"], [[46, 4]])


def test_several_pictures_have_a_release_each():
    """With noise of its own."""
    found = albumentations.Compose([Pixelize(epsilon=1)])(images=np.stack([PICTURE, PICTURE]))
    first, second = found["images"]
    assert first.shape == PICTURE.shape and (first != second).any()


def test_it_is_pickled_into_workers_and_written_to_files():
    """With all of its options; a replay is another release and spends epsilon again."""
    pipeline = albumentations.Compose([Pixelize(epsilon=Fraction(1, 2), style="smooth")])
    read = albumentations.from_dict(json.loads(json.dumps(albumentations.to_dict(pipeline))))
    for again in (pickle.loads(pickle.dumps(pipeline)), read):
        assert again(image=PICTURE)["image"].shape == PICTURE.shape
        assert "epsilon='1/2', m=16" in repr(again) and "style='smooth'" in repr(again)
    ledger = numbadp.Ledger(2)
    replayed = albumentations.ReplayCompose([Pixelize(epsilon=1, ledger=ledger)])
    found = replayed(image=PICTURE)
    albumentations.ReplayCompose.replay(found["replay"], image=PICTURE)
    assert ledger.balance().spent == 2
    with pytest.raises(TypeError):
        json.dumps(albumentations.to_dict(albumentations.Compose(replayed.transforms)))


def test_epsilon_has_to_be_said():
    """There is no usual one."""
    with pytest.raises(TypeError, match="epsilon"):
        Pixelize()


def test_no_box_is_an_error_unless_told():
    """Nothing is shown bare without a word."""
    none = np.zeros((0, 4))
    with pytest.raises(LayoutError, match="on_none"):
        boxed(none)
    np.testing.assert_array_equal(boxed(none, on_none="copy"), PICTURE)
    assert (boxed(none, regions="none") != PICTURE).any()


def test_options_that_make_no_sense_are_refused():
    """Before any picture comes."""
    for options in ({"style": "blue"}, {"regions": "all"}, {"on_none": "skip"}, {"p": 0.5}):
        with pytest.raises(OptionError):
            Pixelize(epsilon=1, **options)
