"""An ONNX file without its sizes runs on any, and everything else in it stays.  Oracle: onnxruntime."""

import numpy as np
import pytest

from numbadp.detect.wire import fields, loosened
from numbadp.errors import FileFormatError
from tests.detect.models import doubling


def run(model, shape):
    onnxruntime = pytest.importorskip("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
    return session.run(None, {"pictures": np.ones(shape, np.float32)})[0]


def test_a_loosened_model_takes_any_size():
    model = doubling((1, 3, 4, 4))
    with pytest.raises(Exception, match="dimensions"):
        run(model, (1, 3, 5, 6))
    found = run(loosened(model), (1, 3, 5, 6))
    np.testing.assert_array_equal(found, np.full((1, 3, 5, 6), 2, np.float32))


def test_all_bytes_are_in_some_field():
    model = doubling((1, 3, 4, 4))
    assert b"".join(raw for _, _, raw in fields(model)) == model


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_cut_file_is_refused_in_one_sentence(cut):
    with pytest.raises(FileFormatError, match="no intact ONNX file"):
        loosened(doubling((1, 3, 4, 4))[:-cut])


@pytest.mark.parametrize("content", [b"\xff" * 30, b"\x0f\x01", b"PK\x03\x04" * 9])
def test_other_files_are_refused(content):
    with pytest.raises(FileFormatError):
        loosened(content)
