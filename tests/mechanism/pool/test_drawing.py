"""Noise of stages: every law at addresses of its own, independent over planes."""

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from cases import fixed_key
from oracles import laws as oracle
from oracles import noise

from numbadp.mechanism.pool.cube import draw_radii
from numbadp.mechanism.pool.drawing import (
    CUBE_STAGE,
    GAUSS_STAGE,
    LAPLACE_STAGE,
    RADIUS_STAGE,
    add_noise,
)
from numbadp.mechanism.pool.gauss import gauss_tables
from numbadp.plan.laws import Change, Law, PoolStage

PARAMETERS = {
    "laplace": Fraction(17, 3),
    "cube": Fraction(9),
    "gauss": gauss_tables(Fraction(30)).variance,
}
laws = pytest.mark.parametrize("kind", list(PARAMETERS))


def noise_of(kind, plane=0, vectors=2, size=50, salt=5):
    """Return a stage's noise alone."""
    law = Law(kind, PARAMETERS[kind], size)
    values = np.zeros(vectors * size, np.int64)
    add_noise(
        values, PoolStage("x", law, vectors, Change(1, 1, 1), Fraction(0)), plane, fixed_key(salt)
    )
    return values


def test_each_law_has_its_own_words():
    """Stages in the address differ from each other and from those of single pictures (step 1)."""
    stages = [LAPLACE_STAGE, CUBE_STAGE, RADIUS_STAGE, GAUSS_STAGE]
    assert len(set(stages)) == 4
    assert min(stages) > 8  # noise.py: 0 for values, up to 8 for splits
    assert (CUBE_STAGE, RADIUS_STAGE, GAUSS_STAGE) == (oracle.CUBE, oracle.RADIUS, oracle.GAUSS)


def test_laplace_noise_is_the_references():
    """Values are those of the independent sampler at that address."""
    found, key = noise_of("laplace", plane=3), fixed_key(5).words.tolist()
    cuts = noise.cutoffs(PARAMETERS["laplace"])
    assert found[:9].tolist() == [noise.sample(key, c, 0, LAPLACE_STAGE, 3, cuts) for c in range(9)]


def test_gaussian_noise_is_the_references():
    """Values are those of the independent sampler at that address."""
    found, key = noise_of("gauss", plane=1), fixed_key(5).words.tolist()
    assert found[:5].tolist() == [oracle.gauss(key, c, 1, PARAMETERS["gauss"]) for c in range(5)]


def test_cubes_are_the_references():
    """Every vector is a uniform point of the cube of one radius."""
    found, key = noise_of("cube", plane=1).reshape(2, 50), fixed_key(5).words.tolist()
    for part, row in enumerate(found):
        fits = [
            radius for radius in range(int(np.abs(row).max()), 1500)
            if all(
                row[i] == oracle.uniform(key, part * 50 + i, 1, 2 * radius + 1) - radius
                for i in (0, 1, 49)
            )
        ]  # fmt: skip
        assert fits


def test_radii_are_overwritten(monkeypatch):
    """Who knows a radius bounds every sum: nothing of it is left in its array (step 2)."""
    from numbadp.mechanism.pool import drawing

    arrays = []

    def draw(tables, radii, *rest):
        draw_radii(tables, radii, *rest)
        assert radii.all()
        arrays.append(radii)

    monkeypatch.setattr(drawing, "draw_radii", draw)
    assert noise_of("cube").any()
    assert len(arrays) == 1 and not arrays[0].any()


@laws
def test_noise_is_addressed(kind):
    """The same key and plane give the same noise; others give other noise."""
    base = noise_of(kind)
    np.testing.assert_array_equal(base, noise_of(kind))
    for other in (noise_of(kind, plane=1), noise_of(kind, salt=6)):
        assert (other != base).mean() > 0.5


# In a process of its own: here others have loaded the laws already.
LOADING = """
import sys
from fractions import Fraction
import numpy
from numbadp.compute.jit import Kernel
from numbadp.mechanism.entropy import Key
from numbadp.mechanism.kernels import cube_cpu, gauss_cpu, noise_cpu, stack_cpu
from numbadp.mechanism.pool.drawing import add_noise, load_law
from numbadp.mechanism.pool.gauss import gauss_tables
from numbadp.plan.laws import Change, Law, PoolStage

def loaded():
    homes = (cube_cpu, gauss_cpu, noise_cpu, stack_cpu)
    return {
        (name, signature) for home in homes for name, kernel in vars(home).items()
        if isinstance(kernel, Kernel) for signature in kernel.signatures
    }

kind, load = sys.argv[1:]
if load == "first":
    load_law(kind)
before = loaded()
for parameter in (Fraction(30), Fraction(2**40)):  # words of one block, and of two
    parameter = gauss_tables(parameter).variance if kind == "gauss" else parameter
    law = Law(kind, parameter, 7)
    values = numpy.zeros(14, numpy.int64)
    stage = PoolStage("x", law, 2, Change(1, 1, 1), Fraction(0))
    add_noise(values, stage, 1, Key(bytes(range(32))))
    assert values.any()
print(len(before), len(loaded() - before))
"""


@pytest.mark.parametrize("load", ["first", "not"])
@laws
def test_laws_are_loaded_before_they_are_needed(kind, load):
    """After `load_law` noise needs no kernel that is not there; power: without it, it does."""
    found = subprocess.run(
        [sys.executable, "-c", LOADING, kind, load],
        check=True, timeout=1200, capture_output=True, text=True,
    )  # fmt: skip
    there, more = map(int, found.stdout.split())
    assert (there > 0, more == 0) == ((True, True) if load == "first" else (False, False))
