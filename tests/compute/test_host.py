"""Numbers in host memory, from wherever they lie; device arrays: tests/release and tests/gpu."""

import numpy as np

from numbadp.compute.host import on_host


def test_a_host_array_is_handed_back_as_it_is():
    """No copy of what lies in host memory already, whatever its strides."""
    array = np.arange(6).reshape(2, 3)[:, ::2]
    assert on_host(array) is array
