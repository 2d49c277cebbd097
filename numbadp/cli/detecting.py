"""``--detect``: boxes found by looking at each picture, and the file that keeps them.

Statement.  A picture in which nothing is found is a failure, unless ``--on-none`` says what becomes
  of it.  What is found is grown, rounded outwards, and covered; where it lies is not covered by any
  guarantee, and the terminal says so once.
Tested by tests/cli/test_detecting.py
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from importlib import import_module
from pathlib import Path

from numbadp.cli.terminal import shown
from numbadp.errors import NumbadpError, OptionError, PictureError

FACES = "faces"
GROW, THRESHOLD = 0.3, 0.5
SAID = (
    "boxes are found by looking: no guarantee covers where they are, and what the detector misses "
    "is written as it is"
)
_ONLY = (
    ("detect_threshold", "--detect-threshold"), ("detect_model", "--detect-model"),
    ("detect_scale", "--detect-scale"), ("grow", "--grow"), ("boxes_out", "--boxes-out"),
)  # fmt: skip


def add_detect(parser) -> None:
    """Add the options.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Of ``pixelize``.
    """
    parser.add_argument(
        "--detect",
        metavar="WHAT",
        help="cover what is found in each picture: faces (extra 'faces'), or MODULE:NAME of a "
        "callable that takes an RGB array and returns boxes",
    )
    parser.add_argument(
        "--detect-threshold",
        type=float,
        metavar="P",
        help=f"least score of a box, 0.01 to 1; lower misses fewer (default: {THRESHOLD})",
    )
    parser.add_argument("--detect-model", metavar="FILE", help="an ONNX model in place of ours")
    parser.add_argument(
        "--detect-scale",
        metavar="S,S",
        help="sizes to look at, of the picture's own (default: 2, 1, 0.5 and further halves)",
    )
    parser.add_argument(
        "--grow",
        type=float,
        metavar="G",
        help="move each side of a box that is found, and in videos of any box, outwards by this "
        f"share of its size (default: {GROW})",
    )
    parser.add_argument(
        "--boxes-out",
        metavar="FILE",
        help="write the boxes that were covered, for --boxes, to be looked at and edited",
    )


@dataclass(frozen=True)
class Looked:
    """Boxes are to be found in the picture itself."""

    detector: Callable
    grow: float
    on_none: str

    def boxes_in(self, pixels) -> list[tuple[int, int, int, int]] | None:
        """Find boxes.

        Parameters
        ----------
        pixels : ndarray of uint8
            The upright picture.

        Returns
        -------
        list of tuple of int, or None
            Left, top, right, bottom, inside the picture; None for all of it, an empty list for a
            mere copy.

        Raises
        ------
        PictureError
            If nothing was found, or the detector failed.
        """
        from numbadp.batch.boxes import boxes_or_none

        def grown(view):
            return _as_found(self.detector(view)).grown(self.grow)

        try:
            found = _inside(boxes_or_none(grown, pixels), pixels.shape)
        except NumbadpError as error:
            raise PictureError(str(error)) from None
        if not found and self.on_none == "fail":
            raise PictureError(
                "nothing was found in it, so nothing would be protected; --on-none whole covers "
                "all of it, --on-none copy leaves it as it is"
            )
        return None if not found and self.on_none == "whole" else found


@dataclass(frozen=True)
class Finder:
    """What ``--detect`` names, as workers of a job get it: picklable where the detector is.

    Attributes
    ----------
    looked : Looked
        How it is looked.
    name : str
        All that decides what is found, for the terms of a release.
    """

    looked: Looked
    name: str

    @property
    def grow(self) -> float:
        """Part of its size by which a box grows on every side."""
        return self.looked.grow

    def ungrown(self) -> "Finder":
        """The same finder of boxes as they are found: tracks of a video are grown as such."""
        return replace(self, looked=replace(self.looked, grow=0.0))

    def __call__(self, pixels) -> list[tuple[int, int, int, int]]:
        """Boxes in a picture, or none."""
        return self.looked.boxes_in(pixels) or []


@dataclass
class Kept:
    """Boxes of a run, for ``--boxes-out``."""

    path: Path | None
    force: bool
    boxes: dict[str, list] = field(default_factory=dict)

    def add(self, job, boxes) -> None:
        """Note the boxes of a picture.

        Parameters
        ----------
        job : Job
            The picture.
        boxes : list of tuple of int, or None
            As found; None: all of it.
        """
        self.boxes[job.names[0] if job.names else job.source.name] = [list(b) for b in boxes or ()]

    def write(self) -> None:
        """Write the file, if one was asked for.

        Raises
        ------
        PictureError
            If it cannot be written.
        """
        from numbadp.cli.places import write_whole

        if self.path is not None and self.boxes:
            rows = ",\n".join(f"  {json.dumps(n)}: {json.dumps(b)}" for n, b in self.boxes.items())
            content = f"{{\n{rows}\n}}\n".encode()
            write_whole(self.path, lambda stream: stream.write(content), self.force)

    def check(self) -> None:
        """Refuse early what cannot be written.

        Raises
        ------
        OptionError
            If the file is there already.
        """
        if self.path is not None and self.path.exists() and not self.force:
            raise OptionError(f"{shown(self.path)} exists already; pass --force to replace it.")


def read_detect(options) -> Looked | None:
    """Take the options.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed.

    Returns
    -------
    Looked or None
        None without ``--detect``.

    Raises
    ------
    NumbadpError
        If they make no sense, or the detector cannot be had.
    """
    if options.detect is None:
        for name, flag in _ONLY:
            if getattr(options, name) is not None:
                raise OptionError(f"{flag} is for boxes that are found. Add --detect faces.")
        return None
    if options.box or options.boxes:
        raise OptionError("--detect, --box and --boxes exclude each other. Pass one of them.")
    from numbadp.detect.found import number_between

    grow = number_between("--grow", GROW if options.grow is None else options.grow, 0, 10)
    return Looked(detector_of(options), grow, options.on_none or "fail")


def finder_of(options) -> Finder | None:
    """Take the options for a job, whose workers look.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed.

    Returns
    -------
    Finder or None
        None without ``--detect``.

    Raises
    ------
    NumbadpError
        As `read_detect`; if pictures in which nothing is found were to be copied.
    """
    looked = read_detect(options)
    if looked is None:
        return None
    if looked.on_none == "copy":
        raise OptionError(
            "--on-none copy cannot be part of a job: what is merely copied has no release to be "
            "published once. Pass --on-none whole, or copy such pictures by a run."
        )
    name = f"{options.detect}, grow {looked.grow:g}"
    if options.detect == FACES:
        threshold = THRESHOLD if options.detect_threshold is None else options.detect_threshold
        name += f", threshold {threshold:g}, scales {_scales(options.detect_scale)}"
    if options.detect_model is not None:  # another model of the same name finds other boxes
        name += f", model {sha256(Path(options.detect_model).read_bytes()).hexdigest()}"
    return Finder(replace(looked, on_none="copy"), name)


def detector_of(options):
    """Make what ``--detect`` names.

    Parameters
    ----------
    options : argparse.Namespace
        With ``detect`` and what belongs to it.

    Returns
    -------
    callable
        From an array to boxes.

    Raises
    ------
    NumbadpError
        If there is no such thing, or it cannot be had.
    """
    threshold = THRESHOLD if options.detect_threshold is None else options.detect_threshold
    scales = _scales(options.detect_scale)
    if ":" in options.detect:
        if any(getattr(options, name) is not None for name, _ in _ONLY[:3]):
            raise OptionError(
                "--detect-threshold, --detect-model and --detect-scale are for --detect faces: "
                "a callable decides by itself."
            )
        return _callable(options.detect)
    if options.detect != FACES:
        raise OptionError(f"--detect must be faces or MODULE:NAME; got {shown(options.detect)}.")
    if options.detect_model is not None:
        from numbadp.detect import onnx

        return onnx(options.detect_model, threshold=threshold, scales=scales)
    from numbadp.detect.centerface import face_detector

    detector = face_detector(threshold, scales)
    detector.load()
    return detector


def _callable(text: str):
    module, _, name = text.partition(":")
    try:
        found = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as error:
        raise OptionError(f"{shown(text)} cannot be imported: {error}.") from None
    if not callable(found):
        raise OptionError(f"{shown(text)} is no callable.")
    return found


def _scales(text: str | None):
    from numbadp.detect.looking import check_scales

    if text is None or text == "auto":
        return "auto"
    try:
        return check_scales([float(part) for part in text.split(",")])
    except ValueError:
        raise OptionError(
            f"--detect-scale must be numbers from 1/64 to 8, as in 0.5,1,2; got {shown(text)}."
        ) from None


def _as_found(answer):
    import numpy as np

    from numbadp.detect.found import Found
    from numbadp.inputs import plain_boxes

    if isinstance(answer, Found):
        return answer
    boxes = np.array(plain_boxes(answer), float).reshape(-1, 4)
    return Found(boxes, np.ones(len(boxes)))


def _inside(boxes: list[tuple[int, ...]], shape) -> list[tuple[int, int, int, int]]:
    """Boxes, cut at the edges of the picture."""
    height, width = shape[:2]
    cut = ((max(0, a), max(0, b), min(width, c), min(height, d)) for a, b, c, d in boxes)
    return [box for box in cut if box[0] < box[2] and box[1] < box[3]]
