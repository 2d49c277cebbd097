"""JSON: our own object, COCO data sets and results, Labelme."""

import json

import pytest

from numbadp.cli.boxes.json_files import read_json
from numbadp.cli.boxes.shapes import BoxError
from numbadp.errors import OptionError


def read(content, place=""):
    """Entries of an object, by key."""
    text = content if isinstance(content, str) else json.dumps(content)
    return {entry.key: entry for entry in read_json(text, "boxes.json", place)}


def pixels(entry):
    """Its boxes on a picture of 60 x 40."""
    return entry.pixels(60, 40)


def test_our_own_form():
    found = read({"a.png": [[1, 2, 3.5, 4]], "sub/b.png": [], "images": [[0, 0, 2, 2]]})
    assert pixels(found["a.png"]) == [(1, 2, 4, 4)]
    assert pixels(found["sub/b.png"]) == [] and pixels(found["images"]) == [(0, 0, 2, 2)]


@pytest.mark.parametrize(
    "box", ["[1, 2, 3]", "[NaN, 0, 3, 3]", "[0, 0, Infinity, 3]", "[0, 0, 1e999, 3]", "7", "null",
            '["0", "0", "3", "3"]', "[3, 3, 0, 0]", "[0, 0, 3, true]", "{}"],
)  # fmt: skip
def test_a_wrong_box_is_the_fault_of_its_picture(box):
    found = read(f'{{"a.png": [[0, 0, 9, 9], {box}], "b.png": [[0, 0, 9, 9]]}}')
    with pytest.raises(BoxError):
        pixels(found["a.png"])
    assert pixels(found["b.png"]) == [(0, 0, 9, 9)]


@pytest.mark.parametrize(
    "text", ["{", "[]", "[1]", '{"a.png": 3}', "[" * 100_000, "null", '"x"', "", '{"a": {}}']
)
def test_what_is_none_of_the_forms_is_refused(text):
    with pytest.raises(OptionError, match="not JSON of the form"):
        read(text)


@pytest.mark.parametrize(
    "text", ['{"a": [], "a": []}', '{"images": [], "annotations": [{"id": 1, "id": 2}]}']
)
def test_a_name_that_stands_twice_is_refused(text):
    with pytest.raises(OptionError, match="twice"):
        read(text)


COCO = {
    "images": [
        {"id": 7, "file_name": "a.png", "width": 60, "height": 40},
        {"id": 8, "file_name": "sub/b.png"},
        {"id": "x", "file_name": "c.png"},
    ],
    "annotations": [
        {"image_id": 7, "bbox": [10, 5, 20.5, 10], "iscrowd": 0},
        {"image_id": 7, "bbox": [0, 0, 4, 4]},
        {"image_id": "x", "segmentation": [[1, 1, 9, 1, 5, 8.5]]},
    ],
}


def test_a_coco_data_set():
    found = read(COCO)
    assert pixels(found["a.png"]) == [(10, 5, 31, 15), (0, 0, 4, 4)]
    assert pixels(found["sub/b.png"]) == [] and pixels(found["c.png"]) == [(1, 1, 9, 9)]
    with pytest.raises(BoxError, match="60 x 40"):
        found["a.png"].pixels(40, 60)


@pytest.mark.parametrize(
    ("images", "annotations", "words"),
    [
        ([{"id": 1}], [], "file_name"),
        ([{"id": 1, "file_name": ""}], [], "file_name"),
        ([{"id": 1, "file_name": 1.5}], [], "file_name"),
        ([{"file_name": "a"}], [], "id"),
        ([3], [], "file_name"),
        ([{"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"}], [], "two images"),
        ([{"id": 1, "file_name": "a"}], [{"image_id": 2, "bbox": [0, 0, 1, 1]}], "no such image"),
        ([{"id": 1, "file_name": "a"}], [{"bbox": [0, 0, 1, 1]}], "image_id"),
    ],
)
def test_coco_files_that_do_not_fit_together(images, annotations, words):
    with pytest.raises(OptionError, match=words):
        read({"images": images, "annotations": annotations})


@pytest.mark.parametrize(
    "annotation",
    [{}, {"bbox": []}, {"bbox": [0, 0, -1, 5]}, {"bbox": [0, 0, 0, 5]}, {"segmentation": []},
     {"segmentation": {"counts": "x"}}, {"segmentation": [[1, 2, 3]]}, {"bbox": None}],
)  # fmt: skip
def test_wrong_coco_boxes_are_faults(annotation):
    found = read({"images": [{"id": 1, "file_name": "a"}],
                  "annotations": [{"image_id": 1, **annotation}]})  # fmt: skip
    with pytest.raises(BoxError):
        pixels(found["a"])


def test_coco_results():
    found = read([
        {"image_id": 139, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 1e-300},
        {"image_id": 139, "bbox": [5, 5, 1.5, 1]},
        {"image_id": "street", "bbox": [0, 0, 9, 9]},
        {"image_id": 5, "file_name": "f/x.png", "bbox": [0, 0, 9, 9]},
    ])  # fmt: skip
    assert pixels(found["139"]) == [(1, 2, 4, 6), (5, 5, 7, 6)] and found["139"].number == 139
    assert found["street"].stem and found["f/x.png"].number is None
    with pytest.raises(OptionError, match="two names"):
        read([{"image_id": 1, "file_name": n, "bbox": [0, 0, 1, 1]} for n in "ab"])


def shape(kind, *points):
    """A Labelme shape."""
    return {"label": "face", "shape_type": kind, "points": [list(point) for point in points]}


def labelme(*shapes, **more):
    """A Labelme file."""
    return {"version": "5.0", "flags": {}, "shapes": list(shapes), "imagePath": "..\\p\\a.png",
            "imageData": None, "imageHeight": 40, "imageWidth": 60, **more}  # fmt: skip


def test_labelme():
    shapes = (shape("rectangle", (9, 8), (1.5, 2)), shape("polygon", (0, 0), (5, 0), (0, 5)),
              shape("circle", (10, 10), (10, 12)))  # fmt: skip
    (entry,) = read(labelme(*shapes)).values()
    assert entry.key == "a.png"
    assert pixels(entry) == [(1, 2, 9, 8), (0, 0, 5, 5), (8, 8, 12, 12)]
    (entry,) = read(labelme(*shapes), place="sub/a").values()
    assert entry.key == "sub/a.png"
    (entry,) = read(labelme(*shapes, imagePath=None), place="sub/b").values()
    assert (entry.key, entry.stem) == ("sub/b", True)
    (entry,) = read(labelme()).values()
    assert pixels(entry) == []


@pytest.mark.parametrize(
    "wrong", [shape("point", (3, 3)), shape("linestrip", (0, 0), (9, 9)), shape("polygon", (1, 1)),
              {"shape_type": "rectangle"}, 5, shape("rectangle", (1, 1), (1, 5))],
)  # fmt: skip
def test_labelme_shapes_without_an_area_are_faults(wrong):
    (entry,) = read(labelme(shape("rectangle", (0, 0), (9, 9)), wrong)).values()
    with pytest.raises(BoxError):
        pixels(entry)
