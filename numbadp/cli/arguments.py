"""What the commands accept; importing this loads neither NumPy nor Pillow."""

import argparse

from numbadp._version import __version__
from numbadp.cli.advise_arguments import add_advise
from numbadp.cli.audit_arguments import add_audit
from numbadp.cli.completion import add_completion
from numbadp.cli.detecting import add_detect
from numbadp.cli.engine_arguments import add_engines
from numbadp.cli.handling import add_handling
from numbadp.cli.pool_arguments import add_pool
from numbadp.cli.terminal import shown
from numbadp.cli.video_arguments import VIDEO, add_clip_rendering, add_video
from numbadp.pictures import MAX_PIXELS

# That of numbadp.load.
MAX_BYTES = 2**27

_PIXELIZE = """\
IN is a picture, a folder (all its pictures, mirrored under OUT; links are followed, hidden files
and what is no picture left out) or a glob pattern.  A file under several names is released once.
OUT is a file for one picture; its suffix chooses the format (.png, .jpg, .webp, .tif, .bmp, .ppm,
.tga).  OUT is a folder when there are several pictures, when IN is a folder, or when OUT has no
suffix; names are kept and become .png, unless they are .png, .bmp, .tif or .ppm already; a.jpg
beside a.png becomes a.jpg.png.

OUT with the suffix .dpz is a release file: the noisy numbers and the guarantee, from which `numbadp
render` paints any style.  --payload mosaic keeps only the mosaic, the smallest; with a folder for
OUT, --payload makes release files of all pictures.

EXIF orientation is applied, transparency is laid on white, colour profiles are converted to sRGB,
all metadata is stripped.  Of a file with several frames the first is taken.  Pictures of more than
8 bits a channel are refused: convert them by a fixed rule first.

With --box or --boxes the pixels outside are written as they are and are not covered: if the boxes
were found by looking at the picture, that choice is not covered either.  Boxes count pixels of the
upright picture.  A JPEG that is read has mixed the inside of a box into its neighbourhood: boxes
are widened to whole blocks (--rim).  WebP, AVIF, HEIC, JPEG 2000 and palettes may mix farther than
any rim: a note says so.  A JPEG of a JPEG keeps its coefficients outside of boxes, which are
widened to whole coding units (extra 'jpeg'; not with --quality, nor where it is turned or its
colours are converted); any other JPEG that is written changes every pixel a little.

--boxes FILE is JSON of the form {"sub/photo.jpg": [[left, top, right, bottom], ...], ...}; COCO
(data set or results); XML of CVAT's form for images; a Labelme file; CSV with the columns filename,
left, top, right, bottom; or a folder of YOLO or Labelme labels.  Names are paths in the folder IN,
or paths as they were given; a bare name will do where one picture alone has it.  Entries without a
picture and pictures without a box are failures, the rest is done; see --on-none.

--detect faces looks for faces in each picture and covers them, grown by --grow.  Where they are is
not covered by any guarantee, and a face that is missed is written as it is: look at the result, or
at --boxes-out, which --boxes takes.

Every run is a new release: giving the same picture again spends epsilon again.  With --ledger FILE
all releases are taken as releases of the same pictures, and their epsilons add up; a picture is
charged before it is measured, whatever becomes of it then."""


