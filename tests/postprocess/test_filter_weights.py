"""The filters' numbers: those of this version for good, and of a shape that kernels take."""

import json

from oracles.filters import VECTORS

from numbadp.postprocess.filter_weights import WEIGHTS
from numbadp.postprocess.filters import RESIDUES, TAPS


def test_numbers_are_those_of_the_version():
    """One changed number is another version's."""
    kept = json.loads(VECTORS.read_text())
    assert {f"{kind} {bucket}": list(row) for (kind, bucket), row in WEIGHTS.items()} == kept


def test_every_kind_of_plane_has_a_run_of_noises():
    """No gap between the least and the most noise that is filtered."""
    for kind in ("luma", "g", "o"):
        own = sorted(bucket for name, bucket in WEIGHTS if name == kind)
        assert own == list(range(own[0], own[-1] + 1)) and len(own) >= 4
    assert all(len(row) == len(TAPS) + len(RESIDUES) for row in WEIGHTS.values())
