"""The reader of release files, against a file that is written out by hand."""

from fractions import Fraction

from . import dpz

HEAD = (
    b"\1\0\2" + b"\1\0\2" + b"\1\0\3"  # two sides, 2 x 3
    b"\1\0\1" + b"\1\0\2"  # epsilon 1 / 2
    b"\1\0\5" + b"\1\0\4" + b"free" + b"\0\0"  # m = 5, layout, set 0
    b"\1\0\2" + b"\2\0\x00\x01"  # cell 2, sensitivity 256
    b"\1\0\7" + b"\1\0\1" + b"\0\0" + b"\1\0\1"  # scale 7, tau 0
)
GUARANTEE = (
    b"\1\0\1" + b"x" + b"\1\0\1" + b"\0\0" + b"\0\0" + b"\1\0\1"  # claim, epsilon 1 / 0, tau
    b"\1\0\5" + b"\1\0\1" + b"\1\0\1" + b"\1\0\1" + b"\0\0"
)


def test_a_release_written_by_hand():
    """Numbers -3 and 200, as differences: -3, 203; in zigzag 5 and 406."""
    values = b"\1\0\1" + b"\1\0\2" + dpz.stored(bytes([5, 406 - 256])) + dpz.deflated(b"\0\1")
    found = dpz.read(dpz.joined([(b"HEAD", HEAD), (b"GUAR", GUARANTEE), (b"VALS", values)]))
    assert found["values"] == [[-3, 200]]
    assert found["head"]["epsilon"] == Fraction(1, 2) and found["head"]["shape"] == (2, 3)
    assert found["head"]["planes"] == [dpz.Plane("grey", 2, 256, 7, 0)]
    assert found["guarantee"]["epsilon"] == float("inf") and found["guarantee"]["stages"] == []


def test_a_mosaic_written_by_hand():
    """A split of 2 x 3 sub-cells into a leaf of 2 x 2 and two of 1 x 1, of 10, 20 and 250."""
    bits = bytes([0b11110100])  # of 32, 16, 8 and 4 the first is split; of 2 x 2 the second
    leaves = dpz.stored(bytes([(10 - 128) % 256, 10, (250 - 20) % 256]))
    parts = [(b"TREE", dpz.count(len(bits)) + dpz.stored(bits)), (b"LEAF", leaves)]
    found = dpz.read(dpz.joined([(b"HEAD", HEAD), (b"GUAR", GUARANTEE), *parts]))
    assert found["levels"] == [[[4, 4, 5], [4, 4, 5]]]
    assert found["planes"] == [[[[10, 10, 20], [10, 10, 250]]]]
    assert found["pictures"] == [[[(10,), (10,), (20,)], [(10,), (10,), (250,)]]]
