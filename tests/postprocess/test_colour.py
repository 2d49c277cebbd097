"""What kernels are told of a plan's planes: which conversion, and how much coarser they are."""

import pytest
from cases import Case

from numbadp.postprocess.colour import plane_kind, plane_shifts
from numbadp.postprocess.kernels.paint_body import GREY, RGB, YGO

from .releases import all_cases, channels_of

KINDS = [
    ((8, 8), {}, GREY),
    ((8, 8, 1), {}, GREY),
    ((2, 8, 8, 1), {}, GREY),
    ((8, 8, 3), {}, YGO),
    ((2, 8, 8, 3), {"layout": "uniform"}, YGO),
    ((8, 8, 3), {"planes": "rgb"}, RGB),
    ((2, 8, 8, 3), {"planes": "rgb"}, RGB),
]


@pytest.mark.parametrize(("shape", "options", "kind"), KINDS, ids=str)
def test_kind_follows_the_planes(shape, options, kind):
    """One plane is grey; three are luma and chroma, or R, G and B as asked."""
    assert plane_kind(Case("kind", shape, "1", 1, options).plan()) == kind


@all_cases
def test_shifts_are_the_ratio_of_sub_cell_sides(case):
    """A sub-cell of plane k is 2**shift as wide as the finest.  Oracle: the reference's cells."""
    sides = [max(plane.cell // 2, 1) for plane in case.oracle_plan().planes]
    shifts = plane_shifts(case.plan())
    assert shifts.shape == (3 if channels_of(case) == 3 else 1,)
    assert [sides[0] * 2 ** int(shift) for shift in shifts] == sides


def test_single_pixels_may_have_chroma_of_the_same_sub_cells():
    """Cells of 1 and 2 pixels both have sub-cells of one pixel: shift 0."""
    plan = Case("pixels", (20, 20, 3), "40", 1, {"cell": 1}).plan()
    assert [p.cell for p in plan.planes] == [1, 2, 2]
    assert plane_shifts(plan).tolist() == [0, 0, 0]
