"""What ``numbadp audit`` accepts; importing this loads neither NumPy nor SciPy."""

import argparse

LAYOUTS = ("free", "uniform", "private", "exact")

_EPILOG = """\
Releases pairs of neighbouring images again and again, chooses an event that tells them apart on one
part of the releases and certifies a lower bound on epsilon on the others.  All bounds of a run hold
together at the stated confidence.  A bound above a claim refutes it; one below it proves nothing.

Layouts are numbadp's own; "exact" promises nothing and shows what that means.  With --callable the
audited mechanism is yours: MODULE:NAME takes a uint8 image of --shape and returns numbers.

Exit code 1 if a promise is refuted."""


def add_audit(commands) -> None:
    """Add the command to the parser.

    Parameters
    ----------
    commands : argparse action
        What ``add_subparsers`` returned.
    """
    parser = commands.add_parser(
        "audit",
        help="look for evidence against a claimed epsilon",
        description="Bound epsilon from below by experiment.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(module="audit")
    parser.add_argument(
        "--layout", default="free", choices=(*LAYOUTS, "all"), help="what to audit (default: free)"
    )
    parser.add_argument("--epsilon", default="1", metavar="E", help="claimed epsilon (default: 1)")
    parser.add_argument(
        "--m", default=16, type=int, metavar="M", help="pixels that may change (default: 16)"
    )
    parser.add_argument(
        "--runs", default=1_000_000, type=int, metavar="N",
        help="releases of each image (default: 1000000)",
    )  # fmt: skip
    parser.add_argument(
        "--confidence", default=0.999, type=float, metavar="C",
        help="of all bounds together (default: 0.999)",
    )  # fmt: skip
    parser.add_argument(
        "--callable", dest="target", metavar="MODULE:NAME", help="audit this in place of numbadp"
    )
    parser.add_argument(
        "--shape", default="8x8", type=_shape, metavar="HxW[xC]", help="of the callable's images"
    )
    parser.add_argument(
        "--cell", default=8, type=int, metavar="N", help="cells that the callable uses (default: 8)"
    )
    parser.add_argument("--json", metavar="FILE", help="write the findings, for programs")
    parser.add_argument("--plot", metavar="FILE", help="draw the findings (.png, .svg, .pdf)")
    parser.add_argument("--force", action="store_true", help="replace files that exist")
    parser.add_argument("--quiet", action="store_true", help="print the table alone")


def _shape(text: str) -> tuple[int, ...]:
    sides = tuple(int(side) for side in text.split("x"))
    if len(sides) not in (2, 3) or min(sides) < 1:
        raise argparse.ArgumentTypeError(f"must be HxW or HxWxC; got {text}")
    return sides


_shape.__name__ = "shape"  # argparse names the type in its message
