"""Models of the user's own on onnxruntime: boxes come back in pixels of the picture."""

import numpy as np
import pytest

import numbadp
from numbadp.detect import onnx
from numbadp.errors import DetectorError, OptionError, OptionTypeError
from tests.detect.models import fixed_tables

pytest.importorskip("onnxruntime")

PICTURE = np.zeros((480, 640, 3), np.uint8)


def save(tmp_path, content):
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    return path


def yolo(rows, classes=1):
    table = np.zeros((1, 4 + classes, 50), np.float32)
    for index, row in enumerate(rows):
        table[0, :, index] = row
    return table


def test_a_picture_is_fitted_into_the_model_and_boxes_come_back(tmp_path):
    table = yolo([[64, 48, 32, 16, 0.9], [100, 90, 4, 4, 0.1]])
    detector = onnx(save(tmp_path, fixed_tables([table], (1, 3, 128, 128))))
    assert detector.layout == "yolo"
    found = detector(PICTURE)
    np.testing.assert_allclose(found.boxes, np.array([[48, 40, 80, 56]]) * 5, atol=1e-3)
    np.testing.assert_allclose(found.scores, [0.9], atol=1e-6)


def test_own_size_looks_tile_by_tile(tmp_path):
    table = yolo([[64, 48, 32, 16, 0.9]])
    path = save(tmp_path, fixed_tables([table], (1, 3, 160, 160)))
    found = onnx(path, scales=1)(np.zeros((160, 300, 3), np.uint8))
    assert sorted(found.boxes[:, 0]) == [48, 48 + 70, 48 + 140]


def test_the_threshold_cuts(tmp_path):
    path = save(tmp_path, fixed_tables([yolo([[64, 48, 32, 16, 0.4]])], (1, 3, 128, 128)))
    assert len(onnx(path)(PICTURE)) == 0
    assert len(onnx(path, threshold=0.3)(PICTURE)) == 1


def test_classes_come_from_the_file(tmp_path):
    table = yolo([[64, 48, 32, 16, 0.1, 9.0]], classes=2)
    metadata = [("names", "{0: 'face'}")]
    path = save(tmp_path, fixed_tables([table], (1, 3, 128, 128), metadata))
    assert onnx(path).classes == 1 and len(onnx(path)(PICTURE)) == 0


def test_open_sizes_look_once(tmp_path):
    table = np.zeros((1, 7, 6), np.float32)
    table[0, 0] = 1, 2, 11, 22, 0.8, 0
    content = fixed_tables([table], (1, 3, "h", "w"), shapes=[("b", "n", 6)])
    found = onnx(save(tmp_path, content))(np.zeros((512, 1024), np.uint8))
    np.testing.assert_allclose(found.boxes, [[1, 2, 11, 22]])


def test_what_was_found_is_what_is_covered(tmp_path):
    table = yolo([[64, 48, 32, 16, 0.9]])
    found = onnx(save(tmp_path, fixed_tables([table], (1, 3, 128, 128))))(PICTURE)
    release = numbadp.pixelize(PICTURE, epsilon=1, boxes=found)
    assert release.guarantee.covered == 160 * 80


@pytest.mark.parametrize("content", [b"", b"no model", b"\x08\x08"])
def test_other_files_are_told_in_one_sentence(tmp_path, content):
    with pytest.raises(DetectorError, match="no model to run"):
        onnx(save(tmp_path, content))


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(DetectorError, match="cannot be read"):
        onnx(tmp_path / "nothing.onnx")


def test_options_that_make_no_sense_are_refused(tmp_path):
    path = save(tmp_path, fixed_tables([yolo([])], (1, 3, 32, 32)))
    for options in ({"layout": "rcnn"}, {"threshold": 0}, {"scales": 99}, {"classes": 0}):
        with pytest.raises(OptionError):
            onnx(path, **options)
    with pytest.raises(OptionTypeError, match="path must name"):
        onnx(3)
