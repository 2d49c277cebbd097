"""The findings as a picture: certified bounds beside claims."""

from pathlib import Path

from numbadp.audit.report import Report
from numbadp.errors import AuditError

_WIDTH, _ROW, _MARGIN = 9.0, 0.3, 1.2  # inches
_COLOURS = {True: "tab:red", False: "tab:blue"}


def save_plot(report: Report, path: str | Path) -> None:
    """Draw certified bounds, posteriors and claims as bars.

    Parameters
    ----------
    report : Report
        The findings.
    path : str or Path
        Where; the suffix decides the format (png, svg, pdf).

    Raises
    ------
    AuditError
        If Matplotlib is not installed, or cannot write the file.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise AuditError(
            "a plot needs Matplotlib, which is not installed. Run: pip install 'numbadp[audit]'"
        ) from None
    rows = report.rows
    figure = Figure(figsize=(_WIDTH, _MARGIN + _ROW * len(rows)), layout="constrained")
    axes = figure.subplots()
    places = range(len(rows))
    axes.barh(
        places,
        [row.finding.epsilon_low for row in rows],
        color=[_COLOURS[row.finding.refutes] for row in rows],
        label="certified lower bound",
    )
    axes.plot([row.finding.epsilon_credible for row in rows], places, "k|", label="posterior", ms=8)
    axes.plot([row.finding.claimed for row in rows], places, "D", color="tab:orange", label="claim")
    axes.set_yticks(places, [f"{row.audited}: {row.finding.pair}" for row in rows])
    axes.invert_yaxis()
    axes.set_xlabel(f"epsilon (all bounds together: confidence {report.confidence:g})")
    axes.legend(loc="lower right", fontsize="small")
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise AuditError(f"the plot cannot be written: {error}. Pass another path.") from None
