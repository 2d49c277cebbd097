"""What the page knows: a picture in memory, releases that are counted, options that differ."""

import sys
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from numbadp import PictureError
from numbadp.ui import session as module
from numbadp.ui.session import Settings, changed, find_faces, make_release, open_photo, plan_of
from ui.pictures import photo

BOX = (8, 8, 40, 48)
PLAIN = Settings(Fraction(1), 16, "auto", ())


def test_a_picture_is_shown_upright_and_nothing_is_released():
    exif = Image.Exif()
    exif[0x0112] = 6
    session, picture = open_photo(photo((96, 64), "JPEG", exif=exif))
    assert picture.shape == (96, 64, 3) and session.size == (64, 96)
    assert session.release is None and session.spent == ()


@pytest.mark.parametrize("content", [b"", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"no picture"])
def test_other_files_are_refused_in_one_sentence(content):
    with pytest.raises(PictureError, match="Convert it to PNG first"):
        open_photo(content)


def test_a_picture_that_is_too_large_is_not_decoded(monkeypatch):
    monkeypatch.setattr(module, "MOST_PIXELS", 96 * 64 - 1)
    monkeypatch.setattr(module, "read_image", None)
    with pytest.raises(PictureError, match="96 x 64 pixels are too many"):
        open_photo(photo())


def test_every_release_is_counted_and_other_options_ask_for_another():
    session, _ = open_photo(photo())
    assert changed(session, PLAIN) == ()
    once = make_release(session, PLAIN)
    assert changed(once, PLAIN) == ()
    other = PLAIN._replace(epsilon=Fraction(1, 2), boxes=(BOX,))
    assert changed(once, other) == ("epsilon", "boxes")
    twice = make_release(once, other)
    assert twice.spent_for(16) == Fraction(3, 2) and twice.spent_for(32) == 3
    assert session.spent == () and once.release is not twice.release


def test_boxes_cover_themselves_and_show_the_rest():
    session, picture = open_photo(photo())
    release = make_release(session, PLAIN._replace(boxes=(BOX,))).release
    assert release.guarantee.covered == 32 * 40
    shown = release.render()
    outside = np.ones(shown.shape[:2], bool)
    outside[8:48, 8:40] = False
    assert (shown[outside] == picture[outside]).all()


def test_what_is_covered_beside_a_box_is_noted():
    session, _ = open_photo(photo(kind="JPEG"))
    made = make_release(session, PLAIN._replace(boxes=((9, 9, 39, 47),)))
    assert any("widened to whole blocks" in note for note in made.notes)
    assert made.release.guarantee.covered > 30 * 38


def test_a_plan_needs_no_pixel():
    session, _ = open_photo(photo())
    plan = plan_of(session, PLAIN._replace(cell=8, boxes=(BOX,)))
    assert plan.shape == (64, 96, 3) and plan.planes[0].cell == 8


def test_found_faces_are_grown_and_kept_inside(monkeypatch):
    found = SimpleNamespace(boxes=np.array([[10.5, 10.0, 30.0, 30.0], [80.0, 50.0, 96.0, 64.0]]))
    monkeypatch.setitem(sys.modules, "numbadp.detect", SimpleNamespace(faces=lambda image: found))
    session, _ = open_photo(photo())
    assert find_faces(session) == ((4, 4, 36, 37), (75, 45, 96, 64))


def test_without_a_detector_the_remedy_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "numbadp.detect", None)
    session, _ = open_photo(photo())
    with pytest.raises(PictureError, match=r"pip install 'numbadp\[faces\]', or draw"):
        find_faces(session)
