"""The twin of `shrink` on the GPU, in the simulator."""

import pytest
from gpu_child import PAINTED
from gpu_layouts import BY_NAME

from postprocess.mixed_painted import assert_mixed_equals_cpu
from postprocess.painted import assert_equals_cpu


@pytest.mark.parametrize("name", [case.id for case in PAINTED])
def test_whole_pictures_equal_the_cpu(name):
    assert_equals_cpu(name, "smooth")


@pytest.mark.parametrize("name", BY_NAME)
def test_mixed_leaves_and_regions_equal_the_cpu(name):
    assert_mixed_equals_cpu(name, "smooth")
