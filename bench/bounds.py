"""What is promised of speed, judged on measured rows."""

from bench.cases import BASE, STYLES
from bench.pictures import SIZES

# To np.copyto.
RATIO_LIMITS = {"release + cells": 3, "release + mosaic": 8, "release + smooth, best": 25}
DRAWN, OVER_TV = ("mosaic", "smooth"), 1.1  # of the default effort: times total variation alone
PARALLEL, SERIAL = True, False
GROWTH_LIMIT = 4.6  # 4K over 1080p, for four times the pixels
ONCE_LIMITS = {  # ms
    "new plan": 20,
    "10 pictures of 64 x 64, one by one": 1,
    "reconstruct grey, cell 4": 20,
    "reconstruct grey, cell 16": 1.5,
}
NOISE_LIMIT = 50  # ns a value, one core
OPENCV = "OpenCV AREA + NEAREST"


def judge(rows: list[dict]) -> list[dict]:
    """List every bound that the rows allow to judge, with its figure and whether it is met."""
    found = {(r["case"], r["parallel"], r["size"]): r for r in rows}
    bounds = [
        *_ratios(found),
        *_over_tv(found),
        *_against_opencv(found),
        *_growth(found),
        *_once(found),
    ]
    return [{**bound, "met": bound["measured"] <= bound["limit"]} for bound in bounds]


def _ratios(found: dict):
    for name, limit in RATIO_LIMITS.items():
        for size in SIZES:
            row = found.get((name, PARALLEL, size))
            if row is not None:
                text = f"{name}, {size}: times {BASE}"
                yield {"bound": text, "measured": row["ratio"], "limit": limit}


def _over_tv(found: dict):
    for style in DRAWN:
        for size in SIZES:
            own, plain = (
                found.get((f"release + {style}{effort}", PARALLEL, size)) for effort in ("", ", tv")
            )
            if own is not None and plain is not None:
                quotient = own["median_ms"] / plain["median_ms"]
                text = f"release + {style}, {size}: times effort tv"
                yield {"bound": text, "measured": quotient, "limit": OVER_TV}


def _against_opencv(found: dict):
    for size in SIZES:
        own, other = (found.get((n, PARALLEL, size)) for n in ("release + mosaic", OPENCV))
        if own is not None and other is not None:
            text = f"release + mosaic, {size}: times OpenCV's plain pixelation"
            quotient = own["median_ms"] / other["median_ms"]
            yield {"bound": text, "measured": quotient, "limit": 1}


def _growth(found: dict):
    small, large = SIZES
    for style in STYLES:
        name = f"release + {style}"
        first, second = (found.get((name, PARALLEL, size)) for size in (small, large))
        if first is not None and second is not None:
            text = f"{name}: {large} over {small}"
            quotient = second["median_ms"] / first["median_ms"]
            yield {"bound": text, "measured": quotient, "limit": GROWTH_LIMIT}


def _once(found: dict):
    size = next(iter(SIZES))
    for name, limit in ONCE_LIMITS.items():
        row = found.get((name, SERIAL, size))
        if row is not None:
            text = f"{name}, {size}, 1 thread: ms"
            yield {"bound": text, "measured": row["median_ms"], "limit": limit}
    row = found.get(("ours", SERIAL, size))
    if row is not None:
        text = "noise, 1 thread: ns a value"
        yield {"bound": text, "measured": row["ns_a_value"], "limit": NOISE_LIMIT}
