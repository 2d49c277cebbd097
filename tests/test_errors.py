"""Errors: one root, and each child also an ordinary Python error."""

import inspect

import pytest

import numbadp
from numbadp import errors

EVERY = [thing for _, thing in inspect.getmembers(errors, inspect.isclass)]
ERRORS = [kind for kind in EVERY if not issubclass(kind, Warning)]


@pytest.mark.parametrize("kind", [kind for kind in ERRORS if kind is not errors.NumbadpError])
def test_each_error_is_also_an_ordinary_one(kind):
    """Callers may catch the root, or exactly one of four ordinary errors."""
    assert issubclass(kind, errors.NumbadpError)
    ordinary = [
        k for k in (ValueError, TypeError, RuntimeError, LookupError) if issubclass(kind, k)
    ]
    assert len(ordinary) == 1


@pytest.mark.parametrize("kind", EVERY)
def test_each_is_public_and_explained(kind):
    """Every error and warning can be imported from the package and has a docstring."""
    assert getattr(numbadp, kind.__name__) is kind
    assert kind.__name__ in numbadp.__all__
    assert kind.__doc__


def test_warnings_can_be_filtered_as_user_warnings():
    """The package's warnings are UserWarnings."""
    found = [kind for kind in EVERY if issubclass(kind, Warning)]
    assert errors.AlphaDroppedWarning in found
    assert all(issubclass(kind, UserWarning) for kind in found)
