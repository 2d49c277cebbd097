"""A transform for albumentations: the picture becomes a mosaic, everything else stays."""

import numpy as np
import pytest

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


def test_no_box_is_an_error_unless_told():
    """Nothing is shown bare without a word."""
    none = np.zeros((0, 4))
    with pytest.raises(LayoutError, match="on_none"):
        boxed(none)
    np.testing.assert_array_equal(boxed(none, on_none="copy"), PICTURE)
    assert (boxed(none, regions="none") != PICTURE).any()


def test_options_that_make_no_sense_are_refused():
    """Before any picture comes."""
    for options in ({"style": "blue"}, {"regions": "all"}, {"on_none": "skip"}):
        with pytest.raises(OptionError):
            Pixelize(epsilon=1, **options)
