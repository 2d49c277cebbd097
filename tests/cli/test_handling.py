"""Options about files: what is chosen, how outputs are named, and what is left alone."""

import numpy as np
import pytest
from PIL import Image

from numbadp.cli.handling import joined

PIXELS = (np.indices((48, 64)).sum(0) % 200).astype(np.uint8)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in" / "sub").mkdir(parents=True)
    for name in ("a.png", "sub/b.png", "sub/c.png"):
        Image.fromarray(PIXELS).save(tmp_path / "in" / name)
    return tmp_path


def files(place):
    return sorted(p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file())


def test_an_output_beside_the_only_input(run, folder):
    assert run("pixelize", "in", "--epsilon", 1)[0] == 0
    assert files(folder / "in_private") == ["a.png", "sub/b.png", "sub/c.png"]
    assert run("pixelize", "in/a.png", "--epsilon", 1)[0] == 0
    assert (folder / "in/a_private.png").exists()
    code, _, err = run("pixelize", "in/a.png", "in/sub/b.png", "--epsilon", 1)
    assert code == 2 and "where to?" in err


def test_patterns_choose(run, folder):
    arguments = ["pixelize", "in", "-o", "out", "--epsilon", 1]
    code, _, err = run(*arguments, "--include", "sub/*", "--exclude", "c.*")
    assert code == 0 and files(folder / "out") == ["sub/b.png"]
    assert "pictures left out by --include and --exclude: 2" in err


def test_a_run_goes_on_where_it_stopped_and_does_not_spend_twice(run, folder):
    arguments = ["pixelize", "in", "-o", "out", "--epsilon", 1, "--skip-existing"]
    money = ["--ledger", "budget.json", "--budget", 3]
    run(*arguments, *money, "--include", "a.png")
    before = (folder / "out/a.png").read_bytes()
    code, _, err = run(*arguments, *money)
    assert code == 0 and "1 there already" in err
    assert "epsilon = 0 of 3 left" in err
    assert (folder / "out/a.png").read_bytes() == before
    assert files(folder / "out") == ["a.png", "sub/b.png", "sub/c.png"]
    code, _, err = run(*arguments, "--ledger", "budget.json")
    assert code == 0 and "0 of 0 pictures written" in err and "3 there already" in err


def test_formats_and_quality(run, folder):
    code, _, err = run("pixelize", "in", "-o", "out", "--epsilon", 1, "--format", "jpg")
    assert code == 0 and files(folder / "out") == ["a.jpg", "sub/b.jpg", "sub/c.jpg"], err
    sizes = []
    for name, quality in (("x.jpg", 95), ("y.jpg", 10), ("x.webp", 90), ("y.webp", 1)):
        arguments = ["pixelize", "in/a.png", "-o", name, "--epsilon", 1000, "--style", "smooth"]
        assert run(*arguments, "--quality", quality)[0] == 0
        sizes.append((folder / name).stat().st_size)
    assert sizes[0] > sizes[1] and sizes[2] > sizes[3]


def test_threads_are_a_limit(run, folder):
    assert run("pixelize", "in/a.png", "-o", "x.png", "--epsilon", 1, "--threads", 1)[0] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--quality", "80"], "--quality is for .jpg and .webp"),
        (["--format", "jpg", "--quality", "0"], "from 1 to 100"),
        (["--format", "xcf"], "--format must be one of"),
        (["--skip-existing", "--force"], "exclude each other"),
        (["--threads", "0"], "--threads must be at least 1"),
    ],
)
def test_options_that_make_no_sense_are_refused(run, folder, options, message):
    code, _, err = run("pixelize", "in", "-o", "out", "--epsilon", 1, *options)
    assert code == 2 and message in err


def test_a_box_may_begin_with_a_minus(run, folder):
    assert joined(["--box", "-5,0,10,10", "-o", "x"]) == ["--box=-5,0,10,10", "-o", "x"]
    assert joined(["--box", "--force"]) == ["--box", "--force"]
    code, _, err = run("pixelize", "in/a.png", "-o", "x.png", "--epsilon", 1, "--box", "-5,0,10,10")
    assert code == 0, err


def test_an_unknown_option_shows_the_usage_of_its_command(run):
    code, _, err = run("pixelize", "a.png", "-o", "b.png", "--epsilon", 1, "--bogus")
    assert code == 2 and err.startswith("usage: numbadp pixelize")
    assert "unrecognized arguments: --bogus" in err
