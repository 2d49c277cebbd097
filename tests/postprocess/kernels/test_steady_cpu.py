"""The filter's passes: the same bits whoever runs them, and edges."""

import numpy as np
import pytest

import numbadp
from numbadp.compute.workers import threads


def film(shape, frames=6):
    generator = np.random.default_rng(3)
    still = generator.integers(0, 255, shape, np.uint8)
    return [np.roll(still, t, 1) if t > 3 else still for t in range(frames)]


@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (41, 7), (50, 70, 3), (33, 65, 3)])
def test_any_size_is_filtered(shape):
    pixelizer, steady = numbadp.Pixelizer(shape, epsilon=1), numbadp.TemporalFilter()
    for frame in film(shape):
        release = pixelizer(frame)
        found = steady.steady(release)
        assert found.render().shape == shape
        assert [v.shape for v in found.values] == [v.shape for v in release.values]


def test_the_bits_do_not_depend_on_threads():
    shape = (270, 400, 3)  # large enough for several threads
    pixelizer = numbadp.Pixelizer(shape, epsilon=16)
    released = [pixelizer(frame) for frame in film(shape)]
    found = []
    for count in (1, 2, 3):
        with threads(count):
            steady = numbadp.TemporalFilter()
            found.append([steady.steady(release).render("smooth") for release in released])
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(a, b)
