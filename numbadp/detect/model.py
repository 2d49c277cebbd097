"""ONNX models on onnxruntime, from a picture to boxes in its pixels."""

import ast
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from numbadp.checks import shown, whole_number
from numbadp.compute.workers import thread_count
from numbadp.detect.found import Found, merge, number_between
from numbadp.detect.heads import HEADS, Head, layout_of
from numbadp.detect.looking import TILE, check_scales, tiles
from numbadp.detect.seeing import seen
from numbadp.detect.wire import loosened
from numbadp.errors import DetectorError, FileFormatError, OptionError, OptionTypeError

_MISSING = "detectors run on onnxruntime: pip install onnxruntime, or 'numbadp[faces]'"
_STEP = 32  # pixels: what networks with five halvings want of their input's sides
_ERRORS_ONLY = 3  # of onnxruntime's log
_MOST_CLASSES = 10**6


@dataclass(frozen=True, eq=False)
class Detector:
    """A model and how to look with it; call it on a picture.

    Attributes
    ----------
    path : Path
        The ONNX file.
    layout : str
        What its output means, one of `numbadp.detect.heads.HEADS`.
    threshold : float
        Least score of a box.
    scales : tuple of float, or None
        Sizes to look at, of the picture's own; None: `choose` says it.
    loose : bool
        Whether sizes that the file states are left out.
    classes : int or None
        How many classes the model knows.
    choose : callable
        From width and height of a picture and the model's own input, or None, to scales.
    trust : callable
        From a scale to the power that a model's scores are taken to: what is found at some sizes is
        wrong more often.
    """

    path: Path
    layout: str
    threshold: float
    scales: tuple[float, ...] | None
    loose: bool
    classes: int | None
    choose: Callable[[int, int, tuple[int, int] | None], tuple[float, ...]]
    trust: Callable[[float], float]

    def load(self) -> None:
        """Open the model now, so that what is wrong with it is told before the first picture.

        Raises
        ------
        DetectorError
            If onnxruntime is missing, or the file is no model that it can read.
        """
        _session(self.path, self.loose)

    def __call__(self, image, *, channels: str = "auto") -> Found:
        """Look for whatever the model knows.

        Parameters
        ----------
        image : array_like, PIL.Image.Image, str or Path
            One picture, as `numbadp.pixelize` takes it.
        channels : {"auto", "last", "first"}, default "auto"
            Where an array has its channels.

        Returns
        -------
        Found
            Boxes in upright pixels, the surest first.

        Raises
        ------
        DetectorError
            If onnxruntime is missing, or cannot run the model.
        NumbadpError
            If the picture cannot be taken.
        """
        pixels = seen(image, channels)
        session, side = _session(self.path, self.loose)
        height, width = pixels.shape[:2]
        scales = self.scales or self.choose(width, height, side)
        head, boxes, scores = HEADS[self.layout], [np.zeros((0, 4))], [np.zeros(0)]
        for tile in tiles(pixels, scales, side or (TILE, TILE)):
            power = self.trust(tile.scale)
            tensor = _tensor(tile.pixels, head, side)
            size = tensor.shape[3], tensor.shape[2]
            own, sure = head.read(
                _run(session, tensor), size, self.threshold ** (1 / power), self.classes
            )
            boxes.append(own * np.tile(tile.factors, 2) + np.tile([tile.left, tile.top], 2))
            scores.append(np.asarray(sure, np.float64) ** power)
        return merge(np.concatenate(boxes), np.concatenate(scores).clip(0, 1))


