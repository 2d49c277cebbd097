"""``numbadp pixelize --ledger``: runs share a budget that a file keeps."""

import pytest
from PIL import Image

from numbadp import Ledger


def _pixelize(run, source, target, *more):
    return run("pixelize", source, "-o", target, "--epsilon", "1/2", "--m", 8, *more)


def test_runs_share_a_budget_and_what_would_pass_it_is_refused(run, tmp_path, picture):
    for name in "abc":
        picture.save(tmp_path / f"{name}.png")
    ledger = tmp_path / "budget.json"
    pictures = str(tmp_path / "[abc].png")
    code, _, err = _pixelize(run, pictures, tmp_path / "one", "--ledger", ledger, "--budget", "9/4")
    assert code == 0 and "the ledger has epsilon = 3/4 of 9/4 left" in err
    code, _, err = _pixelize(run, pictures, tmp_path / "two", "--ledger", ledger)
    assert code == 1 and err.count("would pass the budget") == 2 and "1 of 3 pictures" in err
    assert [path.name for path in (tmp_path / "two").iterdir()] == ["a.png"]
    assert Ledger.load(ledger).m == 8 and Ledger.load(ledger).balance().releases == 4


def test_a_refused_picture_is_not_opened(run, tmp_path, picture, monkeypatch):
    picture.save(tmp_path / "a.png")
    Ledger("1/4", m=8, path=tmp_path / "budget.json")
    monkeypatch.setattr(Image, "open", lambda *a, **k: pytest.fail("opened"))
    code, _, err = _pixelize(
        run, tmp_path / "a.png", tmp_path / "b.png", "--ledger", tmp_path / "budget.json"
    )
    assert code == 1 and "would pass the budget" in err


def test_a_ledger_with_a_window_made_in_python_is_kept(run, tmp_path, picture):
    for name in "abc":
        picture.save(tmp_path / f"{name}.png")
    Ledger(1, 2, m=8, path=tmp_path / "budget.json")
    code, _, err = _pixelize(
        run, str(tmp_path / "[abc].png"), tmp_path / "out", "--ledger", tmp_path / "budget.json",
        "--budget", 1,
    )  # fmt: skip
    assert code == 0 and "epsilon = 1/2 of 1 left" in err


@pytest.mark.parametrize(
    "options, words",
    [
        (["--budget", "1"], "Add --ledger FILE"),
        (["--ledger", "new.json"], "Add --budget B"),
        (["--ledger", "new.json", "--budget", "0"], "epsilon must be"),
        (["--ledger", "old.json", "--budget", "3"], "made with epsilon=2"),
        (["--ledger", "broken.json"], "damaged"),
        (["--ledger", "."], "directory"),
    ],
    ids=str,
)
def test_options_that_make_no_sense_end_with_code_2(
    run, tmp_path, monkeypatch, picture, options, words
):
    monkeypatch.chdir(tmp_path)
    picture.save("a.png")
    Ledger(2, path="old.json")
    (tmp_path / "broken.json").write_text("{")
    code, out, err = _pixelize(run, "a.png", "b.png", *options)
    assert (code, out, err.count("\n")) == (2, "", 1) and words in err
    assert not (tmp_path / "b.png").exists() and not (tmp_path / "new.json").exists()


def test_a_ledger_that_breaks_on_the_way_stops_the_rest(run, tmp_path, picture, monkeypatch):
    for name in "ab":
        picture.save(tmp_path / f"{name}.png")
    ledger = tmp_path / "budget.json"
    save = Image.Image.save

    def damage(image, *arguments, **settings):
        ledger.write_text("{")
        save(image, *arguments, **settings)

    monkeypatch.setattr(Image.Image, "save", damage)
    code, _, err = _pixelize(
        run, str(tmp_path / "[ab].png"), tmp_path / "out", "--ledger", ledger, "--budget", 9
    )
    assert code == 1 and "b.png" in err and err.splitlines()[-1].count("damaged") == 1


def test_boxes_that_move_are_refused_unless_each_picture_has_its_own(run, tmp_path, picture):
    """By default a ledger is for the pixels that the first picture covered."""
    picture.save(tmp_path / "a.png")
    ledger = tmp_path / "budget.json"
    more = ("--ledger", ledger, "--budget", "9")
    left, right = ("--box", "0,0,9,20"), ("--box", "9,0,99,99")
    assert _pixelize(run, tmp_path / "a.png", tmp_path / "1.png", *left, *more)[0] == 0
    assert _pixelize(run, tmp_path / "a.png", tmp_path / "2.png", *left, *more)[0] == 0
    code, _, err = _pixelize(run, tmp_path / "a.png", tmp_path / "3.png", *right, *more)
    assert code == 1 and "--ledger-regions each" in err and not (tmp_path / "3.png").exists()
    assert Ledger.load(ledger).spent == 1
    assert _pixelize(run, tmp_path / "a.png", tmp_path / "4.png", *more)[0] == 0  # all of it
    code, _, err = _pixelize(
        run, tmp_path / "a.png", tmp_path / "5.png", *more, "--ledger-regions", "each"
    )
    assert code == 2 and "regions='each'" in err
    each = ("--ledger", tmp_path / "each.json", "--budget", "9", "--ledger-regions", "each")
    for name, box in (("6.png", left), ("7.png", right)):
        assert _pixelize(run, tmp_path / "a.png", tmp_path / name, *box, *each)[0] == 0
    assert Ledger.load(tmp_path / "each.json").balance().different == 2


def test_how_regions_are_counted_belongs_to_a_ledger(run, tmp_path, picture):
    picture.save(tmp_path / "a.png")
    code, _, err = _pixelize(
        run, tmp_path / "a.png", tmp_path / "b.png", "--ledger-regions", "each"
    )
    assert code == 2 and "Add --ledger FILE" in err


@pytest.mark.parametrize("m, spent", [(8, "1/2"), (1, "1/16"), (80, "5")])
def test_a_picture_costs_what_the_ledgers_pixels_cost(run, tmp_path, picture, m, spent):
    """The check before a picture is opened refuses none that would fit."""
    picture.save(tmp_path / "a.png")
    ledger = Ledger(spent, m=m, path=tmp_path / "budget.json")
    code, _, err = _pixelize(
        run, tmp_path / "a.png", tmp_path / "b.png", "--ledger", tmp_path / "budget.json"
    )
    assert code == 0, err
    assert ledger.remaining == 0
    code, _, err = _pixelize(
        run, tmp_path / "a.png", tmp_path / "c.png", "--ledger", tmp_path / "budget.json"
    )
    assert code == 1 and "would pass the budget" in err
