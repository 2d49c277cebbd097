"""The iteration on the GPU, in the simulator, where nothing is blurred by flat leaves."""

import pytest
from gpu_child import PAINTED

from postprocess.painted import assert_equals_cpu


@pytest.mark.parametrize("name", [case.id for case in PAINTED])
def test_smooth_pictures_equal_the_cpu(name):
    assert_equals_cpu(name, "smooth")
