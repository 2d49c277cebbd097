"""Rims: how many pixels around a box depend on its inside after coding, and how many past its rim.

``python -m bench.rims [FOLDER]`` codes every picture with what stands in a box and with two other
things there, decodes all three, and counts pixels outside that differ.  Without a folder the
package's own photo is taken.
"""

import io
import sys
import warnings

import numpy as np
from PIL import Image

from bench.pictures import find_photos, photo_of_size
from bench.tables import markdown_table
from numbadp.pictures.reading import describe_image, read_image
from numbadp.pictures.rim import cover

SIZE = (512, 512)
SIDE_PX = 96
RING_PX = 16
BOXES = 8  # a picture
_COLOURS = 256
CODINGS = {
    "JPEG q75, 4:2:0": ("JPEG", {"quality": 75, "subsampling": 2}),
    "JPEG q92, 4:2:0": ("JPEG", {"quality": 92, "subsampling": 2}),
    "JPEG q95, 4:4:4": ("JPEG", {"quality": 95, "subsampling": 0}),
    "JPEG q75, progressive": ("JPEG", {"quality": 75, "progressive": True}),
    "WebP q80": ("WEBP", {"quality": 80}),
    "AVIF q60": ("AVIF", {"quality": 60}),
    "JPEG 2000, 20:1": ("JPEG2000", {"irreversible": True, "quality_layers": [20]}),
    "GIF, adaptive palette": ("GIF", {}),
    "PNG": ("PNG", {}),
}


def measure_rims(pictures: list[np.ndarray], codings=CODINGS) -> list[dict]:
    """Measure every coding on boxes at odd places of every picture."""
    rows = []
    for name, (kind, settings) in codings.items():
        found = [
            _measure(picture, box, kind, settings)
            for picture in pictures
            for box in _boxes(picture.shape)
        ]
        rows.append({
            "coding": name,
            "ring": float(np.mean([one["ring"] for one in found])),
            "farthest": max(one["farthest"] for one in found),
            "past": sum(one["past"] for one in found),
            "bounded": found[0]["bounded"],
        })  # fmt: skip
    return rows


def render(rows: list[dict]) -> str:
    """Print as a table."""
    return markdown_table(
        ["coding", f"of {RING_PX} px around the box", "farthest, px", "pixels past the rim"],
        [
            [
                row["coding"], f"{row['ring']:.0%}", str(row["farthest"]),
                str(row["past"]) if row["bounded"] else f"{row['past']} (no rim)",
            ]
            for row in rows
        ],
    )  # fmt: skip


def _boxes(shape):
    rng = np.random.default_rng(7)
    for _ in range(BOXES):
        left, top = (int(rng.integers(0, side - SIDE_PX)) for side in (shape[1], shape[0]))
        yield left, top, left + SIDE_PX, top + SIDE_PX


def _measure(picture: np.ndarray, box, kind: str, settings: dict) -> dict:
    left, top, right, bottom = box
    inside = np.s_[top:bottom, left:right]
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 256, (SIDE_PX, SIDE_PX, 3), np.uint8)
    decoded = []
    for content in (picture[inside], np.full_like(noise, 128), noise):
        changed = picture.copy()
        changed[inside] = content
        header, array = _decoded(changed, kind, settings)
        decoded.append(array)
    depends = np.any([(array != decoded[0]).any(2) for array in decoded[1:]], axis=0)
    ring = np.zeros(picture.shape[:2], bool)
    ring[max(top - RING_PX, 0) : bottom + RING_PX, max(left - RING_PX, 0) : right + RING_PX] = True
    ring[inside] = depends[inside] = False
    covered = cover(header, [box], None, "coded").mask
    past = depends if covered is None else depends & ~covered
    return {
        "ring": depends[ring].mean(), "farthest": _farthest(depends, box),
        "past": int(past.sum()), "bounded": header.coding.bounded,
    }  # fmt: skip


def _decoded(picture: np.ndarray, kind: str, settings: dict):
    stream = io.BytesIO()
    image = Image.fromarray(picture)
    (image.quantize(_COLOURS) if kind == "GIF" else image).save(stream, kind, **settings)
    stream.seek(0)
    opened = Image.open(stream)
    return describe_image(opened), read_image(opened).array


def _farthest(depends: np.ndarray, box) -> int:
    rows, columns = np.nonzero(depends)
    if not rows.size:
        return 0
    left, top, right, bottom = box
    across = np.maximum(np.maximum(left - columns, columns - right + 1), 0)
    down = np.maximum(np.maximum(top - rows, rows - bottom + 1), 0)
    return int(np.maximum(across, down).max())


def main(arguments: list[str]) -> int:
    """Measure and print."""
    if arguments:
        warnings.simplefilter("ignore")
        photos = [photo.rgb for photo in find_photos(arguments[0]) if photo.rgb is not None]
    else:
        photos = [photo_of_size(*SIZE)]
    print(render(measure_rims(photos)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
