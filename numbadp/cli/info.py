"""``numbadp info``: what a release holds and promises, or what a picture's release would spend."""

import sys
from pathlib import Path

from numbadp.cli.releases import describe_release
from numbadp.cli.saving import RELEASE
from numbadp.cli.terminal import shown, shown_lines
from numbadp.errors import FileFormatError, NumbadpError
from numbadp.numbers import colour_text, size_text
from numbadp.pictures.header import Header, check_header
from numbadp.pictures.reading import read_header


def run(options) -> int:
    """Print the facts of a release file, or of a picture and its plan.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed.

    Returns
    -------
    int
        0, or 1 if the file cannot be read, or not be pixelized.

    Raises
    ------
    NumbadpError
        If an option makes no sense.
    """
    from numbadp.mechanism.planning import build_plan

    names = ("epsilon", "m", "cell", "layout", "planes")
    plan_options = {name: getattr(options, name) for name in names}
    build_plan((1, 1, 3), **plan_options)  # options first: what fails below is the file
    path = Path(options.file)
    try:
        if path.suffix.lower() == RELEASE:
            from numbadp.release.clips import is_clip

            if is_clip(path):
                raise FileFormatError("it holds the frames of a video; numbadp render paints them.")
            print(shown_lines(describe_release(path)))
            return 0
        header = read_header(path)
        print("\n".join(map(shown, _facts(path, header))))
        check_header(header, options.max_pixels)
        print(shown_lines(build_plan(header.shape, **plan_options)))
    except NumbadpError as error:
        sys.stdout.flush()
        print(f"failed: {shown(path)}: {shown(error)}", file=sys.stderr)
        return 1
    return 0


def _facts(path: Path, header: Header) -> list[str]:
    width, height = header.size
    return [
        f"file        {shown(path)}",
        f"format      {header.kind}",
        f"size        {width} x {height} pixels",
        f"mode        {header.mode}",
        f"conversion  {_conversion(header)}",
        f"measured    {size_text(header.shape)}, {colour_text(header.shape)}, 8 bits a channel",
        f"coding      {_coding(header)}",
        *(f"note        {note}" for note in header.notes),
    ]


def _coding(header: Header) -> str:
    if not header.coding.bounded:
        return "may carry what is inside of a box anywhere"
    if not header.coding.blocks:
        return "every pixel by itself"
    reach = max(block.reach for block in header.coding.blocks)
    return f"blocks of pixels; boxes are widened by up to {reach} pixels"


def _conversion(header: Header) -> str:
    if header.deep or header.preview:
        return "refused"
    steps = []
    if header.orientation != 1:
        steps.append(f"turned upright (EXIF orientation {header.orientation})")
    wanted = "L" if len(header.shape) == 2 else "RGB"
    if header.mode != wanted:
        steps.append(f"{header.mode} to {wanted}")
    return ", ".join(steps) or "none"
