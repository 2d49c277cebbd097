"""Settings for every test: hypothesis profiles, noise, kept kernels, threads, shares of work."""

import os

import keys
import pytest
from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "ci",
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("thorough", max_examples=500, deadline=None)
# A seeded fault has to be noticed, not explained: failing examples are not made smaller.
settings.register_profile(
    "mutants", settings.get_profile("ci"), phases=(Phase.explicit, Phase.generate)
)
settings.load_profile("ci")


def pytest_configure(config):
    """Keep compiled kernels between processes and runs, out of the user's own cache."""
    keys.prepare()
    os.environ.setdefault("NUMBADP_CACHE", "1")
    for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS"):  # tests choose their threads
        os.environ.pop(name, None)
    if "NUMBADP_CACHE_DIR" not in os.environ:
        os.environ["NUMBADP_CACHE_DIR"] = str(config.rootpath / ".pytest_cache" / "kernels")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Fix the noise of a test by its name, as the profile "ci" fixes its examples.

    With ``NUMBADP_FRESH=1``, in other processes, and where a test asks for it, the system's
    generator is drawn from.
    """
    if os.environ.get("NUMBADP_FRESH") == "1" or item.get_closest_marker("fresh_noise"):
        return (yield)
    with keys.fixed_by(item.nodeid):
        return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give files to workers as wholes, and to one worker all that shares the simulator's child."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.partition("::")[0]
            return "simulator" if file.endswith("_cuda.py") else file

    return ByFile(config, log)


@pytest.fixture
def helpers_always(monkeypatch):
    """Wake helper threads however small the work is."""
    monkeypatch.setattr("numbadp.compute.workers.SMALL", 0)


@pytest.fixture
def picture():
    """A small picture whose four quarters tell the orientation."""
    from PIL import Image

    image = Image.new("RGB", (60, 40), (250, 10, 10))
    image.paste((10, 250, 10), (30, 0, 60, 20))
    image.paste((10, 10, 250), (0, 20, 30, 40))
    return image
