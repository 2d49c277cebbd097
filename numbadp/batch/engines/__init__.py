"""Engines: carry chunks of work to threads, processes, or a cluster, and bring results back.

An engine takes a function, chunks one by one and only as many as its workers need, and gives back
each chunk with what the function made of it, or with the error that ended it, in any order.  Where
workers die it tries again; that nothing is released twice is the store's affair.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from numbadp.errors import OptionError

ENGINES = {
    "threads": "numbadp.batch.engines.threads",
    "processes": "numbadp.batch.engines.processes",
    "ray": "numbadp.batch.engines.ray_tasks",
    "dask": "numbadp.batch.engines.dask_tasks",
}
CLUSTERS = ("ray", "dask")


def run_chunks(
    engine: str, work: Callable, chunks: Iterator[list], jobs: int | None, address: str | None
) -> Iterator[tuple[list, Any]]:
    """Have an engine work on chunks.

    Parameters
    ----------
    engine : str
        One of `ENGINES`.
    work : callable
        From a chunk to a result; picklable, unless the engine is ``"threads"``.
    chunks : iterator of list
        Taken when a worker is about to be free: a queue may be as long as it likes.
    jobs : int or None
        Workers; by default the cores of this process, or of the cluster.
    address : str or None
        Of a running cluster; without it one is started here, for as long as the work takes.

    Yields
    ------
    tuple of list and object
        A chunk and its result, or the exception that ended it.

    Raises
    ------
    OptionError
        If the engine is unknown or not installed, or takes no address.
    """
    check_engine(engine, address)
    return import_module(ENGINES[engine]).run(work, chunks, jobs, address)


def check_engine(engine: str, address: str | None) -> None:
    """Refuse an engine that is unknown, or an address for one that has none.

    Parameters
    ----------
    engine : str
        One of `ENGINES`.
    address : str or None
        Of a running cluster.

    Raises
    ------
    OptionError
        With what there is.
    """
    if engine not in ENGINES:
        raise OptionError(f"engine must be one of {', '.join(ENGINES)}; got {engine!r}.")
    if address is not None and engine not in CLUSTERS:
        raise OptionError(f"an address is for {' or '.join(CLUSTERS)}; got engine {engine!r}.")
