"""Coding: how far each kind of file carries a pixel, from headers alone."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from numbadp.pictures.coding import LOSSLESS, UNBOUNDED, Block, Coding, find_coding
from numbadp.pictures.reading import describe_image
from pictures.files import as_image, encoded, opened, scene

_LUMA = Block((8, 8), (1, 1))
_SUBSAMPLED = {
    0: (_LUMA,),
    1: (_LUMA, Block((16, 8), (2, 1), (1, 0))),
    2: (_LUMA, Block((16, 16), (2, 2), (1, 1))),
}


def _coding(kind, image=None, **settings):
    return describe_image(
        opened(encoded(image or as_image(scene(40, 50)), kind, **settings))
    ).coding


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("sampling", _SUBSAMPLED)
def test_blocks_of_a_jpeg_follow_its_sampling(sampling, progressive):
    """Complete progressive files are decoded as others are."""
    found = _coding("JPEG", subsampling=sampling, progressive=progressive)
    assert found == Coding(_SUBSAMPLED[sampling])


def test_one_component_has_blocks_of_its_own():
    """Grey: 8 x 8, whatever factors the header names."""
    assert _coding("JPEG", as_image(scene(40, 50, 1))) == Coding((_LUMA,))
    content = bytearray(encoded(as_image(scene(40, 50, 1)), "JPEG"))
    at = content.index(b"\xff\xc0") + 11
    content[at] = 0x22
    assert describe_image(opened(bytes(content))).coding == Coding((_LUMA,))


def _without_last_scans(content, keep):
    """Drop the scans that refine a progressive file: a decoder guesses what is missing."""
    places = [at for at in range(len(content)) if content[at : at + 2] == b"\xff\xda"]
    return content[: places[keep]] + b"\xff\xd9"


@pytest.mark.parametrize("keep", [1, 2, 4])
def test_unfinished_progressive_files_reach_over_two_blocks_more(keep):
    """libjpeg smooths over 5 x 5 blocks where coefficients are missing, and so do we."""
    whole = encoded(as_image(scene(96, 96)), "JPEG", progressive=True, subsampling=0)
    found = describe_image(opened(_without_last_scans(whole, keep))).coding
    assert found == Coding((Block((8, 8), (1, 1), (16, 16)),))


@pytest.mark.parametrize("sampling", [0, 2])
@pytest.mark.parametrize("keep", [1, 2, 4])
def test_that_reach_holds(keep, sampling):
    """The decoded outside of the rim of an unfinished file does not depend on the inside."""
    from numbadp.pictures.reading import read_image
    from numbadp.pictures.rim import cover

    array, found = scene(160, 160), []
    for value in (0, 255):
        array[70:80, 70:80] = value
        whole = encoded(as_image(array), "JPEG", progressive=True, subsampling=sampling, quality=50)
        image = opened(_without_last_scans(whole, keep))
        header = describe_image(image)
        found.append(read_image(image).array)
    wide = cover(header, [(70, 70, 80, 80)], None, "coded").mask
    differs = (found[0] != found[1]).any(2)
    assert not (differs & ~wide).any()
    assert wide.sum() < wide.size // 2


@pytest.mark.parametrize(
    "kind, mode, settings",
    [
        ("WEBP", "RGB", {"quality": 80}),
        ("AVIF", "RGB", {}),
        ("JPEG2000", "RGB", {"irreversible": True, "quality_layers": [20]}),
        ("JPEG2000", "RGB", {}),  # reversible says nothing of a limited rate
        ("GIF", "P", {}),
        ("PNG", "P", {}),
        ("PNG", "1", {}),
        ("BMP", "P", {}),
        ("TIFF", "1", {}),
    ],
)
def test_these_spread_without_a_bound(kind, mode, settings):
    assert _coding(kind, as_image(scene(40, 50)).convert(mode), **settings) == UNBOUNDED


@pytest.mark.parametrize(
    "kind, mode, settings",
    [
        ("PNG", "RGB", {}),
        ("PNG", "L", {}),
        ("PNG", "RGBA", {}),
        ("BMP", "RGB", {}),
        ("PPM", "RGB", {}),
        ("TGA", "RGB", {}),
        ("QOI", "RGB", {}),
        ("WEBP", "RGB", {"lossless": True}),
        ("WEBP", "RGBA", {"lossless": True}),
        ("TIFF", "RGB", {}),
        ("TIFF", "RGB", {"compression": "tiff_lzw"}),
        ("TIFF", "CMYK", {"compression": "tiff_adobe_deflate"}),
        ("TIFF", "L", {"compression": "packbits"}),
    ],
)
def test_these_keep_every_pixel_by_itself(kind, mode, settings):
    assert _coding(kind, as_image(scene(40, 50)).convert(mode), **settings) == LOSSLESS


@pytest.mark.parametrize("frames", [False, True])
@pytest.mark.parametrize("alpha", [False, True])
def test_a_webp_is_lossless_only_if_all_of_it_is(frames, alpha):
    image = as_image(scene(40, 50))
    if alpha:
        image.putalpha(100)
    more = {"save_all": True, "append_images": [image.rotate(90)]} if frames else {}
    assert _coding("WEBP", image, lossless=True, **more) == LOSSLESS
    assert _coding("WEBP", image, quality=80, **more) == UNBOUNDED


def test_images_that_were_not_opened_are_arrays():
    image = as_image(scene(40, 50))
    assert find_coding(image, None) == LOSSLESS
    assert find_coding(opened(encoded(image, "PNG")).convert("RGB"), None) == LOSSLESS
    assert find_coding(image.rotate(90, expand=True), None) == LOSSLESS


@pytest.mark.parametrize("settings", [{}, {"orientation": 6}, {"keep_rgb": True}])
@pytest.mark.parametrize(
    "change",
    [
        lambda image: image.convert("RGB"),
        lambda image: image.crop((3, 3, 40, 40)),
        lambda image: image.resize((90, 90)),
        ImageOps.exif_transpose,
    ],
    ids=["converted", "cropped", "resized", "upright"],
)
def test_changed_copies_of_photographs_say_so(change, settings):
    """Where the blocks are by now nobody knows; what Pillow carries along tells that there were."""
    photograph = opened(encoded(as_image(scene(40, 50)), "JPEG", **settings))
    assert find_coding(change(photograph), None) == UNBOUNDED


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_changed_copies_of_webp_and_avif_say_so_too(kind):
    image = opened(encoded(as_image(scene(40, 50)), kind))
    assert find_coding(image.crop((3, 3, 40, 40)), None) == UNBOUNDED
    assert find_coding(opened(encoded(image, kind)).convert("L"), None) == UNBOUNDED


def test_what_was_scaled_while_decoding_has_other_blocks():
    image = opened(encoded(as_image(scene(160, 160)), "JPEG"))
    image.draft("RGB", (80, 80))
    assert describe_image(image).coding == UNBOUNDED
    image = opened(encoded(as_image(scene(160, 160)), "JPEG"))
    image.thumbnail((80, 80))
    assert describe_image(image).coding == UNBOUNDED


def test_a_decoded_image_is_known_by_what_it_keeps(tmp_path):
    """Its path, which leads to the file; a stream is let go of, and then nothing tells."""
    content = encoded(as_image(scene(40, 50)), "JPEG", subsampling=2, orientation=6)
    (tmp_path / "jpeg").write_bytes(content)
    with Image.open(tmp_path / "jpeg") as image:
        image.load()
        assert describe_image(image).coding == Coding(_SUBSAMPLED[2])
    image = opened(content)
    image.load()
    assert describe_image(image).coding == UNBOUNDED
    webp = opened(encoded(as_image(scene(40, 50)), "WEBP", lossless=True))
    webp.load()
    assert describe_image(webp).coding == UNBOUNDED  # nothing tells any more
    (tmp_path / "a").write_bytes(encoded(as_image(scene(40, 50)), "WEBP", lossless=True))
    with Image.open(tmp_path / "a") as again:
        again.load()
        assert describe_image(again).coding == LOSSLESS


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("way", ["path", "bytes"])
@pytest.mark.parametrize("kind", ["JPEG", "MPO"])
def test_what_was_turned_in_its_place_has_blocks_elsewhere(tmp_path, kind, way, orientation):
    """A square one too: its size does not tell."""
    (tmp_path / "a").write_bytes(
        encoded(as_image(scene(41, 41)), kind, orientation=orientation, subsampling=2)
    )
    image = Image.open(
        tmp_path / "a" if way == "path" else io.BytesIO((tmp_path / "a").read_bytes())
    )
    with image:
        ImageOps.exif_transpose(image, in_place=True)
        assert describe_image(image).coding == UNBOUNDED


@pytest.mark.parametrize("way", ["path", "bytes"])
def test_what_was_made_smaller_in_its_place_has_no_blocks(tmp_path, way):
    (tmp_path / "a").write_bytes(encoded(as_image(scene(61, 83)), "JPEG"))
    image = Image.open(
        tmp_path / "a" if way == "path" else io.BytesIO((tmp_path / "a").read_bytes())
    )
    with image:
        image.load()
        image.thumbnail((40, 40))
        assert describe_image(image).coding == UNBOUNDED


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_file_that_was_replaced_says_nothing_of_a_decoded_image(tmp_path, orientation):
    array = as_image(scene(48, 48))
    (tmp_path / "a").write_bytes(encoded(array, "JPEG", subsampling=2, orientation=1))
    with Image.open(tmp_path / "a") as image:
        image.load()
    (tmp_path / "a").write_bytes(encoded(array, "JPEG", subsampling=0, orientation=orientation))
    assert describe_image(image).coding == UNBOUNDED
    (tmp_path / "a").write_bytes(b"text")
    assert describe_image(image).coding == UNBOUNDED


@pytest.mark.parametrize("orientation", [1, 3])
def test_chroma_that_pixels_of_a_tiff_share_may_lie_elsewhere_once_it_is_turned(orientation):
    image = opened(encoded(as_image(scene(41, 51)), "TIFF", orientation=orientation))
    image.tag_v2[262], image.tag_v2[530] = 6, (2, 2)
    assert describe_image(image).coding == Coding((Block((2, 2), (2, 2), (1, 1)),))
    image.load()
    assert describe_image(image).coding == UNBOUNDED


def test_the_other_pictures_of_a_file_are_not_told():
    image = as_image(scene(40, 50))
    content = encoded(image, "MPO", save_all=True, append_images=[image.rotate(180)])
    found = opened(content)
    assert describe_image(found).coding.blocks
    found.seek(1)
    assert describe_image(found).coding == UNBOUNDED


@pytest.mark.parametrize("orientation", [1, 2, 6, 8])
def test_a_jpeg_in_a_tiff(orientation):
    """Blocks of at most 16 x 16, or no word where Pillow has turned them already."""
    for size, straight in (((48, 64), orientation in (1, 2)), ((50, 60), False)):
        content = encoded(
            as_image(scene(*size)), "TIFF", compression="jpeg", orientation=orientation
        )
        image = opened(content)
        assert describe_image(image).coding == Coding(_SUBSAMPLED[2])
        image.load()
        found = describe_image(image).coding
        assert found == (Coding(_SUBSAMPLED[2]) if straight else UNBOUNDED)


def test_a_stream_that_is_another_file_says_nothing():
    image = opened(encoded(as_image(scene(40, 50)), "JPEG"))
    other = io.BytesIO(encoded(as_image(scene(8, 8)), "JPEG"))
    assert find_coding(image, other) == UNBOUNDED
    assert find_coding(image, io.BytesIO(b"text")) == UNBOUNDED
    assert find_coding(image, io.BytesIO(b"\xff\xd8" + b"\xff" * 10**6)) == UNBOUNDED


def test_no_pixel_enters():
    """The same file kind says the same of any picture."""
    for kind in ("JPEG", "WEBP", "PNG", "TIFF"):
        found = {_coding(kind, Image.fromarray(np.full((40, 50, 3), v, np.uint8))) for v in (0, 9)}
        assert len(found) == 1
