"""What a worker does with a chunk: everything is told, nothing ends the rest of it."""

import os
import pickle
from pathlib import Path

import pytest
from batch.pictures import write_pictures
from PIL import Image

import numbadp
from numbadp.cli.boxes.entry import Entry
from numbadp.cli.working import OwnBoxes, Task, Work


@pytest.fixture
def work(tmp_path):
    """Work on a store, painted pictures, and tasks for it."""
    store = numbadp.Store(tmp_path / "s")
    return Work(numbadp.batch.Pixelize(1, store=store), "mosaic", None, False)


def tasks(tmp_path, count=2):
    """Tasks for pictures that are painted as PNGs."""
    paths = write_pictures(tmp_path / "in", count)
    return [Task(path, path, str(tmp_path / f"out/{n}.png")) for n, path in enumerate(paths)]


def test_every_task_has_a_record(tmp_path, work):
    """Released and painted; the second time there is nothing to do."""
    todo = tasks(tmp_path)
    first = pickle.loads(pickle.dumps(work))(todo)
    assert [record["status"] for record in first] == ["released", "released"]
    assert [record["out"] for record in first] == [task.target for task in todo]
    assert all(record["epsilon"] == "1" and record["seconds"] > 0 for record in first)
    assert set(first[0]["stages"]) == {"decode", "detect", "release", "encode", "publish", "paint"}
    before = [Path(task.target).read_bytes() for task in todo]
    again = work(todo)
    assert [record["status"] for record in again] == ["kept", "kept"]
    assert before == [Path(task.target).read_bytes() for task in todo]


def test_a_painting_that_is_missing_is_made_from_the_release_that_is_there(tmp_path, work):
    """A worker was killed between the two; nothing is measured again."""
    (task,) = tasks(tmp_path, 1)
    work([task])
    before = Path(task.target).read_bytes()
    os.unlink(task.target)
    os.unlink(task.source)
    (record,) = work([task])
    assert record["status"] == "kept" and Path(task.target).read_bytes() == before


def test_what_is_in_the_way_is_told_before_anything_is_paid_for(tmp_path, work):
    """Somebody's file of this name, without a release."""
    (task,) = tasks(tmp_path, 1)
    Path(task.target).parent.mkdir()
    Path(task.target).write_text("mine")
    (record,) = work([task])
    assert record["status"] == "failed" and "exists already" in record["error"]
    assert work.pixelize.store.ids() == [] and Path(task.target).read_text() == "mine"


def test_force_paints_anew_and_releases_nothing_anew(tmp_path, work):
    """Another style from the same release."""
    (task,) = tasks(tmp_path, 1)
    work([task])
    before = work.pixelize.store.get(task.id)
    other = Work(work.pixelize, "cells", None, True)
    (record,) = other([task])
    assert record["status"] == "kept"
    with Image.open(task.target) as image:
        assert image.tobytes() == before.render("cells").tobytes()


def test_one_that_fails_does_not_end_the_others(tmp_path, work):
    """With the reason."""
    good = tasks(tmp_path, 1)
    records = work([Task("gone", "gone.png"), *good])
    assert [record["status"] for record in records] == ["failed", "released"]
    assert records[0]["error"] == "No such file or directory" and records[0]["out"] is None


def test_mosaics_alone_are_kept_where_that_is_asked_for(tmp_path, work):
    """As release files, from the whole release in the store."""
    (task,) = tasks(tmp_path, 1)
    target = str(tmp_path / "out" / "a.dpz")
    Work(work.pixelize, "mosaic", "mosaic", False)([Task(task.id, task.source, target)])
    assert isinstance(numbadp.load(target), numbadp.MosaicRelease)
    assert isinstance(work.pixelize.store.get(task.id), numbadp.Release)


def test_boxes_of_a_picture_are_part_of_its_terms(tmp_path, work):
    """Other boxes under the same id are another plan."""
    (task,) = tasks(tmp_path, 1)
    one, other = Entry("a", boxes=[(1, 2, 9, 8)]), Entry("a", boxes=[(1, 2, 9, 9)])
    assert OwnBoxes(one).name != OwnBoxes(other).name
    assert work([Task(task.id, task.source, None, one)])[0]["status"] == "released"
    assert work([Task(task.id, task.source, None, one)])[0]["status"] == "kept"
    (record,) = work([Task(task.id, task.source, None, other)])
    assert record["status"] == "failed" and "a second one would add" in record["error"]
