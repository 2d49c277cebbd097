"""Every option of ``numbadp pixelize`` with every kind of input: applied, or refused before it costs."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from video.films import make_film

from numbadp import Ledger
from numbadp.cli.arguments import build_parser

pytest.importorskip("av", reason="videos need av (extra video)")

# What is given: IN, OUT and further options.
COLUMNS = {
    "picture": ("p.png", "o.png"),
    "release": ("p.png", "o.dpz"),
    "video": ("v.mkv", "o.mkv"),
    "clip": ("v.mkv", "c.dpz"),
    "both": ("both", "out"),
    "job": ("both", "out", "--engine", "threads"),
    "job of videos": ("films", "out", "--engine", "threads"),
    "job of releases": ("both", "out", "--engine", "threads", "--payload", "release"),
    "store": ("both", "out", "--store", "new-store"),
}
# A letter a column: + applied, - refused at once, v refused for the video alone, and the picture of
# the job is done; . given by the column already.
TABLE = """
--cell 8                                              +++++++++
--layout uniform                                      +++++++++
--planes rgb                                          +++++++++
--style smooth                                        +-+-+++-+
--side 9 --style blocks                               +----vv-v
--side 9                                              ---------
--effort tv                                           +----vv-v
--payload release                                     -+---++.+
--backend cpu                                         ++---vvvv
--box 0,0,9,9                                         +++++++++
--boxes boxes.json                                    ++---vvvv
--on-none whole                                       ---------
--on-none whole --detect finding:found                +++++++++
--rim whole                                           ---------
--rim whole --box 0,0,9,9                             ++---vvvv
--detect finding:found                                +++++++++
--detect-threshold 0.4                                ---------
--detect-model mask.png                               ---------
--detect-scale 1                                      ---------
--grow 0.1                                            ---------
--grow 0.1 --detect finding:found                     +++++++++
--boxes-out new-boxes.json                            ---------
--boxes-out new-boxes.json --detect finding:found     ++-------
--budget 9                                            ---------
--ledger-regions each                                 ---------
--ledger-regions each --ledger new.json --budget 9    +++++++++
--ledger-window 1s                                    ---------
--ledger-window 1s --ledger new.json --budget 99      --++-----
--steady off                                          --+++----
--audio copy                                          --+-+----
--window-epsilon 1                                    ---------
--window 2s                                           --+++----
--clip-epsilon 1                                      ---------
--exposure 2                                          --+++----
--fps 5                                               --+++----
--max-fps 5                                           ---------
--max-fps 5 --window-epsilon 1                        ---------
--begins 1                                            ---------
--begins 1 --ledger-window 1s                         --++-----
--start 0                                             --+++----
--end 1                                               --+++----
--codec ffv1                                          --+-+----
--preset fast                                         --+-+----
--format jpg                                          -----vv-v
--format png                                          +----vv-v
--format jpg --quality 50                             -----vv-v
--format .jpg --quality 50                            -----vv-v
--size 8x8                                            ---------
--grey                                                --+++----
--delta 1e-6                                          ---------
--quality 50                                          --+------
--hold 2                                              ---------
--hold 2 --detect finding:found                       --+++----
--hold 2 --box 0,0,9,9                                --+++----
--retries 1                                           ---------
--skip-existing                                       ++---vvvv
--include *                                           ++---vvvv
--exclude zzz                                         ++---vvvv
--mask mask.png                                       ++-------
--compare new-sheet.png                               ++-------
--json                                                ++---++++
--dry-run                                             ++-------
--verbose                                             +++++++++
--threads 1                                           +++++----
--threads 0                                           ---------
--force                                               +++++++++
--m 4                                                 +++++++++
--engine threads                                      ---++...+
--jobs 1                                              ---++++++
--address x:1                                         ---------
--store new-store                                     ---+++++.
--root .                                              ---++++++
--charge tries                                        ---++++++
--charge once                                         ---++++++
--retry                                               ---++++++
--max-pixels 90000                                    ++---++++
--quiet                                               +++++++++
--ledger new.json --budget 99                         +++++++++
"""
LEDGER = ("--ledger", "new.json", "--budget", "999", "--ledger-regions", "each")


@pytest.fixture
def inputs(tmp_path, monkeypatch):
    """A picture, a video, and a folder of both."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    image = Image.fromarray(np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8))
    image.save("p.png")
    Image.new("L", (64, 48), 255).save("mask.png")
    Path("both").mkdir()
    Path("films").mkdir()
    image.save("both/p.png")
    make_film(tmp_path / "v.mkv", [0, 40, 80])
    for folder in ("both", "films"):
        Path(folder, "v.mkv").write_bytes(Path("v.mkv").read_bytes())
    Path("boxes.json").write_text(json.dumps({"p.png": [[0, 0, 9, 9]]}))
    Path("finding.py").write_text("def found(array):\n    return [(3, 3, 20, 20)]\n")


