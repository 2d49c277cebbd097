"""Layouts at equal epsilon: closeness to photos, leaves and time; zones on a scene made for them.

MSE is a share of that of the automatic uniform mosaic, as measured, of the same photo (classical
DP-Pix).  Photos are grey; r = 255 m / epsilon.  Only where a row says so is a layout not private.
"""

import warnings
from fractions import Fraction
from itertools import cycle
from statistics import mean

import numpy as np

from bench.door import ZONE_CELLS, door_picture, door_zone
from bench.pictures import Photo
from bench.scene import EPSILON, M, scenes
from bench.speed import machine_line
from bench.tables import markdown_table, number, verdict
from bench.timing import Turn, ratio_to, run_rounds, summary_ms
from bench.utility import epsilon_of, mean_squared_error
from numbadp import Layout, NotPrivateWarning, Pixelizer

SCALES = (255, 1020, 4080, 16320)
SSIM_SCALES = (255, 4080)
STYLES = ("cells", "mosaic", "smooth")
NAMES = ("uniform", "free", "private", "exact", "zones")
RELEASES = 2
SPEED_LIMITS = {"private": 4, "exact": 4}  # release + cells at 1080p, times np.copyto
DOOR_LIMIT = 0.75  # of the best uniform mosaic's MSE
DOOR_RELEASES = 5
SIZE = "1080p"
COPY = "np.copyto"


