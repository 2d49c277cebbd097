"""A picture in which nothing was found: an error, all of it covered, or a copy that says so."""

import numpy as np
import pytest

import numbadp
from numbadp.errors import FileFormatError, LayoutError, OptionError, OptionTypeError, OutputError
from numbadp.inputs import take_region
from numbadp.release import Untouched

PICTURE = np.arange(40 * 60 * 3, dtype=np.uint8).reshape(40, 60, 3)
NOTHING = [
    {"boxes": np.zeros((0, 4))},
    {"boxes": np.zeros(0)},
    {"boxes": []},
    {"mask": np.zeros((40, 60), bool)},
    {"mask": np.zeros((0, 40, 60), np.uint8)},
]
nothing = pytest.mark.parametrize("region", NOTHING)


@nothing
def test_nothing_found_is_an_error_by_default(region):
    with pytest.raises(LayoutError, match="no pixel: nothing would be covered.*on_none='whole'"):
        numbadp.pixelize(PICTURE, epsilon=1, **region)


@nothing
def test_all_of_it_is_covered(region):
    release = numbadp.pixelize(PICTURE, epsilon=1, on_none="whole", **region)
    assert release.guarantee.covers.whole and release.background is None


def test_nothing_found_in_any_picture_of_a_batch():
    for boxes in ([[]], np.zeros((1, 0, 4))):
        assert take_region(boxes, None, on_none="whole") == (None, None, False)
        assert take_region(boxes, None, on_none="copy")[2]
        with pytest.raises(LayoutError, match="in 1 of 1 pictures"):
            take_region(boxes, None)


def test_boxes_of_a_batch_are_none_for_one_picture():
    for boxes in ([[(0, 0, 9, 9)]], np.array([[[0, 0, 9, 9]]])):
        with pytest.raises(LayoutError, match="picture by picture.*got one picture"):
            numbadp.pixelize(PICTURE, epsilon=1, boxes=boxes)


@nothing
def test_a_copy_is_no_release_and_charges_nothing(region):
    ledger = numbadp.Ledger(1)
    copy = numbadp.pixelize(PICTURE, epsilon=1, on_none="copy", ledger=ledger, **region)
    assert isinstance(copy, Untouched) and ledger.balance().spent == 0
    assert copy.guarantee.epsilon == 0 and copy.guarantee.covered == 0
    assert copy.guarantee.for_pixels(9).epsilon == 0
    assert "No pixel is covered" in str(copy.guarantee)
    np.testing.assert_array_equal(copy.render("smooth"), PICTURE)
    assert not np.shares_memory(copy.render(), PICTURE)


def test_a_copy_knows_the_options_of_a_release(tmp_path):
    copy = numbadp.pixelize(PICTURE, epsilon=1, boxes=[], on_none="copy")
    out = np.zeros_like(PICTURE)
    assert copy.render(out=out) is out and (out == PICTURE).all()
    assert copy.to_pil().size == (60, 40) and copy.to_host() is copy
    assert "none is covered" in repr(copy)
    with pytest.raises(OutputError):
        copy.render(out=out[1:])
    with pytest.raises(OptionError, match="style must be"):
        copy.render("blue")
    with pytest.raises(FileFormatError, match="nothing was measured"):
        copy.save(tmp_path / "a.dpz")


def test_a_copy_of_a_tensor_is_a_tensor():
    torch = pytest.importorskip("torch", exc_type=ImportError)
    given = torch.from_numpy(PICTURE).permute(2, 0, 1)
    copy = numbadp.pixelize(given, epsilon=1, boxes=torch.zeros((0, 4)), on_none="copy")
    assert torch.equal(copy.render(), given)


def test_pictures_of_a_batch_have_their_own_boxes():
    box = [[1.5, 2, 3, 4]]
    assert take_region([box, box], None) == ([[[1, 2, 3, 4]]] * 2, None, False)
    with pytest.raises(LayoutError, match="in 1 of 2 pictures"):
        take_region([box, []], None)
    assert take_region([box, []], None, on_none="copy") == ([[[1, 2, 3, 4]], []], None, False)
    assert take_region([[], []], None, on_none="copy")[2]
    boxes, _, bare = take_region([box, []], None, on_none="whole")
    assert boxes[1][0][:2] == (0, 0) and boxes[1][0][2] > 10**6 and not bare


def test_options_that_make_no_sense_are_refused():
    with pytest.raises(OptionTypeError, match="exclude each other"):
        take_region([(0, 0, 1, 1)], np.ones((2, 2), bool))
    with pytest.raises(OptionError, match="on_none must be one of"):
        numbadp.pixelize(PICTURE, epsilon=1, on_none="skip")
    with pytest.raises(OptionTypeError, match="on_none"):
        take_region([], None, on_none=None)
