"""Tables for painting on the GPU: planes lie behind each other."""

from simulator import run_python


def test_planes_lie_behind_each_other():
    """Starts add up to what is drawn and to the sub-cells, and sides are those of the plan."""
    run_python(
        "from cases import CASES\n"
        "from numbadp.postprocess import paint_tables_cuda as tables\n"
        "from numbadp.postprocess.reconstruct import subgrid\n"
        "for case in CASES:\n"
        "    plan = case.plan()\n"
        "    cells = tables.cells_on_device(plan, 0)[0].copy_to_host()\n"
        "    sides = tables.sides_on_device(plan, 0).copy_to_host()\n"
        "    merges = tables.thresholds_on_device(plan, (), 0).copy_to_host()\n"
        "    wider = tables.thresholds_on_device(plan, (0,), 0).copy_to_host()\n"
        "    assert 2 * wider[0, 1] - 5 * merges[0, 1] in range(-1, 5)\n"
        "    assert (wider[1:] == merges[1:]).all()\n"
        "    starts = subs = 0\n"
        "    for plane, cell, side, merge in zip(plan.planes, cells, sides, merges, strict=True):\n"
        "        assert cell.tolist()[1:] == [*plane.grid, starts]\n"
        "        assert side.tolist()[2:] == [*subgrid(plan, plane), subs] == merge.tolist()[2:]\n"
        "        assert side[0] == plane.subcell and 1 << side[1] == 2 * side[0]\n"
        "        starts += plane.grid[0] * plane.grid[1]\n"
        "        subs += side[2] * side[3]\n"
        "    assert starts * plan.batch == plan.draws\n"
    )