def measure_layouts(photos: list[Photo], releases: int, rounds: int) -> dict:
    """Compare all layouts; nothing of this is private."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotPrivateWarning)  # the table says it
        return {
            "m": M,
            "releases": releases,
            "photos": [row for photo in photos for row in _photo_rows(photo, releases)],
            "speed": _speed_rows(rounds),
            "door": _door(DOOR_RELEASES),
        }


def layout_option(name: str, shape: tuple[int, ...], epsilon: Fraction):
    """What `layout=` gets: a name, or zones with fine cells in the middle of the picture."""
    if name != "zones":
        return name
    cell = Pixelizer(shape, epsilon=epsilon, m=M, layout="uniform").plan.planes[0].cell
    height, width = shape[:2]
    middle = (width // 3, height // 3, 2 * width // 3, 2 * height // 3)
    fine, coarse = max(cell // 2, 1), min(2 * cell, 256)
    return Layout.zones(shape, [(middle, fine)], default=coarse)


def _photo_rows(photo: Photo, releases: int):
    picture = photo.grey
    for scale in SCALES:
        baseline = None
        for name in NAMES:
            found = _compare(picture, name, scale, releases)
            baseline = baseline or found["mse"]["cells"]
            shares = {style: mse / baseline for style, mse in found["mse"].items()}
            yield {"photo": photo.name, "scale": scale, "layout": name, "share": shares, **found}


def _compare(picture: np.ndarray, name: str, scale: int, releases: int) -> dict:
    """MSE and SSIM of every style, and the number of leaves, over several releases."""
    epsilon = epsilon_of(scale)
    layout = layout_option(name, picture.shape, epsilon)
    pixelizer = Pixelizer(picture.shape, epsilon=epsilon, m=M, layout=layout)
    errors, likeness = {s: [] for s in STYLES}, {s: [] for s in STYLES}
    leaves = []
    for _ in range(releases):
        release = pixelizer(picture)
        leaves.append(len(release.layout))
        for style in STYLES:
            painted = release.render(style)
            errors[style].append(mean_squared_error(painted, picture))
            if scale in SSIM_SCALES:
                likeness[style].append(_ssim(painted, picture))
    return {
        "mse": {style: mean(values) for style, values in errors.items()},
        "ssim": {style: mean(values) if values else None for style, values in likeness.items()},
        "leaves": mean(leaves),
    }


def _ssim(a: np.ndarray, b: np.ndarray) -> float:
    from skimage.metrics import structural_similarity

    return float(structural_similarity(a, b, data_range=255))


def _speed_rows(rounds: int) -> list[dict]:
    """Release + cells of new RGB pictures, by layout, against copying them."""
    pictures = scenes(SIZE, True)
    turns = [Turn(COPY, _turning(lambda s: np.copyto(s.out, s.rgb), pictures), 1, 1)]
    for name in NAMES:
        shape = pictures[0].rgb.shape
        option = layout_option(name, shape, Fraction(EPSILON))
        pixelizer = Pixelizer(shape, epsilon=EPSILON, m=M, layout=option)
        call = _turning(lambda s, p=pixelizer: p(s.rgb).render("cells", out=s.out), pictures)
        turns.append(Turn(name, call, None, 1))
    samples = run_rounds(turns, rounds)
    return [
        {"layout": name, **summary_ms(samples, name), "ratio": ratio_to(samples, name, COPY)}
        for name in (COPY, *NAMES)
    ]


def _turning(call, pictures):
    """A call without arguments that takes the next picture each time."""
    following = cycle(pictures)
    return lambda: call(next(following))


def _door(releases: int) -> dict:
    """Zones that know the truth, against uniform mosaics of every cell size."""
    picture = door_picture()
    fine, coarse = ZONE_CELLS
    zones = Layout.zones(picture.shape, [(door_zone(), fine)], default=coarse)
    uniform = {}
    for cell in (8, 16, 32, 64, 128):
        uniform[str(cell)] = _door_error(picture, "uniform", cell, releases)
    return {"uniform": uniform, "zones": _door_error(picture, zones, "auto", releases)}


def _door_error(picture: np.ndarray, layout, cell, releases: int) -> float:
    pixelizer = Pixelizer(picture.shape, epsilon=EPSILON, m=M, layout=layout, cell=cell)
    return mean(
        mean_squared_error(pixelizer(picture).render("cells"), picture) for _ in range(releases)
    )


def judge_layouts(section: dict) -> list[dict]:
    """List every bound, with its figure and whether it is met."""
    bounds = [
        {
            "bound": f"release + cells, {row['layout']}, {SIZE}: times {COPY}",
            "measured": row["ratio"],
            "limit": SPEED_LIMITS[row["layout"]],
        }
        for row in section["speed"]
        if row["layout"] in SPEED_LIMITS
    ]
    door = section["door"]
    share = door["zones"] / min(door["uniform"].values())
    text = "zones on the door scene: MSE, share of the best uniform mosaic's"
    bounds.append({"bound": text, "measured": share, "limit": DOOR_LIMIT})
    return [{**bound, "met": bound["measured"] <= bound["limit"]} for bound in bounds]


def render_layouts(section: dict) -> str:
    """Write the tables: closeness, leaves and time by layout, then the bounds."""
    header = ["bound", "measured", "at most", "met"]
    lines = [
        [b["bound"], number(b["measured"]), number(b["limit"], 2), verdict(b["met"])]
        for b in judge_layouts(section)
    ]
    parts = [_share_table(section), _cost_table(section), _legend(section)]
    parts += [markdown_table(header, lines), machine_line(section["machine"], section["quiet"])]
    return "\n\n".join(parts)


def _label(name: str) -> str:
    return "exact (**not private**)" if name == "exact" else name


def _share_table(section: dict) -> str:
    header = ["layout", "style", *(f"r = {scale}" for scale in SCALES)]
    lines = []
    for name in NAMES:
        for style in STYLES:
            line = [_label(name), style]
            for scale in SCALES:
                rows = _rows(section, name, scale)
                shares = [row["share"][style] for row in rows]
                line.append(f"{number(mean(shares))} ({number(max(shares))})")
            lines.append(line)
    return markdown_table(header, lines)


def _cost_table(section: dict) -> str:
    header = ["layout"]
    header += [
        f"SSIM {style}, r = {scale}" for scale in SSIM_SCALES for style in ("cells", "mosaic")
    ]
    header += [f"leaves, r = {scale}" for scale in SSIM_SCALES]
    header += [f"release + cells, {SIZE} RGB ms", "× copy"]
    times = {row["layout"]: row for row in section["speed"]}
    lines = []
    for name in NAMES:
        line = [_label(name)]
        for scale in SSIM_SCALES:
            rows = _rows(section, name, scale)
            line += [number(mean(row["ssim"][s] for row in rows)) for s in ("cells", "mosaic")]
        line += [
            f"{mean(row['leaves'] for row in _rows(section, name, scale)):.0f}"
            for scale in SSIM_SCALES
        ]
        lines.append([*line, number(times[name]["median_ms"]), number(times[name]["ratio"])])
    return markdown_table(header, lines)


def _rows(section: dict, name: str, scale: int) -> list[dict]:
    return [r for r in section["photos"] if r["layout"] == name and r["scale"] == scale]


def _legend(section: dict) -> str:
    photos = len({row["photo"] for row in section["photos"]})
    return (
        f"MSE of {photos} grey photos as a share of that of the automatic uniform mosaic's cells "
        f"at the same ε, mean (worst), over {section['releases']} releases; r = 255 m / ε. Zones: "
        "the middle ninth in cells half as wide as the uniform ones, the rest twice as wide, on "
        "photos that were not looked at: zones pay where they are known, as on the door scene. "
        "Time: a new picture every call, all threads."
    )
