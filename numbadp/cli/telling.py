"""``--json``: one object a picture on stdout, for whoever reads it with a program."""

import json
import sys

from numbadp.cli.terminal import count, shown


class Report:
    """What became of each picture.

    Parameters
    ----------
    wanted : bool
        Whether anything is printed.
    """

    def __init__(self, wanted: bool):
        self._wanted = wanted

    def tell(self, job, status: str, **facts) -> None:
        """Print one object.

        Parameters
        ----------
        job : Job
            The picture.
        status : str
            ``written``, ``copied``, ``skipped``, ``planned`` or ``failed``.
        **facts
            epsilon, m, covered pixels, boxes, error; what JSON has no numbers for is text.
        """
        if not self._wanted:
            return
        target = "-" if job.to_stdout else str(job.target)
        found = {"in": str(job.source), "out": target, "status": status, **facts}
        print(json.dumps(found, default=str, ensure_ascii=True), file=sys.stdout)


def facts_of(guarantee, boxes=None) -> dict:
    """What a guarantee says, for a report.

    Parameters
    ----------
    guarantee : Guarantee
        Of one release.
    boxes : sequence, optional
        As covered; None where a mask or the whole picture is.

    Returns
    -------
    dict
        For `Report.tell`.
    """
    epsilon = "infinite" if guarantee.epsilon == float("inf") else str(guarantee.epsilon)
    return {
        "epsilon": epsilon,
        "m": guarantee.m,
        "covered": guarantee.covered,
        "boxes": None if boxes is None else [list(map(int, box)) for box in boxes],
    }


def line_of(job, status: str, facts: dict) -> str:
    """The same in one line, for ``--verbose``.

    Parameters
    ----------
    job : Job
        The picture.
    status : str
        As for `Report.tell`.
    facts : dict
        As for `Report.tell`.

    Returns
    -------
    str
        For the terminal.
    """
    boxes = facts.get("boxes")
    covered = facts.get("covered")
    what = "" if boxes is None else f" in {'1 box' if len(boxes) == 1 else f'{len(boxes)} boxes'}"
    pixels = "" if covered is None else f", {count(covered, 'pixel')} covered{what}"
    place = "standard output" if job.to_stdout else shown(job.target)
    return f"{status}: {shown(job.source)} -> {place}{pixels}"
