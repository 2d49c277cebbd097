"""Comparison of protections at equal epsilon: MSE, PSNR and SSIM over photos, scales and releases.

Grey photos.  For each photo the measures are averaged over releases; a row gives their mean over
the photos.  Its spread is the standard deviation, from release to release, of that mean.
"""

import sys
from statistics import mean, stdev

import numpy as np

from bench.methods import METHODS, Method
from bench.pictures import Photo
from bench.scene import M
from bench.tables import markdown_table, number
from bench.utility import SCALES, epsilon_of, mean_squared_error, psnr

RELEASES = 5


def measure_methods(photos: list[Photo], releases: int = RELEASES, methods=METHODS) -> dict:
    """Protect every photo by every method at every scale; nothing of this is private."""
    troubles = {method.name: method.trouble() for method in methods}
    for name, trouble in troubles.items():
        if trouble:
            print(f"left out: {name}: {trouble}", file=sys.stderr)
    usable = [method for method in methods if troubles[method.name] is None]
    return {
        "m": M,
        "releases": releases,
        "photos": [{"name": p.name, "shape": list(p.grey.shape)} for p in photos],
        "missing": [name for name, trouble in troubles.items() if trouble],
        "rows": [_row(method, r, photos, releases) for r in SCALES for method in usable],
    }


def structural_similarity(a: np.ndarray, b: np.ndarray) -> float:
    """SSIM of scikit-image with the weights of the paper that introduced it."""
    from skimage.metrics import structural_similarity as ssim

    size = {} if min(a.shape) >= 11 else {"win_size": 3}
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, **size}
    return float(ssim(a.astype(np.float32), b.astype(np.float32), data_range=255, **options))


def _row(method: Method, scale: int, photos: list[Photo], releases: int) -> dict:
    errors, likeness = [], []  # [photo][release]
    for photo in photos:
        protect = method.prepare(photo.grey, scale)
        pictures = [protect() for _ in range(releases)]
        errors.append([mean_squared_error(p, photo.grey) for p in pictures])
        likeness.append([structural_similarity(p, photo.grey) for p in pictures])
    own = [(mean(e), mean(s)) for e, s in zip(errors, likeness, strict=True)]
    return {
        "method": method.name, "private": method.private, "scale": scale,
        "mse": mean(e for e, _ in own), "mse_spread": _spread(errors),
        "psnr": mean(psnr(e) for e, _ in own), "psnr_spread": _spread(_decibels(errors)),
        "ssim": mean(s for _, s in own), "ssim_spread": _spread(likeness),
        "photos": {p.name: [e, s] for p, (e, s) in zip(photos, own, strict=True)},
    }  # fmt: skip


def _decibels(errors: list[list[float]]) -> list[list[float]]:
    return [[psnr(error) for error in photo] for photo in errors]


def _spread(values: list[list[float]]) -> float:
    """Standard deviation over the releases of the mean over the photos."""
    means = [mean(release) for release in zip(*values, strict=True)]
    return stdev(means) if len(means) > 1 else 0.0


def render_methods(section: dict) -> str:
    """Write MSE and SSIM of every method, one column a scale."""
    scales = sorted({row["scale"] for row in section["rows"]})
    header = ["MSE / SSIM at ε ="] + [number(float(epsilon_of(r))) for r in scales]
    lines = []
    for name in dict.fromkeys(row["method"] for row in section["rows"]):
        found = {row["scale"]: row for row in section["rows"] if row["method"] == name}
        private = all(row["private"] for row in found.values())
        cells = [f"{number(found[r]['mse'])} / {number(found[r]['ssim'], 2)}" for r in scales]
        lines.append([name if private else f"{name} (**not private**)", *cells])
    return f"{markdown_table(header, lines)}\n\n{_legend(section)}"


def render_method_photos(section: dict) -> str:
    """Write PSNR with its spread, and every photo's MSE and SSIM; for the terminal."""
    names = [photo["name"] for photo in section["photos"]]
    lines = [
        [
            row["method"],
            str(row["scale"]),
            f"{row['psnr']:.2f} ± {row['psnr_spread']:.2f}",
            *(f"{number(row['photos'][n][0])} / {number(row['photos'][n][1], 2)}" for n in names),
        ]
        for row in section["rows"]
    ]
    return markdown_table(["method", "r = 255 m / ε", "PSNR dB", *names], lines)


def _legend(section: dict) -> str:
    rows = section["rows"]
    share = max(row["mse_spread"] / row["mse"] for row in rows)
    names = ", ".join(photo["name"] for photo in section["photos"])
    missing = ", ".join(section["missing"])
    return (
        f"Grey, m = {section['m']}, r = 255 m / ε; means over {len(section['photos'])} photos "
        f"({names}) and {section['releases']} releases of each. From release to release the means "
        f"vary (standard deviation) by at most {100 * share:.1f} % of the MSE and "
        f"{max(row['ssim_spread'] for row in rows):.3f} of SSIM. Not private: cells are chosen by "
        "looking at the photo, and nothing is paid for it. DP-Pix, DP-Blur and noise on pixels are "
        "our own writing of other mechanisms, at their usual cells."
        + (f" Not in this version: {missing}." if missing else "")
    )
