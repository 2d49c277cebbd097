"""Real Ray: tasks, actors of Ray Data, and workers that are killed."""

import os
import random

import pytest

import numbadp
from numbadp.batch.engines import run_chunks
from numbadp.errors import OptionError

pytest.importorskip("ray", reason="Ray is not installed (extra scale)")
pytest.importorskip("ray.data", reason="Ray Data is not installed (extra scale)")

# What Ray and what it brings warn of is theirs.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def session():
    """Ray on two cores."""
    from bench.scale.kills import ray_session

    with ray_session():
        yield


@pytest.mark.parametrize("setting", ["ray-actors", "ray"])
def test_one_visible_release_an_input_though_workers_are_killed(session, tmp_path, setting):
    """What was seen stays, the ledger never has less; more runs in python -m bench scale kills."""
    from bench.scale.inputs import SMALL, write_jpegs
    from bench.scale.kills import SETTINGS, _one_run

    paths, chance = write_jpegs(tmp_path / "in", 24, SMALL), random.Random(3)
    found = _one_run(SETTINGS[setting][1], paths, tmp_path / "run", chance, 1)
    assert found["wrong"] == [] and found["kills"] == 1 and found["inputs"] == 24
    assert found["tries"] >= 24


@pytest.mark.parametrize("way", ["actors", "tasks", "frames"])
def test_the_callable_fits_map_batches(session, tmp_path, way):
    """As a class that actors are made of, as a function, and with data frames; consumed twice."""
    import ray

    from bench.scale.inputs import SMALL, write_jpegs

    paths = write_jpegs(tmp_path / "in", 8, SMALL)
    store = numbadp.Store(tmp_path / "s")
    data = ray.data.from_items([{"path": path} for path in paths])
    if way == "actors":
        data = data.map_batches(
            numbadp.batch.Pixelize,
            fn_constructor_kwargs={"epsilon": 1, "m": 16, "store": store}, batch_size=4,
            num_cpus=0.5, compute=ray.data.ActorPoolStrategy(size=2),
        )  # fmt: skip
    else:
        pixelize = numbadp.batch.Pixelize(epsilon=1, m=16, store=store)
        form = "pandas" if way == "frames" else "numpy"
        data = data.map_batches(pixelize, batch_size=4, batch_format=form)
    first, again = (sorted(row["release"] for row in data.take_all()) for _ in range(2))
    assert first == again == sorted(store.path(path) for path in paths)
    assert store.ids() == paths


def test_errors_and_results_come_back(session):
    """Chunk by chunk; a session that is there stays there."""
    import ray

    def refuse(chunk):  # by value: its module is none of the workers'
        if 3 in chunk:
            raise ValueError("three")
        return chunk

    chunks = iter([[1], [3], [2, 3]])  # the last one comes back in two
    found = [(chunk, result) for chunk, result in run_chunks("ray", refuse, chunks, 2, None)]
    assert sorted(chunk for chunk, _ in found) == [[1], [2], [3], [3]]
    for chunk, result in found:
        assert result == chunk or chunk == [3]
        assert chunk != [3] or isinstance(result, ray.exceptions.RayTaskError)
    assert ray.is_initialized() and os.getpid()


def test_a_cluster_that_is_not_there_is_told():
    """As an option that makes no sense, at once."""
    from numbadp.batch.engines.ray_tasks import _check_reachable

    for address in ("127.0.0.1:1", "ray://127.0.0.1:1", "127.0.0.1:99999999"):
        with pytest.raises(OptionError, match=f"Ray cannot be reached at {address}"):
            _check_reachable(address)
    for address in (None, "auto", "local"):
        _check_reachable(address)
