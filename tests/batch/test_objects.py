"""Objects behind a URL: in memory, and on a stand-in that answers as S3 does."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import numbadp
from numbadp.batch.objects import CONDITIONAL, Objects
from numbadp.errors import StoreError

from .pictures import write_pictures

fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed (extra objects)")


class Service:
    """A stand-in for S3 through fsspec: conditions are kept in one step, answers may be lost."""

    def __init__(self, keeps=True, loses=()):
        self.held, self.lock, self.keeps = {}, threading.Lock(), keeps
        self.loses, self.puts = set(loses), 0

    def pipe_file(self, key, content, mode="overwrite"):
        with self.lock:
            self.puts += 1
            if self.keeps and mode == "create" and key in self.held:
                raise OSError("An error occurred (PreconditionFailed) when calling PutObject")
            self.held[key] = content
            if self.puts in self.loses:
                raise TimeoutError("the answer was lost")

    def cat_file(self, key, start=None, end=None):
        if key not in self.held:
            raise FileNotFoundError(key)
        return self.held[key][start:end]

    def exists(self, key):
        return key in self.held

    def find(self, root, maxdepth=None):
        return [key for key in self.held if key.startswith(root + "/")]

    def rm_file(self, key):
        del self.held[key]

    def invalidate_cache(self, path=None):
        pass


@pytest.fixture
def service(monkeypatch):
    """A service that s3:// leads to."""
    made = Service()
    monkeypatch.setattr("fsspec.core.url_to_fs", lambda url: (made, url.partition("://")[2]))
    return made


@pytest.fixture(params=["memory", "stand-in"])
def url(request):
    """A place in either of the two."""
    if request.param == "stand-in":
        request.getfixturevalue("service")
        return "s3://bucket/releases"
    fsspec.filesystem("memory").rm("/", recursive=True)
    return "memory://releases"


def test_a_store_of_objects_is_a_store(tmp_path, url):
    """Published once, found again, read back, by other objects of the same place too."""
    paths = write_pictures(tmp_path, 3)
    store = numbadp.Store(url)
    assert store.ids() == [] and store.find(paths[0]) is None
    pixelize = numbadp.batch.Pixelize(epsilon=1, store=store)
    found = pixelize(paths)
    assert found == pixelize(paths) == numbadp.batch.Pixelize(1, store=numbadp.Store(url))(paths)
    assert store.ids() == paths and all(path.startswith(url + "/p0") for path in found)
    assert store.get(paths[0]).plan.epsilon == 1
    with pytest.raises(StoreError, match="a second one"):
        numbadp.batch.Pixelize(2, store=store).do(paths[0])


def test_what_was_written_beforehand_comes_first(url):
    """Held in memory; nothing is there before it is put."""
    place = Objects(url)
    with place.reserve(9) as draft:
        draft.stream.write(b"first, ")
        assert place.open("a.dpz") is None and draft("a.dpz", b"last")
    with place.open("a.dpz") as stream:
        assert stream.read() == b"first, last"


def test_of_many_that_race_one_is_published(url):
    """Threads at once, every name."""
    place = Objects(url)
    ready = threading.Barrier(8)

    def put(number):
        won = []
        for turn in range(25):
            ready.wait()
            with place.reserve(9) as publish:
                if publish(f"{turn}.dpz", str(number).encode()):
                    won.append((turn, number))
        return won

    with ThreadPoolExecutor(8) as pool:
        won = sorted(sum(pool.map(put, range(8)), []))
    assert [turn for turn, _ in won] == list(range(25))
    assert all(place.content(f"{turn}.dpz", 9) == str(number).encode() for turn, number in won)


def test_a_lost_answer_is_no_second_release(service):
    """What the service holds decides: here our own, whose answer did not come."""
    place = Objects("s3://bucket/releases")
    with place.reserve(9) as publish:
        service.loses = {service.puts + 1}
        assert not publish("a.dpz", b"first")
        assert not publish("a.dpz", b"second")
    assert place.content("a.dpz", 9) == b"first"


def test_an_answer_that_is_lost_with_the_object_is_an_error(service, monkeypatch):
    """Nothing was published, and nobody is told otherwise."""
    place = Objects("s3://bucket/releases")
    with place.reserve(9) as publish:

        def fail(*arguments, **options):
            raise TimeoutError("no route")

        monkeypatch.setattr(service, "pipe_file", fail)
        with pytest.raises(StoreError, match="no route"):
            publish("a.dpz", b"x")


def test_a_service_that_overlooks_conditions_is_refused(service):
    """Before anything is measured."""
    service.keeps = False
    with (
        pytest.raises(StoreError, match="puts objects over others"),
        Objects("s3://b/r").reserve(9),
    ):
        pytest.fail("entered")
    assert not service.held


def test_other_services_are_refused():
    """Those whose exclusive put is two steps: a look, then a put."""
    for url in ("http://host/x", "ftp://host/x", "sftp://host/x", "hdfs://host/x", "zip://x"):
        with pytest.raises(StoreError, match="only if there is none"):
            numbadp.Store(url)
    assert "s3" in CONDITIONAL


def test_what_the_service_says_is_told(service, monkeypatch):
    """In one line."""

    def fail(*arguments, **options):
        raise PermissionError("Forbidden")

    for name in ("cat_file", "find"):
        monkeypatch.setattr(service, name, fail)
    place = Objects("s3://bucket/releases")
    with pytest.raises(StoreError, match="Forbidden"):
        place.head("a.dpz", 9)
    with pytest.raises(StoreError, match="Forbidden"):
        list(place.names())
