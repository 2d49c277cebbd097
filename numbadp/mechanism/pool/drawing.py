"""Noise on the exact numbers of a pool: every stage under its law, at addresses of its own.

Statement.  `add_noise` adds to each number a draw of its stage's law; draws of different stages,
  planes, vectors and numbers are independent but for the common radius of a cube.
Proof sketch.
  (1) Laws have stages of their own in the addresses of words (noise_body.py, stages 0 to 8 belong
      to single pictures), a pool's stages are its planes, numbers are cells: no word is read twice.
  (2) Exact numbers are replaced in place, inside compiled code, by noisy ones.  Radii are secret:
      their array is overwritten, which Python's integers on the way to it cannot be.
  (3) |number| <= 2**61 and |noise| < 2**62: no sum wraps.
Assumes.  A fresh key; numbers within 2**61.
Tested by tests/mechanism/pool/test_drawing.py
"""

from fractions import Fraction

import numpy as np

from numbadp.compute.forgetting import Scratch
from numbadp.mechanism.cutoffs import cutoffs_for
from numbadp.mechanism.draining import drain
from numbadp.mechanism.entropy import KEY_BYTES, Key
from numbadp.mechanism.noise import cut_limbs
from numbadp.mechanism.pool.cube import cube_tables, draw_radii
from numbadp.mechanism.pool.gauss import gauss_arrays, gauss_tables
from numbadp.plan.laws import Change, Law, PoolStage

# Step 1: the stage byte of each law's words.
LAPLACE_STAGE, CUBE_STAGE, RADIUS_STAGE, GAUSS_STAGE = 16, 17, 18, 19
MOST_SUM = 2**61
_COSTS = {"laplace": 20, "cube": 5, "gauss": 80}  # ns a value on one core, roughly


def add_noise(values: np.ndarray, stage: PoolStage, plane: int, key: Key) -> None:
    """Add a stage's noise to its exact numbers, in place.

    Parameters
    ----------
    values : ndarray of int64, shape (stage.vectors * stage.law.size,)
        Exact; afterwards noisy.
    stage : PoolStage
        Their law.
    plane : int
        Position of the stage in its release.
    key : Key
        Used for this release only.
    """
    law = stage.law
    kernel, chunk, arguments = _kernel_of(law.kind)
    items = -(-values.size // chunk)
    own = Scratch()
    with own, own:  # step 3: callers keep numbers within MOST_SUM, the tables noise below 2**62
        drain(
            kernel, items, _COSTS[law.kind] * values.size, values,
            *arguments(stage, plane, key, own),
        )  # fmt: skip


def load_law(kind: str) -> None:
    """Compile or load what a law needs, so that it cannot fail after a charge.

    Parameters
    ----------
    kind : {"laplace", "cube", "gauss"}
        The law.
    """
    if kind in _LOADED:
        return
    parameter = gauss_tables(Fraction(4)).variance if kind == "gauss" else Fraction(2)
    stage = PoolStage("nothing", Law(kind, parameter, 1), 1, Change(1, 1, 1), Fraction(0))
    if kind == "cube":
        draw_radii(
            cube_tables(stage.law.parameter, 1), np.zeros(1, np.int64), Key(b"\1" * KEY_BYTES), 0
        )
    add_noise(np.zeros(1, np.int64), stage, 0, Key(bytes(KEY_BYTES)))  # a wiped key draws nothing
    _LOADED.add(kind)


_LOADED: set[str] = set()


def _kernel_of(kind: str):
    """Kernel, values an item, and what makes its arguments."""
    from numbadp.mechanism.kernels import cube_cpu, gauss_cpu

    return {
        "laplace": (cube_cpu.laplace_cpu, cube_cpu.CHUNK, _laplace_arguments),
        "cube": (cube_cpu.cube_cpu, cube_cpu.CHUNK, _cube_arguments),
        "gauss": (gauss_cpu.gauss_cpu, gauss_cpu.CHUNK, _gauss_arguments),
    }[kind]


def _laplace_arguments(stage: PoolStage, plane: int, key: Key, own: Scratch):
    cutoffs = cutoffs_for(stage.law.parameter)
    bits = np.array(cutoffs.bits, np.int64)
    return key.words, _tag(LAPLACE_STAGE, plane), cut_limbs(cutoffs), bits


def _cube_arguments(stage: PoolStage, plane: int, key: Key, own: Scratch):
    radii = own.zeros((stage.vectors,), np.int64)  # step 2
    tables = cube_tables(stage.law.parameter, stage.law.size)
    draw_radii(tables, radii, key, int(_tag(RADIUS_STAGE, plane)))
    return stage.law.size, radii, key.words, _tag(CUBE_STAGE, plane)


def _gauss_arguments(stage: PoolStage, plane: int, key: Key, own: Scratch):
    arrays = gauss_arrays(gauss_tables(stage.law.parameter))
    tables = arrays.cuts, arrays.bits, arrays.numbers, arrays.start, arrays.accepts
    return key.words, _tag(GAUSS_STAGE, plane), tables


def _tag(stage: int, plane: int) -> np.uint64:
    from numbadp.mechanism.kernels.noise_body import address_tag

    return address_tag(stage, plane)  # step 1
