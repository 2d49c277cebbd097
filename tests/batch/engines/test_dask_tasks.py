"""Real Dask: tasks, bags, and workers that are killed."""

import os
import random

import pytest

import numbadp
from batch.pictures import write_pictures
from numbadp.batch.engines import run_chunks
from numbadp.errors import OptionError

pytest.importorskip("dask", reason="Dask is not installed (extra dask)")
pytest.importorskip("distributed", reason="Dask's distributed is not installed (extra dask)")

# What Dask and what it brings warn of is theirs.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    """A cluster of a test's own leaves its workers' settings in this process's environment."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "2")  # is put back, or taken away, at the end


def test_one_visible_release_an_input_though_a_worker_is_killed(tmp_path):
    """What was seen stays, the ledger never has less; more runs in python -m bench scale kills."""
    from bench.scale.inputs import SMALL, write_jpegs
    from bench.scale.kills import SETTINGS, _one_run

    paths = write_jpegs(tmp_path / "in", 24, SMALL)
    session, job = SETTINGS["dask-bag"]
    with session():
        found = _one_run(job, paths, tmp_path / "run", random.Random(3), 1)
    assert found["wrong"] == [] and found["kills"] == 1 and found["tries"] >= 24


def test_workers_of_ours_keep_their_pages(monkeypatch):
    """An allocator that is told to trim maps every picture's pages anew."""
    from .work import allocator

    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_", raising=False)
    before = dict(os.environ)
    assert [found for _, found in run_chunks("dask", allocator, iter([[1], [2]]), 1, None)] == [
        None, None
    ]  # fmt: skip
    assert dict(os.environ) == before  # nor does the driver have one core from now on


@pytest.mark.parametrize("way", ["bag", "frame", "delayed"])
def test_the_callable_fits_dasks_collections(tmp_path, way):
    """Partitions of bags and of frames, and single calls; computed twice."""
    import dask
    import dask.bag

    paths = write_pictures(tmp_path / "in", 4)
    store = numbadp.Store(tmp_path / "s")
    pixelize = numbadp.batch.Pixelize(epsilon=1, m=16, store=store)
    if way == "bag":
        work = dask.bag.from_sequence(paths, npartitions=2).map_partitions(pixelize)
    elif way == "frame":
        pandas = pytest.importorskip("pandas")
        work = dask.delayed(lambda frame: list(pixelize(frame)["release"]))(
            pandas.DataFrame({"path": paths})
        )
    else:
        work = dask.delayed(lambda *found: list(found))(*map(dask.delayed(pixelize), paths))
    found = [list(work.compute(scheduler="synchronous")) for _ in range(2)]
    assert found[0] == found[1] == [store.path(path) for path in paths]


def test_errors_and_results_come_back():
    """Chunk by chunk, from a cluster of its own."""
    from .work import refuse

    chunks = iter([[1], [3], [5], [2, 3]])  # the last one comes back in two
    found = [(chunk, result) for chunk, result in run_chunks("dask", refuse, chunks, 1, None)]
    assert sorted(chunk for chunk, _ in found) == [[1], [2], [3], [3], [5]]
    for chunk, result in found:
        assert result == chunk or chunk == [3]
        assert chunk != [3] or isinstance(result, ValueError)


def test_a_cluster_that_is_not_there_is_told(monkeypatch):
    """As an option that makes no sense."""
    monkeypatch.setattr("numbadp.batch.engines.dask_tasks._START_S", 1)
    with pytest.raises(OptionError, match="Dask cannot be reached at tcp://127.0.0.1:1"):
        list(run_chunks("dask", sorted, iter([[1]]), 1, "tcp://127.0.0.1:1"))
