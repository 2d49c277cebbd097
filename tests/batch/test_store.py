"""A store: one visible release an input, the same for every reader."""

import copy
import os
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from forks import can_fork, in_child

import numbadp
from numbadp.batch.identity import file_name
from numbadp.errors import MissingReleaseError, NumbadpError, OptionTypeError, StoreError

from .pictures import contents, dying_at, job, parts, write_pictures


def same(one, other):
    """Whether two releases are the same, bit for bit."""
    return one.guarantee == other.guarantee and all(map(np.array_equal, one.values, other.values))


def test_what_was_published_comes_back(tmp_path):
    """By id, by path, by a path that is written otherwise; always the same."""
    paths = write_pictures(tmp_path / "in", 3)
    store, pixelize = job(tmp_path / "s")
    pixelize(paths)
    assert store.ids() == paths and sorted(store) == paths
    first = store.get(paths[0])
    assert first.plan.epsilon == 1 and first.shape == (16, 24, 3)
    for way in (
        Path(paths[0]),
        os.path.relpath(paths[0]),
        str(tmp_path / "in" / ".." / "in") + paths[0][-11:],
    ):
        assert same(store.get(way), first)
    assert same(numbadp.load(store.path(paths[0])), first)
    assert paths[0] in store and "nobody" not in store and not same(store.get(paths[1]), first)


def test_what_is_missing_is_told(tmp_path):
    """As an error of this package that is a KeyError too."""
    store = numbadp.Store(tmp_path / "none")
    assert store.ids() == [] and not (tmp_path / "none").exists()
    for wrong in ("a.png", Path("a.png")):
        with pytest.raises(MissingReleaseError, match="has no release of a.png") as told:
            store.get(wrong)
        assert isinstance(told.value, KeyError) and isinstance(told.value, NumbadpError)
        with pytest.raises(MissingReleaseError):
            store.path(wrong)
    assert store.find("a.png") is None


@pytest.mark.parametrize("wrong", [7, None, b"s", ""])
def test_a_place_is_a_path(wrong):
    """Anything else is refused."""
    with pytest.raises(OptionTypeError, match="place must be a path"):
        numbadp.Store(wrong)


def test_a_file_is_no_store(tmp_path):
    """Told at once."""
    (tmp_path / "a").touch()
    with pytest.raises(StoreError, match="is a file"):
        numbadp.Store(tmp_path / "a")


def test_copies_lead_to_the_same_place(tmp_path, monkeypatch):
    """Pickled here and read in another folder."""
    monkeypatch.chdir(tmp_path)
    store = numbadp.Store("s", root="in")
    sent = pickle.dumps(store)
    monkeypatch.chdir("/")
    for again in (pickle.loads(sent), copy.copy(store), copy.deepcopy(store)):
        assert (again.place, again.root) == (str(tmp_path / "s"), str(tmp_path / "in"))
    assert numbadp.Store(f"file://{tmp_path}/s").place == store.place


def test_ids_below_a_root_hold_wherever_it_is(tmp_path):
    """The same folder under two names, as on two machines: one release."""
    write_pictures(tmp_path / "one", 1)
    write_pictures(tmp_path / "two", 1)
    for name in ("one", "two"):
        store, pixelize = job(tmp_path / "s", root=tmp_path / name)
        pixelize([tmp_path / name / "p00000.png"])
    assert store.ids() == ["p00000.png"] and len(contents(tmp_path / "s")) == 1


def test_the_content_of_an_input_says_nothing_about_its_id(tmp_path):
    """Equal pictures have releases of their own; a changed one keeps its release."""
    first, other = write_pictures(tmp_path / "in", 2)
    Path(other).write_bytes(Path(first).read_bytes())
    store, pixelize = job(tmp_path / "s")
    pixelize([first, other])
    before = store.get(first)
    assert not same(before, store.get(other))
    Path(first).write_bytes(Path(write_pictures(tmp_path / "x", 5)[4]).read_bytes())
    pixelize([first])
    os.unlink(first)
    pixelize([first])
    assert same(store.get(first), before)


