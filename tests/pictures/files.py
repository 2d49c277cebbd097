"""Small picture files, made from nothing by the libraries that make real ones."""

import io
import itertools
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

ORIENTATION = 0x0112


def scene(height, width, channels=3, seed=0):
    """Return a picture with shapes and grain, as a camera would see one."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (height // 6 + 2, width // 6 + 2, channels), dtype=np.uint8)
    planes = [
        np.asarray(
            Image.fromarray(coarse[..., c]).resize((width, height), Image.Resampling.BICUBIC)
        )
        for c in range(channels)
    ]
    grain = rng.integers(-12, 13, (height, width, channels))
    return np.clip(np.stack(planes, -1).astype(int) + grain, 0, 255).astype(np.uint8)


def as_image(array):
    """Return an image of mode L, RGB or CMYK by the number of channels."""
    height, width, channels = array.shape
    mode = {1: "L", 3: "RGB", 4: "CMYK"}[channels]
    return Image.frombytes(mode, (width, height), array.tobytes())


def encoded(image, kind, **settings):
    """Return a file as bytes; `orientation` is written as EXIF."""
    Image.init()
    if kind not in Image.SAVE:
        pytest.skip(f"this Pillow writes no {kind}")
    if "orientation" in settings:
        exif = Image.Exif()
        exif[ORIENTATION] = settings.pop("orientation")
        settings["exif"] = exif
    stream = io.BytesIO()
    image.save(stream, format=kind, **settings)
    return stream.getvalue()


def opened(content):
    """Open bytes as a caller of the API would."""
    return Image.open(io.BytesIO(content))


def png_with(content, *chunks, behind=False):
    """Put chunks into a PNG, before its pixels or behind them."""
    at = content.index(b"IEND" if behind else b"IDAT") - 4
    return content[:at] + b"".join(chunks) + content[at:]


def chunk(name, body, checksum=None):
    """Return a PNG chunk; its checksum is right unless another is given."""
    right = zlib.crc32(name + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + name + body + (checksum or right)


def _fixed(*numbers):
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def profile(space, gamma=2.2, columns=((0.4361, 0.3851, 0.1431), (0.2225, 0.7169, 0.0606), (0.0139, 0.0971, 0.7141))):  # fmt: skip
    """Return a colour profile: space GRAY or RGB by gamma and primaries, CMYK by a table."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    tags = {b"wtpt": b"XYZ " + bytes(4) + _fixed(0.9642, 1, 0.8249)}
    if space == "GRAY":
        tags[b"kTRC"] = curve
    elif space == "RGB":
        for index, letter in enumerate(b"rgb"):
            name = bytes([letter])
            tags[name + b"XYZ"] = b"XYZ " + bytes(4) + _fixed(*(row[index] for row in columns))
            tags[name + b"TRC"] = curve
    else:
        ramp = bytes(range(256))
        corners = bytes(
            v
            for inks in itertools.product((0, 1), repeat=4)
            for v in (255 * (1 - inks[3]) // (1 + sum(inks[:3])), 128 + 40 * inks[1], 128)
        )
        tags[b"A2B0"] = (
            b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
            + 4 * ramp + corners + 3 * ramp
        )  # fmt: skip
    kind, pcs = (b"prtr", b"Lab ") if space == "CMYK" else (b"mntr", b"XYZ ")
    place, table, data = 132 + 12 * len(tags), b"", b""
    for name, body in tags.items():
        body += bytes(-len(body) % 4)
        table += name + struct.pack(">II", place + len(data), len(body))
        data += body
    head = bytes(4) + bytes(4) + b"\2\x40\0\0" + kind + space.encode().ljust(4) + pcs + bytes(12)
    head += b"acsp" + bytes(28) + _fixed(0.9642, 1, 0.8249) + bytes(48)
    content = head + struct.pack(">I", len(tags)) + table + data
    return len(content).to_bytes(4, "big") + content[4:]


def tiff(pictures, order="<"):
    """Return a TIFF of (width, height, more tags, subfiles) pictures, grey, uncompressed."""
    out = bytearray((b"II*\0" if order == "<" else b"MM\0*") + bytes(4))

    def write(width, height, more, below, after):
        places = [write(*picture, 0) for picture in below]
        pixels = len(out)
        out.extend(bytes(width * height))
        tags = {
            256: (4, [width]), 257: (4, [height]), 258: (3, [8]), 259: (3, [1]), 262: (3, [1]),
            273: (4, [pixels]), 277: (3, [1]), 278: (4, [height]), 279: (4, [width * height]),
            **more,
        }  # fmt: skip
        if places:
            tags[330] = (4, places)
        values = {}
        for tag, (kind, numbers) in tags.items():
            body = struct.pack(f"{order}{len(numbers)}{'HI'[kind == 4]}", *numbers)
            if len(body) > 4:
                values[tag] = struct.pack(f"{order}I", len(out))
                out.extend(body)
            else:
                values[tag] = body.ljust(4, b"\0")
        at = len(out)
        out.extend(struct.pack(f"{order}H", len(tags)))
        for tag, (kind, numbers) in sorted(tags.items()):
            out.extend(struct.pack(f"{order}HHI", tag, kind, len(numbers)) + values[tag])
        out.extend(struct.pack(f"{order}I", after))
        return at

    after = 0
    for picture in reversed(pictures):
        after = write(*picture, after)
    out[4:8] = struct.pack(f"{order}I", after)
    return bytes(out)
