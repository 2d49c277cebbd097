"""Settings for every test: one reproducible hypothesis profile, and threads forced on small work."""

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci",
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("thorough", max_examples=500, deadline=None)
settings.load_profile("ci")


@pytest.fixture
def helpers_always(monkeypatch):
    """Wake helper threads however small the work is."""
    monkeypatch.setattr("numbadp.workers.SMALL", 0)
