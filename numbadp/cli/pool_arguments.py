"""What ``numbadp pool`` accepts."""

_POOL = """\
A pool sums over many pictures, adds noise once, and forgets the rest.  What it hides is a unit: a
whole image, all images of an owner, an event before a camera, a visitor.  Beside OUT the release
itself is kept (.dpz), from which `numbadp render` draws again; that spends nothing.  A run that is
interrupted before it releases has spent nothing and starts anew: exact sums are never written, so
there is nothing to go on from."""


def add_pool(commands, add_max_pixels) -> None:
    """Add the command.

    Parameters
    ----------
    commands : object
        Sub-parsers of the command line.
    add_max_pixels : callable
        Adds that option to a parser.
    """
    parser = commands.add_parser(
        "pool",
        help="release averages, backgrounds and heat maps of many pictures",
        description="Release statistics over many pictures, private for a whole unit.",
        epilog=_POOL,
    )
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    for name, add in (("images", _add_images), ("plate", _add_plate), ("visits", _add_visits)):
        add(kinds, name)
    for kind in kinds.choices.values():
        kind.set_defaults(module="pool")
        kind.add_argument("--epsilon", required=True, metavar="E", help="privacy loss, exact")
        kind.add_argument(
            "--delta", default="0", metavar="D",
            help="0 (default), or a small number such as 1e-6, which allows Gaussian noise",
        )  # fmt: skip
        kind.add_argument(
            "--style", default="smooth", choices=("smooth", "cells"), help="default: smooth"
        )
        kind.add_argument("--ledger", metavar="FILE", help="charge the release to this budget")
        kind.add_argument("--budget", metavar="B", help="epsilon that a new ledger may spend")
        kind.add_argument("--force", action="store_true", help="replace files that exist")
        kind.add_argument("--quiet", action="store_true", help="print nothing but failures")
        add_max_pixels(kind)


def _add_images(kinds, name: str) -> None:
    parser = kinds.add_parser(
        name,
        help="the mean picture of every class",
        description="The mean picture of every class. IN has a folder of pictures for each class; "
        "all of one size, that of the first. OUT is a folder.",
    )
    parser.add_argument("input", metavar="IN", help="folder with a folder for each class")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="folder")
    parser.add_argument("--cell", default="auto", metavar="N", help="side of a cell, or auto")
    parser.add_argument(
        "--expected", default=1000, type=int, metavar="N",
        help="about how many pictures a class has, as is publicly known (default: 1000)",
    )  # fmt: skip
    parser.add_argument(
        "--owner", metavar="REGEX",
        help="hide an owner with all pictures: the owner is what the first group of this pattern "
        "finds in a file's name",
    )  # fmt: skip
    parser.add_argument(
        "--most", default=1, type=int, metavar="K", help="pictures of an owner that count"
    )


def _add_plate(kinds, name: str) -> None:
    parser = kinds.add_parser(
        name,
        help="the background of a fixed camera",
        description="The background of a fixed camera. IN is a film (needs PyAV: pip install av) "
        "or a folder of frames, in the order of their names.",
    )
    parser.add_argument("input", metavar="IN", help="film or folder")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="picture")
    parser.add_argument(
        "--event", required=True, metavar="F,W,H",
        help="what is hidden: visible in at most F of the frames that are taken, and in each of "
        "them inside W x H pixels; a stated policy that nothing checks",
    )  # fmt: skip
    parser.add_argument("--cell", default=1, type=int, metavar="N", help="side of a cell")
    parser.add_argument("--bins", default=32, type=int, metavar="B", help="default: 32")
    parser.add_argument(
        "--every", default=1, type=int, metavar="N", help="take every N-th frame (default: all)"
    )


def _add_visits(kinds, name: str) -> None:
    parser = kinds.add_parser(
        name,
        help="a heat map of different visitors",
        description="A heat map of different visitors. IN is a CSV file with the columns track, x "
        "and y, in pixels and in order of time.",
    )
    parser.add_argument("input", metavar="IN", help="CSV file")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="picture")
    parser.add_argument("--size", metavar="W,H", help="of the picture; that of --over by default")
    parser.add_argument(
        "--most", required=True, type=int, metavar="U", help="cells of one visitor that count"
    )
    parser.add_argument("--cell", default=16, type=int, metavar="N", help="default: 16")
    parser.add_argument("--over", metavar="PICTURE", help="public picture to draw the map over")
