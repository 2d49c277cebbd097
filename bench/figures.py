"""Figures of the README, drawn from results, epsilon on the x axis."""

from pathlib import Path

import numpy as np

from bench.attack import interval, strongest
from bench.attack_report import ONE_RELEASE
from bench.pictures import DOCS
from bench.protections import AVERAGED
from bench.utility import epsilon_of

DPI = 130
_SIZE = (9.2, 4.0)  # inches
_STYLE = {
    "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.25, "font.size": 9,
    "legend.frameon": False, "legend.fontsize": 8, "lines.markersize": 4,
}  # fmt: skip
# Method of `bench.methods`: colour and line.
_METHODS = {
    "free: smooth": ("#1b6ca8", "-"),
    "free: mosaic": ("#4fa3d9", "-"),
    "private: mosaic": ("#7a5195", "-"),
    "zones, middle finer: mosaic": ("#2f9e44", "-"),
    "uniform, automatic cell: smooth": ("#8a8a8a", "--"),
    "uniform, automatic cell: cells": ("#444444", "-"),
    "uniform, best cell of each photo: cells": ("#444444", ":"),
    "exact: mosaic": ("#c92a2a", ":"),
    "DP-Pix, 16 px": ("#e8590c", "-"),
    "DP-Blur": ("#f2a33a", "-"),
    "Laplace noise on pixels": ("#c7a17a", "-"),
}
_PROTECTIONS = {
    "DP-Pix, 16 px": ("#e8590c", "-"),
    "published values": ("#444444", "-"),
    "mosaic": ("#4fa3d9", "-"),
    "smooth": ("#1b6ca8", "-"),
}


def draw_methods(section: dict):
    """PSNR and SSIM against epsilon; bars are the spread over releases."""
    from matplotlib.figure import Figure

    with _style():
        figure = Figure(_SIZE, layout="constrained")
        for axes, measure, label in zip(
            figure.subplots(1, 2), ("psnr", "ssim"), ("PSNR, dB", "SSIM"), strict=True
        ):
            for name, (colour, line) in _METHODS.items():
                rows = [row for row in section["rows"] if row["method"] == name]
                if rows:
                    _line(axes, rows, measure, line, colour)
            axes.set(xscale="log", xlabel=f"ε (m = {section['m']})", ylabel=label)
            _plain_numbers(axes)
        figure.legend(*axes.get_legend_handles_labels(), loc="outside right center")
    return figure


def draw_attack(section: dict):
    """Accuracy against epsilon and against m; chance, and the epsilon of a whole face above."""
    from matplotlib.figure import Figure

    with _style():
        figure = Figure(_SIZE, layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True)
        _draw_by_epsilon(left, section)
        _draw_by_m(right, section)
        for axes in (left, right):
            axes.axhline(section["chance"], color="#999999", linestyle=":", label="chance")
            axes.set(xscale="log", ylim=(0, 1.02))
            _plain_numbers(axes)
            axes.legend(loc="lower right" if axes is left else "lower left")
        left.set_ylabel(f"named rightly, of {section['people']} people")
    return figure


def _draw_by_epsilon(axes, section: dict) -> None:
    for name, (colour, line) in _PROTECTIONS.items():
        rows = _rows(section, (name,))
        _points(axes, section, [float(epsilon_of(r)) for r in rows], rows, colour, line, name)
    for name, line in (("nothing", "-."), ("plain pixelation, 16 px", "--")):
        row = next(row for row in section["rows"] if row["protection"] == name)
        label = f"not private: {name}"
        axes.axhline(strongest(row), color="#c92a2a", linestyle=line, linewidth=1, label=label)
    axes.set_xlabel(f"ε of one release at m = {section['m']}")
    face = _pixels(section) / section["m"]
    above = axes.secondary_xaxis("top", functions=(lambda e: e * face, lambda f: f / face))
    _name_upper(above, section)


def _draw_by_m(axes, section: dict) -> None:
    """At epsilon = 1 the scale is 255 m."""
    shown = {"one release, strongest attack": (ONE_RELEASE, "#1b6ca8")}
    colours = ("#b07cc6", "#7a5195")
    for k, colour in zip(AVERAGED, colours, strict=True):
        names = (f"mean of {k}, denoised", f"mean of {k}, published values")
        shown[f"mean of {k} releases: ε = {k} in all"] = (names, colour)
    for label, (names, colour) in shown.items():
        rows = {r: row for r, row in _rows(section, names).items() if r >= 255}
        _points(axes, section, [r / 255 for r in rows], rows, colour, "-", label)
    axes.set_xlabel("m in pixels, each release with ε = 1")
    pixels = _pixels(section)
    above = axes.secondary_xaxis("top", functions=(_over(pixels), _over(pixels)))
    _name_upper(above, section)


def _rows(section: dict, names: tuple[str, ...]) -> dict[int, float]:
    """Best accuracy over some protections, by scale."""
    found = {}
    for row in section["rows"]:
        if row["protection"] in names and row["scale"] is not None:
            found[row["scale"]] = max(strongest(row), found.get(row["scale"], 0))
    return found


def _points(axes, section, x, rows: dict[int, float], colour: str, line: str, label: str) -> None:
    accuracy = np.array(list(rows.values()))
    bounds = np.array([interval(a, section["pictures"]) for a in accuracy]).T
    bars = np.abs(bounds - accuracy)
    style = {"color": colour, "linestyle": line, "marker": "o", "capsize": 2}
    axes.errorbar(x, accuracy, bars, **style, label=label)


def _line(axes, rows: list[dict], measure: str, line: str, colour: str) -> None:
    x = [float(epsilon_of(row["scale"])) for row in rows]
    y = [row[measure] for row in rows]
    bars = [row[f"{measure}_spread"] for row in rows]
    style = {"color": colour, "linestyle": line, "marker": "o", "capsize": 2}
    axes.errorbar(x, y, bars, **style, label=_label(rows[0]))


def _label(row: dict) -> str:
    return row["method"] if row["private"] else f"{row['method']}\n(not private)"


def _pixels(section: dict) -> int:
    height, width = section["shape"]
    return height * width


def _name_upper(above, section: dict) -> None:
    height, width = section["shape"]
    above.set_xlabel(f"ε of one release for a whole face, {width} × {height} pixels")
    _plain_numbers(above)


def _over(pixels: int):
    def inverse(value):
        return pixels / np.maximum(value, 1e-9)

    return inverse


def _plain_numbers(axes) -> None:
    from matplotlib.ticker import FuncFormatter

    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _style():
    from matplotlib import rc_context

    return rc_context(_STYLE)


FIGURES = {"methods": ("utility.png", draw_methods), "attack": ("attack.png", draw_attack)}


def save_figures(results: dict, folder: Path = DOCS) -> list[Path]:
    """Draw every figure that there are results for; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    done = []
    for name, (file, draw) in FIGURES.items():
        if name in results:
            figure = draw(results[name])
            figure.savefig(folder / file, dpi=DPI, metadata={"Software": None})
            done.append(folder / file)
    return done
