"""YOLO labels and CSV."""

import numpy as np
import pytest

from numbadp.cli.boxes.shapes import BoxError
from numbadp.cli.boxes.tables import read_csv, read_yolo
from numbadp.errors import OptionError


def test_yolo_labels():
    entry = read_yolo("0 0.5 .5 0.2 0.1\n\n2 0.25 0.25 0.5 0.5 0.93\r\n", "sub/a")
    assert (entry.key, entry.stem) == ("sub/a", True)
    assert entry.pixels(60, 40) == [(24, 18, 36, 22), (0, 0, 30, 20)]
    polygon = read_yolo("0 0.1 0.1 0.5 0.1 0.3 0.9", "a")
    assert polygon.pixels(60, 40) == [(6, 4, 30, 36)]
    assert read_yolo("", "a").pixels(60, 40) == []
    assert read_yolo("0 0.5 0.5 1.000001 1", "a").pixels(60, 40) == [(0, 0, 60, 40)]


@pytest.mark.parametrize(
    "points",
    [".45 .45 .55 .45 .5 .5 .46 .58 .54 .58", ".5 .5", ".45 .45 1 .55 .45 0", "0 0 0 0 0 0",
     "0.39 0.4 0.45 0.3", ".1 .1 0 .9 .9 0", "0.9 0.9 0.5 0.5"],
)  # fmt: skip
def test_landmarks_and_poses_leave_nothing_of_their_box_bare(points):
    """They look like polygons: whatever the line may mean is covered."""
    numbers = f".5 .5 .25 .3 {points}"
    covered = np.zeros((60, 80), bool)
    for left, top, right, bottom in read_yolo(f"0 {numbers}", "a").pixels(80, 60):
        covered[max(top, 0) : bottom, max(left, 0) : right] = True
    assert covered[21:39, 30:50].all()
    shares = [float(word) for word in numbers.split()]
    for x, y in zip(shares[::2], shares[1::2], strict=True):
        row, column = min(round(y * 60), 60), min(round(x * 80), 80)
        assert covered[max(row - 1, 0) : row + 1, max(column - 1, 0) : column + 1].any()


@pytest.mark.parametrize(
    "points", [".45 .45 2", ".45 .45 2 .55 .45 1", ".45 .45 1", ".4 .4 .5 .5 .9", "-1 -1 .5 .5"]
)
def test_poses_that_are_not_read_are_faults(points):
    """Neither a polygon nor a box with points, or with visibilities beyond 1: nothing is guessed."""
    with pytest.raises(BoxError, match="^line 1: "):
        read_yolo(f"0 .5 .5 .25 .3 {points}", "a").pixels(80, 60)


def test_polygons_at_the_rim_and_far_from_any_box_stay_polygons():
    assert read_yolo("0 .5 .5 0 .5 .2 .9", "a").pixels(80, 60) == [(0, 30, 40, 54)]
    assert read_yolo("0 .9 .9 .1 .1 .5 .4 .3 .2", "a").pixels(80, 60) == [(8, 6, 72, 54)]


@pytest.mark.parametrize(
    "line", ["0 0.5 0.5 0.2", "0 320 240 50 50", "0 0.5 0.5 -0.2 0.1", "0 0.5 0.5 0 0.1",
             "0 nan 0.5 0.1 0.1", "0 0.5 inf 0.1 0.1", "face 0.5 0.5 0.1 0.1", "hello", "0",
             "0 0.5 0.5 0.1 0.1 0.9 0.9 2", "0 -0.5 0.5 0.1 0.1"],
)  # fmt: skip
def test_wrong_yolo_lines_are_faults_that_name_the_line(line):
    entry = read_yolo(f"0 0.5 0.5 0.2 0.1\n{line}\n", "a")
    with pytest.raises(BoxError, match="^line 2: "):
        entry.pixels(60, 40)


@pytest.mark.parametrize(
    "text",
    [
        "filename,left,top,right,bottom\na.png,1,2,3.5,4\nb.png,,,,\na.png,0,0,9,9\n",
        "sep=;\r\nFile_Name;XMin;YMin;XMax;YMax;class\r\na.png;1;2;3.5;4;face\r\nb.png;;;;;\r\n"
        "a.png;0;0;9;9;x\r\n",
        "label\timage\tx\ty\twidth\theight\nface\ta.png\t1\t2\t2.5\t2\n\tb.png\nf\ta.png\t0\t0\t9\t9",
        "a.png,1,2,3.5,4,face\nb.png,,,,,\na.png,0,0,9,9,face\n",
        "filename,width,height,class,xmin,ymin,xmax,ymax\na.png,60,40,f,1,2,3.5,4\n"
        "b.png,60,40,,,,,\na.png,60,40,f,0,0,9,9\n",
    ],
)
def test_tables_of_several_programs(text):
    found = {entry.key: entry for entry in read_csv(text, "boxes.csv")}
    assert found["a.png"].pixels(60, 40) == [(1, 2, 4, 4), (0, 0, 9, 9)]
    assert found["b.png"].pixels(60, 40) == []


def test_the_size_of_the_picture_is_held_to():
    text = (
        "filename,width,height,xmin,ymin,xmax,ymax\na,40,60,1,2,3,4\nb,60,40,0,0,1,1\nb,6,4,0,0,1,1"
    )
    for entry in read_csv(text, "boxes.csv"):
        with pytest.raises(BoxError):
            entry.pixels(60, 40)


@pytest.mark.parametrize(
    "row", ["a.png,1,2,3", "a.png,1,2,x,4", "a.png,5,5,1,1", "a.png,1,nan,3,4", "a.png,1,,3,4",
            "a.png,0.1,0.2,0.3,0.4", "a.png,1,2,inf,9"],
)  # fmt: skip
def test_wrong_lines_are_faults(row):
    (entry,) = read_csv(f"filename,left,top,right,bottom\n{row}\n", "boxes.csv")
    with pytest.raises(BoxError):
        entry.pixels(60, 40)


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "hello", "a,b,c,d,e\n1,2,3,4,5", "filename,left,top\na,1,2", "left,top,right,bottom\n"
     "1,2,3,4", "name,left,left,right,bottom\na,1,2,3,4", "name,left,top,right,bottom\n,1,2,3,4",
     "a\0,1,2,3,x"],
)  # fmt: skip
def test_what_is_no_table_of_boxes_is_refused(text):
    with pytest.raises(OptionError, match="table of boxes|without the name"):
        read_csv(text, "boxes.csv")
