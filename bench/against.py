"""Colour pictures and face boxes: against total variation alone, and against what costs nothing.

Whole pictures at epsilon = 1 for m = 16 and m = 10,000, beside a constant grey; boxes around faces
at m = 64, 2000 and the box's area, beside the box filled in from its rim, which needs no pixel.
The same releases are drawn in every way (version 0 of the drawings is total variation alone).
"""

import json
from pathlib import Path
from statistics import mean

import numpy as np

from bench.pictures import Photo
from bench.tables import markdown_table, number
from numbadp import Pixelizer

WHOLE = (16, 10_000)  # m, at epsilon = 1
BOXES = (64, 2000, None)  # the same; None: the box's area
MOST_FACES = 6  # a photo, the largest
GREY = 128
FACES = "faces_in_scenes.json"
_NOTHING = "1/10000"  # an epsilon at which noise is everything
WAYS = {"default": {}, "best": {"effort": "best"}, "version 0": {"version": 0}}


def measure_against(photos: list[Photo]) -> dict:
    """One release of every photo and box at every m."""
    coloured = [photo for photo in photos if photo.rgb is not None]
    return {
        "whole": [_whole(photo, m) for photo in coloured for m in WHOLE],
        "boxes": [_box(p, box, m) for p in coloured for box in faces_of(p) for m in BOXES],
    }


def faces_of(photo: Photo) -> list[list[int]]:
    """The largest faces of a photo by the list beside its folder; none without a list."""
    path = Path(photo.path).parent.parent / FACES
    if not path.is_file():
        return []
    found = json.loads(path.read_text()).get(Path(photo.path).name, {"faces": []})["faces"]
    return sorted(found, key=_area, reverse=True)[:MOST_FACES]


def _area(box: list[int]) -> int:
    left, top, right, bottom = box
    return (right - left) * (bottom - top)


def errors_of(drawn: np.ndarray, picture: np.ndarray) -> list[float]:
    """Mean squared errors: of R, G and B together, and of what chroma adds to it."""
    away = drawn.astype(np.float64) - picture
    red, green, blue = np.moveaxis(away, -1, 0)
    chroma = ((2 * green - red - blue) / 4) ** 2 + 2 / 3 * ((red - blue) / 2) ** 2
    return [float((away**2).mean()), float(chroma.mean())]


def _whole(photo: Photo, m: int) -> dict:
    picture = photo.rgb
    release = Pixelizer(picture.shape, epsilon=1, m=m)(picture)
    found = {
        name: errors_of(release.render("smooth", **how), picture) for name, how in WAYS.items()
    }
    found["nothing"] = errors_of(np.full_like(picture, GREY), picture)
    return {"photo": photo.name, "m": m, "mse": found}


def _box(photo: Photo, box: list[int], m: int | None) -> dict:
    left, top, right, bottom = box
    inside = slice(top, bottom), slice(left, right)
    area, found = _area(box), {}
    for name, epsilon, most in (("default", 1, m or area), ("nothing", _NOTHING, area)):
        pixelizer = Pixelizer(photo.rgb.shape, epsilon=epsilon, m=most, boxes=[box])
        release = pixelizer(photo.rgb)
        found[name] = errors_of(release.render("smooth")[inside], photo.rgb[inside])
        if name == "default":
            before = release.render("smooth", version=0)
            found["version 0"] = errors_of(before[inside], photo.rgb[inside])
    return {"photo": photo.name, "box": box, "m": m, "mse": found}


def render_against(section: dict) -> str:
    """Write one line a kind and m: mean errors, shares, and how often nothing is closer."""
    header = ["RGB, ε = 1, smooth", "number", "MSE", "version 0", "share", "chroma's",
              "effort best", "without a pixel", "that is closer"]  # fmt: skip
    lines = []
    for kind, word in (("whole", "whole picture"), ("boxes", "face box")):
        for m in dict.fromkeys(row["m"] for row in section[kind]):
            rows = [row["mse"] for row in section[kind] if row["m"] == m]
            name = f"{word}, m = {'its area' if m is None else m}"
            lines.append([name, str(len(rows)), *_numbers(rows)])
    return f"{markdown_table(header, lines)}\n\n{_LEGEND}"


def _numbers(rows: list[dict]) -> list[str]:
    def total(way: str, part: int) -> float:
        return mean(row[way][part] for row in rows)

    best = number(total("best", 0)) if "best" in rows[0] else "–"
    closer = sum(row["nothing"][0] < row["default"][0] for row in rows)
    return [
        number(total("default", 0)), number(total("version 0", 0)),
        number(total("default", 0) / total("version 0", 0)),
        number(total("default", 1) / total("version 0", 1)), best, number(total("nothing", 0)),
        str(closer),
    ]  # fmt: skip


_LEGEND = (
    "Mean squared errors of one release each, means over photos or boxes. Share: of version 0, "
    "total variation alone, from the same numbers; then that of chroma's part. Without a pixel: "
    f"a constant grey of {GREY}, or the box filled in from its rim; in the last column on how many "
    "it is closer than the release, which then protects a picture that nobody gains from."
)
