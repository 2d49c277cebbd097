"""Rims: whatever stood inside of a box before coding, the decoded outside is the same."""

import itertools
import warnings

import numpy as np
import pytest
from PIL import Image, ImageOps

from numbadp import pixelize
from numbadp.errors import LayoutError, OptionError, OptionTypeError, PictureError, PictureWarning
from numbadp.mechanism import Pixelizer
from numbadp.pictures.coding import LOSSLESS, UNBOUNDED, Block, Coding
from numbadp.pictures.header import Header
from numbadp.pictures.orientation import turn_mask_back
from numbadp.pictures.reading import describe_image, read_image
from numbadp.pictures.rim import RIMS, check_rim, cover, widen
from pictures.files import as_image, encoded, opened, scene

_QUALITIES = (30, 60, 75, 92, 95)
_SAMPLINGS = (0, 1, 2)  # 4:4:4, 4:2:2, 4:2:0
_BOXES = ((33, 21, 62, 50), (32, 32, 64, 64), (0, 0, 1, 1), (70, 60, 300, 300), (16, 40, 17, 41))


def _inside(size, box):
    mask = np.zeros(size, bool)
    mask[box[1] : box[3], box[0] : box[2]] = True
    return mask


def _decodings(array, mask, kind, **settings):
    """Decode the picture as it is, and with two other insides, coded each."""
    rng = np.random.default_rng(5)
    for change in ("none", "noise", "flat"):
        changed = array.copy()
        if change == "noise":
            changed[mask] = rng.integers(0, 256, changed[mask].shape)
        elif change == "flat":
            changed[mask] = rng.integers(0, 2, (1, array.shape[2])) * 255
        image = opened(encoded(as_image(changed), kind, **settings))
        header = describe_image(image)
        yield header, read_image(image).array


def _dependent(decoded):
    (_, first), *others = decoded
    return np.any([(first != other).reshape(*first.shape[:2], -1).any(2) for _, other in others], 0)


def _check(array, box, kind="JPEG", orientation=1, **settings):
    """Return how many pixels outside of the bare box, and of its rim, depended on the inside."""
    height, width = array.shape[:2]
    upright = _inside((width, height) if orientation > 4 else (height, width), box)
    stored = turn_mask_back(upright, orientation)
    decoded = list(_decodings(array, stored, kind, orientation=orientation, **settings))
    found = cover(decoded[0][0], [box], None, "coded")
    wide = upright if found.mask is None else found.mask
    assert (wide | ~upright).all()
    depends = _dependent(decoded)
    return int((depends & ~upright).sum()), int((depends & ~wide).sum())


@pytest.mark.parametrize("sampling", _SAMPLINGS)
@pytest.mark.parametrize("quality", _QUALITIES)
def test_nothing_outside_depends_on_the_inside_of_a_jpeg(quality, sampling):
    """Any quality and sampling, odd sizes, boxes anywhere; a bare box would tell (power)."""
    bare = 0
    for (height, width), box, progressive in itertools.product(
        ((97, 121), (80, 128)), _BOXES, (False, True)
    ):
        array = scene(height, width, seed=quality)
        told, beyond = _check(
            array, box, quality=quality, subsampling=sampling, progressive=progressive,
            optimize=progressive,
        )  # fmt: skip
        bare += told
        assert beyond == 0
    assert bare > 1000


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("box", _BOXES[:4])
def test_blocks_lie_in_the_coordinates_of_the_file(orientation, box):
    """A turned picture's blocks start at another side of the upright one."""
    array = scene(99, 85)
    told, beyond = _check(array, box, orientation=orientation, quality=70, subsampling=2)
    assert told > 0 or box[2] > 99
    assert beyond == 0


