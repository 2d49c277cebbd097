"""``--json``: one object a picture on stdout, for whoever reads it with a program."""

import json
import sys

from numbadp.cli.jobs import PIPE
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

    def tell(self, source, target, status: str, **facts) -> None:
        """Print one object.

        Parameters
        ----------
        source, target : str or Path or None
            The picture and its output.
        status : str
            ``written``, ``copied``, ``skipped``, ``planned``, ``kept`` (by a job that was done
            before) or ``failed``.
        **facts
            epsilon, m, covered pixels, boxes, error; what JSON has no numbers for is text.
        """
        if not self._wanted:
            return
        place = None if target is None else str(target)
        found = {"in": str(source), "out": place, "status": status, **facts}
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


def line_of(source, target, status: str, facts: dict) -> str:
    """The same in one line, for ``--verbose``.

    Parameters
    ----------
    source, target, status
        As for `Report.tell`.
    facts : dict
        As for `Report.tell`.

    Returns
    -------
    str
        For the terminal.
    """
    parts = [f"{status}: {shown(source)} -> {_place(target)}"]
    if facts.get("covered") is not None:
        parts.append(f"{count(facts['covered'], 'pixel')} covered")
    if facts.get("boxes") is not None:
        parts.append(_boxes(len(facts["boxes"])))
    return ", ".join(parts)


def _place(target) -> str:
    return "standard output" if target == PIPE else shown(target)


def _boxes(number: int) -> str:
    return "1 box" if number == 1 else f"{number} boxes"
