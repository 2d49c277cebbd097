"""What is drawn from pools: central images, plates, heat maps.  It sees noisy numbers alone."""

import numpy as np

from numbadp.checks import shown
from numbadp.errors import ArrayTypeError, OptionError, OptionTypeError, ShapeError
from numbadp.plan.pooled import IMAGES, PLATE, VISITS
from numbadp.postprocess.rof import denoise

STYLES = ("smooth", "cells")
_WINDOW = 1  # bins to either side of the fullest that a plate's value is averaged over
_HEAT = np.array(  # from cold to hot, dark to light
    [[0, 0, 0], [60, 10, 90], [150, 30, 90], [230, 80, 40], [250, 170, 30], [255, 250, 190]],
    np.float64,
)
_OPACITY = 0.75


def means_of(release, style: str) -> np.ndarray:
    """Estimate a pool's averages; see `numbadp.release.pooled.PoolRelease.means`."""
    _check_style(style)
    rule = {IMAGES: _image_means, PLATE: _plate_means, VISITS: _visit_means}[release.plan.kind]
    return rule(release, style == "smooth")


def render_pooled(release, style: str, over) -> np.ndarray:
    """Draw a pool; see `numbadp.release.pooled.PoolRelease.render`."""
    plan = release.plan
    if over is not None and plan.kind != VISITS:
        raise OptionError("only a heat map of visits is laid over a picture. Leave over out.")
    means = means_of(release, style)
    if plan.kind == VISITS:
        return _heat_map(plan, means, style, over)
    stack = means if plan.kind == IMAGES else means[None]
    drawn = np.clip(np.rint(_enlarge(stack, plan, style)), 0, 255).astype(np.uint8)
    drawn = drawn.reshape(len(stack), *plan.shape)
    return drawn if plan.kind == IMAGES else drawn[0]


def _image_means(release, smooth: bool) -> np.ndarray:
    """Grey levels [classes, rows, columns, C]: 127.5 + sum / (2 count pixels)."""
    plan = release.plan
    counts = np.maximum(release.values[1], 1).astype(np.float64)
    pixels = counts[:, None, None] * plan.cell_pixels
    means = 127.5 + release.values[0] / (2 * pixels[..., None])
    return _smoothed(means, release.deviation / (2 * pixels)) if smooth else _as_float(means)


def _plate_means(release, smooth: bool) -> np.ndarray:
    """Grey levels [rows, columns, C]: the mean of the votes about the fullest bin."""
    plan, votes = release.plan, release.values[0]
    step = 256 // plan.bins
    near = votes.astype(np.float64)
    for shift in range(1, _WINDOW + 1):
        near[..., shift:] += votes[..., :-shift]
        near[..., :-shift] += votes[..., shift:]
    best = near.argmax(-1)
    weight, total = np.zeros(best.shape), np.zeros(best.shape)
    for shift in range(-_WINDOW, _WINDOW + 1):
        at = np.clip(best + shift, 0, plan.bins)
        inside = at == best + shift
        share = np.maximum(np.take_along_axis(votes, at[..., None], -1)[..., 0], 0) * inside
        weight += share
        total += share * at
    means = step * total / np.maximum(weight, 1)
    spread = step * release.deviation * np.sqrt(2.0) / np.maximum(weight, 1)
    if not smooth:
        return _as_float(means)
    return _smoothed(means[None], spread.mean(-1)[None])[0]


def _visit_means(release, smooth: bool) -> np.ndarray:
    """Counts [rows, columns], not below 0."""
    counts = release.values[0].astype(np.float64)
    if smooth:
        deviations = np.full(counts.shape, release.deviation)
        counts = denoise(counts[None], deviations[None], finest=0.0)[0]
    return _as_float(np.maximum(counts, 0))


def _smoothed(means: np.ndarray, deviations: np.ndarray) -> np.ndarray:
    """Denoise [n, rows, columns, C], every channel by itself."""
    count, rows, columns, channels = means.shape
    planes = means.transpose(0, 3, 1, 2).reshape(-1, rows, columns)
    planes = denoise(planes, np.repeat(deviations, channels, axis=0))
    return np.ascontiguousarray(
        planes.reshape(count, channels, rows, columns).transpose(0, 2, 3, 1)
    )


def _as_float(means: np.ndarray) -> np.ndarray:
    return means.astype(np.float32)


def _enlarge(stack: np.ndarray, plan, style: str) -> np.ndarray:
    """[n, rows, columns, C] to pixels: flat cells, or linear between their middles."""
    for axis, side in ((1, plan.shape[0]), (2, plan.shape[1])):
        at = np.arange(side)
        if style == "cells" or plan.cell == 1:
            stack = np.take(stack, at // plan.cell, axis)
            continue
        place = np.clip((at + 0.5) / plan.cell - 0.5, 0, stack.shape[axis] - 1)
        low = np.minimum(place.astype(np.int64), max(stack.shape[axis] - 2, 0))
        part = (place - low).astype(np.float32).reshape([-1 if k == axis else 1 for k in range(4)])
        high = np.minimum(low + 1, stack.shape[axis] - 1)
        stack = np.take(stack, low, axis) * (1 - part) + np.take(stack, high, axis) * part
    return stack


def _heat_map(plan, counts: np.ndarray, style: str, over) -> np.ndarray:
    """Colours [H, W, 3], over black or over a picture."""
    height, width = plan.shape[:2]
    dense = _enlarge(counts[None, ..., None] / plan.cell_pixels[None, ..., None], plan, style)
    heat = (dense[0, ..., 0] / max(float(dense.max()), 1e-9)) ** 0.5
    levels = np.linspace(0, 1, len(_HEAT))
    colours = np.stack([np.interp(heat, levels, _HEAT[:, c]) for c in range(3)], -1)
    if over is not None:
        below = _background(over, height, width)
        opacity = _OPACITY * heat[..., None]
        colours = below * (1 - opacity) + colours * opacity
    return np.clip(np.rint(colours), 0, 255).astype(np.uint8)


def _background(over, height: int, width: int) -> np.ndarray:
    picture = np.asarray(over)
    if picture.dtype != np.uint8:
        raise ArrayTypeError(f"over must be a uint8 picture; got {picture.dtype}.")
    if picture.shape not in ((height, width), (height, width, 1), (height, width, 3)):
        raise ShapeError(f"over must have the shape {(height, width, 3)}; got {picture.shape}.")
    picture = picture.reshape(height, width, -1)
    return np.broadcast_to(picture, (height, width, 3)).astype(np.float64)


def _check_style(style) -> None:
    if not isinstance(style, str):
        raise OptionTypeError(f"style must be one of {STYLES}; got {shown(style)}.")
    if style not in STYLES:
        raise OptionError(
            f"style must be one of {STYLES}; got {shown(style)}. Pools have no mosaic."
        )
