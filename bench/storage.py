"""Storage: bytes of release files against pictures of the same mosaic, and time to save and load.

Photos are cropped and resized to 1080p, upright ones to 1920 rows; so is the package's own photo,
tiled, and there are two computed pictures that are hard to keep small.  PNG is the smallest of
three settings, lossless WebP the most and the least thorough one.
"""

import io
import zlib
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image, ImageOps

from bench.pictures import SIZES, Photo, photo_of_size
from bench.scene import M
from bench.speed import machine_line
from bench.tables import markdown_table, number, verdict
from bench.timing import Turn, ratio_to, run_rounds, summary_ms
from numbadp import Pixelizer, load
from numbadp.release import build_release

EPSILONS = ("1/4", "1", "4", "16")
JUDGED = "1"
SIZE = "1080p"
ROUNDS = 20
COPY = "np.copyto"
LIMITS = {"raw": 150, "png": 1.8, "webp 6": 1, "webp 0": 1}  # times a mosaic file, at least
TIME_LIMITS_MS = {"save": 10, "load": 10}
TIMED = ("save", "load", "load and render")
_PNG = (
    {},
    {"optimize": True},
    {"compress_level": 9, "compress_type": zlib.Z_RLE},
)
_NAMES = {
    "raw": "raw pixels", "png": "PNG of the mosaic", "webp 6": "lossless WebP of it, method 6",
    "webp 0": "lossless WebP of it, method 0", "jpeg": "JPEG q90 of the original",
}  # fmt: skip


def measure_storage(photos: list[Photo], rounds: int = ROUNDS) -> dict:
    """Measure files of every photo and epsilon, and times on the package's own."""
    pictures = {"astronaut, tiled": photo_of_size(*SIZES[SIZE]), **synthetic_pictures()}
    pictures |= {photo.name: fitted(photo) for photo in photos if photo.rgb is not None}
    rows = [
        {"photo": name, "epsilon": epsilon, **file_sizes(picture, epsilon)}
        for name, picture in pictures.items()
        for epsilon in EPSILONS
    ]
    times = measure_times(pictures["astronaut, tiled"], rounds)
    return {"m": M, "size": SIZE, "rows": rows, "times": times}


