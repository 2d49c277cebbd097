"""``numbadp demo``: the whole promise on the picture that comes with the package."""

import warnings
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from numbadp.cli.kernels import announce_compilation
from numbadp.cli.places import check_target, clear_up, write_whole
from numbadp.cli.saving import RELEASE, save_picture
from numbadp.cli.terminal import Terminal, shown, shown_lines
from numbadp.errors import OptionError, PictureError, PictureWarning
from numbadp.pictures.kinds import promises_picture

_PICTURE = "astronaut.jpg"
_ORIGINAL, _GUARANTEE, _COMPARISON = "original.jpg", "guarantee.txt", "comparison.png"
_STYLES = ("mosaic", "smooth", "cells")
_NAMES = (_ORIGINAL, *(f"{style}.png" for style in _STYLES), _COMPARISON, _GUARANTEE)
_LARGE = 10_000  # pixels: about a face
_FACE = (160, 48, 288, 208)  # left, top, right, bottom in the picture of the package
_GREY = (128, 128, 128)
_COLUMNS, _GAP = 3, 16
_CAPTION = 44
_TEXT_SIZE = 20


def run(options) -> int:
    """Write the demonstration.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed.

    Returns
    -------
    int
        0, or 1 if the folder cannot be written.

    Raises
    ------
    NumbadpError
        If an option makes no sense.
    """
    from numbadp.mechanism.planning import build_plan

    build_plan((1, 1, 3), epsilon=options.epsilon, m=options.m)  # before anything is written
    terminal = Terminal(quiet=False)
    folder = Path(options.output)
    _check_folder(folder)
    try:
        for name in _NAMES:
            check_target(folder / name, options.force)
        clear_up([folder], terminal)
        announce_compilation(terminal)
        release = _write_all(folder, options)
    except PictureError as error:
        terminal.failure(str(error))
        return 1
    print(shown_lines(_story(folder, release)))
    return 0


def _check_folder(folder: Path) -> None:
    picture = promises_picture(folder) or folder.suffix.lower() == RELEASE
    if picture and not folder.is_dir():
        raise OptionError(
            f"{shown(folder)} would be a folder of several pictures. Name one without a suffix."
        )


def _write_all(folder: Path, options):
    from numbadp.mechanism import pixelize

    encoded = files("numbadp").joinpath("data", _PICTURE).read_bytes()
    original = Image.open(BytesIO(encoded)).convert("RGB")
    budget = {"epsilon": options.epsilon, "m": options.m}
    release = pixelize(original, **budget)
    uniform = pixelize(original, **budget, layout="uniform")
    _write_bytes(folder / _ORIGINAL, encoded, options.force)
    for style in _STYLES:
        save_picture(release.to_pil(style), folder / f"{style}.png", options.force)
    sheet = _compare(encoded, original, uniform, release)
    save_picture(sheet, folder / _COMPARISON, options.force)
    text = f"{release.guarantee}\n\n{release.plan}\n"
    _write_bytes(folder / _GUARANTEE, text.encode(), options.force)
    return release


def _write_bytes(path: Path, content: bytes, force: bool) -> None:
    write_whole(path, lambda stream: stream.write(content), force)


def _compare(encoded: bytes, original, uniform, release):
    """Pictures with captions: what people take for protection, the baseline, and ours.

    Then what a whole object costs: a picture for as many pixels as a face has, and a box around the
    face for all of its pixels, each beside the constant, which costs nothing.
    """
    cell = uniform.plan.planes[0].cell
    epsilon = release.guarantee.epsilon
    leaves = Image.fromarray(release.quadtree().draw())
    panels = [
        ("original", original),
        (f"plain mosaic, {cell} px: no protection", _plain_mosaic(original, cell)),
        (f"DP-Pix, {cell} px: epsilon = {epsilon}", uniform.to_pil("cells")),
        (f"numbadp, mosaic: epsilon = {epsilon}", release.to_pil("mosaic")),
        ("numbadp, smooth: the same release", release.to_pil("smooth")),
        ("leaves of the mosaic", leaves),
        *_whole_objects(encoded, original, epsilon),
    ]
    return _sheet(panels)


def _whole_objects(encoded: bytes, original, epsilon):
    """Rows for the pixels of a face: the whole picture, then a box."""
    from numbadp.mechanism import pixelize

    whole = pixelize(original, epsilon=epsilon, m=_LARGE)
    with Image.open(BytesIO(encoded)) as coded, warnings.catch_warnings():
        warnings.simplefilter("ignore", PictureWarning)  # the box is widened to the JPEG's blocks
        box = pixelize(coded, epsilon=epsilon, m=coded.width * coded.height, boxes=[_FACE])
    solid, region = original.copy(), box.plan.region
    if region is not None:
        solid.paste(_GREY, None, Image.fromarray(region.mask))
    return [
        (f"numbadp, mosaic: m = {_LARGE:,}", whole.to_pil("mosaic")),
        (f"numbadp, smooth: m = {_LARGE:,}", whole.to_pil("smooth")),
        ("a constant: costs nothing", Image.new("RGB", original.size, _GREY)),
        ("a box, mosaic: m = all its pixels", box.to_pil("mosaic")),
        ("the same box, smooth", box.to_pil("smooth")),
        ("a solid box: costs nothing", solid),
    ]


def _sheet(panels):
    width, height = panels[0][1].size
    rows = -(-len(panels) // _COLUMNS)
    size = _COLUMNS * (width + _GAP) + _GAP, rows * (height + _CAPTION) + _GAP
    sheet = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(sheet), _font()
    for place, (caption, picture) in enumerate(panels):
        row, column = divmod(place, _COLUMNS)
        left, top = _GAP + column * (width + _GAP), row * (height + _CAPTION)
        pen.text((left, top + _GAP // 2), caption, fill="black", font=font)
        sheet.paste(picture, (left, top + _CAPTION))
    return sheet


def _plain_mosaic(picture, cell: int):
    """The exact means of the cells, as any picture editor makes them."""
    means = picture.reduce(cell)
    whole = means.resize((means.width * cell, means.height * cell), Image.Resampling.NEAREST)
    return whole.crop((0, 0, *picture.size))


def _font():
    try:
        return ImageFont.load_default(_TEXT_SIZE)
    except (TypeError, ImportError, OSError):  # Pillow 10.0, or one without FreeType
        return ImageFont.load_default()


def _story(folder: Path, release) -> str:
    plan = release.plan
    cells = ", ".join(f"{plane.name} {plane.cell}" for plane in plan.planes)
    return (
        f"Pixelized a photograph of {plan.width} x {plan.height} pixels (NASA, public domain): "
        f"{plan.draws} noisy sums,\ncell sides in pixels: {cells}.\n"
        f"{shown(folder)}: {_ORIGINAL}, mosaic.png, smooth.png, cells.png, {_GUARANTEE}\n"
        f"Look at {shown(folder / _COMPARISON)} first.\n\n{release.guarantee}"
    )
