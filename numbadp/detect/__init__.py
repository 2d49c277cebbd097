"""Faces found, and boxes from any ONNX model: outside of every guarantee, and nothing hides them.

Statement.  Boxes were found by looking at the picture.  What a guarantee for boxes covers is the
  pixels inside of them; where they lie tells of the picture and is not covered, and what lies
  outside is shown as it was.  A face that is missed is shown: recall is what protects.
  `numbadp.pixelize` never looks by itself.  Copies of pixels that a detector makes are not
  overwritten.
Tested by tests/detect/, and by ``python -m bench faces``, which measures recall.

>>> import numbadp.detect
>>> found = numbadp.detect.faces("street.jpg")  # doctest: +SKIP
>>> boxes = found.grown(0.3).boxes  # doctest: +SKIP
>>> numbadp.pixelize("street.jpg", epsilon=1, boxes=boxes, on_none="whole")  # doctest: +SKIP
"""

from numbadp.detect.centerface import faces
from numbadp.detect.found import Found
from numbadp.detect.model import Detector, onnx

__all__ = ["Detector", "Found", "faces", "onnx"]
