"""The temporal filter's twin on the GPU, in the simulator: the CPU's bits, frame by frame."""

import numpy as np
import pytest
from gpu_steady import SIZES, frames, planes_for
from simulator import run_python, simulated

COMMON = (
    "import numpy as np\nfrom fractions import Fraction\n"
    "from numbadp.compute.device import table\n"
    "from numbadp.mechanism.planning import build_plan\n"
    "from numbadp.postprocess.steady_plane import SteadyPlane\n"
    "from numbadp.postprocess.steady_plane_cuda import DevicePlane\n"
    "cell, rows, columns = 8, ROWS, COLUMNS\n"
    "scale = Fraction(round(12 / np.sqrt(2) * 64))\n"
    "plan = build_plan((rows * cell - 3, columns * cell - 5), epsilon=Fraction(255 * 16) / scale,\n"
    "                  m=16, cell=cell)\n"
    "rng = np.random.default_rng(6)\n"
    "def frame(t, shift=0.0, light=1.0):\n"
    "    y, x = np.mgrid[0:rows, 0:columns]\n"
    "    wall = 90 + 40 * np.sin((x + shift) / 3.0) + 30 * np.cos(y / 4.0)\n"
    "    wall[5:11, 2 + t % 12 : 7 + t % 12] += 60\n"
    "    noisy = light * wall + rng.laplace(0, 12 / np.sqrt(2), wall.shape)\n"
    "    return np.rint(noisy * cell * cell).astype(np.int64).ravel()\n"
    "def same(cpu, gpu):\n"
    "    for name, a, b in (('shown', cpu.shown, gpu.shown), ('noise', cpu.noise, gpu.noise),\n"
    "                       ('told', cpu.told, gpu.told), ('moving', cpu._marks[1], gpu.moving)):\n"
    "        np.testing.assert_array_equal(a, b.copy_to_host(), err_msg=f'{name} {t}')\n"
    "cpu = SteadyPlane(plan, plan.planes[0])\ngpu = DevicePlane(cpu, 0)\n"
)


def script(rows, columns):
    """Build the beginning of a script of a grid of this size."""
    return COMMON.replace("ROWS", str(rows)).replace("COLUMNS", str(columns))


@pytest.mark.parametrize(
    ("size", "story", "restarts"),
    [((18, 21), "frame(t)", 0), ((18, 21), "frame(0) if t < 5 else 255 * 64 - frame(3)", 1),
     ((18, 21), "frame(0, 2.0 * t)", 1), ((7, 21), "frame(t)", 0)],
    ids=["walk", "cut", "pan", "few rows"],
)  # fmt: skip
def test_frames_equal_the_cpu(size, story, restarts):
    """What is shown and its noise, flags, and what the whole grid says."""
    run_python(
        script(*size) + "restarts = 0\nfor t in range(8):\n"
        f"    sums = {story}\n"
        "    (cpu.lead if t else cpu.start)(sums)\n"
        "    (gpu.lead if t else gpu.start)(table(sums))\n"
        "    same(cpu, gpu)\n"
        "    restarts += t > 0 and bool(cpu.told[0])\n"
        f"assert restarts >= {restarts}, restarts\n"
    )


def test_new_light_equals_the_cpu():
    """The background follows it: the whole grid says so, and step 3 is done again."""
    run_python(
        script(36, 40) + "for t in range(4):\n"
        "    sums = frame(0, light=1.0 if t < 3 else 1.06)\n"
        "    (cpu.lead if t else cpu.start)(sums)\n"
        "    (gpu.lead if t else gpu.start)(table(sums))\n"
        "    same(cpu, gpu)\n"
        "assert cpu.told[2] > 40, cpu.told\n"
    )


def test_a_plane_that_follows_equals_the_cpu():
    """On cells twice as wide; a cut of the leader is one of the follower."""
    run_python(
        script(18, 21) + "wide = build_plan(plan.shape, epsilon=Fraction(255 * 16) / scale, m=16,\n"
        "                          cell=2 * cell)\n"
        "after = SteadyPlane(wide, wide.planes[0])\nbehind = DevicePlane(after, 0)\n"
        "for t in range(7):\n"
        "    sums = frame(t) if t < 4 else 255 * 64 - frame(t)\n"
        "    coarse = np.add.reduceat(np.add.reduceat(sums.reshape(rows, columns),\n"
        "        np.arange(0, rows, 2), 0), np.arange(0, columns, 2), 1).ravel()\n"
        "    for one, other, own, flat in ((cpu, None, sums, 0), (after, cpu, coarse, 1)):\n"
        "        if t == 0:\n            one.start(own)\n"
        "        elif other is None:\n            one.lead(own)\n"
        "        else:\n            one.follow(own, other)\n"
        "    if t == 0:\n        gpu.start(table(sums)), behind.start(table(coarse))\n"
        "    else:\n        gpu.lead(table(sums)), behind.follow(table(coarse), gpu)\n"
        "    same(cpu, gpu)\n"
        "    for a, b in ((after.shown, behind.shown), (after.noise, behind.noise)):\n"
        "        np.testing.assert_array_equal(a, b.copy_to_host(), err_msg=str(t))\n"
        "    np.testing.assert_array_equal(after.told[:1], behind.told.copy_to_host()[:1])\n"
    )


@pytest.mark.parametrize("story", SIZES)
def test_stories_equal_the_cpu(story):
    """Every kernel's lines run in these, and on a device they are compared as well."""
    first, second = planes_for(SIZES[story])
    for t, (sums, coarse) in enumerate(frames(story)):
        if t == 0:
            first.start(sums)
            second.start(coarse)
        else:
            first.lead(sums)
            second.follow(coarse, first)
        for name, plane in (("first", first), ("second", second)):
            found = simulated()[f"steady/{story}/{t}/{name}"]
            np.testing.assert_array_equal(found, plane.shown, err_msg=str(t))


def test_blocks_are_marked_in_the_child_too():
    assert simulated()["steady/pooled"].tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 1]]
