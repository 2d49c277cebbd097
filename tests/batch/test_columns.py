"""Batches in the forms that engines have, and back."""

import numpy as np
import pytest
from PIL import Image

from numbadp.batch.columns import is_table, read_columns, read_list, with_columns
from numbadp.errors import OptionError, OptionTypeError


def numbered(columns):
    """A new column that counts the rows."""
    return {"n": list(range(len(columns["path"])))}


def test_new_columns_are_of_the_old_ones_kind():
    """Arrays for arrays, lists for lists, a value for a single row; the old ones stay."""
    arrays = with_columns({"path": np.array(["a", "b"])}, numbered)
    assert arrays["n"].dtype == object and arrays["n"].tolist() == [0, 1]
    assert arrays["path"].tolist() == ["a", "b"]
    assert with_columns({"path": ["a", "b"]}, numbered)["n"] == [0, 1]
    assert with_columns({"path": "a", "label": 3}, numbered) == {"path": "a", "label": 3, "n": 0}


def test_data_frames_stay_data_frames():
    """pandas' own, which Dask's partitions are."""
    pandas = pytest.importorskip("pandas")
    frame = with_columns(pandas.DataFrame({"path": ["a", "b"], "label": [1, 2]}), numbered)
    assert list(frame["n"]) == [0, 1] and list(frame.columns) == ["path", "label", "n"]


def test_what_has_columns():
    """Dictionaries and frames, nothing else."""
    assert is_table({}) and not any(map(is_table, ([], "a", np.zeros(3), (1,))))


def test_contents_and_ids_are_found_by_name():
    """Bytes or images before paths, given ids before those of paths."""

    def upper(path):
        return path.upper()

    assert read_columns({"path": ["a"]}, upper) == (["a"], ["A"])
    assert read_columns({"path": ["a"], "bytes": [b"x"]}, upper) == ([b"x"], ["A"])
    assert read_columns({"path": ["a"], "id": [7]}, upper) == (["a"], ["7"])
    assert read_columns({"image": [1], "id": ["i"]}, upper) == ([1], ["i"])
    for columns in ({"image": [1]}, {"id": ["i"]}, {}, {"file": ["a"]}):
        with pytest.raises(OptionError, match='needs the column "path"'):
            read_columns(columns, upper)


def test_lists_of_anything_and_single_pictures():
    """One array of numbers, one file's bytes and one PIL image are one input."""
    picture = np.zeros((4, 4), np.uint8)
    assert read_list(["a", "b"], None) == (["a", "b"], [None, None])
    assert read_list(iter(["a"]), ["i"]) == (["a"], ["i"])
    assert read_list(np.array(["a", "b"]), None)[0] == ["a", "b"]
    for one in (picture, b"abc", bytearray(b"abc"), Image.new("L", (2, 2))):
        found, ids = read_list(one, "i")
        assert found[0] is one and ids == ["i"]
    with pytest.raises(OptionError, match="2 inputs have 1 ids"):
        read_list(["a", "b"], ["i"])
    with pytest.raises(OptionTypeError, match="a batch must be"):
        read_list(7, None)
