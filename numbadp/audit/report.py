"""Findings of several audits as a table, as plain data and as a picture."""

from dataclasses import dataclass

from numbadp.audit.bounds import runs_needed
from numbadp.audit.certify import Finding

_HEADER = ("audited", "pair", "claimed", "certified", "share", "posterior", "verdict")


@dataclass(frozen=True)
class Row:
    """A finding and whose it is.

    Attributes
    ----------
    audited : str
        Name of the mechanism.
    promised : bool
        Whether the mechanism promises the claimed epsilon, or was only asked for it.
    finding : Finding
        What was found.
    """

    audited: str
    promised: bool
    finding: Finding

    @property
    def verdict(self) -> str:
        """What the finding means for the promise."""
        if self.finding.refutes:
            return "CLAIM REFUTED" if self.promised else "above; nothing promised"
        return "not refuted" if self.promised else "not above; nothing promised"


@dataclass(frozen=True)
class Report:
    """Findings that hold together.

    Attributes
    ----------
    rows : tuple of Row
        One an audit.
    confidence : float
        Chance that all certified bounds hold, at least, by the union bound.
    """

    rows: tuple[Row, ...]
    confidence: float

    @property
    def refuted(self) -> tuple[Row, ...]:
        """Rows whose promise is refuted."""
        return tuple(row for row in self.rows if row.promised and row.finding.refutes)

    def as_dict(self) -> dict:
        """Return everything as plain data.

        Returns
        -------
        dict
            For JSON.
        """
        rows = [
            {"audited": row.audited, "promised": row.promised, "verdict": row.verdict}
            | row.finding.as_dict()
            for row in self.rows
        ]
        return {"confidence": self.confidence, "refuted": len(self.refuted), "rows": rows}

    def __str__(self) -> str:
        """A table, the events, and what it would take to see smaller losses."""
        lines = _table([_HEADER, *map(_cells, self.rows)])
        lines += ["", "events that were certified:"]
        lines += [f"  {i}. {row.finding.event}" for i, row in enumerate(self.rows, 1)]
        return "\n".join([*lines, "", *self._meaning()])

    def _meaning(self) -> list[str]:
        runs = max(row.finding.runs for row in self.rows)
        confidence = self.rows[0].finding.confidence
        needed = ", ".join(
            f"{runs_needed(epsilon, confidence):.2g} at epsilon {epsilon:g}"
            for epsilon in sorted({1.0, 0.5, 0.1} | {row.finding.claimed for row in self.rows})[
                ::-1
            ]
        )
        return [
            f"All bounds hold together with confidence {self.confidence:g}.  Each is ln(P/P') of "
            f"one event over {runs:,} releases of each",
            "image, chosen on one part of them and counted on the rest.  A bound above a claim "
            "refutes it; one below proves nothing.",
            f"To certify 0.97 of a loss that a pair attains takes this many releases: {needed}.",
        ]


def _cells(row: Row) -> tuple[str, ...]:
    finding = row.finding
    return (
        row.audited, finding.pair, f"{finding.claimed:g}", f"{finding.epsilon_low:.4f}",
        f"{finding.share:.3f}", f"{finding.epsilon_credible:.4f}", row.verdict,
    )  # fmt: skip


def _table(rows) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    numbers = {2, 3, 4, 5}
    numbered = [("", rows[0]), *((str(i), row) for i, row in enumerate(rows[1:], 1))]
    return [
        "  ".join(
            [f"{number:>2}"]
            + [
                cell.rjust(width) if i in numbers else cell.ljust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
        ).rstrip()
        for number, row in numbered
    ]