def command(place, source, target, more, words):
    """With a ledger, unless one is asked for; new files are below `place`."""
    ledger = () if "ledger" in words[0] or words[0] == "--budget" else LEDGER
    given = (place / word if word.startswith("new") else word for word in (*more, *ledger, *words))
    return ("pixelize", source, "-o", place / target, "--epsilon", 1, *given)


def _rows():
    for line in filter(None, TABLE.splitlines()):
        words, letters = line.rsplit(None, 1)
        yield tuple(words.split()), letters


def test_no_option_is_forgotten():
    """Of the command's own parser."""
    parser = next(a for a in build_parser()._actions if a.dest == "command").choices["pixelize"]
    flags = {action.option_strings[-1] for action in parser._actions if action.option_strings}
    assert flags - {words[0] for words, _ in _rows()} == {"--help", "--output", "--epsilon"}


@pytest.mark.parametrize(
    "words, letters",
    list(_rows()),
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_an_option_is_applied_or_refused_before_it_costs(run, inputs, words, letters):
    """In one line; the ledger has what was released, and nothing is left of what was refused."""
    for number, ((name, (source, target, *more)), letter) in enumerate(
        zip(COLUMNS.items(), letters, strict=True)
    ):
        if letter == ".":
            continue
        place = Path(f"{number}")
        place.mkdir()
        code, out, err = run(*command(place, source, target, more, words))
        told = (name, code, err)
        kept = place / "new.json"
        spent = Ledger.load(kept).spent if kept.exists() and "--boxes-out" not in words else 0
        pictures = list(place.rglob("p.png")) + list(place.rglob("p-*.dpz"))
        assert "Traceback" not in err, told
        if letter == "+":
            assert code == 0, told
        elif letter == "-":
            assert code == 2 and not spent and not list(place.rglob("*.png")), told
            assert len([line for line in err.splitlines() if "usage" not in line]) >= 1, told
        else:
            assert code == 1 and "failed: " in err and "v.mkv" in err, told
            assert spent == (0 if source == "films" else 1), told
            assert bool(pictures) == (source == "both"), told
        assert out == "" or "--json" in words or "--dry-run" in words, told


@pytest.mark.parametrize(
    "words",
    ["--codec ffv1", "--preset fast", "--quality 9", "--audio copy", "--format matroska"],
)
def test_numbered_pictures_are_not_coded_as_videos_are(run, inputs, words):
    """A folder for one video: no sound is there, whatever is asked for."""
    line = ("pixelize", "v.mkv", "-o", "frames", "--epsilon", 1)
    code, _, err = run(*line, *words.split())
    assert code == 2 and "a folder for numbered pictures" in err and not Path("frames").exists()
    assert run(*line)[0] == 0 and len(list(Path("frames").glob("*.png"))) == 3
    assert run(*line, "--force", *words.split())[0] == 2  # now that it is there as well


@pytest.mark.parametrize("name", ["o.png", "o.JPG"])
def test_a_video_is_not_named_as_a_picture(run, inputs, name):
    """Of one frame, or of a container that nobody asked for."""
    code, _, err = run("pixelize", "v.mkv", "-o", name, "--epsilon", 1)
    assert code == 2 and "has the name of a picture" in err and not Path(name).exists()


def test_what_painting_would_leave_out_is_refused(run, inputs):
    """Of releases what is for clips, of clips what is for releases, and of numbered pictures both."""
    assert run("pixelize", "p.png", "-o", "r.dpz", "--epsilon", 1)[0] == 0
    assert run("pixelize", "v.mkv", "-o", "c.dpz", "--epsilon", 1)[0] == 0
    coded = ["--codec ffv1", "--preset fast", "--quality 9"]
    for source, target, refused in (
        ("r.dpz", "o.png", ["--steady off", *coded]),
        ("c.dpz", "o.mkv", ["--side 9", "--max-pixels 9", "--max-bytes 9"]),
        ("c.dpz", "frames", coded),
        ("c.dpz", "o.png", [""]),
        ("c.dpz", "o.dpz", [""]),
    ):
        for words in refused:
            code, _, err = run("render", source, "-o", target, *words.split())
            assert code == 2 and not Path(target).exists(), (source, target, words)
            assert words.partition(" ")[0] in err
    assert run("render", "r.dpz", "-o", "o.png")[0] == 0
    assert run("render", "c.dpz", "-o", "o.mkv", "--steady", "off", "--quality", 9)[0] == 0
    assert run("render", "c.dpz", "-o", "frames")[0] == 0
    code, _, err = run("info", "c.dpz")
    assert code == 1 and "the frames of a video; numbadp render" in err
