"""Box files of videos: a frame an entry."""

import pytest

from numbadp.cli.video_boxes import read_frame_boxes
from numbadp.errors import OptionError


@pytest.mark.parametrize(
    "text",
    [
        '{"0": [[1, 2, 3, 4]], "7": [[5, 6, 7, 8], [0, 0, 9, 9]]}',
        "frame,left,top,right,bottom\n0,1,2,3,4\n7,5,6,7,8\n7,0,0,9,9\n",
    ],
)
def test_frames_and_their_boxes(tmp_path, text):
    (tmp_path / "boxes").write_text(text)
    boxes = read_frame_boxes(tmp_path / "boxes")
    assert boxes(0) == [(1, 2, 3, 4)]
    assert boxes(7) == [(5, 6, 7, 8), (0, 0, 9, 9)]
    assert boxes(3) == []


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", '{"x": 1}', '{"0": [[1, 2]]}', "{"])
def test_what_is_none(tmp_path, text):
    (tmp_path / "boxes").write_text(text)
    with pytest.raises(OptionError, match="boxes of a video are CSV"):
        read_frame_boxes(tmp_path / "boxes")
    with pytest.raises(OptionError, match="No such file"):
        read_frame_boxes(tmp_path / "none")
