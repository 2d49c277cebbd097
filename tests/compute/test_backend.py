"""Backends: what there is, and what is said about the rest."""

import pytest
from cases import ExpectFail, failing

from numbadp import errors
from numbadp.compute.backend import backends, choose_backend
from numbadp.mechanism import Pixelizer


def test_backends_are_named_and_explained():
    """CPU is there; a backend that is not has a reason and a remedy."""
    found = {backend.name: backend for backend in backends()}
    assert list(found) == ["cpu", "cuda"]
    assert found["cpu"].available
    for backend in found.values():
        assert backend.available != bool(backend.reason)
        assert backend.available != bool(backend.remedy)


@pytest.mark.parametrize("name", ["auto", "cpu"])
def test_cpu_is_chosen(name):
    """Both "auto" and "cpu" run on the CPU."""
    assert choose_backend(name) == "cpu"


REFUSED = (
    ExpectFail(
        "cuda", "cuda", errors.BackendError, "'cuda' cannot run: .*; .*, or use backend='cpu'"
    ),
    ExpectFail("unknown", "gpu", errors.OptionError, "'auto', 'cpu', 'cuda'.*; got 'gpu'"),
    ExpectFail("case", "CPU", errors.OptionError, "got 'CPU'"),
    ExpectFail("None", None, errors.OptionTypeError, r"got None \(NoneType\)"),
    ExpectFail("list", ["cpu"], errors.OptionTypeError, r"\(list\)"),
)


@failing(*REFUSED)
def test_refuses(bad):
    """A backend that is none, or cannot run, is refused before anything is planned."""
    for call in (choose_backend, lambda name: Pixelizer((4, 4), epsilon=1, backend=name)):
        with pytest.raises(bad.error, match=bad.match):
            call(bad.given)
