"""The callable: every form of batch, in every kind of worker."""

import io
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from cases import ExpectFail, failing
from PIL import Image

import numbadp
from numbadp.batch import Pixelize
from numbadp.errors import (
    BatchError,
    EpsilonError,
    OptionError,
    OptionTypeError,
    PictureError,
    PictureWarning,
)  # fmt: skip

from .pictures import contents, job, write_pictures


def test_lists_of_paths_give_lists_of_paths(tmp_path):
    """In order, doubles included; a single path gives one."""
    paths = write_pictures(tmp_path / "in", 3)
    store, pixelize = job(tmp_path / "s")
    found = pixelize([*paths, paths[0]])
    assert found == [store.path(path) for path in [*paths, paths[0]]]
    assert pixelize(paths[1]) == found[1] and pixelize(iter(paths)) == found[:3]
    assert pixelize([]) == [] and len(contents(tmp_path / "s")) == 3
    assert all(numbadp.load(path).plan.epsilon == 1 for path in found)


def test_batches_of_columns_have_a_new_one(tmp_path):
    """As Ray Data and datasets pass them."""
    paths = write_pictures(tmp_path / "in", 2)
    store, pixelize = job(tmp_path / "s")
    found = pixelize({"path": np.array(paths), "label": np.arange(2)})
    assert found["release"].tolist() == [store.path(path) for path in paths]
    assert found["path"].tolist() == paths and found["label"].tolist() == [0, 1]
    assert pixelize({"path": paths})["release"] == found["release"].tolist()
    assert pixelize({"path": paths[0]})["release"] == found["release"][0]


def test_bytes_and_arrays_have_ids(tmp_path):
    """By a path beside them, or by an id; without either they are refused."""
    paths = write_pictures(tmp_path / "in", 2)
    raw = [Path(path).read_bytes() for path in paths]
    store, pixelize = job(tmp_path / "s")
    pixelize({"path": np.array(paths), "bytes": np.array(raw, object)})
    assert store.ids() == paths
    picture = np.zeros((8, 8, 3), np.uint8)
    pixelize([picture, raw[0], Image.fromarray(picture)], ids=["x", "y", "z"])
    pixelize(picture, "one")
    assert {"x", "y", "z", "one"} < set(store.ids())
    with pytest.raises(BatchError, match="needs an id"):
        pixelize([picture])


def test_styles_paint_what_the_store_holds(tmp_path):
    """PNG files as bytes, the same at every call."""
    paths = write_pictures(tmp_path / "in", 2)
    store, pixelize = job(tmp_path / "s", style="mosaic")
    painted = pixelize(paths)
    with Image.open(io.BytesIO(painted[0])) as image:
        assert np.array_equal(np.asarray(image), store.get(paths[0]).render())
    assert pixelize({"path": paths})["picture"] == painted == pixelize(paths)


def test_what_a_user_may_not_expect_is_a_warning(tmp_path):
    """As of numbadp.pixelize; once, where it is measured."""
    Image.new("RGBA", (20, 20), (9, 9, 9, 90)).save(tmp_path / "a.png")
    _, pixelize = job(tmp_path / "s")
    with pytest.warns(PictureWarning, match="a.png: transparency is laid on white"):
        pixelize([tmp_path / "a.png"])
    pixelize([tmp_path / "a.png"])


def test_one_that_fails_does_not_stop_the_others(tmp_path):
    """All others are done, and the error names it, also after a journey."""
    paths = write_pictures(tmp_path / "in", 2)
    store, pixelize = job(tmp_path / "s")
    with pytest.raises(BatchError, match="4 of 6 inputs failed") as told:
        pixelize([paths[0], "gone.png", "b.png", "c.png", "d.png", paths[1]])
    assert store.ids() == paths and "and 1 more" in str(told.value)
    again = pickle.loads(pickle.dumps(told.value))
    assert again.failures == told.value.failures and str(again) == str(told.value)
    assert again.failures[0][1] == "No such file or directory"
    with pytest.raises(PictureError, match="No such file"):
        pixelize("gone.png")