def onnx(
    path: str | os.PathLike,
    *,
    layout: str = "auto",
    threshold: float = 0.5,
    scales: str | float | Sequence[float] = "auto",
    classes: int | None = None,
) -> Detector:
    """Take a model of your own, for faces, plates, people or anything else.

    Parameters
    ----------
    path : str or os.PathLike
        An ONNX file.
    layout : {"auto", "centerface", "scrfd", "yolo", "xyxy"}, default "auto"
        What its output means: ``"yolo"`` is that of YOLOv8 and v11, ``"xyxy"`` that of a model
        which ends with its own suppression, corners, score and class in a row.
    threshold : float, default 0.5
        Least score of a box, from 0.01 to 1.
    scales : "auto", float or sequence of float, default "auto"
        Sizes to look at, of the picture's own; ``"auto"``: once, as large as the model's input is.
        A larger one finds smaller things, tile by tile.
    classes : int, optional
        With ``"yolo"``: how many of the numbers after the box are scores of classes; by default
        what the file says, else all.

    Returns
    -------
    Detector
        Call it on pictures; the file is read on the first.

    Raises
    ------
    OptionTypeError, OptionError
        If an option makes no sense.
    DetectorError
        If onnxruntime is missing, or the file is no model that it can read.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise OptionTypeError(f"path must name an ONNX file; got {shown(path)}.")
    threshold = number_between("threshold", threshold, 0.01, 1)
    looked_at = check_scales(scales)
    session, _ = _session(Path(path), False)
    if layout == "auto":
        layout = layout_of([list(output.shape) for output in session.get_outputs()])
    if layout not in HEADS:
        raise OptionError(f"layout must be auto or one of {', '.join(HEADS)}; got {shown(layout)}.")
    if classes is not None:
        whole_number("classes", classes, _MOST_CLASSES, "Pass how many the model knows.")
    return Detector(
        Path(path),
        layout,
        threshold,
        looked_at,
        False,
        classes or _classes_in(session),
        _fitting,
        _as_is,
    )


def _fitting(width: int, height: int, side: tuple[int, int] | None) -> tuple[float, ...]:
    """One look at all of the picture, as large as it fits."""
    side = side or (TILE, TILE)
    return (min(side[0] / width, side[1] / height),)


def _as_is(scale: float) -> float:
    return 1.0


def _classes_in(session) -> int | None:
    """How many classes a file of Ultralytics names."""
    try:
        names = ast.literal_eval(session.get_modelmeta().custom_metadata_map["names"])
        return len(names) or None
    except (KeyError, ValueError, SyntaxError, TypeError):
        return None


def _session(path: Path, loose: bool):
    """A session in this process, and the size of the input that it wants, if it wants one."""
    try:
        stamp = os.stat(path).st_mtime_ns
    except OSError as error:
        raise DetectorError(f"{shown(str(path))} cannot be read: {error.strerror}.") from None
    return _opened(path, stamp, loose, os.getpid(), thread_count())


@lru_cache(maxsize=4)
def _opened(path: Path, stamp: int, loose: bool, process: int, threads: int):
    """Sessions have threads, which a forked child does not have: it opens its own."""
    try:
        import onnxruntime
    except ImportError:
        raise DetectorError(f"{_MISSING}.") from None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    options.intra_op_num_threads = threads
    options.enable_cpu_mem_arena = False  # it keeps what each size of tile took
    try:
        content = path.read_bytes()
        content = loosened(content) if loose else content
        session = onnxruntime.InferenceSession(content, options, ["CPUExecutionProvider"])
    except FileFormatError as error:
        raise DetectorError(f"{shown(str(path))}: {error}") from None
    except Exception as error:  # onnxruntime's errors have no root but this
        reason = str(error).strip().splitlines()[-1:] or [type(error).__name__]
        raise DetectorError(f"{shown(str(path))} is no model to run: {reason[0][:200]}") from None
    shape = session.get_inputs()[0].shape
    fixed = len(shape) == 4 and all(isinstance(side, int) for side in shape[2:])
    return session, (shape[3], shape[2]) if fixed else None


def _tensor(pixels: np.ndarray, head: Head, side: tuple[int, int] | None) -> np.ndarray:
    """One picture as a network wants it, filled up at the right and at the bottom."""
    height, width = pixels.shape[:2]
    across, down = side or (-(-width // _STEP) * _STEP, -(-height // _STEP) * _STEP)
    tensor = np.full((1, 3, down, across), head.filling, np.float32)
    tensor[0, :, :height, :width] = pixels.transpose(2, 0, 1)
    tensor -= np.float32(head.mean)
    tensor /= np.float32(head.spread)
    return tensor


def _run(session, tensor: np.ndarray) -> list[np.ndarray]:
    try:
        return session.run(None, {session.get_inputs()[0].name: tensor})
    except Exception as error:  # as above
        raise DetectorError(f"the model cannot be run: {str(error)[:200]}") from None
