"""The denoiser of steadied frames on the GPU, in the simulator: the CPU's bits, frame by frame."""

import pytest
from simulator import run_python

SETUP = """
import numpy as np
from fractions import Fraction
from numbadp.compute.device import table
from numbadp.mechanism.planning import build_plan
from numbadp.postprocess import steady_denoise_cuda, steady_plane
from numbadp.postprocess.kernels import steady_denoise_cuda as kernels
from numbadp.postprocess.steady_plane import Pace, SteadyPlane
kernels.ACROSS_BLOCK, kernels.DOWN_BLOCK, kernels.HALO = 25, 14, 2
cold = Pace(3, 0, np.float32(-1), np.float32(-1), 1, 'rows')
steady_plane.COLD = steady_denoise_cuda.COLD = cold
plan = build_plan((17 * 8 - 3, 21 * 8 - 5), epsilon=Fraction(255 * 16, 543), m=16, cell=CELL)
plane, rng = plan.planes[0], np.random.default_rng(8)
cpu = SteadyPlane(plan, plane, Pace(2, 1, np.float32(0.4), np.float32(1 / 24), 4, 'UNIT'))
gpu = steady_denoise_cuda.DeviceDenoiser(cpu, 0)
def draw(noise, told=(0, 0, 0, 0, 1)):
    cpu.told[:] = told
    cpu._cold |= bool(told[0])
    cpu.noise[:] = noise * cpu.v
    cpu.shown[:] = rng.normal(120, 90, plane.grid)
    found = gpu.draw(*map(table, (cpu.shown, cpu.noise, cpu.told))).copy_to_host()
    before = cpu._drawn.copy()
    wanted = cpu.denoised()
    np.testing.assert_array_equal(found.reshape(wanted.shape[1:]), wanted[0])
    return wanted[0] != before[0]
"""


LATER = "draw(0.01, (0, 0, 41, 0, 1))\ndraw(1, (1, 0, 0, 1, 1))\n"


@pytest.mark.parametrize(
    ("unit", "share", "later"),
    [("rows", "> 0.9", ""), ("blocks", "< 0.6", LATER)],
    ids=["rows", "blocks"],
)
def test_frames_equal_the_cpu(unit, share, later):
    """A first frame, blocks that are new and that have settled, new light, a cut."""
    run_python(
        SETUP.replace("UNIT", unit).replace("CELL", "8") + "draw(1)\n"
        "noise = np.full(plane.grid, 0.01, np.float32)\n"
        "noise[2, 18], noise[9, 3] = 0.9, 0.2\n"
        f"draw(noise)\nchanged = draw(noise).mean()\nassert changed {share}, changed\n"
        "np.testing.assert_array_equal(cpu.turns, gpu.turns.copy_to_host())\n" + later
    )


def test_single_pixels_are_shown_as_they_are():
    run_python(
        SETUP.replace("UNIT", "blocks").replace("CELL", "1").replace("17 * 8", "17")
        .replace("21 * 8", "21") + "draw(1)\ndraw(0.1)\n"
    )  # fmt: skip
