"""The sheet: every option on the user's own picture, marked as not for publication."""

import numpy as np
import pytest

from numbadp.advice import advise, sheet
from numbadp.errors import OptionError


@pytest.fixture(scope="module")
def picture():
    """Blue and red noise of a sort, 90 x 60."""
    found = np.random.default_rng(1).integers(0, 256, (60, 90, 3), dtype=np.uint8)
    found[..., 1] = 0
    return found


def captions(monkeypatch):
    """Collect what is written on a sheet."""
    written = []
    plain = sheet.ImageDraw.Draw

    def draw(image):
        pen = plain(image)
        text = pen.text
        pen.text = lambda at, words, **more: (written.append((at, words)), text(at, words, **more))
        return pen

    monkeypatch.setattr(sheet.ImageDraw, "Draw", draw)
    return written


def test_a_sheet_shows_original_options_and_box_and_says_whom_it_is_for(picture, monkeypatch):
    written = captions(monkeypatch)
    advice = advise((20, 25), picture=(90, 60), epsilon=50)
    drawn = sheet.draw_sheet(advice, picture)
    words = [text for _, text in written]
    assert words[0] == sheet.WARNING == "NOT FOR PUBLICATION: this sheet shows the original"
    for option in advice.options:
        assert any(text.startswith(f"m = {option.m}, epsilon") for text in words)
    assert sum("(asked)" in text for text in words) == 1
    assert words[-2:] == ["solid box", "epsilon 0, no noise, no flicker"]
    places = [at for at, _ in written[1:]]
    assert len(places) == len(set(places)) == 2 * (len(advice.options) + 3)
    assert all(0 <= x < drawn.width and 0 <= y < drawn.height for x, y in places)
    red = np.asarray(drawn)[: sheet._TITLE]
    assert (red[..., 0] > red[..., 1] + 100).any()  # the warning is drawn, not only computed


def test_the_box_covers_the_object_and_nothing_else(picture):
    advice = advise((20, 25), picture=(90, 60))
    box = sheet._object_box(advice, (11, 7))
    assert box == (11, 7, 31, 32)
    solid = np.asarray(sheet._solid(sheet.Image.fromarray(picture), box))
    inside = np.zeros((60, 90), bool)
    inside[7:32, 11:31] = True
    assert (solid[inside] == sheet._BOX).all() and (solid[~inside] == picture[~inside]).all()


@pytest.mark.parametrize("at", [None, (0, 0), (70, 35)])
def test_the_object_lies_where_it_is_said_to(at):
    advice = advise((20, 25), picture=(90, 60))
    left, top, right, bottom = sheet._object_box(advice, at)
    assert (left, top) == (at or (35, 17)) and (right - left, bottom - top) == (20, 25)
    window = sheet._window((left, top, right, bottom), (90, 60))
    assert 0 <= window[0] <= left < right <= window[2] <= 90
    assert 0 <= window[1] <= top < bottom <= window[3] <= 60


@pytest.mark.parametrize("at", [(-1, 0), (71, 0), (0, 36), (500, 500)])
def test_an_object_outside_of_the_picture_is_refused(picture, at):
    with pytest.raises(OptionError, match="does not lie in a picture of 90 x 60"):
        sheet.draw_sheet(advise((20, 25), picture=(90, 60)), picture, at)


def test_a_picture_of_another_size_is_refused(picture):
    with pytest.raises(OptionError, match=r"picture=\(90, 60\)"):
        sheet.draw_sheet(advise((20, 25), picture=(60, 90)), picture)


@pytest.mark.parametrize("object", ["whole", (1, 1)])
def test_grey_pictures_and_extreme_objects_are_drawn(picture, object):
    grey = np.ascontiguousarray(picture[..., 0])
    drawn = sheet.draw_sheet(advise(object, picture=(90, 60)), grey)
    assert drawn.mode == "RGB" and drawn.info == {}
