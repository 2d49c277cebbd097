"""``--charge once``: exactly what is visible, however often it was tried."""

import json
from pathlib import Path

import pytest
from batch.pictures import contents, write_pictures
from PIL import Image

import numbadp
from numbadp.batch.manifest import Manifest
from numbadp.cli import charged
from numbadp.cli.charged import charged_once
from numbadp.cli.working import Task


def spent(book):
    """What a ledger's file has."""
    return numbadp.Ledger.load(book).spent


@pytest.fixture
def command(tmp_path):
    """A job with a ledger, charged by the driver."""
    return [
        "pixelize", tmp_path / "in", "-o", tmp_path / "out", "--epsilon", "1", "--jobs", "2",
        "--charge", "once", "--ledger", tmp_path / "l.json",
    ]  # fmt: skip


def test_an_input_is_charged_once(run, tmp_path, command):
    """Run again, failed and retried."""
    paths = write_pictures(tmp_path / "in", 5)
    whole = Path(paths[1]).read_bytes()
    Path(paths[1]).write_bytes(whole[:-60])  # its header is there, its pixels are not
    code, _, told = run(*command, "--budget", 9)
    assert code == 1 and "4 pictures released, 1 failed" in told and spent(tmp_path / "l.json") == 5
    Path(paths[1]).write_bytes(whole)
    assert run(*command, "--retry")[0] == 0 == run(*command)[0]
    assert spent(tmp_path / "l.json") == 5 == len(contents(tmp_path / "out"))
    text = (tmp_path / "out" / "jobs.jsonl").read_text().splitlines()
    assert [json.loads(line)["status"] for line in text].count("charged") == 5


def test_boxes_of_each_picture_are_charged_as_they_are(run, tmp_path, command):
    """With regions of their own."""
    write_pictures(tmp_path / "in", 2)
    (tmp_path / "b.json").write_text(
        '{"p00000.png": [[2, 2, 12, 12]], "p00001.png": [[1, 1, 20, 9]]}'
    )
    more = ["--boxes", tmp_path / "b.json", "--budget", 9, "--ledger-regions", "each"]
    assert run(*command, *more)[0] == 0 and spent(tmp_path / "l.json") == 2


def test_what_the_budget_refuses_is_not_measured(run, tmp_path, command):
    """Told, listed, exit status 1."""
    write_pictures(tmp_path / "in", 5)
    code, _, told = run(*command, "--budget", 3)
    assert code == 1 and "3 pictures released, 2 failed" in told
    assert spent(tmp_path / "l.json") == 3 == len(contents(tmp_path / "out"))


def test_killed_between_charge_and_note_it_is_charged_again(tmp_path, monkeypatch):
    """Too much by one group, never too little; noted ones are not charged twice."""
    paths = write_pictures(tmp_path / "in", 5)
    monkeypatch.setattr(charged, "GROUP", 2)
    store = numbadp.Store(tmp_path / "s")
    pixelize, ledger = numbadp.batch.Pixelize(1, store=store), numbadp.Ledger(100)
    tasks = [Task(path, path) for path in paths]
    with Manifest(tmp_path / "j") as manifest:
        queue = charged_once(iter(tasks), pixelize, ledger, manifest)
        assert [next(queue) for _ in range(2)] == tasks[:2] and ledger.spent == 2
        monkeypatch.setattr(manifest, "add", lambda record: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            list(queue)
    assert ledger.spent == 4
    with Manifest(tmp_path / "j") as manifest:
        assert list(charged_once(iter(tasks), pixelize, ledger, manifest)) == tasks
    assert ledger.spent == 4 + 3


def test_another_price_and_another_ledger_are_charged_anew(run, tmp_path, command):
    """What was charged for an input that failed pays for the same release only."""
    (path,) = write_pictures(tmp_path / "in", 1)
    whole = Path(path).read_bytes()
    Path(path).write_bytes(whole[:-60])
    assert run(*command, "--budget", 9)[0] == 1 and spent(tmp_path / "l.json") == 1
    Path(path).write_bytes(whole)
    dearer = [2 if part == "1" else part for part in command]
    other = [*command, "--ledger", tmp_path / "o.json", "--budget", 9]
    assert run(*other, "--retry", "--store", tmp_path / "s")[0] == 0
    assert spent(tmp_path / "o.json") == 1
    assert run(*dearer, "--retry", "--force", "--store", tmp_path / "t")[0] == 0
    assert spent(tmp_path / "l.json") == 1 + 2


def test_what_one_store_was_charged_for_does_not_pay_for_another(run, tmp_path, command):
    """A release that was published and not painted is there to be seen."""
    Image.new("L", (17_000, 16), 9).save(tmp_path / "wide.png")
    job = [tmp_path / "wide.png" if part == tmp_path / "in" else part for part in command]
    first, second = tmp_path / "a", tmp_path / "b"
    told = run(*job, "--budget", 5, "--store", first, "--format", "webp")  # takes 16383 pixels
    assert told[0] == 1 and len(list(numbadp.Store(first).ids())) == 1
    assert run(*job, "--retry", "--store", second)[0] == 0
    assert len(list(numbadp.Store(second).ids())) == 1 and spent(tmp_path / "l.json") == 2


def test_an_input_that_is_named_twice_is_charged_once(run, tmp_path, command):
    """In one group or in two; where the budget refuses it, it is measured under neither name."""
    (path,) = write_pictures(tmp_path / "in", 1)
    (tmp_path / "names").write_text(f"{path}\n" * 70)
    line = ["pixelize", f"@{tmp_path / 'names'}", *command[2:]]
    assert run(*line, "--budget", "1/2")[0] == 1 and not contents(tmp_path / "out")
    (tmp_path / "l.json").unlink()
    assert run(*line, "--budget", 9, "--retry")[0] == 0 and spent(tmp_path / "l.json") == 1


def test_it_needs_a_ledger(run, tmp_path):
    """Else there is nothing to charge."""
    write_pictures(tmp_path / "in", 1)
    code, _, told = run(
        "pixelize", tmp_path / "in", "-o", tmp_path / "o", "--epsilon", 1, "--charge", "once"
    )
    assert code == 2 and "--charge is for a ledger" in told
