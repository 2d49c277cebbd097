"""Releases of faces against a solid box, on faces that are drawn here."""

import numpy as np
import pytest

from bench import solid
from bench.faces import Faces


@pytest.fixture(scope="module")
def section():
    across = np.linspace(60, 180, 40)
    pictures = np.stack([np.tile(across + shift, (48, 1)) for shift in (0, 10)]).astype(np.uint8)
    faces = Faces("drawn", pictures, np.array([0, 1]))
    return solid.measure_solid(faces, releases=2, scales=(1, 10**6)), pictures


def test_the_box_is_one_grey_and_its_error_exact(section):
    found, pictures = section
    assert found["grey"] == 128
    assert found["box"] == pytest.approx(((pictures.astype(float) - 128) ** 2).mean())


def test_little_noise_beats_the_box_and_much_does_not(section):
    clear, noisy = section[0]["rows"]
    for style in solid.STYLES:
        assert clear["least"][style] <= clear["mse"][style] <= clear["most"][style]
        assert clear["mse"][style] < section[0]["box"] / 5
        assert noisy["mse"][style] > section[0]["box"]


def test_the_table_ends_with_the_box(section):
    text = solid.render_solid(section[0])
    assert text.splitlines()[4].startswith("| solid box")
    assert "2 faces (drawn), mean over 2 releases" in text