@failing(
    ExpectFail("no store", {}, OptionError, "every try would spend epsilon"),
    ExpectFail("path for store", {"store": "s"}, OptionTypeError, "numbadp.Store"),
    ExpectFail("style", {"style": "cubism"}, OptionError, "style must be"),
    ExpectFail("epsilon", {"epsilon": 0}, EpsilonError, "positive"),
    ExpectFail("m", {"m": 0}, OptionError, "m must be"),
    ExpectFail("layout", {"options": {"layout": "wild"}}, OptionError, "layout"),
    ExpectFail("options", {"options": {"seed": 1}}, OptionError, "options has seed"),
    ExpectFail("detect", {"detect": "cats"}, OptionError, "detect must be"),
    ExpectFail("ledger", {"ledger": 3}, OptionTypeError, "ledger"),
    ExpectFail(
        "both", {"detect": "faces", "options": {"boxes": [(0, 0, 1, 1)]}}, OptionError, "exclude"
    ),
)
def test_what_makes_no_sense_is_refused_before_a_picture_is_read(bad, tmp_path):
    """With what to pass."""
    given = {"epsilon": 1, "store": numbadp.Store(tmp_path / "s"), **bad.given}
    if bad.id == "no store":
        given["store"] = None
    with pytest.raises(bad.error, match=bad.match):
        Pixelize(**given)


def test_a_pickle_is_small_and_does_the_same(tmp_path):
    """It carries no tables and no pictures."""
    paths = write_pictures(tmp_path / "in", 1)
    store, pixelize = job(tmp_path / "s", ledger=numbadp.Ledger(9, path=tmp_path / "l.json"))
    pixelize(paths)
    sent = pickle.dumps(pixelize)
    assert len(sent) < 4000
    assert pickle.loads(sent)(paths) == [store.path(paths[0])]
    assert pickle.loads(sent).ledger.spent == 1


@pytest.mark.parametrize("pool", ["threads", "processes"])
def test_many_workers_publish_once(tmp_path, pool):
    """Every input given to all workers at once, in one order and the other."""
    paths = write_pictures(tmp_path / "in", 20)
    store, pixelize = job(tmp_path / "s")
    pixelize(paths[:1])
    makers = {
        "threads": lambda: ThreadPoolExecutor(4),
        "processes": lambda: ProcessPoolExecutor(2, get_context("spawn")),
    }
    with makers[pool]() as workers:
        found = list(workers.map(pixelize, [paths, paths[::-1], paths]))
    assert found[0] == found[1][::-1] == found[2] == [store.path(path) for path in paths]
    assert len(contents(tmp_path / "s")) == 20


def test_no_engine_is_imported():
    """Neither by the callable nor by anything that it needs."""
    script = (
        "import sys, numbadp\n"
        "numbadp.batch.Pixelize(epsilon=1, store=numbadp.Store('s'))\n"
        "print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    found = {name.partition(".")[0] for name in loaded}
    assert "numbadp" in found
    assert (
        not {"ray", "dask", "distributed", "fsspec", "torch", "pandas", "multiprocessing"} & found
    )


def test_pictures_in_which_nothing_is_found_may_be_covered_whole(tmp_path):
    """That is part of the terms; a mere copy would be no release."""
    (path,) = write_pictures(tmp_path / "in", 1)
    store, pixelize = job(tmp_path / "s", detect=lambda array: [], on_none="whole")
    pixelize(path)
    assert store.get(path).guarantee.covers.whole
    with pytest.raises(numbadp.StoreError, match="else whole, not"):
        job(tmp_path / "s", detect=lambda array: [])[1].do(path)
    with pytest.raises(OptionError, match="a store holds releases alone"):
        job(tmp_path / "s", on_none="copy")
    with pytest.raises(OptionError, match="on_none must be one of"):
        job(tmp_path / "s", on_none="skip")
