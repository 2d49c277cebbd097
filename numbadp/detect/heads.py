"""What comes out of a network, as boxes: the layouts that exporters of detectors use.

============  =====================================  ==========================================
layout        input                                  output
============  =====================================  ==========================================
centerface    RGB 0..255, any size                   heat, log of size, offset, landmarks at 1/4
scrfd         RGB, (x - 127.5) / 128                 scores, distances (and landmarks) a stride
yolo          RGB 0..1                               1 x (4 + classes + ...) x N, centre and size
xyxy          RGB 0..1                               1 x N x 6: corners, score, class
============  =====================================  ==========================================
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from numbadp.errors import OptionError

_CENTERFACE_STRIDE = 4
_SCRFD_STRIDES = 8, 16, 32
_CENTERFACE_OUTPUTS, _SCRFD_OUTPUTS = 4, (6, 9)
_CORNERS_AND_MORE = 6
Boxes = tuple[np.ndarray, np.ndarray]


class Head(NamedTuple):
    """How a network wants its input, and what its output means.

    Attributes
    ----------
    mean, spread : float
        The input is (pixels - mean) / spread.
    filling : int
        Grey level of what is added to a picture to fill the input.
    read : callable
        Takes outputs, (width, height) of the input in pixels, a threshold and the number of
        classes or None; returns boxes [N, 4] in pixels of the input, and scores [N].
    """

    mean: float
    spread: float
    filling: int
    read: Callable[[list[np.ndarray], tuple[int, int], float, int | None], Boxes]


def _read_centerface(outputs, size, threshold, classes) -> Boxes:
    heat, log_size, offset = outputs[0][0, 0], outputs[1][0], outputs[2][0]
    down, across = np.nonzero(heat >= threshold)
    height, width = np.exp(log_size[:, down, across]) * _CENTERFACE_STRIDE
    y, x = offset[:, down, across] + 0.5
    x, y = (across + x) * _CENTERFACE_STRIDE, (down + y) * _CENTERFACE_STRIDE
    boxes = np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1)
    return boxes, heat[down, across]


def _read_scrfd(outputs, size, threshold, classes) -> Boxes:
    flat = [output.reshape(-1, output.shape[-1]) for output in outputs]
    scores = sorted((part for part in flat if part.shape[1] == 1), key=len, reverse=True)
    distances = sorted((part for part in flat if part.shape[1] == 4), key=len, reverse=True)
    if len(scores) != len(_SCRFD_STRIDES) or len(distances) != len(_SCRFD_STRIDES):
        _refuse(outputs, "scrfd")
    found = [
        _at_stride(score[:, 0], distance, stride, size, threshold)
        for score, distance, stride in zip(scores, distances, _SCRFD_STRIDES, strict=True)
    ]
    return np.concatenate([boxes for boxes, _ in found]), np.concatenate([s for _, s in found])


def _at_stride(scores, distances, stride: int, size, threshold: float) -> Boxes:
    across, down = -(-size[0] // stride), -(-size[1] // stride)
    anchors, rest = divmod(len(scores), across * down)
    if rest or len(scores) != len(distances):
        raise OptionError("this model's output is not of the layout 'scrfd'.")
    sure = np.flatnonzero(scores >= threshold)
    y, x = np.divmod(sure // anchors, across)
    centres = np.stack([x, y, x, y], axis=1) * float(stride)
    return centres + distances[sure] * stride * np.array([-1, -1, 1, 1]), scores[sure]


def _read_yolo(outputs, size, threshold, classes) -> Boxes:
    table = outputs[0].reshape(outputs[0].shape[-2:])
    if table.shape[0] < table.shape[1]:
        table = table.T
    if table.shape[1] < 5:
        _refuse(outputs, "yolo")
    scores = table[:, 4 : None if classes is None else 4 + classes].max(axis=1)
    sure = scores >= threshold
    x, y, width, height = table[sure, :4].T
    boxes = np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1)
    return boxes, scores[sure]


def _read_corners(outputs, size, threshold, classes) -> Boxes:
    table = outputs[0].reshape(-1, outputs[0].shape[-1])
    if table.shape[1] < 5:
        _refuse(outputs, "xyxy")
    table = table[table[:, 4] >= threshold]
    return table[:, :4], table[:, 4]


HEADS = {
    "centerface": Head(0, 1, 0, _read_centerface),
    "scrfd": Head(127.5, 128, 0, _read_scrfd),
    "yolo": Head(0, 255, 114, _read_yolo),
    "xyxy": Head(0, 255, 114, _read_corners),
}


def layout_of(shapes: list[list]) -> str:
    """Tell a layout by what a model says of its outputs.

    Parameters
    ----------
    shapes : list of list
        A shape of each; numbers, or names where they are open.

    Returns
    -------
    str
        One of `HEADS`.

    Raises
    ------
    OptionError
        If it is none of them.
    """
    if len(shapes) == _CENTERFACE_OUTPUTS and all(len(shape) in (0, 4) for shape in shapes):
        return "centerface"
    if len(shapes) in _SCRFD_OUTPUTS:
        return "scrfd"
    if len(shapes) == 1:
        return "xyxy" if shapes[0][-1:] == [_CORNERS_AND_MORE] else "yolo"
    raise OptionError(
        f"a model with outputs of shapes {shapes} is of no known layout. Pass layout= one of "
        f"{', '.join(HEADS)}, or call it yourself and pass boxes=."
    )


def _refuse(outputs, layout: str):
    shapes = [output.shape for output in outputs]
    raise OptionError(f"outputs of shapes {shapes} are not of the layout {layout!r}.")
