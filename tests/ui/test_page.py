"""The page's steps: what each gives for what was set; the page as a whole is driven in test_serving.py."""

import base64
import io
import json
from fractions import Fraction

import pytest
from PIL import Image

import numbadp
from numbadp.checks import STYLES
from numbadp.ui import page
from numbadp.ui.session import Settings
from ui.pictures import photo

TEXT = "data:image/png;base64," + base64.b64encode(photo()).decode()
SLIDERS = (0, 4, -1)  # epsilon = 1, m = 16, cell: automatic


def content_of(html, name):
    """Return the bytes of a link's file."""
    href = html.split(f'id="{name}"')[1].split('href="')[1].split('"')[0]
    return base64.b64decode(href.partition(",")[2])


@pytest.fixture(scope="module")
def opened():
    """What opening a picture gives: the session first."""
    return page._open(TEXT, *SLIDERS)


def test_sliders_are_powers_of_two():
    boxes = "[[1, 2, 3, 4]]"
    assert page._settings(-2, 6, 3, boxes) == Settings(Fraction(1, 4), 64, 8, ((1, 2, 3, 4),))
    assert page._settings(0, 0, -1, "[]").cell == "auto"
    assert page._label("epsilon", -2).startswith("ε = 1/4:")
    assert page._label("m", 6).startswith("m = 64:")
    assert [page._label("cell", power) for power in (-1, 3)] == [
        "cell: automatic",
        "cell: 8 pixels",
    ]


def test_opening_shows_the_picture_and_releases_nothing(opened):
    session, preview, boxes, told, result, promised, advised = opened
    shown = json.loads(preview)
    assert (shown["width"], shown["height"], boxes) == (96, 64, "[]")
    image = Image.open(io.BytesIO(base64.b64decode(shown["url"].partition(",")[2])))
    assert image.size == (96, 64)
    assert "Nothing is released yet" in told and "Nothing is released yet" in result
    assert promised == "" and "solid box" in advised and session.release is None


def test_a_file_that_is_no_picture_ends_the_session():
    session, preview, *_ = found = page._open("data:;base64,AAAA", *SLIDERS)
    assert session is None and preview == "" and "np-wrong" in found[3]


def test_styles_are_free_and_both_files_hold_the_release(opened):
    session, told, result, promised, _ = page._release(opened[0], *SLIDERS, "[]", "mosaic")
    smooth = page._paint(session, "smooth")
    assert len(session.spent) == 1 and "Released once" in told and "epsilon = 1" in promised
    release = numbadp.load(io.BytesIO(content_of(smooth, "np-dpz")))
    assert release.guarantee == session.release.guarantee
    drawn_in = {style: page._paint(session, style) for style in STYLES}
    assert (drawn_in["mosaic"], drawn_in["smooth"]) == (result, smooth)
    for style, html in drawn_in.items():
        drawn = Image.open(io.BytesIO(content_of(html, "np-png")))
        assert drawn.tobytes() == session.release.to_pil(style).tobytes()


def test_what_cannot_be_done_is_said():
    for told in (page._find(None)[1], page._release(None, *SLIDERS, "[]", "mosaic")[1]):
        assert "there is no picture yet" in told


def test_nobody_found_is_no_promise(opened, monkeypatch):
    monkeypatch.setattr(page, "find_faces", lambda session: ())
    assert "does not mean that there is none" in page._find(opened[0])[1]
    monkeypatch.setattr(page, "find_faces", lambda session: ((1, 2, 3, 4),))
    assert json.loads(page._find(opened[0])[0]) == [[1, 2, 3, 4]]
