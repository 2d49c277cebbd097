"""Mixed leaves, splits and regions on the GPU, in the simulator: the bits of the CPU, nothing left."""

import numpy as np
import pytest
from cases import assert_same, fixed_key
from gpu_layouts import BY_NAME, FROM_HOST, MIXED
from simulator import planes_of, run_python, simulated

from numbadp.mechanism import _pixelize


def on_cpu(case):
    """Return the release of the CPU."""
    return _pixelize(case.image(), case.plan(), fixed_key())


@pytest.mark.parametrize("name", MIXED)
def test_releases_equal_the_cpu(name):
    """Values, decided levels, and the pixels outside of a region."""
    expected, found = on_cpu(MIXED[name]), simulated()
    assert_same(planes_of(found, name), expected.values)
    if expected.layout.levels is not None:
        np.testing.assert_array_equal(found[f"{name}/leaves"], expected.layout.levels)
    if expected.background is not None:
        np.testing.assert_array_equal(found[f"{name}/background"], expected.background)


@pytest.mark.parametrize("name", MIXED)
def test_nothing_private_is_left_behind(name):
    """Sums, raw statistics, what is decided on those, and copies of a region are cleared."""
    watched, full = simulated()[f"{name}/private-left"]
    case = MIXED[name]
    assert watched == 1 + 2 * (case.kind == "exact") + (case.covered() is not None)
    assert full == 0


@pytest.mark.parametrize(("name", "arrays"), [("small-mask", 2), ("small-range", 3)])
def test_a_failing_launch_leaves_nothing_private(name, arrays):
    """The last kernel fails after sums, contrasts and copies were made."""
    found = simulated()
    assert found[f"failed-{name}/raised"].all()
    assert found[f"failed-{name}/private-left"].tolist() == [arrays, 0]


def test_unpaid_levels_are_no_more_published_after_a_failure():
    """With the exact layout nothing that was made is left, levels among it."""
    left = simulated()["failed-small-range/anything-left"]
    assert len(left) == 4 and not left.any()


def test_the_cases_decide_both_ways():
    """Power: private and exact layouts of the table have leaves of two sizes and more."""
    found = simulated()
    for name in ("private-grey", "private-rgb", "private-mixed-blocks", "exact-ygo"):
        assert len(np.unique(found[f"{name}/leaves"])) >= 2


def test_pictures_in_host_memory():
    """backend="cuda" gives values, background and pictures in host memory, and the same bits."""
    expected, found = on_cpu(BY_NAME[FROM_HOST]), simulated()
    assert_same(planes_of(found, "mixed-host"), expected.values)
    np.testing.assert_array_equal(found["mixed-host/leaves"], expected.layout.levels)
    np.testing.assert_array_equal(found["mixed-host/background"], expected.background)


@pytest.mark.parametrize(("name", "arrays"), [("small-mask", 3), ("small-range", 4)])
@pytest.mark.parametrize("ending", ["done", "failed"])
def test_private_memory_is_let_go_when_it_is_cleared(name, arrays, ending):
    """Sums, statistics, unpaid flags, a region's copy and the units; after an error all that was made."""
    run_python(
        "from cases import fixed_key\nfrom gpu_layouts import BY_NAME\n"
        "from numbadp.compute import device\nfrom numbadp.compute.gpu import cuda\n"
        "from numbadp.mechanism import _pixelize, run_cuda, run_leaves_cuda\n"
        "seen = []\n"
        "def let_go(stream, *arrays):\n"
        "    seen.extend(bool(getattr(a, 'sums', a).copy_to_host().any()) for a in arrays)\n"
        "for module in (device, run_cuda, run_leaves_cuda):\n    module.let_go = let_go\n"
        f"case, failed = BY_NAME[{name!r}], {ending == 'failed'}\n"
        "if failed:  # a kernel that cannot be launched\n"
        "    run_leaves_cuda.leaves_cuda.leaves_cuda = None\n"
        "try:\n    _pixelize(cuda.to_device(case.image()), case.plan(), fixed_key())\n"
        "except TypeError:\n    assert failed\n"
        f"assert not any(seen) and len(seen) == {arrays} + failed * {2 + (name == 'small-mask')}, seen\n"
    )


def test_raw_statistics_of_a_part_of_the_batch_at_a_time():
    """In memory for one picture and for two of three: the bits of the CPU."""
    run_python(
        "import numpy as np\nfrom cases import fixed_key\nfrom gpu_child import use_small_blocks\n"
        "from layout_cases import LayoutCase\nfrom numbadp.compute.gpu import cuda\n"
        "from numbadp.mechanism import _pixelize, leaf_tables_cuda\n"
        "from numbadp.plan.rules import ExactLayout\nuse_small_blocks()\n"
        "case = LayoutCase('x', (3, 9, 13, 1), '3', 1, {'cell': 4}, ExactLayout('range'))\n"
        "expected = _pixelize(case.image(), case.plan(), fixed_key())\n"
        "squares = leaf_tables_cuda.leaf_tables_on_device(case.plan(), 0).pitch // 3\n"
        "for pictures in (1, 2):\n"
        "    leaf_tables_cuda._STATISTICS_BYTES = 48 * squares * pictures\n"
        "    leaf_tables_cuda.leaf_tables_on_device.cache_clear()\n"
        "    assert leaf_tables_cuda.leaf_tables_on_device(case.plan(), 0).part == pictures\n"
        "    found = _pixelize(cuda.to_device(case.image()), case.plan(), fixed_key())\n"
        "    assert (found.layout.levels == expected.layout.levels).all()\n"
        "    assert (found.to_host().values[0] == expected.values[0]).all()\n"
        "assert len(np.unique(expected.layout.levels)) > 1\n"
    )
