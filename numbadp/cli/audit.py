"""``numbadp audit``: lower bounds on epsilon, as a table, as JSON and as a plot."""

import json
import os
from pathlib import Path

from numbadp._version import __version__
from numbadp.cli.audit_arguments import LAYOUTS
from numbadp.cli.terminal import Terminal, shown_lines
from numbadp.errors import OutputError
from numbadp.files import write_bytes
from numbadp.parts import check_place


def run(options) -> int:
    """Audit layouts or a callable and print the table.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed.

    Returns
    -------
    int
        1 if a promise is refuted, else 0.

    Raises
    ------
    NumbadpError
        If an option makes no sense, or the audit cannot run.
    """
    from numbadp.audit import Report, audit_pair
    from numbadp.audit.bounds import check_confidence, special
    from numbadp.audit.report import Row

    special()
    outputs = [Path(path) for path in (options.json, options.plot) if path]
    _check_outputs(outputs, "replace" if options.force else "keep")
    targets = _targets(options)
    terminal = Terminal(options.quiet)
    confidence = check_confidence(options.confidence)
    each = 1 - (1 - confidence) / len(targets)  # union bound: all hold together
    rows = []
    for number, target in enumerate(targets, 1):
        terminal.note(f"{number} of {len(targets)}: {target.name}, {target.pair.name} ...")
        finding = audit_pair(
            target.mechanism, target.pair, claimed=target.claimed, delta=target.delta,
            runs=options.runs, confidence=each,
        )  # fmt: skip
        rows.append(Row(target.name, target.promised, finding))
    report = Report(tuple(rows), confidence)
    print(shown_lines(report))
    _write(report, options)
    return 1 if report.refuted else 0


def _targets(options):
    from numbadp.cli.audited import callable_targets, own_targets

    if options.target:
        return callable_targets(
            options.target, shape=options.shape, cell=options.cell, epsilon=options.epsilon,
            m=options.m,
        )  # fmt: skip
    layouts = LAYOUTS if options.layout == "all" else (options.layout,)
    return own_targets(layouts, epsilon=options.epsilon, m=options.m)


def _check_outputs(paths, existing: str) -> None:
    """Find out before minutes of work that a result could not be kept."""
    for path in paths:
        try:
            check_place(path, replace=existing == "replace")
        except FileExistsError:
            raise OutputError(
                f"{path} exists. Pass --force to replace it, or another name."
            ) from None
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror}.") from None
        if not path.parent.is_dir():
            raise OutputError(f"{path.parent} is no folder. Make it first.")
        if not os.access(path.parent, os.W_OK):
            raise OutputError(f"{path.parent} is not writable. Name another place.")


def _write(report, options) -> None:
    if options.json:
        found = {"numbadp": __version__} | report.as_dict()
        try:
            write_bytes(options.json, (json.dumps(found, indent=1) + "\n").encode("utf-8"))
        except OSError as error:
            raise OutputError(f"{options.json} cannot be written: {error.strerror}.") from None
    if options.plot:
        from numbadp.audit.plot import save_plot

        save_plot(report, options.plot)
