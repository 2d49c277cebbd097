"""``--charge once``: tasks on their way to workers, charged by the driver in groups.

A charge is noted in the manifest once it is durable in the ledger.  A driver that is killed between
the two charges that one group again when it goes on: too much, never too little.  What was noted
pays for a release under the same plan and in the same ledger, and for no other.
"""

from collections.abc import Iterator
from hashlib import sha256
from itertools import islice

from numbadp.accounting.guarantee import Guarantee
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
    paid, store = manifest.charged(), pixelize.store.place
    while group := list(islice(tasks, GROUP)):
        reasons: dict[str, str] = {}  # why an input was not charged, by its id
        waiting: dict[str, tuple[Guarantee, str]] = {}  # an id may be there twice
        for task in group:
            if isinstance(task, dict):
                continue
            try:
                if pixelize.store.find(task.id) is None:
                    promise = promise_of(pixelize, task.source, _boxes(task))
                    if paid.get(task.id) != (charge := _charge(promise, ledger, store)):
                        waiting[task.id] = promise, charge
            except NumbadpError as error:
                reasons[task.id] = str(error)
        refused = charge_inputs(ledger, [promise for promise, _ in waiting.values()])
        for (identity, (_, charge)), refusal in zip(waiting.items(), refused, strict=True):
            if refusal is None:
                manifest.add({"id": identity, "status": CHARGED, "charge": charge})
                paid[identity] = charge
            else:
                reasons[identity] = str(refusal)
        for task in group:
            if isinstance(task, dict) or task.id not in reasons:
                yield task
            else:
                yield failed(task, reasons[task.id])


def _charge(promise: Guarantee, ledger: Ledger, store: str) -> str:
    """What is charged, where to, and for which store.

    A charge for another plan, to another ledger or for another store does not pay.
    """
    text = f"{promise!r} {ledger.path} {store}"
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _boxes(task: Task):
    if task.boxes is None:
        return None
    return lambda shape: boxes_in(task.boxes, shape)
