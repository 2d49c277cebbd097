"""The evidence in the package and the page of advice are made from the committed results."""

import json
import shlex

import pytest

import numbadp
from bench import __main__ as bench_main
from bench import evidence, readme
from bench.attack import interval
from numbadp.accounting.guarantee import guarantee_of
from numbadp.advice.evidence import load_evidence, parse_evidence
from numbadp.cli.arguments import build_parser


@pytest.fixture(scope="module")
def results():
    found = readme.load_results(readme.RESULTS)
    if not found:
        pytest.skip("no results are committed")
    return found


def test_the_package_holds_what_the_results_say(results):
    """`python -m bench evidence` makes it again."""
    assert evidence.EVIDENCE.read_text("utf-8") == evidence.evidence_text(results)


def test_the_page_shows_what_the_package_says():
    """`python -m bench evidence` makes it again."""
    text = evidence.PAGE.read_text("utf-8")
    assert evidence.page_text(text) == text
    for name in evidence.OBJECTS:
        assert f"### {name.capitalize()}: " in text
    assert text.count("| solid box") == len(evidence.OBJECTS)


def test_figures_are_those_of_the_readmes_tables(results):
    """Oracle: the strongest of all attacks on one release, and the mean over photos, by hand."""
    found = parse_evidence(json.loads(evidence.evidence_text(results)))
    assert found == load_evidence()
    own = ("cells", "mosaic", "smooth", "published values")
    for scale in results["attack"]["scales"]:
        best = max(
            accuracy
            for row in results["attack"]["rows"]
            if row["protection"] in own and row["scale"] == scale
            for accuracy in row["accuracy"].values()
        )
        point = found.attack.curves[1].at(scale)
        assert point.value == best
        assert (point.low, point.high) == pytest.approx(interval(best, 400), rel=1e-5)
    errors = [r["mse"]["mosaic"] for r in results["utility"]["grey"] if r["scale"] == 4080]
    point = found.utility.at(4080)
    assert point.value == pytest.approx(sum(errors) / len(errors), rel=1e-5)
    assert (point.low, point.high) == (min(errors), max(errors))
    assert found.solid_mse == results["solid"]["box"]


def test_the_page_speaks_of_what_there_is():
    """Its commands are understood, its figures computed."""
    text = evidence.PAGE.read_text("utf-8")
    lines = [line for line in text.splitlines() if line.startswith("numbadp advise ")]
    assert len(lines) == 4
    for line in lines:
        options = build_parser().parse_args(shlex.split(line, comments=True)[1:])
        assert options.command == "advise"
    plan = numbadp.Pixelizer((1080, 1920), epsilon=1, m=16).plan
    assert guarantee_of(plan).for_pixels(120 * 150).epsilon == 1125 and "ε = 1125" in text
    assert f"more than {max(load_evidence().attack.curves)} frames" in text


def test_a_change_of_the_results_is_noticed(results):
    """Power: a figure that moves makes another file."""
    changed = json.loads(json.dumps(results))
    row = next(r for r in changed["attack"]["rows"] if r["protection"] == "mosaic")
    row["accuracy"]["PCA + LDA"] = 0.999
    assert evidence.evidence_text(changed) != evidence.EVIDENCE.read_text("utf-8")


def test_the_command_writes_both(results, tmp_path, monkeypatch, capsys):
    page = tmp_path / "advice.md"
    page.write_text("before\n<!-- bench:advice -->\nold\n<!-- /bench:advice -->\nafter\n")
    made = tmp_path / "evidence.json"
    save, update = evidence.save_evidence, evidence.update_page
    monkeypatch.setattr(evidence, "save_evidence", lambda results: save(results, made))
    monkeypatch.setattr(evidence, "update_page", lambda: update(page))
    assert bench_main.main(["evidence"]) == 0
    assert "evidence.json" in capsys.readouterr().out
    assert made.read_text() == evidence.EVIDENCE.read_text("utf-8")
    text = page.read_text("utf-8")
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text
    assert "| solid box" in text
