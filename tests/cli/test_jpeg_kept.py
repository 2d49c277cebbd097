"""A JPEG with boxes stays that JPEG outside of them, and nothing of the inside is left in it."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from numbadp.cli import jpeg_kept
from numbadp.cli.jpeg_kept import units_of, why_not

jpeglib = pytest.importorskip("jpeglib", exc_type=ImportError)
jpegs = pytest.mark.filterwarnings("ignore::ResourceWarning")

Y, X = np.indices((75, 106))
PHOTO = np.stack([(Y * 3 + X) % 256, (Y + 5 * X) % 256, (X * Y) % 256], axis=2).astype(np.uint8)
BOX = (33, 21, 50, 40)


def save(path, pixels=PHOTO, **options):
    image = Image.fromarray(pixels)
    image.save(path, "JPEG", **{"quality": 85, "subsampling": 2, "comment": "SECRET"} | options)


def blocks_of(path):
    found = jpeglib.read_dct(str(path))
    return [part for part in (found.Y, found.Cb, found.Cr) if part is not None]


def pixelize(run, *extra, box=BOX):
    return run(
        "pixelize", "a.jpg", "-o", "b.jpg", "--epsilon", 1, "--box", ",".join(map(str, box)),
        "--force", *extra,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@jpegs
@pytest.mark.parametrize("options", [
    {"subsampling": 0}, {"subsampling": 1}, {"subsampling": 2}, {"progressive": True},
])  # fmt: skip
def test_outside_every_coefficient_is_kept_and_inside_none(run, options):
    save("a.jpg", **options)
    code, _, err = pixelize(run)
    assert code == 0, err
    unit = 8 if options.get("subsampling") == 0 else 16
    changed = 0
    for before, after in zip(blocks_of("a.jpg"), blocks_of("b.jpg"), strict=True):
        assert before.shape == after.shape
        differs = (before != after).any(axis=(2, 3))
        rows, columns = np.nonzero(differs)
        height, width = PHOTO.shape[0] / before.shape[0], PHOTO.shape[1] / before.shape[1]
        assert rows.min() * height >= BOX[1] - 2 * unit - 3
        assert rows.max() * height <= BOX[3] + unit + 3
        assert columns.min() * width >= BOX[0] - 2 * unit - 3
        assert columns.max() * width <= BOX[2] + unit + 3
        changed += differs.sum()
    assert changed > 4
    with Image.open("a.jpg") as one, Image.open("b.jpg") as other:
        assert one.quantization == other.quantization and "jfif" in other.info
        assert [part[1:] for part in one.layer] == [part[1:] for part in other.layer]
        assert "comment" not in other.info and "exif" not in other.info


@jpegs
@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_nothing_of_the_inside_is_left(run, monkeypatch, subsampling):
    """Two photos that differ inside alone give one file, once what is released is the same."""
    other = PHOTO.copy()
    other[BOX[1] : BOX[3], BOX[0] : BOX[2]] = 255 - other[BOX[1] : BOX[3], BOX[0] : BOX[2]]
    encode = jpeg_kept.KeptJpeg.encode

    def flat(kept, released):
        return encode(kept, np.where(kept.region[:, :, None], np.uint8(99), released))

    monkeypatch.setattr(jpeg_kept.KeptJpeg, "encode", flat)
    written = []
    for pixels in (PHOTO, other):
        save("a.jpg", pixels, subsampling=subsampling)
        assert pixelize(run)[0] == 0
        with open("b.jpg", "rb") as stream:
            written.append(stream.read())
    assert written[0] == written[1] and b"SECRET" not in written[0]


@jpegs
def test_the_inside_is_the_released_picture(run, monkeypatch):
    save("a.jpg", subsampling=0, quality=98)
    seen = []
    encode = jpeg_kept.KeptJpeg.encode
    monkeypatch.setattr(
        jpeg_kept.KeptJpeg, "encode",
        lambda kept, released: seen.append(released) or encode(kept, released),
    )  # fmt: skip
    assert pixelize(run)[0] == 0
    with Image.open("b.jpg") as image:
        assert np.abs(np.asarray(image).astype(int) - seen[0]).max() <= 12


@jpegs
def test_grey_and_a_box_at_the_edge(run):
    save("a.jpg", PHOTO[:, :, 0])
    code, _, err = pixelize(run, box=(100, 70, 106, 75))
    assert code == 0, err
    ((before,), (after,)) = blocks_of("a.jpg"), blocks_of("b.jpg")
    assert (before != after).any(axis=(2, 3)).sum() <= 6
    with Image.open("b.jpg") as image:
        assert image.mode == "L" and image.size == (106, 75)


def test_what_cannot_be_kept_is_said(run):
    exif = Image.Exif()
    exif[0x0112] = 3
    save("a.jpg", exif=exif)
    code, _, err = pixelize(run)
    assert code == 0 and "turned upright, so all of it is coded anew" in err
    save("a.jpg")
    code, _, err = pixelize(run, "--quality", "60")
    assert code == 0 and "anew" not in err


def test_a_missing_library_is_told(monkeypatch):
    import builtins

    plain = builtins.__import__

    def without(name, *rest):
        if name == "jpeglib":
            raise ImportError
        return plain(name, *rest)

    stream = io.BytesIO()
    save(stream)
    stream.seek(0)
    from numbadp.pictures.reading import describe_image

    header = describe_image(Image.open(stream))
    job = SimpleNamespace(target=SimpleNamespace(suffix=".jpg"), content=None)
    options = SimpleNamespace(quality=None)
    assert why_not(job, header, options) is None
    monkeypatch.setattr(builtins, "__import__", without)
    assert "numbadp[jpeg]" in why_not(job, header, options)


def test_units():
    mask = np.zeros((20, 40), bool)
    mask[15:17, 31] = True
    np.testing.assert_array_equal(units_of(mask, (16, 16)), [[0, 1, 0], [0, 1, 0]])
