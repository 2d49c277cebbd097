"""Utility: how far the released picture is from the photo, against the uniform mosaic.

The scale r = 255 m / epsilon, in grey levels, is what counts; m is 16 here.  The baseline is the
automatic uniform mosaic as measured, classical DP-Pix.  MSE is averaged over several releases; a
share is a photo's MSE over its baseline's.
"""

from fractions import Fraction
from statistics import mean

import numpy as np

from bench.against import render_against
from bench.pictures import Photo
from bench.scene import M
from bench.speed import machine_line
from bench.tables import markdown_table, number, verdict
from numbadp import Pixelizer

RELEASES = 5
SCALES = (64, 255, 1020, 4080, 16320)
LIMITS = {
    "mosaic": dict(zip(SCALES, (0.65, 0.69, 0.745, 0.795, 0.815), strict=True)),
    "smooth": dict(zip(SCALES, (0.615, 0.66, 0.715, 0.77, 0.795), strict=True)),
    "mosaic, best": dict(zip(SCALES, (0.63, 0.66, 0.71, 0.775, 0.80), strict=True)),
    "smooth, best": dict(zip(SCALES, (0.58, 0.62, 0.68, 0.74, 0.77), strict=True)),
}
WORST_LIMIT = 1.02  # of the mosaic, on every photo
COLOUR_SCALES = (255, 4080)
GAIN_LIMIT = 0.7  # dB
LARGE = 2.0  # megapixels; smaller photos are reported apart


def measure_utility(photos: list[Photo], releases: int = RELEASES) -> dict:
    """Compare the styles on every photo; nothing of this is private."""
    coloured = [photo for photo in photos if photo.rgb is not None]
    return {
        "m": M,
        "releases": releases,
        "grey": [row for photo in photos for row in _grey_rows(photo, releases)],
        "colour": [row for photo in coloured for row in _colour_rows(photo, releases)],
    }


def epsilon_of(scale: int) -> Fraction:
    """Epsilon at which the noise scale of a grey sum is `scale`."""
    return Fraction(255 * M, scale)


def mean_squared_error(a: np.ndarray, b: np.ndarray) -> float:
    """Exact sum of squares over the number of values."""
    difference = np.subtract(a, b, dtype=np.int32).ravel()
    return int(np.einsum("i,i->", difference, difference, dtype=np.int64)) / difference.size


def psnr(mse: float) -> float:
    """Peak signal to noise ratio, in dB."""
    return float(10 * np.log10(255**2 / mse))


def _grey_rows(photo: Photo, releases: int):
    picture = photo.grey
    for scale in SCALES:
        epsilon = epsilon_of(scale)
        uniform = Pixelizer(picture.shape, epsilon=epsilon, m=M, layout="uniform")
        free = Pixelizer(picture.shape, epsilon=epsilon, m=M)
        errors: dict[str, list[float]] = {"uniform": [], **{name: [] for name in LIMITS}}
        for _ in range(releases):
            errors["uniform"].append(mean_squared_error(uniform(picture).render("cells"), picture))
            release = free(picture)
            for name in LIMITS:
                style, _, effort = name.partition(", ")
                drawn = release.render(style, effort=effort or "default")
                errors[name].append(mean_squared_error(drawn, picture))
        mse = {name: mean(values) for name, values in errors.items()}
        yield {
            "photo": photo.name, "megapixels": photo.megapixels, "scale": scale, "mse": mse,
            "share": {style: mse[style] / mse["uniform"] for style in LIMITS},
        }  # fmt: skip


def _colour_rows(photo: Photo, releases: int):
    picture = photo.rgb
    for scale in COLOUR_SCALES:
        found = {}
        for planes in ("auto", "rgb"):
            pixelizer = Pixelizer(picture.shape, epsilon=epsilon_of(scale), m=M, planes=planes)
            errors = [
                mean_squared_error(pixelizer(picture).render("smooth"), picture)
                for _ in range(releases)
            ]
            found[planes] = psnr(mean(errors))
        yield {
            "photo": photo.name, "megapixels": photo.megapixels, "scale": scale, "psnr": found,
            "gain": found["auto"] - found["rgb"],
        }  # fmt: skip


