"""Hostile picture files: real ones that were cut, flipped, spliced, or claim to be enormous."""

import io
import struct
import zlib
from functools import lru_cache

from hypothesis import strategies as st
from PIL import Image, ImageCms

MAX_PIXELS = 10**6
_CLAIMS = [
    bytes(4),
    b"\xff" * 4,
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\xff\xff",
    b"\x00\x80",
]


@lru_cache(maxsize=1)
def seeds() -> dict[str, bytes]:
    """Return small valid files of every format and kind of pixel that can be written here."""
    Image.init()
    colour = Image.linear_gradient("L").resize((13, 9)).convert("RGB")
    modes = {
        "PNG": ("RGB", "P", "LA", "RGBA", "1", "I;16"), "JPEG": ("L", "RGB", "CMYK"), "MPO": ("RGB",),
        "GIF": ("P", "L"), "BMP": ("RGB", "P", "1", "RGBA"), "DIB": ("RGB",),
        "TIFF": ("RGB", "CMYK", "P", "1", "F", "I;16"), "WEBP": ("RGB", "RGBA"), "PPM": ("RGB", "L", "1"),
        "JPEG2000": ("RGB", "L"), "AVIF": ("RGB", "RGBA"), "QOI": ("RGB",), "TGA": ("RGB", "P", "L"),
        "PCX": ("RGB", "L", "P"), "SGI": ("RGB", "L"), "ICO": ("RGBA",),
    }  # fmt: skip
    files = {}
    for kind, some in modes.items():
        for mode in some if kind in Image.SAVE else ():
            one = (
                colour.convert("L").convert("I").convert(mode) if mode in ("F", "I;16") else colour
            )
            files[f"{kind} {mode}"] = _saved(one.convert(mode), kind)
    other = colour.transpose(Image.Transpose.ROTATE_180)
    for kind in ("GIF", "TIFF", "PNG", "WEBP"):
        if kind in Image.SAVE_ALL:
            files[f"{kind} frames"] = _saved(colour, kind, save_all=True, append_images=[other])
    files["TIFF deflate"] = _saved(colour, "TIFF", compression="tiff_adobe_deflate")
    files["TIFF lzw"] = _saved(colour, "TIFF", compression="tiff_lzw")
    files["JPEG progressive"] = _saved(colour.resize((70, 50)), "JPEG", progressive=True)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "camera"
    for kind in ("JPEG", "PNG", "TIFF", "WEBP"):
        files[f"{kind} exif"] = _saved(colour, kind, exif=exif)
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in ("JPEG", "PNG", "TIFF", "WEBP"):
        files[f"{kind} profile"] = _saved(colour, kind, icc_profile=icc)
    files["TIFF jpeg"] = _saved(colour.resize((40, 30)), "TIFF", compression="jpeg", exif=exif)
    files["WEBP lossless"] = _saved(colour, "WEBP", lossless=True)
    files["SUN"] = struct.pack(">8I", 0x59A66A95, 3, 2, 24, 18, 1, 0, 0) + bytes(range(18 + 2))
    files["PSD"] = (
        b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 2, 3, 8, 3) + bytes(12) + bytes(2) + bytes(18)
    )
    files["bombs"] = png(9, 9, bytes(9 * 28), (b"zTXt", b"a\0\0" + zlib.compress(bytes(10**7))))
    return files


def _saved(image, kind: str, **settings) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format=kind, **settings)
    return stream.getvalue()


def png(width: int, height: int, data: bytes, *more: tuple[bytes, bytes]) -> bytes:
    """Return an RGB PNG that claims a size, with pixels of any length and further chunks."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), *more, (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def icon(inner: bytes, side: int = 16) -> bytes:
    """Return an ICO that says it is small, around a picture that need not be."""
    entry = struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(inner), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + inner


def claims():
    """Yield (name, content): small files that claim huge sizes, by every field of their headers."""
    side = 60_000
    yield "png", png(side, side, b"")
    yield "png whose pixels are a bomb", png(1000, 1000, bytes(50 * 10**6))
    yield (
        "png whose profile is a bomb",
        png(9, 9, bytes(9 * 28), (b"iCCP", b"a\0\0" + zlib.compress(bytes(50 * 10**6)))),
    )
    yield (
        "png whose text is a bomb",
        png(9, 9, bytes(9 * 28), (b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(50 * 10**6)))),
    )
    yield "icon around a huge png", icon(png(side, side, b""))
    yield (
        "icon around a huge bitmap",
        icon(struct.pack("<IiiHHIIiiII", 40, 2**30, 2**30, 1, 32, 0, 0, 0, 0, 0, 0)),
    )
    for name, content in seeds().items():
        for offset in range(0, min(len(content), 160)):
            for claim in _CLAIMS:
                changed = bytearray(content)
                changed[offset : offset + len(claim)] = claim
                yield f"{name}, {claim.hex()} at {offset}", bytes(changed)


@st.composite
def broken_files(draw) -> bytes:
    """Draw a file: one of the seeds, cut, flipped, spliced with another, or noise."""
    names = sorted(seeds())
    content = bytearray(seeds()[draw(st.sampled_from(names))])
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, max(len(content) - 1, 0)))
        change = draw(st.sampled_from(["cut", "flip", "claim", "insert", "repeat", "splice"]))
        if change == "cut":
            del content[at:]
        elif change == "flip" and content:
            content[at] ^= 1 << draw(st.integers(0, 7))
        elif change == "claim":
            claim = draw(st.sampled_from(_CLAIMS))
            content[at : at + len(claim)] = claim
        elif change == "insert":
            content[at:at] = draw(st.binary(max_size=12))
        elif change == "repeat":
            content[at:at] = content[at : at + draw(st.integers(1, 64))]
        elif change == "splice":
            content[at:] = seeds()[draw(st.sampled_from(names))][at:]
    return bytes(content)
