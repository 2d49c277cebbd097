"""Options of jobs."""

import pytest

from numbadp.batch import engines
from numbadp.cli.arguments import build_parser
from numbadp.cli.engine_arguments import ENGINES, is_job, is_list

USUAL = ["pixelize", "in", "-o", "out", "--epsilon", "1"]


def parsed(*more):
    """Options of a run."""
    return build_parser().parse_args([*USUAL, *more])


def test_the_engines_are_those_that_there_are():
    """Named here without importing any."""
    assert set(ENGINES) == set(engines.ENGINES)


@pytest.mark.parametrize(
    "more",
    [["--engine", "ray"], ["--jobs", "2"], ["--store", "s"], ["--root", "."], ["--retry"],
     ["--address", "auto"]],
)  # fmt: skip
def test_any_option_of_a_job_makes_a_run_one(more):
    """And no other does."""
    assert is_job(parsed(*more)) and not is_job(parsed("--force", "--payload", "release"))


def test_a_list_is_a_single_name_after_a_sign():
    """@FILE or @-."""
    assert is_list(["@names.txt"]) and is_list(["@-"])
    assert not is_list(["names.txt"]) and not is_list(["@a", "@b"])


@pytest.mark.parametrize("more", [["--jobs", "0"], ["--jobs", "x"], ["--engine", "spark"]])
def test_what_makes_no_sense_is_refused(more, capsys):
    """As wrong usage."""
    with pytest.raises(SystemExit):
        parsed(*more)
    assert "usage" in capsys.readouterr().err
