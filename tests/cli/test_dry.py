"""``--dry-run``: what would be done and spent, from headers alone; nothing is written."""

import numpy as np
import pytest
from PIL import Image

from numbadp.cli import pixelize as command

GREY = np.full((48, 64), 90, np.uint8)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    Image.fromarray(GREY).save("in/a.png")
    Image.fromarray(GREY).save("in/b.png")
    return tmp_path


def test_plans_are_told_and_nothing_is_read_or_written(run, folder, monkeypatch):
    monkeypatch.setattr(command, "read_picture", lambda *_: pytest.fail("decoded"))
    arguments = ["pixelize", "in", "-o", "out", "--epsilon", "1/2", "--dry-run"]
    code, _, err = run(*arguments, "--ledger", "budget.json", "--budget", 3)
    assert code == 0 and not (folder / "out").exists()
    assert "a.png: 64 x 48, 3072 pixels covered with epsilon = 1/2 for up to 16" in err
    assert "2 of 2 pictures planned, nothing is written" in err
    assert "epsilon = 3 of 3 left" in err


def test_boxes_masks_and_what_will_be_found(run, folder):
    arguments = ["pixelize", "in/a.png", "-o", "x.png", "--epsilon", 1, "--dry-run"]
    assert "80 pixels covered" in run(*arguments, "--box", "0,0,8,10")[2]
    Image.fromarray((np.indices((48, 64))[1] < 5).astype(np.uint8)).save("mask.png")
    assert "240 pixels covered" in run(*arguments, "--mask", "mask.png")[2]
    code, _, err = run(*arguments, "--detect", "tests.cli.test_detecting:door")
    assert code == 0 and "in what is found" in err
    (folder / "boxes.json").write_text("{}")
    code, _, err = run(*arguments, "--boxes", "boxes.json", "--on-none", "copy")
    assert "copied as it is, NOT PROTECTED" in err


def test_what_would_fail_fails(run, folder):
    (folder / "in" / "c.png").write_bytes(b"no picture")
    code, _, err = run("pixelize", "in", "-o", "out", "--epsilon", 1, "--dry-run")
    assert code == 1 and "c.png: not a picture" in err
    code, _, err = run("pixelize", "in/a.png", "-o", "in/b.png", "--epsilon", 1, "--dry-run")
    assert code == 1 and "exists already" in err
