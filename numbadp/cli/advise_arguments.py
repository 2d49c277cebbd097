"""What ``numbadp advise`` accepts; importing this loads neither NumPy nor Pillow."""

import argparse
import re

_WORDS = ("face", "plate", "person", "text", "whole")
_SIZE = re.compile(r"(\d+)\s*[xX×]\s*(\d+)")

_EPILOG = """\
--object is WIDTHxHEIGHT in pixels, a word (face, plate, person, text, whole: a typical size is
assumed and printed) or a share of the picture such as 0.02 or 2%.  --epsilon is that of the whole
object over all frames; --re-identification is the share of people that attackers may name, such as
0.1 or 10%.  The table shows other options beside the one that was asked for, and ends with a solid
box.

Nothing of a picture but its size is read, unless a sheet is drawn: -o SHEET with a PHOTO of yours
shows every option on it beside the original.  That sheet is not for publication."""


def add_advise(commands, add_max_pixels) -> None:
    """Add the command to the parser.

    Parameters
    ----------
    commands : argparse action
        What ``add_subparsers`` returned.
    add_max_pixels : callable
        Adds the option ``--max-pixels`` to a parser.
    """
    parser = commands.add_parser(
        "advise",
        help="say which m and epsilon hide an object, and when a solid box is better",
        description="Say which m and epsilon hide an object, what is left to see then, and when a "
        "solid box is better.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(module="advise")
    parser.add_argument("photo", nargs="?", metavar="PHOTO", help="for -o: a picture of yours")
    parser.add_argument(
        "--object",
        required=True,
        type=_object,
        metavar="OBJECT",
        help="what is to be hidden: 120x150 (width x height), a word or a share",
    )
    goal = parser.add_mutually_exclusive_group()
    goal.add_argument(
        "--epsilon", metavar="E", help="epsilon that the object may have over all frames"
    )
    goal.add_argument(
        "--re-identification",
        type=_share,
        metavar="SHARE",
        help="share of people that attackers may name: 0.1 or 10%%",
    )
    parser.add_argument(
        "--frames",
        default=1,
        type=int,
        metavar="N",
        help="releases that show the object (default: 1)",
    )
    parser.add_argument(
        "--picture",
        metavar="SIZE",
        help="width x height, or a file of which the size is read (default: PHOTO, or 1920x1080)",
    )
    parser.add_argument("-o", "--output", metavar="SHEET", help="draw the options on PHOTO")
    parser.add_argument(
        "--at", type=_corner, metavar="L,T", help="left and top of the object in PHOTO"
    )
    parser.add_argument("--force", action="store_true", help="replace a sheet that exists")
    add_max_pixels(parser)


def read_size(text: str) -> tuple[int, int] | None:
    """Take a size.

    Parameters
    ----------
    text : str
        Such as ``"120x150"``.

    Returns
    -------
    tuple of int, or None
        Width and height; None if it is none.
    """
    found = _SIZE.fullmatch(text.strip())
    return None if found is None else (int(found[1]), int(found[2]))


def _object(text: str):
    if text in _WORDS:
        return text
    try:
        return read_size(text) or _share(text)
    except ValueError:
        words = ", ".join(_WORDS)
        raise argparse.ArgumentTypeError(
            f"must be WIDTHxHEIGHT, a share such as 0.02 or 2%, or one of {words}; got {text!r}"
        ) from None


def _share(text: str) -> float:
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


_share.__name__ = "share"  # argparse names the type in its message


def _corner(text: str) -> tuple[int, int]:
    left, top = (int(part) for part in text.split(","))
    return left, top


_corner.__name__ = "corner left,top"
