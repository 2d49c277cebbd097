"""XML as CVAT exports it for pictures."""

import pytest

from numbadp.cli.boxes.shapes import BoxError
from numbadp.cli.boxes.xml_files import read_xml
from numbadp.errors import OptionError


def cvat(inside, size='width="60" height="40"'):
    """A file with one picture."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<annotations><version>1.1</version><meta/>'
        f'<image id="0" name="sub/a.png" {size}>{inside}</image>'
        '<image id="1" name="b.png" width="1" height="1"/></annotations>'
    )


BOX = '<box label="face" xtl="10.5" ytl="5" xbr="20" ybr="15.01" occluded="0">%s</box>'


def test_all_shapes_with_an_area():
    shapes = [
        BOX % '<attribute name="x">y</attribute>',
        '<polygon points="1,1;9.5,1;5,8"/>',
        '<ellipse cx="10" cy="10" rx="2.5" ry="4"/>',
        '<mask rle="1" left="3" top="4" width="5" height="6"/>',
        '<box xtl="0" ytl="0" xbr="4" ybr="2" rotation="90.00"/>',
        '<tag label="x"/>',
    ]
    first, second = read_xml(cvat("".join(shapes)), "a.xml")
    assert (first.key, second.key) == ("sub/a.png", "b.png")
    *found, last = first.pixels(60, 40)
    assert found == [(10, 5, 20, 16), (1, 1, 10, 8), (7, 6, 13, 14), (3, 4, 8, 10)]
    assert last[0] <= 1 and last[1] <= -1 and last[2] >= 3 and last[3] >= 3
    assert second.pixels(1, 1) == []
    with pytest.raises(BoxError, match="60 x 40"):
        first.pixels(40, 60)


@pytest.mark.parametrize(
    "wrong",
    ['<box xtl="nan" ytl="5" xbr="20" ybr="15"/>', '<box xtl="1" ytl="5" xbr="20"/>',
     '<box xtl="20" ytl="5" xbr="1" ybr="15"/>', '<polygon points=""/>', '<polygon points="1;2"/>',
     '<polyline points="1,1;5,5"/>', '<points points="1,1"/>', '<cuboid xtl1="1"/>', "<skeleton/>",
     '<ellipse cx="1" cy="1" rx="0" ry="4"/>', '<mask left="1" top="1" width="-3" height="1"/>',
     '<box xtl="1" ytl="5" xbr="20" ybr="15" rotation="x"/>'],
)  # fmt: skip
def test_shapes_that_make_no_sense_are_faults(wrong):
    entry, _ = read_xml(cvat((BOX % "") + wrong), "a.xml")
    with pytest.raises(BoxError):
        entry.pixels(60, 40)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<annotations>", "intact"),
        ("<a/>", "form for images"),
        ("<annotation><filename>a.png</filename></annotation>", "form for images"),
        ('<annotations><image name="a"/><track id="0"/></annotations>', "form for images"),
        ('<annotations><image id="0"/></annotations>', "without a name"),
        ('<annotations><image name="a"/><image name="a"/></annotations>', "twice"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><annotations><image name="a"/></annotations>', "declares"),
    ],
)
def test_other_xml_is_refused(text, words):
    with pytest.raises(OptionError, match=words):
        read_xml(text, "a.xml")