def judge_utility(section: dict) -> list[dict]:
    """List every bound on the large photos; `met` is None where there is none."""
    large = [row for row in section["grey"] if row["megapixels"] >= LARGE]
    bounds = []
    for style, limits in LIMITS.items():
        for scale, limit in limits.items():
            shares = [row["share"][style] for row in large if row["scale"] == scale]
            bounds.append(_bound(f"{style}, r = {scale}: mean share", _mean(shares), limit))
    worst = max((row["share"]["mosaic"] for row in large), default=None)
    bounds.append(_bound("mosaic: worst photo's share at any r", worst, WORST_LIMIT))
    for scale in COLOUR_SCALES:
        gains = [r["gain"] for r in section["colour"] if r["scale"] == scale and _large(r)]
        text = f"colour, r = {scale}: gain in dB, at least"
        bounds.append(_bound(text, _mean(gains), GAIN_LIMIT, -1))
    return bounds


def _bound(text: str, measured: float | None, limit: float, sign: int = 1) -> dict:
    met = None if measured is None else sign * measured <= sign * limit
    return {"bound": text, "measured": measured, "limit": limit, "met": met}


def _large(row: dict) -> bool:
    return row["megapixels"] >= LARGE


def _mean(values: list[float]) -> float | None:
    return mean(values) if values else None


def render_utility(section: dict) -> str:
    """Write the tables: grey by scale, colour by scale, bounds."""
    parts = [_grey_table(section), _legend(section), _colour_table(section)]
    if "against" in section:
        parts.append(render_against(section["against"]))
    header = ["bound, photos of 2 megapixels and more", "measured", "limit", "met"]
    lines = [
        [b["bound"], number(b["measured"]), number(b["limit"]), verdict(b["met"])]
        for b in judge_utility(section)
    ]
    parts.append(markdown_table(header, lines))
    parts.append(machine_line(section["machine"], section["quiet"]))
    return "\n\n".join(parts)


def render_photos(section: dict) -> str:
    """Write every photo's shares; for the terminal, not for the README."""
    header = ["photo", "megapixels"] + [f"{s} {r}" for s in LIMITS for r in SCALES]
    lines = []
    for name in dict.fromkeys(row["photo"] for row in section["grey"]):
        own = {row["scale"]: row for row in section["grey"] if row["photo"] == name}
        shares = [number(own[r]["share"][style]) for style in LIMITS for r in SCALES]
        lines.append([name, number(own[SCALES[0]]["megapixels"]), *shares])
    return markdown_table(header, lines)


def _grey_table(section: dict) -> str:
    header = ["r = 255 m / ε", f"ε at m = {section['m']}", "photos", "uniform MSE"]
    header += [f"{style} {what}" for style in LIMITS for what in ("mean", "worst")]
    lines = []
    for scale in SCALES:
        for kind, size in _kinds(section["grey"]):
            rows = [r for r in section["grey"] if r["scale"] == scale and _large(r) == size]
            shares = {style: [r["share"][style] for r in rows] for style in LIMITS}
            line = [str(scale), number(float(epsilon_of(scale))), kind]
            line.append(number(mean(r["mse"]["uniform"] for r in rows)))
            for style in LIMITS:
                line += [number(mean(shares[style])), number(max(shares[style]))]
            lines.append(line)
    return markdown_table(header, lines)


def _colour_table(section: dict) -> str:
    header = ["r = 255 m / ε", "photos", "smooth PSNR dB", "with planes='rgb'", "gain dB", "worst"]
    lines = []
    for scale in COLOUR_SCALES:
        for kind, size in _kinds(section["colour"]):
            rows = [r for r in section["colour"] if r["scale"] == scale and _large(r) == size]
            means = [number(mean(r["psnr"][p] for r in rows)) for p in ("auto", "rgb")]
            gains = [r["gain"] for r in rows]
            lines.append([str(scale), kind, *means, number(mean(gains)), number(min(gains))])
    return markdown_table(header, lines)


def _kinds(rows: list[dict]) -> list[tuple[str, bool]]:
    """Large and small photos, those that there are, with their numbers."""
    kinds = []
    for size, name in ((True, "large"), (False, "small")):
        count = len({row["photo"] for row in rows if _large(row) == size})
        if count:
            kinds.append((f"{count} {name}", size))
    return kinds


def _legend(section: dict) -> str:
    return (
        "Grey photos; mosaic and smooth: MSE as a share of that of the automatic uniform mosaic "
        f"(classical DP-Pix) of the same photo and ε, over {section['releases']} releases; mean "
        "and worst over the photos. Small: below 2 megapixels."
    )
