"""A store on S3's own interface: s3fs against moto's server, which keeps conditions on puts."""

import json
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import numbadp
from numbadp.batch.objects import Objects
from numbadp.cli import main
from numbadp.errors import StoreError

from .pictures import write_pictures

pytest.importorskip("s3fs", reason="s3fs is not installed (extra services)")
moto = pytest.importorskip("moto.server", reason="moto's server is not installed (extra services)")

# What clients and servers warn of is theirs.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def bucket():
    """A bucket of a service on this machine, found as any other one is: by the environment."""
    import fsspec

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        system = fsspec.filesystem("s3", skip_instance_cache=True)
        system.mkdir("bucket")
        yield system
    server.stop()


@pytest.fixture
def url(bucket, tmp_path):
    """A place of its own."""
    return f"s3://bucket/{tmp_path.name}"


def test_a_store_on_s3_is_a_store(tmp_path, url):
    """Published once, listed, found again, read back, by other objects of the same place too."""
    paths = write_pictures(tmp_path, 3)
    store = numbadp.Store(url)
    assert store.ids() == [] and store.find(paths[0]) is None
    found = numbadp.batch.Pixelize(epsilon=1, store=store)(paths)
    assert found == numbadp.batch.Pixelize(1, store=numbadp.Store(url))(paths)
    assert store.ids() == paths and all(path.startswith(url + "/p0") for path in found)
    assert store.get(paths[0]).plan.epsilon == 1
    with pytest.raises(StoreError, match="a second one"):
        numbadp.batch.Pixelize(2, store=store).do(paths[0])


def test_no_trial_is_left_and_nothing_is_put_over_another(bucket, url):
    """The condition is tried before anything is paid for."""
    files = Objects(url)
    with files.reserve(10) as put:
        assert put("a.dpz", b"first") and not put("a.dpz", b"second")
    assert files.content("a.dpz", 10) == b"first" and files.content("a.dpz", 4) is None
    assert [key.rpartition("/")[2] for key in bucket.find(url, refresh=True)] == ["a.dpz"]


def test_what_is_put_in_parts_is_put_once_too(url):
    """Beyond 50 MiB s3fs sends parts, and joins them under the same condition."""
    files, long = Objects(url), bytes(60 << 20)
    with files.reserve(len(long)) as put:
        assert put("a.dpz", b"short") and not put("a.dpz", long)
        assert put("b.dpz", long) and not put("b.dpz", b"short")
    assert files.content("a.dpz", 10) == b"short"
    assert len(files.content("b.dpz", 1 << 27)) == len(long)


def test_threads_that_race_publish_once(url):
    """Whoever loses is told so."""
    files = Objects(url)
    for turn in range(10):
        won, start = [], threading.Barrier(4)

        def put(number, turn=turn, won=won, start=start):
            with files.reserve(10) as draft:
                start.wait()
                if draft(f"{turn}.dpz", bytes([number])):
                    won.append(number)

        crew = [threading.Thread(target=put, args=(number,)) for number in range(4)]
        for one in crew:
            one.start()
        for one in crew:
            one.join()
        assert len(won) == 1 and files.content(f"{turn}.dpz", 9) == bytes(won)


def test_two_processes_that_race_have_one_release_an_input(tmp_path, url):
    """Both give what the store holds; every input was published by one of them."""
    paths = write_pictures(tmp_path, 40)
    command = [sys.executable, str(Path(__file__).with_name("s3_worker.py")), url]
    crew = [
        subprocess.Popen([*command, *paths], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         text=True, env=dict(os.environ))
        for _ in range(2)
    ]  # fmt: skip
    for process in crew:
        assert process.stdout.readline() == "ready\n"
    for process in crew:
        process.stdin.write("go\n")
        process.stdin.flush()
    found = [json.loads(process.communicate()[0]) for process in crew]
    assert [process.returncode for process in crew] == [0, 0]
    published = [sum(fresh for _, fresh in own) for own in found]
    assert sum(published) == 40 and min(published) > 0
    store = numbadp.Store(url)
    assert store.ids() == paths
    assert all(store.get(path).plan.epsilon == 1 for path in paths[:3])


def test_a_job_goes_on_from_what_the_service_has(tmp_path, url, capsys):
    """On the command line, the same command twice; inputs may be objects as well."""
    paths = write_pictures(tmp_path / "in", 3)
    line = ["pixelize", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--epsilon", "1"]
    assert main([*line, "--store", url, "--engine", "threads"]) == 0
    assert "3 pictures released" in capsys.readouterr().err
    assert main([*line, "--store", url, "--engine", "threads"]) == 0
    assert "0 pictures released, 3 had a release" in capsys.readouterr().err
    assert numbadp.Store(url).ids() == paths


def test_pictures_may_be_objects(bucket, tmp_path, url):
    """Fetched by their URLs, which are their ids."""
    (path,) = write_pictures(tmp_path, 1)
    source = f"{url}/in/a.png"
    bucket.pipe_file(source, Path(path).read_bytes())
    store = numbadp.Store(url)
    assert numbadp.batch.Pixelize(1, store=store)(source) == store.path(source)
    assert store.ids() == [source]


def test_a_bucket_that_is_not_there_costs_nothing(tmp_path, bucket):
    """Told in one line, before a pixel is measured."""
    (path,) = write_pictures(tmp_path, 1)
    ledger = numbadp.Ledger(9, path=tmp_path / "l.json")
    pixelize = numbadp.batch.Pixelize(1, store=numbadp.Store("s3://none/a"), ledger=ledger)
    with pytest.raises(StoreError, match="s3://none/a cannot be used"):
        pixelize(path)
    assert ledger.spent == 0