def test_another_plan_under_the_same_id_is_refused(tmp_path):
    """Whatever differs; nothing is measured, and the release stays."""
    paths = write_pictures(tmp_path / "in", 1)
    store, pixelize = job(tmp_path / "s")
    pixelize(paths)
    before = contents(tmp_path / "s")
    for asked in (
        {"epsilon": 2}, {"options": {"layout": "uniform"}}, {"options": {"cell": 8}},
        {"options": {"boxes": [(0, 0, 8, 8)]}}, {"detect": lambda array: [(0, 0, 8, 8)]},
    ):  # fmt: skip
        with pytest.raises(StoreError, match="a second one would add to what it spent"):
            job(tmp_path / "s", **asked)[1].do(paths[0])
    assert contents(tmp_path / "s") == before
    job(tmp_path / "s", options={"backend": "cpu"}, style="smooth")[1](paths)  # the same release


def test_a_file_under_a_wrong_name_is_not_handed_on(tmp_path):
    """Somebody renamed it; or it is damaged, or no release at all."""
    paths = write_pictures(tmp_path / "in", 2)
    store, pixelize = job(tmp_path / "s")
    pixelize(paths[:1])
    held = Path(store.path(paths[0]))
    wrong = tmp_path / "s" / file_name(paths[1])
    os.rename(held, wrong)
    with pytest.raises(StoreError, match="not what it should be"):
        pixelize.do(paths[1])
    wrong.write_bytes(wrong.read_bytes()[:100])
    with pytest.raises(StoreError, match="no intact release file"):
        pixelize.do(paths[1])
    wrong.write_bytes(b"hello")
    with pytest.raises(StoreError, match="no intact release file"):
        store.ids()


def test_release_files_of_others_are_left_alone(tmp_path):
    """A .dpz that somebody put there is no input's."""
    (tmp_path / "s").mkdir()
    numbadp.pixelize(np.zeros((8, 8), np.uint8), epsilon=1).save(tmp_path / "s" / "mine.dpz")
    assert numbadp.Store(tmp_path / "s").ids() == []


def test_the_loser_of_a_race_hands_on_what_the_winner_published(tmp_path):
    """Both looked before either published; the ledger was charged for both."""
    (path,) = write_pictures(tmp_path / "in", 1)
    ledger = numbadp.Ledger(100, path=tmp_path / "ledger.json")
    store, pixelize = job(tmp_path / "s", ledger=ledger)
    pixelize(write_pictures(tmp_path / "other", 1))
    looked, measured = threading.Barrier(8), []
    real = type(pixelize.pixelizer((16, 24, 3), None, None)).__call__

    def release(self, picture):
        looked.wait()
        measured.append(real(self, picture))
        return measured[-1]

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(8) as pool:
        patch.setattr("numbadp.mechanism.Pixelizer.__call__", release)
        found = list(pool.map(pixelize.do, [path] * 8))
    assert len(measured) == 8 and [one.fresh for one in found].count(True) == 1
    assert len({one.path for one in found}) == 1 and len(contents(tmp_path / "s")) == 2
    assert sum(same(one, store.get(path)) for one in measured) == 1
    assert ledger.spent == 9 and not parts(tmp_path)


@can_fork
def test_a_worker_killed_anywhere_costs_no_second_visible_release(tmp_path):
    """SIGKILL at lines all over a try: at most one release, never half of one, tried again or not."""
    path, other = write_pictures(tmp_path / "in", 2)
    job(tmp_path / "warm")[1]([path])
    step, kinds = 0, set()
    while True:
        place, book = tmp_path / f"s{step}", tmp_path / f"ledger{step}.json"
        ledger = numbadp.Ledger(100, path=book)
        store, pixelize = job(place, ledger=ledger)
        ended = in_child(
            lambda pixelize=pixelize, step=step: dying_at(step, lambda: pixelize.do(path))
        )
        before = contents(place)
        kinds.add(len(before))
        pixelize.do(path)
        after = contents(place)
        assert len(after) == 1 and (not before or before == after)
        assert store.ids() == [path] and store.get(path).plan.epsilon == 1
        assert numbadp.Ledger.load(book).spent >= len(after)
        pixelize.do(other)  # whoever writes next removes what the killed one left
        assert len(contents(place)) == 2 and not parts(place)
        if ended == b"survived":
            break
        step += 23
    assert kinds == {0, 1} and step > 100
