"""A job charged by whoever drives it: once an input, before a worker measures it.

Statement.  After `charge_inputs` every input that it gave no error for has been charged as a
  release under the job's own plan is, once; so if each input of a job is charged once before it is
  handed to workers that have no ledger, the ledger has exactly what is visible when all are done,
  and never less before.
Proof sketch.
  (1) A plan follows from a picture's header, the options and its boxes; so does what it costs.  A
      video costs as many frames as its file counts (films.py).
  (2) n pictures of one plan are charged as a batch of n: n frames of that price, in one step.
  (3) However often workers try, one release of an input is visible (store.py).
Assumes.  The picture's header does not change before it is measured; boxes are not found by looking
  at the picture.
Tested by tests/batch/test_charging.py
"""

from dataclasses import replace
from pathlib import Path

from numbadp.accounting.guarantee import Guarantee, guarantee_of
from numbadp.accounting.ledger import Ledger
from numbadp.batch.inputs import kind_of
from numbadp.batch.pixelize import Pixelize
from numbadp.errors import BudgetError, NumbadpError
from numbadp.pictures.header import check_header
from numbadp.pictures.reading import read_header
from numbadp.pictures.rim import cover


def promise_of(pixelize: Pixelize, path: str, boxes=None) -> Guarantee:
    """Say what a release of an input would promise.

    No pixel of a picture is decoded; frames of a video are counted, and one is decoded, since its
    header does not say which side is up.

    Parameters
    ----------
    pixelize : Pixelize
        What is asked for; without a detector.
    path : str
        The picture, or the video.
    boxes : callable, optional
        From the picture's shape to its boxes, in place of those of the whole job.

    Returns
    -------
    Guarantee
        Of one release.

    Raises
    ------
    PictureError, ArrayTypeError
        If it cannot be read.
    NumbadpError
        If its boxes make no sense.
    """
    if kind_of(path) == "video":
        from numbadp.batch.films import promise_of_film

        return promise_of_film(path, pixelize, pixelize.options["boxes"])
    header = read_header(Path(path))
    check_header(header, pixelize.max_pixels)
    wanted = pixelize.options["boxes"] if boxes is None else boxes(header.shape)
    wide = cover(header, wanted, None, pixelize.options["rim"])
    return guarantee_of(pixelize.pixelizer(header.shape, wide.boxes, wide.mask).plan)


def charge_inputs(ledger: Ledger, promises: list[Guarantee]) -> list[NumbadpError | None]:
    """Charge inputs of a job, as many at once as have one plan.

    Parameters
    ----------
    ledger : Ledger
        The budget.
    promises : list of Guarantee
        As of `promise_of`.

    Returns
    -------
    list of NumbadpError or None
        For each of them why it was refused; None if it was charged.
    """
    answers: list[NumbadpError | None] = [None] * len(promises)
    groups: dict[Guarantee, list[int]] = {}
    for number, promise in enumerate(promises):
        groups.setdefault(promise, []).append(number)
    for promise, numbers in groups.items():
        try:
            ledger.charge(_of_many(promise, len(numbers)))
        except BudgetError:  # for all of them; some may fit
            for number in numbers:
                answers[number] = _refused(ledger, promise)
    return answers


def _of_many(promise: Guarantee, count: int) -> Guarantee:
    """What a batch of pictures of one plan promises (step 2)."""
    return replace(promise, batch=count, tau=promise.tau * count)


def _refused(ledger: Ledger, promise: Guarantee) -> NumbadpError | None:
    try:
        ledger.charge(promise)
    except BudgetError as error:
        return error
    return None