@pytest.mark.parametrize(
    "kind, channels, settings",
    [
        ("JPEG", 1, {}),
        ("JPEG", 4, {"subsampling": 0}),
        ("JPEG", 4, {"subsampling": 2}),
        ("MPO", 3, {"save_all": True}),
        ("JPEG", 3, {"restart_marker_blocks": 3}),
        ("JPEG", 3, {"restart_marker_rows": 1, "subsampling": 1}),
        ("JPEG", 3, {"keep_rgb": True}),
        ("JPEG", 3, {"smooth": 50}),
        ("TIFF", 3, {"compression": "jpeg"}),
        ("TIFF", 1, {"compression": "jpeg"}),
    ],
    ids=str,
)
def test_other_kinds_of_jpeg(kind, channels, settings):
    """Grey, CMYK, several pictures, restart markers, no YCbCr, a smoothing encoder, TIFF."""
    array = scene(97, 121, channels)
    if kind == "MPO":
        settings = {**settings, "append_images": [as_image(scene(97, 121, seed=9))]}
    for box in _BOXES:
        assert _check(array, box, kind, quality=75, **settings)[1] == 0


@pytest.mark.parametrize(
    "channels, settings", [(1, {}), (3, {"subsampling": 0}), (3, {"subsampling": 1})]
)
def test_a_smoothing_encoder_reads_over_the_edge_of_a_block(channels, settings):
    """Also where nothing is subsampled: a box that ends with a block enters the next one."""
    for box in (*_BOXES, (31, 31, 33, 33), (15, 40, 16, 48)):
        told, beyond = _check(scene(97, 121, channels), box, quality=100, smooth=60, **settings)
        assert told > 0 or box[2] > 121
        assert beyond == 0


@pytest.mark.parametrize("kind, settings", [("PNG", {}), ("BMP", {}), ("WEBP", {"lossless": True})])
def test_lossless_files_get_no_rim(kind, settings):
    """Every pixel stands for itself: the box stays as it is."""
    array = scene(40, 50)
    told, beyond = _check(array, (7, 9, 30, 31), kind, **settings)
    assert (told, beyond) == (0, 0)
    header = describe_image(opened(encoded(as_image(array), kind, **settings)))
    assert cover(header, [(7, 9, 30, 31)], None, "coded") == ([(7, 9, 30, 31)], None, None)


_HEADER = Header("JPEG", "RGB", (100, 60), coding=Coding((Block((16, 16), (2, 2), (1, 1)),)))


def test_the_rim_of_whole_blocks():
    """Oracle: block rounding by hand: 2 pixels before, whole blocks, 1 pixel after."""
    found = cover(_HEADER, [(20, 20, 30, 30)], None, "coded")
    expected = _inside((60, 100), (15, 15, 33, 33))
    np.testing.assert_array_equal(found.mask, expected)
    assert found.boxes is None
    assert "JPEG" in found.note and "up to 18 pixels" in found.note
    assert f"({expected.sum() - 100} pixels more)" in found.note
    edge = cover(_HEADER, [(20, 20, 31, 30)], None, "coded").mask
    np.testing.assert_array_equal(edge, _inside((60, 100), (15, 15, 49, 33)))


def test_a_mask_is_widened_as_its_boxes_are():
    """Any mask: the union of what its pixels need."""
    rng = np.random.default_rng(3)
    mask = rng.random((60, 100)) > 0.999
    expected = np.zeros_like(mask)
    for y, x in np.argwhere(mask):
        expected |= cover(_HEADER, [(x, y, x + 1, y + 1)], None, "coded").mask
    np.testing.assert_array_equal(cover(_HEADER, None, mask, "coded").mask, expected)
    np.testing.assert_array_equal(widen(mask, LOSSLESS), mask)