class _Parser(argparse.ArgumentParser):
    """Complains in text that cannot steer the terminal: a shell's pattern may bring any name."""

    def error(self, message):
        super().error(shown(message))

    def parse_known_args(self, args=None, namespace=None):
        """Complain where an option is unknown: a command knows its own, and shows its usage."""
        found, rest = super().parse_known_args(args, namespace)
        if rest:
            self.error(f"unrecognized arguments: {' '.join(rest)}")
        return found, rest


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of the whole command line.

    Returns
    -------
    argparse.ArgumentParser
        Its result has ``command``, ``module`` (in ``numbadp.cli``) and the options.
    """
    parser = _Parser(
        prog="numbadp",
        description="Region-adaptive mosaics with a differential privacy guarantee.",
    )
    parser.add_argument("--version", action="version", version=f"numbadp {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_pixelize(commands)
    _add_demo(commands)
    _add_info(commands)
    _add_render(commands)
    add_advise(commands, _add_max_pixels)
    add_audit(commands)
    add_pool(commands, _add_max_pixels)
    _add_ui(commands)
    add_completion(commands)
    doctor = commands.add_parser("doctor", help="check this installation")
    doctor.set_defaults(module="doctor")
    return parser


def _add_pixelize(commands) -> None:
    parser = commands.add_parser(
        "pixelize",
        help="turn pictures into private mosaics",
        description="Turn pictures into mosaics with a differential privacy guarantee.",
        epilog=_PIXELIZE + VIDEO,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(module="pixelize")
    parser.add_argument(
        "inputs", nargs="+", metavar="IN", help="picture, folder, glob pattern, or - for stdin"
    )
    parser.add_argument(
        "-o", "--output", metavar="OUT", help="file or folder; - is standard output (default: "
        "beside the only IN, with _private in its name)"
    )  # fmt: skip
    _add_plan_options(parser, epsilon=None)
    _add_drawing(parser)
    parser.add_argument(
        "--payload",
        choices=("release", "mosaic"),
        help="what a release file (.dpz) keeps: the noisy numbers, or the mosaic alone",
    )
    parser.add_argument(
        "--backend", default="auto", choices=("auto", "cpu", "cuda"), help="default: auto"
    )
    _add_regions(parser)
    add_detect(parser)
    _add_ledger(parser)
    add_video(parser)
    add_handling(parser)  # what videos have already stays as it is
    parser.add_argument("--force", action="store_true", help="replace files that exist")
    add_engines(parser)
    _add_max_pixels(parser)
    parser.add_argument("--quiet", action="store_true", help="print nothing but failures")


def _add_drawing(parser) -> None:
    parser.add_argument(
        "--style", default="mosaic", choices=("mosaic", "smooth", "blocks", "cells"),
        help="default: mosaic",
    )  # fmt: skip
    parser.add_argument(
        "--side", type=_positive, metavar="PX",
        help="with --style blocks: side of a square (default: by the noise)",
    )  # fmt: skip
    parser.add_argument(
        "--effort", default="default", choices=("default", "best", "tv"),
        help="work that goes into denoising; best: a larger net; tv: total variation alone",
    )  # fmt: skip


def _add_demo(commands) -> None:
    parser = commands.add_parser(
        "demo",
        help="pixelize the picture that comes with the package",
        description="Write a photograph, its mosaic, smooth and cells renderings, a comparison "
        "and the guarantee to a folder.",
    )
    parser.set_defaults(module="demo")
    parser.add_argument(
        "-o", "--output", default="numbadp-demo", metavar="FOLDER", help="default: numbadp-demo"
    )
    _add_budget(parser, epsilon="1")
    parser.add_argument("--force", action="store_true", help="replace files that exist")


def _add_info(commands) -> None:
    parser = commands.add_parser(
        "info",
        help="describe a release file, or a picture and what a release of it would spend",
        description="Describe a release file (.dpz) and its guarantee; or a picture and the plan "
        "of its release, of which no pixel is decoded. The options are those of a plan.",
    )
    parser.set_defaults(module="info")
    parser.add_argument("file", metavar="FILE", help="release file or picture")
    _add_plan_options(parser, epsilon="1")
    _add_max_pixels(parser)


def _add_render(commands) -> None:
    parser = commands.add_parser(
        "render",
        help="paint a release file",
        description="Paint a release file (.dpz); this spends nothing. OUT is a picture, or a "
        "folder for a release of several pictures; of a video it is a video, or a folder for "
        "numbered pictures.",
    )
    parser.set_defaults(module="render")
    parser.add_argument("file", metavar="FILE", help="release file")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="picture or folder")
    _add_drawing(parser)
    parser.add_argument("--force", action="store_true", help="replace files that exist")
    add_clip_rendering(parser)
    _add_max_pixels(parser)
    parser.add_argument(
        "--max-bytes",
        default=MAX_BYTES,
        type=_positive,
        metavar="N",
        help=f"refuse files whose numbers take more memory (default: {MAX_BYTES})",
    )


def _add_plan_options(parser, epsilon: str | None) -> None:
    _add_budget(parser, epsilon)
    parser.add_argument(
        "--cell",
        default="auto",
        type=_cell,
        metavar="N",
        help="side of the finest measured cell, a power of two from 1 to 1024 (default: auto)",
    )
    parser.add_argument(
        "--layout",
        default="free",
        choices=("free", "uniform", "private", "exact"),
        help="free: fine cells, leaves decided after the noise (default); uniform: one size; "
        "private: leaves paid from epsilon; exact: leaves decided on the picture, NOT PRIVATE",
    )
    parser.add_argument("--planes", default="auto", choices=("auto", "rgb"), help="default: auto")


def _add_ledger(parser) -> None:
    parser.add_argument(
        "--ledger",
        metavar="FILE",
        help="charge every picture to the budget that this file keeps; refuse what would pass it",
    )
    parser.add_argument(
        "--budget",
        metavar="B",
        help="epsilon that a new ledger may spend in all; an existing one must agree",
    )
    parser.add_argument(
        "--ledger-regions",
        choices=("one", "each"),
        help="what a new ledger is about; an existing one must agree.  one (default): every "
        "picture covers the pixels that the first one covers; each: pictures have regions of "
        "their own, and the budget holds for changes inside each picture's own region",
    )
    parser.add_argument(
        "--ledger-window",
        metavar="TIME",
        help="of a new ledger for videos: its budget is for any such time, as 1s or 1:00, and not "
        "for all frames together; an existing one must agree",
    )


def _add_ui(commands) -> None:
    parser = commands.add_parser(
        "ui",
        help="a page in the browser, on this machine alone",
        description="Open a page in the browser: drop a picture, draw boxes, move sliders, "
        "download. It is served to this machine alone and keeps nothing. Needs the extra 'ui'.",
    )
    parser.set_defaults(module="ui")
    parser.add_argument("--port", type=_positive, help="default: a free one from 7860 on")
    parser.add_argument(
        "--browser", default="yes", choices=("yes", "no"), help="open one (default: yes)"
    )


def _add_regions(parser) -> None:
    parser.add_argument(
        "--box",
        action="append",
        type=_box,
        metavar="L,T,R,B",
        help="cover only these pixels of every picture, right and bottom excluded (repeatable)",
    )
    parser.add_argument(
        "--boxes",
        metavar="FILE",
        help="cover only these pixels of each picture: JSON, COCO, CVAT, Labelme or CSV, or a "
        "folder of YOLO or Labelme labels",
    )
    parser.add_argument(
        "--on-none",
        choices=("fail", "copy", "whole"),
        help="with --boxes or --detect, a picture or a frame of a video without a box: fail "
        "(default; of a video before any frame is measured), copy it unprotected, or cover the "
        "whole of it",
    )
    parser.add_argument(
        "--rim",
        default="coded",
        choices=("coded", "exact", "whole", "refuse"),
        help="coded: widen boxes to what a JPEG's blocks mix, note where a format mixes farther "
        "(default); whole: cover such a picture as a whole; refuse: refuse it; exact: as given",
    )


def _add_budget(parser, epsilon: str | None) -> None:
    default = "" if epsilon is None else f" (default: {epsilon})"
    parser.add_argument(
        "--epsilon",
        required=epsilon is None,
        default=epsilon,
        metavar="E",
        help=f"privacy loss of one picture, exact: 1, 0.5 or 1/3{default}",
    )
    parser.add_argument(
        "--m",
        default=16,
        type=int,
        metavar="M",
        help="number of pixels that a neighbouring picture may change (default: 16)",
    )


def _add_max_pixels(parser) -> None:
    parser.add_argument(
        "--max-pixels",
        default=MAX_PIXELS,
        type=_positive,
        metavar="N",
        help=f"refuse larger pictures (default: {MAX_PIXELS})",
    )


def _cell(text: str) -> str | int:
    return text if text == "auto" else int(text)


def _box(text: str) -> tuple[int, ...]:
    box = tuple(int(part) for part in text.split(","))
    if len(box) != 4:
        raise ValueError
    return box


_box.__name__ = "box left,top,right,bottom"
_cell.__name__ = "cell size"  # argparse names the type in its message


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1; got {number}")
    return number


_positive.__name__ = "number"
