"""What is covered is what the user sees: the same rules as in the API, said in one line."""

import json
import warnings

import numpy as np
import pytest
from pictures.files import as_image, chunk, encoded, opened, png_with, profile, scene
from PIL import Image

from numbadp import pixelize

_BOX = (33, 21, 62, 50)


def _array(path):
    with Image.open(path) as image:
        return np.asarray(image)


def _run(run, path, *more, epsilon=1):
    target = path.with_name("out.png")
    code, _, err = run("pixelize", path, "-o", target, "--epsilon", epsilon, "--force", *more)
    return code, err, _array(target) if code == 0 else None


def _boxed(box):
    return "--box", ",".join(map(str, box))


def _outside(array, box):
    rest = array.copy()
    rest[box[1] : box[3], box[0] : box[2]] = 0
    return rest


def test_the_rim_of_a_jpeg_is_covered_and_told(run, tmp_path):
    """Two faces under one box: the two outputs are the same outside of what was replaced."""
    found = []
    for value in (0, 255):
        array = scene(97, 121)
        array[21:50, 33:62] = value
        path = tmp_path / "a.jpg"
        path.write_bytes(encoded(as_image(array), "JPEG", quality=75))
        code, err, out = _run(run, path, *_boxed(_BOX))
        assert code == 0 and err.count("widened to whole blocks, by up to 18 pixels") == 1
        rim = _outside((out != _array(path)).any(2), _BOX)[16:64, 16:80]
        assert rim.sum() > 1000  # replaced as well
        found.append(_outside(out, (15, 15, 81, 65)))
    np.testing.assert_array_equal(*found)
    assert found[0].any()


def test_boxes_of_a_file_are_widened_too_and_quiet_is_as_safe(run, tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(as_image(scene(97, 121)), "JPEG", subsampling=0))
    (tmp_path / "boxes.json").write_text(json.dumps({"a.jpg": [_BOX]}))
    code, err, out = _run(run, path, "--boxes", tmp_path / "boxes.json", "--quiet")
    assert (code, err) == (0, "")
    changed = (out != _array(path)).any(2)
    assert changed[16:21, 32:64].any() and not changed[:16].any() and not changed[56:].any()


def test_rim_exact_takes_boxes_as_given(run, tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(as_image(scene(97, 121)), "JPEG"))
    code, err, out = _run(run, path, *_boxed(_BOX), "--rim", "exact")
    assert code == 0 and "widened" not in err
    np.testing.assert_array_equal(_outside(out, _BOX), _outside(_array(path), _BOX))


@pytest.mark.parametrize("rim", ["coded", "whole", "refuse"])
def test_where_no_rim_would_do(run, tmp_path, rim):
    path = tmp_path / "a.webp"
    path.write_bytes(encoded(as_image(scene(97, 121)), "WEBP"))
    code, err, out = _run(run, path, *_boxed(_BOX), "--rim", rim)
    assert err.count("farther than any rim") == 1
    if rim == "refuse":
        assert code == 1 and not (tmp_path / "out.png").exists()
        return
    same = (out == _array(path)).all(2)
    assert code == 0 and same[70:].all() == (rim == "coded")


@pytest.mark.parametrize("orientation", [3, 6])
def test_upright_boxes_cover_the_same_pixels_in_both(run, tmp_path, orientation):
    """A7: the command line and the API change the same pixels."""
    content = encoded(as_image(scene(64, 80)), "PNG", orientation=orientation)
    path = tmp_path / "a.png"
    path.write_bytes(content)
    box = (5, 40, 25, 58)
    code, _, out = _run(run, path, *_boxed(box))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        by_api = pixelize(opened(content), epsilon=1, boxes=[box]).render()
    assert code == 0
    np.testing.assert_array_equal(_outside(out, box), _outside(by_api, box))


@pytest.mark.parametrize("more", [(), ("--quiet",)])
def test_erased_pixels_outside_of_boxes_stay_erased(run, tmp_path, more):
    """Nobody saw them: they are white, however little is said."""
    array = np.dstack([scene(64, 80), np.full((64, 80), 255, np.uint8)])
    array[:, 40:, 3] = 0
    path = tmp_path / "a.png"
    path.write_bytes(encoded(Image.fromarray(array), "PNG"))
    code, err, out = _run(run, path, *_boxed((0, 0, 9, 9)), *more)
    assert code == 0 and ("laid on white" in err) == (not more)
    assert (out[:, 40:] == 255).all()
    np.testing.assert_array_equal(out[9:, :40], array[9:, :40, :3])


def test_profiles_are_converted_and_told(run, tmp_path):
    swapped = ((0.1431, 0.3851, 0.4361), (0.0606, 0.7169, 0.2225), (0.7141, 0.0971, 0.0139))
    path = tmp_path / "a.png"
    image = Image.new("RGB", (64, 64), (250, 10, 20))
    path.write_bytes(encoded(image, "PNG", icc_profile=profile("RGB", 2.2, swapped)))
    code, err, out = _run(run, path, *_boxed((0, 0, 9, 9)))
    assert code == 0 and err.count("from its profile to sRGB") == 1
    assert np.abs(out[40, 40].astype(int) - (20, 10, 250)).max() <= 8


def test_a_picture_with_much_text_is_done(run, tmp_path, picture):
    path = tmp_path / "a.png"
    text = chunk(b"tEXt", b"workflow\0" + bytes(2_000_000))
    path.write_bytes(png_with(encoded(picture, "PNG"), text))
    assert _run(run, path)[0] == 0


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff\xe0", None])
def test_nothing_is_charged_for_what_cannot_be_read(run, tmp_path, content):
    """Deep, cut or no picture at all: refused before the ledger."""
    path = tmp_path / "a.png"
    if content is None:
        Image.new("I;16", (9, 9)).save(path)
    else:
        path.write_bytes(content)
    code, err, _ = _run(run, path, "--ledger", tmp_path / "l.json", "--budget", 9)
    assert code == 1 and "0 of 1 picture written" in err
    assert "spent" not in err or "0 of 9" in err
