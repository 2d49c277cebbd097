"""How close and how steady filtered frames are: mean squared errors and flicker on clips."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

import numbadp
from bench.pictures import photo_of_size
from numbadp.video.grids import Grids

M = 16
SCALES = (1020, 4080, 16320)  # r = 255 m / epsilon
SKIPPED = 20  # frames before the filter and its grid have settled
# Bounds of the ratio filtered / independent: all, static and moving areas, at each scale.
BOUNDS = {1020: (0.74, 0.62, 1.2), 4080: (0.74, 0.66, 1.1), 16320: (0.75, 0.68, 1.05)}
FLICKER, CAMERA, CUT, EXPOSED = 0.10, 1.03, 1.02, 0.92
_RADIUS, _STILL = 10, 24  # frames around one, and grey levels that a still place stays within


def read_luma(path: Path, first: int, count: int) -> np.ndarray:
    """Luma of some frames of a clip."""
    import av

    found = []
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number >= first:
                plane = frame.planes[0]
                rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
                found.append(rows[: frame.height, : frame.width].copy())
            if len(found) == count:
                break
    return np.array(found)


def panned() -> np.ndarray:
    """Still, a camera that moves by 5 pixels a frame, still, a cut, and brighter by a fifth."""
    wide = photo_of_size(576, 1000).mean(axis=-1)
    other, found, left = np.rot90(wide, 2), [], 10
    for t in range(120):
        left += 5 * (40 <= t < 80)
        view = (wide if t < 100 else other)[:, left : left + 640]
        found.append(np.clip(view * (1.2 if t >= 110 else 1), 0, 255).round().astype(np.uint8))
    return np.array(found)


PHASES = {"still": (20, 40), "camera": (40, 80), "cut": (100, 110), "light": (110, 120)}


class Score:
    """Errors and flicker of frames against a clip, in still and in moving areas."""

    def __init__(self, clip: np.ndarray):
        self.clip = clip
        blurred = [gaussian_filter(frame.astype(np.float32), 2) for frame in clip]
        self.still = []
        for t in range(len(clip)):
            near = np.array(blurred[max(0, t - _RADIUS) : t + _RADIUS + 1])
            self.still.append(np.ptp(near, axis=0) < _STILL)

    def of(self, frames) -> dict:
        """Mean squared errors (all, static, moving, by frame) and flicker of (number, picture)."""
        rows, by_frame, flicker, before = [], {}, [], None
        for t, picture in frames:
            shown = picture.astype(np.float64)
            if t >= SKIPPED:
                error, still = (shown - self.clip[t]) ** 2, self.still[t]
                moving = error[~still].mean() if not still.all() else np.nan
                rows.append([error.mean(), error[still].mean() if still.any() else np.nan, moving])
                by_frame[t] = error.mean()
                if before is not None and (both := still & self.still[t - 1]).any():
                    flicker.append(((shown - before)[both] ** 2).mean() / 2)
            before = shown
        every, static, moving = (float(x) for x in np.nanmean(rows, axis=0))
        return {"all": every, "static": static, "moving": moving, "by_frame": by_frame,
                "flicker": float(np.mean(flicker))}  # fmt: skip


def independent(clip: np.ndarray, r: int):
    """Frames released and painted one by one."""
    pixelizer = numbadp.Pixelizer(clip[0].shape, epsilon=Fraction(255 * M, r), m=M)
    for t, frame in enumerate(clip):
        yield t, pixelizer(frame).render()


def filtered(clip: np.ndarray, r: int, exposure: int = 1):
    """Frames released, or exposed, and filtered; an exposure is shown for all its frames."""
    more = {} if exposure == 1 else {"exposure": exposure}
    grids = Grids(clip[0].shape, epsilon=Fraction(255 * M, r), m=M, **more)
    steady = numbadp.TemporalFilter()
    for first in range(0, len(clip) - exposure + 1, exposure):
        frames = clip[first : first + exposure]
        picture = steady.steady(grids.current(frames if exposure > 1 else frames[0])).render()
        grids.look(steady)
        for k in range(exposure):
            yield first + k, picture


def measure_quality(clips: Path, frames: int) -> list[dict]:
    """Ratios of filtered to independent frames for every clip and scale."""
    films = {
        "walkers": read_luma(next(clips.glob("vtest*")), 100, frames),
        "one person": read_luma(next(clips.glob("intel*")), 300, min(frames, 60)),
        "camera, cut, light": panned(),
    }
    found = []
    for name, film in films.items():
        score = Score(film)
        for r in SCALES:
            alone, steady = score.of(independent(film, r)), score.of(filtered(film, r))
            row = {"clip": name, "r": r, "independent": alone["all"]} | {
                key: steady[key] / alone[key] for key in ("all", "static", "moving", "flicker")
            }
            if name == "camera, cut, light":
                row |= {phase: _ratio(steady, alone, *span) for phase, span in PHASES.items()}
            if r == 4080 and name == "walkers":
                row["exposure 2"] = score.of(filtered(film, r, 2))["all"] / alone["all"]
            found.append(row)
    return found


def _ratio(a: dict, b: dict, first: int, last: int) -> float:
    means = [np.mean([x["by_frame"][t] for t in range(first, last)]) for x in (a, b)]
    return float(means[0] / means[1])


def missed(rows: list[dict]) -> list[str]:
    """Bounds that a measurement misses, in words."""
    found = []
    for row in rows:
        checks = []
        if row["clip"] == "walkers":
            checks = list(zip(("all", "static", "moving"), BOUNDS[row["r"]], strict=True))
            checks.append(("flicker", FLICKER))
        if "exposure 2" in row:
            checks.append(("exposure 2", EXPOSED * row["all"]))
        checks += [(key, bound) for key, bound in (("camera", CAMERA), ("cut", CUT)) if key in row]
        found += [
            f"{row['clip']}, r = {row['r']}: {key} {row[key]:.3f} is above {bound:.3f}"
            for key, bound in checks
            if row[key] > bound
        ]
    return found
