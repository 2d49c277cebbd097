"""Noise on the GPU, in the simulator: the short form, and the scalar sampler behind it."""

import numpy as np
import pytest
from cases import BY_ID, assert_same, every_case, fixed_key
from simulator import planes_of, simulated

from numbadp.mechanism import _pixelize
from numbadp.mechanism.noise import noise_tables


@pytest.mark.parametrize("name", ["batch-ygo-coarse", "grey-two-blocks"])
def test_a_word_that_meets_a_cut_is_decided_by_the_scalar_sampler(name):
    """Where the high half does not decide, the whole value is drawn again, at its address."""
    case = BY_ID[name]
    expected = _pixelize(case.image(), case.plan(), fixed_key()).values
    assert_same(planes_of(simulated(), f"tied-{name}"), expected)


@every_case
def test_cuts_fall(case):
    """Halving needs every slot's cuts in order, highest first."""
    noise = noise_tables(case.plan())
    for cuts, bits in zip(noise.cuts, noise.bits, strict=True):
        at, high = 2, cuts[0].astype(object)
        assert high[0] >= high[1]
        for width in bits.tolist():
            own = high[at : at + (1 << width) - 1]
            assert all(a >= b for a, b in zip(own, own[1:], strict=False))
            at += own.size
        assert at == cuts.shape[1]


def test_exact_sums_are_cleared_as_they_are_read():
    """After a release every unit in scratch is 0, on every row of the table."""
    found = simulated()
    left = [value for key, value in found.items() if key.endswith("units-left")]
    assert len(left) > 20
    assert not any(np.any(value) for value in left)
