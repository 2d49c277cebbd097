"""Reading: one rule book, whichever entrance a picture comes in by."""

import numpy as np
import pytest
from PIL import Image

from numbadp import NumbadpError, PictureError, pixelize
from numbadp.pictures.reading import (
    coded_mask,
    describe_image,
    read_header,
    read_image,
    read_picture,
)
from pictures.files import as_image, encoded, opened, scene

_CASES = [
    (kind, mode)
    for kind, modes in {
        "PNG": ("RGB", "L", "P", "1", "LA", "RGBA"), "JPEG": ("RGB", "L", "CMYK"), "GIF": ("P", "L"),
        "TIFF": ("RGB", "L", "P", "1", "CMYK", "YCbCr", "LAB", "RGBA"), "WEBP": ("RGB", "RGBA"),
        "BMP": ("RGB", "L", "P", "1"), "PPM": ("RGB", "L", "1"), "JPEG2000": ("RGB", "L", "RGBA"),
        "AVIF": ("RGB",), "QOI": ("RGB",), "TGA": ("RGB", "L", "P"), "PCX": ("RGB", "L", "1"),
        "SGI": ("RGB", "L"), "MPO": ("RGB",),
    }.items()
    for mode in modes
]  # fmt: skip


@pytest.mark.parametrize("kind, mode", _CASES)
def test_both_entrances_agree(tmp_path, kind, mode):
    """The same pixels, the same notes, the same facts, of the announced shape."""
    image = as_image(scene(24, 33))
    if mode == "LAB":
        image = Image.frombytes("LAB", image.size, image.tobytes())
    content = encoded(image.convert(mode) if mode != "LAB" else image, kind)
    path = tmp_path / "a"
    path.write_bytes(content)
    one, two = read_picture(path, 10**9), read_image(opened(content))
    np.testing.assert_array_equal(one.array, two.array)
    assert one.header == two.header == read_header(path) == describe_image(opened(content))
    assert one.notes == two.notes
    assert one.array.dtype == np.uint8 and one.array.shape == one.header.shape


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "JPEG2000", "AVIF", "GIF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_damage_is_our_error_by_both_entrances(tmp_path, kind, share):
    """A truncated file: one line of ours, never Pillow's exception; nothing is measured."""
    noisy = as_image(np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8))
    content = encoded(noisy, kind)
    content = content[: int(len(content) * share)]
    (tmp_path / "a").write_bytes(content)
    try:
        taken = read_picture(tmp_path / "a", 10**9).array
    except NumbadpError as error:
        assert "\n" not in str(error)
        taken = None
    try:
        image = opened(content)
    except Exception:
        assert taken is None  # Pillow refuses it in the caller's hands
        return
    if taken is None:
        with pytest.raises(PictureError, match=f"truncated or broken {kind} file"):
            pixelize(image, epsilon=1)
    else:
        np.testing.assert_array_equal(read_image(image).array, taken)


def test_a_picture_of_another_size_than_announced_is_refused(tmp_path, monkeypatch):
    image = opened(encoded(as_image(scene(24, 33)), "PNG"))
    monkeypatch.setattr(
        "numbadp.pictures.reading.to_array", lambda *a: np.zeros((24, 32, 3), np.uint8)
    )
    with pytest.raises(PictureError, match="another size than it says"):
        read_image(image)


def test_lack_of_memory_is_said(monkeypatch):
    image = opened(encoded(as_image(scene(24, 33)), "PNG"))

    def exhausted():
        raise MemoryError

    monkeypatch.setattr(image, "load", exhausted)
    with pytest.raises(PictureError, match="not enough memory"):
        read_image(image)


def test_interrupts_pass(monkeypatch):
    image = opened(encoded(as_image(scene(24, 33)), "PNG"))

    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(image, "load", interrupted)
    with pytest.raises(KeyboardInterrupt):
        read_image(image)


def test_a_region_can_be_widened_where_the_picture_was_read(tmp_path):
    (tmp_path / "a.jpg").write_bytes(encoded(as_image(scene(64, 64)), "JPEG", subsampling=0))
    found = read_picture(tmp_path / "a.jpg", 10**9).cover([(9, 9, 10, 10)], None, "coded")
    assert found.mask.sum() == 64 and found.mask[8:16, 8:16].all()


def test_an_array_is_covered_as_its_file_would_be():
    """For decoders other than Pillow: the same mask, or a refusal where none would do."""
    jpeg = encoded(as_image(scene(64, 80)), "JPEG", orientation=6, subsampling=0)
    mask = coded_mask(opened(jpeg), [(9, 9, 10, 10)])
    assert mask.shape == (80, 64) and mask.sum() == 64
    lossless = coded_mask(opened(encoded(as_image(scene(64, 80)), "PNG")), [(9, 9, 10, 10)])
    assert lossless.sum() == 1
    with pytest.raises(PictureError, match="farther than any rim"):
        coded_mask(opened(encoded(as_image(scene(64, 80)), "WEBP")), [(9, 9, 10, 10)])
