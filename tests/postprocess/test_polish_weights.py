"""The polishing nets' numbers: those of their version for good, exact, and of no shade."""

import hashlib
from importlib.resources import files

import numpy as np
import pytest

from numbadp.postprocess import polish_weights as module
from numbadp.postprocess.polish_weights import FILE, OCTAVES, build_polish, polish_weights

DIGEST = "76d8455a0d0bf9dd9b0a67d2df731d357654f0d4320dfbc12efc7296d948a615"


@pytest.fixture
def kept():
    with np.load(files("numbadp").joinpath("data", FILE)) as arrays:
        return [arrays[name] for name in ("first", "activated", "second", "settled")]


def test_numbers_are_those_of_the_version(kept):
    """One changed number is another version's."""
    digest = hashlib.sha256()
    for array in kept:
        digest.update(array.tobytes())
    assert digest.hexdigest() == DIGEST
    assert files("numbadp").joinpath("data", FILE).stat().st_size < 20_000


def test_a_damaged_file_is_refused(monkeypatch):
    monkeypatch.setattr(module, "DIGEST", "0" * 64)
    with pytest.raises(RuntimeError, match="Install numbadp again"):
        polish_weights.__wrapped__()


def test_numbers_lie_as_kernels_take_them(kept):
    """By eights of outputs, then inputs, taps, and outputs; by inputs, then taps, and outputs."""
    first, activated, second, settled = kept
    found = polish_weights()
    assert len(first) == OCTAVES
    for net in range(OCTAVES):
        for o, c, tap in np.ndindex(8, 5, 9):
            at = (c * 9 + tap) * 8 + o
            assert found.first[net, at] == first[net, o, c, tap // 3, tap % 3]
        for o, c, tap in np.ndindex(4, 8, 9):
            assert found.second[net, (c * 9 + tap) * 4 + o] == second[net, o, c, tap // 3, tap % 3]
    np.testing.assert_array_equal(found.rests[:, 1::2], 2.0 ** -activated.astype(float))
    assert not found.rests[:, ::2].any()
    np.testing.assert_array_equal(found.settled, settled[:, 0])
    assert not any(array.flags.writeable for array in found)


@pytest.mark.parametrize("what", ["inexact", "shades", "places"])
def test_what_would_not_be_exact_is_refused(what, kept):
    first, activated, second, settled = (array.copy() for array in kept)
    if what == "inexact":
        first[0, 0, 4], second[0] = 127, 127
        first[0, 0, :2], first[0, 0, 2:4] = 127, -127
        first[0, 0, 4] = 127
    elif what == "shades":
        first[2, 3, 1, 1, 1] += 1 if first[2, 3, 1, 1, 1] < 127 else -1
    else:
        activated[1, 1] = 13
    message = "flat planes" if what == "shades" else "train anew"
    with pytest.raises(RuntimeError, match=message):
        build_polish(first, activated, second, settled)