@pytest.mark.parametrize("size", [(900, 70), (70, 900), (700, 700)])
def test_far_apart_boxes_are_widened_as_near_ones(size):
    """In parts, but by the same blocks.  Oracle: each box in a mask of its own."""
    header = Header("JPEG", "RGB", size[::-1], coding=_HEADER.coding)
    boxes = [
        (3, 5, 9, 11),
        (size[1] - 8, size[0] - 9, size[1], size[0]),
        (40, size[0] // 2, 41, 999),
    ]
    found = cover(header, boxes, None, "coded").mask
    alone = [cover(header, [box], None, "coded").mask for box in boxes]
    np.testing.assert_array_equal(found, np.any(alone, axis=0))
    inside = np.any([_inside(size, box) for box in boxes], axis=0)
    for y, x in np.argwhere(inside)[::17]:  # two before, whole blocks, one after, by hand
        left, top = (x - 2) // 16 * 16 - 1, (y - 2) // 16 * 16 - 1
        right, bottom = (x + 2) // 16 * 16 + 17, (y + 2) // 16 * 16 + 17
        assert found[max(top, 0) : bottom, max(left, 0) : right].all()
    assert found.mean() < 0.3


@pytest.mark.parametrize("rim", RIMS)
def test_what_covers_everything_needs_no_rim(rim):
    """Without a region, or with one that fills the picture, nothing is said."""
    unbounded = Header("WEBP", "RGB", (100, 60), coding=UNBOUNDED)
    assert cover(_HEADER, None, None, rim) == cover(unbounded, None, None, rim) == (None,) * 3
    for header in (_HEADER, unbounded):
        assert cover(header, [(0, 0, 100, 60)], None, rim).note is None


def test_where_no_rim_would_do():
    """Noted, covered as a whole, refused, or as given: whatever the caller asked for."""
    unbounded = Header("WEBP", "RGB", (100, 60), coding=UNBOUNDED)
    boxes = [(1, 1, 9, 9)]
    assert cover(unbounded, boxes, None, "exact") == (boxes, None, None)
    assert cover(_HEADER, boxes, None, "exact") == (boxes, None, None)
    noted = cover(unbounded, boxes, None, "coded")
    assert noted.boxes is boxes and "rim 'whole' covers the whole picture" in noted.note
    whole = cover(unbounded, boxes, None, "whole")
    assert whole[:2] == (None, None) and "whole picture is covered" in whole.note
    assert cover(_HEADER, boxes, None, "whole").mask.sum() < 1000
    with pytest.raises(PictureError, match="WEBP may carry .* farther than any rim"):
        cover(unbounded, boxes, None, "refuse")


@pytest.mark.parametrize("rim", ["", "Coded", "none", "coded "])
def test_other_words_are_refused(rim):
    with pytest.raises(OptionError, match="coded, exact, whole, refuse; got"):
        check_rim(rim)


@pytest.mark.parametrize("rim", [None, True, 1, b"coded"])
def test_other_types_are_refused(rim):
    with pytest.raises(OptionTypeError, match="rim must be one of"):
        check_rim(rim)


@pytest.mark.parametrize(
    "boxes, mask, error",
    [
        ([(200, 0, 210, 9)], None, LayoutError),
        ([], None, LayoutError),
        (None, np.zeros((100, 60), bool), LayoutError),
        (None, np.zeros((60, 100)), OptionTypeError),
        ([(0, 0, 9, 9)], np.ones((60, 100), bool), OptionTypeError),
    ],
    ids=str,
)
def test_regions_are_checked_as_ever(boxes, mask, error):
    with pytest.raises(error):
        cover(_HEADER, boxes, mask, "coded")


# --- through the public entrances ------------------------------------------------------------


@pytest.mark.parametrize("entrance", ["pixelize", "Pixelizer"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_the_released_outside_is_free_of_the_inside(entrance, orientation):
    """End to end: what is published as it was does not depend on what was in the box."""
    box, array = (33, 21, 62, 50), scene(99, 85)
    size = (85, 99) if orientation == 6 else (99, 85)
    stored = turn_mask_back(_inside(size, box), orientation)
    outsides = []
    for value in (0, 255):
        array[stored] = value
        image = opened(encoded(as_image(array), "JPEG", orientation=orientation, quality=60))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if entrance == "pixelize":
                release = pixelize(image, epsilon=1, boxes=[box])
            else:
                release = Pixelizer((*size, 3), epsilon=1, boxes=[box])(image)
        told = [str(found.message) for found in caught if found.category is PictureWarning]
        assert "widened to whole blocks" in told[0]
        assert [text for text in told[1:] if "turned upright" in text] == told[1:]
        covered = release.plan.region.mask
        assert covered[box[1] : box[3], box[0] : box[2]].all() and not covered.all()
        outsides.append(np.where(covered[..., None], 0, release.render()))
    np.testing.assert_array_equal(*outsides)


def test_a_pixelizer_keeps_its_plan_for_arrays():
    """Arrays say nothing of files: the plan's own region, no warning."""
    pixelizer = Pixelizer((40, 50, 3), epsilon=1, boxes=[(3, 3, 9, 9)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        release = pixelizer(scene(40, 50))
        assert release.plan.region.pixels == 36
        assert pixelizer(Image.fromarray(scene(40, 50))).plan.region.pixels == 36


def test_the_caller_chooses():
    """rim="exact", "whole" and "refuse" reach the picture; wrong ones are refused for arrays too."""
    boxes = [(33, 21, 62, 50)]
    jpeg, webp = (encoded(as_image(scene(80, 90)), kind, quality=60) for kind in ("JPEG", "WEBP"))
    exact = pixelize(opened(jpeg), epsilon=1, boxes=boxes, rim="exact")
    assert exact.plan.region.pixels == 29 * 29
    with pytest.warns(PictureWarning, match="whole picture is covered"):
        assert pixelize(opened(webp), epsilon=1, boxes=boxes, rim="whole").plan.region is None
    with pytest.warns(PictureWarning, match="farther than any rim"):
        assert pixelize(opened(webp), epsilon=1, boxes=boxes).plan.region.pixels == 29 * 29
    with pytest.raises(PictureError, match="farther than any rim"):
        pixelize(opened(webp), epsilon=1, boxes=boxes, rim="refuse")
    for wrong in (pixelize, lambda image, **options: Pixelizer(image.shape, **options)):
        with pytest.raises(OptionError, match="rim must be one of"):
            wrong(scene(8, 8), epsilon=1, rim="wide")


def test_a_changed_copy_of_a_photograph_is_told():
    """Its blocks are lost: the caller learns to pass the image as Pillow opened it."""
    copy = opened(encoded(as_image(scene(80, 90)), "JPEG")).convert("RGB")
    with pytest.warns(PictureWarning, match="changed copy of a photograph .pass it as Pillow"):
        pixelize(copy, epsilon=1, boxes=[(9, 9, 20, 20)])


@pytest.mark.parametrize("rim", ["coded", "whole", "refuse"])
def test_a_jpeg_that_was_turned_in_its_place_is_told_covered_or_refused(rim):
    """Its blocks start at another side than its file says."""
    image = opened(encoded(as_image(scene(61, 83)), "JPEG", orientation=3, subsampling=2))
    ImageOps.exif_transpose(image, in_place=True)
    if rim == "refuse":
        with pytest.raises(PictureError, match="not as Pillow opened it .* farther than any rim"):
            pixelize(image, epsilon=1, boxes=[(20, 20, 30, 30)], rim=rim)
        return
    with pytest.warns(PictureWarning, match="not as Pillow opened it .* farther than any rim"):
        release = pixelize(image, epsilon=1, boxes=[(20, 20, 30, 30)], rim=rim)
    assert (release.plan.region is None) == (rim == "whole")


def test_a_turned_picture_of_another_shape_is_named(picture):
    """A Pixelizer counts upright pixels."""
    image = opened(encoded(picture, "JPEG", orientation=6))
    with pytest.raises(ValueError, match=r"\(40, 60, 3\); got \(60, 40, 3\)"):
        Pixelizer((40, 60, 3), epsilon=1, boxes=[(0, 0, 9, 9)])(image)
