"""``--box`` and ``--boxes``: only these pixels are covered, everything else stays."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from numbadp.cli.regions import read_regions
from numbadp.errors import OptionError, PictureError


def written(path):
    """Pixels of a picture."""
    with Image.open(path) as image:
        return np.asarray(image)


def test_boxes_are_found_by_path_before_name(tmp_path):
    path = tmp_path / "boxes.json"
    path.write_text(
        json.dumps({"a.png": [[0, 0, 1, 1]], "deep/a.png": [[2, 2, 3, 3]], "b.png": []})
    )
    regions = read_regions(None, str(path))
    assert regions.of(Path("deep/a.png")) == [[2, 2, 3, 3]]
    assert regions.of(Path("other/a.png")) == [[0, 0, 1, 1]]
    for missing in ("b.png", "c.png"):
        with pytest.raises(PictureError, match="nothing of it would be protected"):
            regions.of(Path(missing))


def test_without_options_the_whole_picture_is_covered():
    assert read_regions(None, None).of(Path("a.png")) is None
    assert read_regions([(0, 0, 2, 2)], None).of(Path("a.png")) == [(0, 0, 2, 2)]


@pytest.mark.parametrize("content", ["{", "[]", '{"a.png": 3}', "[" * 100_000, "\xff"])
def test_what_is_no_list_of_boxes_is_refused(tmp_path, content):
    path = tmp_path / "boxes.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(OptionError, match="not JSON of the form"):
        read_regions(None, str(path))


def test_a_missing_file_and_two_sources_are_refused(tmp_path):
    with pytest.raises(OptionError, match="cannot be read"):
        read_regions(None, str(tmp_path / "none.json"))
    with pytest.raises(OptionError, match="exclude each other"):
        read_regions([(0, 0, 1, 1)], "x.json")


def test_pixels_outside_the_boxes_are_written_as_they_are(run, tmp_path, picture):
    source, target = tmp_path / "a.png", tmp_path / "out.png"
    picture.save(source)
    options = ("--epsilon", "0.1", "--box", "10,5,30,25", "--box=-9,30,8,99")
    code, _, stderr = run("pixelize", source, "-o", target, *options)
    assert code == 0 and "in its boxes" in stderr
    before, after = written(source), written(target)
    covered = np.zeros(before.shape[:2], bool)
    covered[5:25, 10:30] = covered[30:40, :8] = True
    np.testing.assert_array_equal(after[~covered], before[~covered])
    assert (after[covered] != before[covered]).any(axis=-1).mean() > 0.5


def test_pictures_without_a_box_fail_and_the_rest_is_done(run, tmp_path, picture):
    for name in ("a.png", "b.png", "c.png"):
        picture.save(tmp_path / name)
    boxes = tmp_path / "boxes.json"
    boxes.write_text(json.dumps({"a.png": [[0, 0, 9, 9]], "c.png": [[5, 5, 1, 1]]}))
    inputs = [tmp_path / name for name in ("a.png", "b.png", "c.png")]
    out = tmp_path / "out"
    code, _, stderr = run("pixelize", *inputs, "-o", out, "--epsilon", 1, "--boxes", boxes)
    assert code == 1
    assert sorted(p.name for p in out.iterdir()) == ["a.png"]
    assert "b.png: the boxes file has no box" in stderr
    assert "c.png: a box must be (left, top, right, bottom)" in stderr


def test_a_box_must_be_four_numbers(run, tmp_path, picture):
    picture.save(tmp_path / "a.png")
    code, _, stderr = run(
        "pixelize", tmp_path / "a.png", "-o", tmp_path / "b.png", "--epsilon", 1, "--box", "1,2,3"
    )
    assert code == 2 and "invalid box left,top,right,bottom value" in stderr


def test_the_exact_layout_is_called_not_private_even_when_quiet(run, tmp_path, picture):
    picture.save(tmp_path / "a.png")
    options = ("--epsilon", 1, "--layout", "exact", "--quiet")
    code, _, stderr = run("pixelize", tmp_path / "a.png", "-o", tmp_path / "b.png", *options)
    assert code == 0
    assert stderr.count("NOT PRIVATE") == 1 and "epsilon = 1" not in stderr
