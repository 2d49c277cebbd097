"""Raw statistics on the GPU, in the simulator: strides do not matter, edges do."""

from simulator import run_python


def test_strided_pictures_give_the_leaves_of_packed_ones():
    """All three scores, on planes, padded, every-other and flipped pictures."""
    run_python(
        "import warnings\n"
        "import numpy as np\n"
        "from cases import fixed_key\n"
        "import gpu_child\n"
        "from gpu_child import Exported, memory_layouts\n"
        "from layout_cases import LayoutCase, scene\n"
        "from numbadp.mechanism import _pixelize\n"
        "from numbadp.plan.rules import ExactLayout\n"
        "gpu_child.picture = scene\n"
        "image, views = memory_layouts()\n"
        "limits = {'variance': 10000, 'range': 200, 'gradient': 15000}\n"
        "for score, view in zip(limits, ('planes', 'padded-rows', 'upside-down')):\n"
        "    rule = ExactLayout(score, thresholds=(limits[score],), coarsest=8)\n"
        "    plan = LayoutCase('s', (18, 32, 3), '9', 1, {'cell': 4}, rule).plan()\n"
        "    expected = _pixelize(image, plan, fixed_key())\n"
        "    found = _pixelize(Exported(views[view]), plan, fixed_key())\n"
        "    assert (found.layout.levels == expected.layout.levels).all()\n"
        "    assert len(np.unique(expected.layout.levels)) == 2, score\n"
    )
