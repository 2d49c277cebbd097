"""``--json``: one object a picture on stdout, whatever becomes of it."""

import json
from fractions import Fraction

import numpy as np
from PIL import Image

from numbadp.accounting.guarantee import Guarantee
from numbadp.cli.telling import facts_of

GREY = np.full((48, 64), 90, np.uint8)


def told(out):
    return {line["in"]: line for line in map(json.loads, out.splitlines())}


def test_every_picture_has_an_object(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    for name in ("a.png", "b.png"):
        Image.fromarray(GREY).save(tmp_path / "in" / name)
    (tmp_path / "in" / "broken.png").write_bytes(b"no picture")
    arguments = ["pixelize", "in", "-o", "out", "--epsilon", "1/3", "--json", "--quiet"]
    code, out, _ = run(*arguments, "--box", "0,0,8,8")
    found = told(out)
    assert code == 1 and len(found) == 3
    assert found["in/a.png"] == {
        "in": "in/a.png", "out": "out/a.png", "status": "written", "epsilon": "1/3", "m": 16,
        "covered": 64, "boxes": [[0, 0, 8, 8]],
    }  # fmt: skip
    assert found["in/broken.png"]["status"] == "failed" and found["in/broken.png"]["error"]
    code, out, _ = run(*arguments, "--skip-existing")
    assert told(out)["in/b.png"]["status"] == "skipped"


def test_a_line_for_every_picture(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(GREY).save("a.png")
    code, _, err = run(
        "pixelize", "a.png", "-o", "b.png", "--epsilon", 1, "-v", "--box", "0,0,8,8",
        "--box", "9,9,10,10",
    )  # fmt: skip
    assert code == 0 and "written: a.png -> b.png, 65 pixels covered, 2 boxes" in err


def test_a_copy_says_so(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(GREY).save("a.png")
    (tmp_path / "boxes.json").write_text('{"a.png": []}')
    code, out, _ = run(
        "pixelize", "a.png", "-o", "b.png", "--epsilon", 1, "--boxes", "boxes.json",
        "--on-none", "copy", "--json",
    )  # fmt: skip
    found = told(out)["a.png"]
    assert code == 0 and found["status"] == "copied" and found["epsilon"] == "0"


def test_no_guarantee_is_no_number():
    none = Guarantee(float("inf"), Fraction(0), 16, 3, ())
    assert facts_of(none)["epsilon"] == "infinite"
