"""Output tables of each layout lead back to the boxes that they were written from."""

import numpy as np
import pytest

from numbadp.detect.heads import HEADS, layout_of
from numbadp.errors import OptionError

BOX = np.array([40.0, 24.0, 72.0, 88.0])  # of an input of 128 x 96
SIZE = (128, 96)


def test_centerface():
    heat = np.zeros((1, 1, 24, 32), np.float32)
    size, offset = np.zeros((2, 1, 2, 24, 32), np.float32)
    row, column = 13, 13
    heat[0, 0, row, column] = 0.8
    size[0, :, row, column] = np.log([64 / 4, 32 / 4])
    offset[0, :, row, column] = 56 / 4 - row - 0.5, 56 / 4 - column - 0.5
    boxes, scores = HEADS["centerface"].read([heat, size, offset, offset], SIZE, 0.5, None)
    np.testing.assert_allclose(boxes, [BOX], atol=1e-4)
    np.testing.assert_allclose(scores, [0.8], atol=1e-6)


@pytest.mark.parametrize("batched", [False, True])
@pytest.mark.parametrize("stride", [8, 16, 32])
def test_scrfd(stride, batched):
    scores, distances, points = [], [], []
    for own in (8, 16, 32):
        across, down = 128 // own, 96 // own
        score = np.zeros((across * down * 2, 1), np.float32)
        distance = np.zeros((across * down * 2, 4), np.float32)
        if own == stride:
            column, row = 64 // own, 64 // own
            at = (row * across + column) * 2 + 1
            score[at] = 0.9
            distance[at] = np.abs(BOX - 64) / own
        scores.append(score)
        distances.append(distance)
        points.append(np.zeros((len(score), 10), np.float32))
    outputs = [*scores, *distances, *points]
    if batched:
        outputs = [output[None] for output in outputs]
    boxes, found = HEADS["scrfd"].read(outputs, SIZE, 0.5, None)
    np.testing.assert_allclose(boxes, [BOX], atol=1e-4)
    np.testing.assert_allclose(found, [0.9])


def test_yolo_takes_the_best_class_and_no_landmark():
    table = np.zeros((1, 4 + 2 + 3, 30), np.float32)
    table[0, :4, 7] = 56, 56, 32, 64
    table[0, 4:6, 7] = 0.2, 0.7
    table[0, 6:, 9] = 99  # landmarks of something unsure
    boxes, scores = HEADS["yolo"].read([table], SIZE, 0.5, 2)
    np.testing.assert_allclose(boxes, [BOX])
    np.testing.assert_allclose(scores, [0.7])
    assert len(HEADS["yolo"].read([table.transpose(0, 2, 1)], SIZE, 0.5, 2)[0]) == 1


def test_corners():
    table = np.zeros((1, 10, 6), np.float32)
    table[0, 3] = *BOX, 0.6, 1
    boxes, scores = HEADS["xyxy"].read([table], SIZE, 0.5, None)
    np.testing.assert_allclose(boxes, [BOX])
    np.testing.assert_allclose(scores, [0.6])


@pytest.mark.parametrize(
    ("shapes", "layout"),
    [
        ([["b", c, "h", "w"] for c in (1, 2, 2, 10)], "centerface"),
        ([[None, c] for c in (1, 1, 1, 4, 4, 4)], "scrfd"),
        ([[1, 84, 8400]], "yolo"),
        ([[1, 300, 6]], "xyxy"),
    ],
)
def test_a_layout_is_known_by_its_outputs(shapes, layout):
    assert layout_of(shapes) == layout


def test_other_outputs_are_told():
    with pytest.raises(OptionError, match="no known layout"):
        layout_of([[1], [2]])
    with pytest.raises(OptionError, match="not of the layout 'scrfd'"):
        HEADS["scrfd"].read([np.zeros((5, 1))] * 6, SIZE, 0.5, None)
    with pytest.raises(OptionError, match="not of the layout 'yolo'"):
        HEADS["yolo"].read([np.zeros((1, 3, 9))], SIZE, 0.5, None)
