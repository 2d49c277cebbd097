"""``--charge once``: tasks on their way to workers, charged by the driver in groups.

A charge is noted in the manifest once it is durable in the ledger.  A driver that is killed between
the two charges that one group again when it goes on: too much, never too little.
"""

from collections.abc import Iterator
from itertools import islice

from numbadp.accounting.ledger import Ledger
from numbadp.batch import Pixelize
from numbadp.batch.charging import charge_inputs, promise_of
from numbadp.batch.manifest import CHARGED, Manifest
from numbadp.cli.regions import boxes_in
from numbadp.cli.working import Task, failed
from numbadp.errors import NumbadpError

GROUP = 64  # inputs of one charge


def charged_once(
    tasks: Iterator[Task | dict], pixelize: Pixelize, ledger: Ledger, manifest: Manifest
) -> Iterator[Task | dict]:
    """Charge what has no release and was not charged yet; pass everything on.

    Parameters
    ----------
    tasks : iterator of Task or dict
        The queue; records of what failed pass.
    pixelize : Pixelize
        What is asked for, without a ledger.
    ledger : Ledger
        The budget.
    manifest : Manifest
        Where charges are noted.

    Yields
    ------
    Task or dict
        A task that was charged, or a record of why it was not.
    """
    before = manifest.charged()
    while group := list(islice(tasks, GROUP)):
        answers: dict[int, dict] = {}
        waiting: list[tuple[int, Task, object]] = []
        for number, task in enumerate(group):
            if isinstance(task, dict) or task.id in before:
                continue
            try:
                if pixelize.store.find(task.id) is None:
                    waiting.append((number, task, promise_of(pixelize, task.source, _boxes(task))))
            except NumbadpError as error:
                answers[number] = failed(task, str(error))
        refused = charge_inputs(ledger, [promise for _, _, promise in waiting])
        for (number, task, _), error in zip(waiting, refused, strict=True):
            if error is None:
                manifest.add({"id": task.id, "status": CHARGED})
            else:
                answers[number] = failed(task, str(error))
        yield from (answers.get(number, task) for number, task in enumerate(group))


def _boxes(task: Task):
    if task.boxes is None:
        return None
    return lambda shape: boxes_in(task.boxes, shape)
