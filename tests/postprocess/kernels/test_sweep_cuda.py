"""The iteration on the GPU: tiles with halos give what the CPU's rows give, and it shows."""

from gpu_child import ITERATIONS, PAINTED
from simulator import simulated

from postprocess.painted import fewer_iterations


def test_the_iterations_show():
    """Power: with one iteration less the CPU's picture differs."""
    from cases import fixed_key

    from numbadp.mechanism import _pixelize

    case = next(case for case in PAINTED if case.id == "tiles-grey")
    with fewer_iterations(ITERATIONS - 1):
        fewer = _pixelize(case.image(), case.plan(), fixed_key()).render("smooth")
    assert (fewer != simulated()["tiles-grey/smooth"]).any()
