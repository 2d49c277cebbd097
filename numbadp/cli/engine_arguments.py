"""Options of jobs: engines, stores, and what becomes of inputs that failed."""

import argparse

ENGINES = ("threads", "processes", "ray", "dask")
# Any of these makes a run a job.
_OF_JOBS = ("engine", "jobs", "address", "store", "root", "charge", "retry")

ABOUT_JOBS = """\
With --engine a folder is a job: releases are published once each in a store (OUT/numbadp-releases,
or --store), pictures are painted from there, and OUT/jobs.jsonl has a line for whatever became of
an input.  The same command again goes on where the last one stopped, also after a power failure; no
picture gets a second release.  What failed is left alone until --retry.  --force paints anew, from
the releases that are there.  With --payload release OUT itself is the store.  A single IN of the
form @FILE, or @- for standard input, names a list of inputs, one a line, as long as you like.
A video is one input: all its frames become one release file, each with the epsilon that is asked
for, measured and painted as videos usually are.  --detect looks in the workers."""


def add_engines(parser: argparse.ArgumentParser) -> None:
    """Add the options of jobs.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Of ``numbadp pixelize``.
    """
    group = parser.add_argument_group("jobs", ABOUT_JOBS)
    group.add_argument(
        "--engine",
        choices=ENGINES,
        help="who does the work: threads of this process, processes of this machine, or tasks of "
        "Ray (extra scale) or Dask (extra dask)",
    )
    group.add_argument("--jobs", type=_positive, metavar="N", help="workers (default: one a core)")
    group.add_argument(
        "--address", metavar="ADDRESS", help="a running cluster of Ray or Dask; else one is started"
    )
    group.add_argument(
        "--store",
        metavar="PLACE",
        help="folder or URL of the releases, which several machines may share",
    )
    group.add_argument(
        "--root",
        metavar="FOLDER",
        help="folder that holds all inputs: ids are paths below it, not whole paths",
    )
    group.add_argument(
        "--charge",
        choices=("tries", "once"),
        help="with --ledger: tries (default): by the worker, at every try that measures, so that "
        "tries that died are paid as well; once: by this process, once an input",
    )
    group.add_argument(
        "--retry", action="store_true", help="try inputs again that failed in an earlier run"
    )


def is_job(options) -> bool:
    """Tell whether a run is a job.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed.

    Returns
    -------
    bool
        Whether any option of a job was given, or IN is a list.
    """
    given = any(getattr(options, name) for name in _OF_JOBS)
    return given or is_list(options.inputs)


def is_list(inputs: list[str]) -> bool:
    """Tell whether IN names a list of pictures."""
    return len(inputs) == 1 and inputs[0].startswith("@")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1; got {number}")
    return number


_positive.__name__ = "number"
