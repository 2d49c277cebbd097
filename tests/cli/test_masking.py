"""``--mask``: what is not black is covered, and a mask that does not fit is no mask."""

import numpy as np
import pytest
from PIL import Image

GREY = (np.indices((48, 64)).sum(0) % 200 + 1).astype(np.uint8)
INSIDE = np.zeros((48, 64), bool)
INSIDE[10:20, 12:40] = True


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in" / "sub").mkdir(parents=True)
    Image.fromarray(GREY).save("in/sub/a.png")
    Image.fromarray(INSIDE.astype(np.uint8) * 255).save("mask.png")
    return tmp_path


def pixelize(run, *extra):
    return run("pixelize", "in", "-o", "out", "--epsilon", 1, "--force", *extra)


def test_what_is_not_black_is_covered(run, folder):
    code, _, err = pixelize(run, "--mask", "mask.png")
    assert code == 0 and "in its mask" in err
    with Image.open("out/sub/a.png") as image:
        written = np.asarray(image)
    np.testing.assert_array_equal(written[~INSIDE], GREY[~INSIDE])
    assert (written[INSIDE] != GREY[INSIDE]).any()


def test_a_folder_has_a_mask_for_each(run, folder):
    (folder / "masks" / "sub").mkdir(parents=True)
    code, _, err = pixelize(run, "--mask", "masks")
    assert code == 1 and "there is no mask for it" in err
    Image.fromarray(INSIDE).save("masks/sub/a.bmp")
    assert pixelize(run, "--mask", "masks")[0] == 0


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (Image.new("L", (64, 40), 255), "has 64 x 40 pixels; the picture, upright"),
        (Image.new("L", (64, 48)), "black, so nothing would be protected"),
        (Image.new("RGBA", (64, 48)), "transparent in places"),
    ],
)
def test_a_mask_that_does_not_fit_fails(run, folder, mask, message):
    mask.save("bad.png")
    code, _, err = pixelize(run, "--mask", "bad.png")
    assert code == 1 and message in err and not (folder / "out").exists()


def test_options_that_exclude_each_other(run, folder):
    code, _, err = pixelize(run, "--mask", "mask.png", "--box", "0,0,1,1")
    assert code == 2 and "exclude each other" in err
    code, _, err = pixelize(run, "--mask", "nothing.png")
    assert code == 2 and "there is no mask" in err
