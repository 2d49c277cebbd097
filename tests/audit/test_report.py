"""The report: a table that says what is refuted, plain data, and the runs that it takes."""

import json

import pytest

from numbadp.audit.bounds import Counts, runs_needed
from numbadp.audit.certify import Finding
from numbadp.audit.report import Report, Row


def finding(low, claimed=1.0, pair="16 pixels in one cell"):
    """Return a finding with a given bound."""
    counts = Counts(500, 1000, 200, 1000)
    return Finding(pair, claimed, 0.0, 0.999, 2000, "output 0 >= 3", counts, low, low + 0.1)


REPORT = Report(
    (
        Row("ours", True, finding(0.98)),
        Row("broken", True, finding(1.7)),
        Row("exact", False, finding(11.0)),
        Row("exact, chroma", False, finding(0.4)),
    ),
    0.99,
)


def test_the_table_says_what_each_bound_means():
    """Every row has its numbers and its verdict, and only promises can be refuted."""
    lines = str(REPORT).splitlines()
    for line, words in zip(
        lines[1:5],
        ("0.9800   0.980", "CLAIM REFUTED", "above; nothing promised", "not above; nothing"),
        strict=True,
    ):
        assert words in line
    assert lines[1].endswith("not refuted")
    assert [row.audited for row in REPORT.refuted] == ["broken"]


def test_the_table_says_what_smaller_losses_take():
    """The number of runs for epsilon 0.1 is the computed one."""
    text = str(REPORT)
    assert f"{runs_needed(0.1, 0.999):.2g} at epsilon 0.1" in text
    assert "confidence 0.99" in text and "2. output 0 >= 3" in text


def test_the_data_are_plain():
    """JSON and back loses nothing."""
    data = REPORT.as_dict()
    assert json.loads(json.dumps(data)) == data
    assert data["refuted"] == 1
    assert data["rows"][2]["epsilon_low"] == 11
    assert data["rows"][0]["counts"]["hits"] == 500


@pytest.mark.parametrize("low", [1.0, 1.0 + 1e-9])
def test_a_claim_is_refuted_from_above_alone(low):
    """A bound that equals the claim refutes nothing."""
    assert finding(low).refutes == (low > 1)