def synthetic_pictures() -> dict[str, np.ndarray]:
    """What no photo is: nothing but edges, at the size of the cells and of few of them."""
    height, width = SIZES[SIZE]
    y, x = np.indices((height, width))
    checks = ((x // 16 + y // 16) % 2 * 255).astype(np.uint8)
    blocks = np.random.default_rng(1).integers(0, 256, (17, 30, 3)).astype(np.uint8)
    return {
        "checks of 16 px": checks[..., None].repeat(3, 2),
        "random blocks of 64 px": blocks[y // 64, x // 64],
    }


def fitted(photo: Photo) -> np.ndarray:
    """Crop and resize a photo to 1080p, upright if it is."""
    height, width = SIZES[SIZE]
    image = Image.fromarray(photo.rgb)
    size = (width, height) if image.width >= image.height else (height, width)
    return np.asarray(ImageOps.fit(image, size, Image.Resampling.LANCZOS))


def file_sizes(picture: np.ndarray, epsilon: str) -> dict:
    """Leaves of a release's mosaic, and bytes of it in every format."""
    release = Pixelizer(picture.shape, epsilon=epsilon, m=M)(picture)
    mosaic, original = Image.fromarray(release.render()), Image.fromarray(picture)
    sizes = {
        "raw": picture.nbytes,
        "png": min(_bytes(mosaic, "PNG", **settings) for settings in _PNG),
        "webp 6": _bytes(mosaic, "WEBP", lossless=True, method=6, quality=100),
        "webp 0": _bytes(mosaic, "WEBP", lossless=True, method=0),
        "jpeg": _bytes(original, "JPEG", quality=90),
    }
    for payload in ("release", "mosaic"):
        file = io.BytesIO()
        release.save(file, payload=payload)
        sizes[payload] = len(file.getvalue())
    return {"leaves": len(release.quadtree()), "bytes": sizes}


def measure_times(picture: np.ndarray, rounds: int) -> dict:
    """Save and load a mosaic on disk; saving starts from noisy sums, denoising included."""
    made, out = Pixelizer(picture.shape, epsilon=JUDGED, m=M)(picture), np.empty_like(picture)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "mosaic.dpz"

        def save():
            build_release(made.plan, made.guarantee, made.values).save(path, payload="mosaic")

        save()
        turns = [
            Turn(COPY, lambda: np.copyto(out, picture), 1),
            Turn("save", save),
            Turn("load", lambda: load(path)),
            Turn("load and render", lambda: load(path).render(out=out)),
        ]
        samples = run_rounds(turns, rounds)
    return {
        name: {**summary_ms(samples, name), "ratio": ratio_to(samples, name, COPY)}
        for name in TIMED
    }


def judge_storage(section: dict) -> list[dict]:
    """List every bound, with the worst photo's figure and whether it is met."""
    rows = [row for row in section["rows"] if row["epsilon"] == JUDGED]
    bounds = []
    for name, limit in LIMITS.items():
        worst = min(row["bytes"][name] / row["bytes"]["mosaic"] for row in rows)
        met = worst >= limit if limit != 1 else worst > 1
        text = f"{_NAMES[name]}, times a mosaic file, worst photo: at least"
        bounds.append({"bound": text, "measured": worst, "limit": limit, "met": met})
    for name, limit in TIME_LIMITS_MS.items():
        found = section["times"][name]["median_ms"]
        text = f"{name} a mosaic file, ms: at most"
        bounds.append({"bound": text, "measured": found, "limit": limit, "met": found <= limit})
    return bounds


def render_storage(section: dict) -> str:
    """Write the tables: sizes by epsilon, times, bounds."""
    header = ["bound, ε = 1", "measured", "limit", "met"]
    lines = [
        [b["bound"], number(b["measured"]), number(b["limit"]), verdict(b["met"])]
        for b in judge_storage(section)
    ]
    return "\n\n".join(
        [
            _size_table(section), _legend(section), _time_table(section),
            markdown_table(header, lines), machine_line(section["machine"], section["quiet"]),
        ]
    )  # fmt: skip


def render_files(section: dict) -> str:
    """Write every photo's bytes; for the terminal, not for the README."""
    names = ["mosaic", "release", *_NAMES]
    lines = [
        [
            f"{r['photo']}, ε = {r['epsilon']}",
            str(r["leaves"]),
            *(str(r["bytes"][n]) for n in names),
        ]
        for r in section["rows"]
    ]
    return markdown_table(["photo, bytes", "leaves", *names], lines)


def _size_table(section: dict) -> str:
    header = ["ε", "photos", "leaves", "release kB", "mosaic kB"]
    header += [f"{_NAMES[name]} ×" for name in _NAMES]
    lines = []
    for epsilon in dict.fromkeys(row["epsilon"] for row in section["rows"]):
        rows = [row for row in section["rows"] if row["epsilon"] == epsilon]
        line = [epsilon, str(len(rows)), f"{mean(r['leaves'] for r in rows):.0f}"]
        line += [number(mean(r["bytes"][p] for r in rows) / 1e3) for p in ("release", "mosaic")]
        for name in _NAMES:
            ratios = [r["bytes"][name] / r["bytes"]["mosaic"] for r in rows]
            line.append(f"{number(mean(ratios))} ({number(min(ratios))})")
        lines.append(line)
    return markdown_table(header, lines)


def _legend(section: dict) -> str:
    return (
        f"RGB photos, cropped and resized to {section['size']}, and two computed pictures of "
        f"nothing but edges, m = {section['m']}. ×: how many "
        "times the bytes of the file with payload='mosaic', mean over the photos (worst). The "
        "mosaic file holds the guarantee and renders the same mosaic, up to one level; the release "
        "file holds the noisy sums exactly, for every style. PNG: the smallest of three settings."
    )


def _time_table(section: dict) -> str:
    lines = [
        [name, number(found["median_ms"]), number(found["ratio"])]
        for name, found in section["times"].items()
    ]
    return markdown_table([f"mosaic file, {section['size']}, ε = 1", "ms", "× copy"], lines)


def _bytes(image: Image.Image, kind: str, **settings) -> int:
    file = io.BytesIO()
    image.save(file, format=kind, **settings)
    return len(file.getvalue())
