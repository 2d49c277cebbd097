"""``--json``: one object a picture on stdout, for whoever reads it with a program."""

import json
import sys


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
