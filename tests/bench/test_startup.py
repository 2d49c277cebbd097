"""What each flow adds to the first one: which processes are run, and what is said of them."""

import pytest

from bench import startup

MACHINE = dict.fromkeys(("cpu", "cores", "system", "python", "numpy", "numba"), "x")


def test_a_flow_is_run_with_the_kernels_of_the_first_and_then_with_its_own(monkeypatch):
    """It adds what it takes less the second time; flows do not share their kernels."""
    seen = []

    def run(program, cache, folder):
        kept = sorted(path.name for path in cache.iterdir()) if cache.is_dir() else []
        cache.mkdir(exist_ok=True)
        (cache / str(len(seen))).touch()
        seen.append((program, kept))
        return 9.0 - len(kept)

    monkeypatch.setattr(startup, "_run_flow", run)
    flows = {startup.FIRST_FLOW: "first", "grey": "grey", "private": "private"}
    found = startup.measure_flows(flows)
    assert found == {startup.FIRST_FLOW: {"s": 9.0}, "grey": {"s": 1.0}, "private": {"s": 1.0}}
    assert seen[0] == ("first", [])
    others = [kept for program, kept in seen if program in ("grey", "private")]
    assert sorted(map(len, others)) == [1, 1, 2, 2] and all("0" in kept for kept in others)


@pytest.mark.parametrize(("seconds", "met"), [(2.4, "yes"), (2.6, "**no**")])
def test_flows_are_judged_each_by_its_bound(seconds, met):
    """The first by 8 s, paid and exact splits by 6, all others by 2.5."""
    lines = {name: startup._flow_line(name, seconds) for name in startup.FLOWS}
    assert lines["grey"][-1] == met and lines["private"][-1] == "yes"
    assert [lines[name][2] for name in ("colour", "exact", "mask")] == ["8 s", "6 s", "2.5 s"]


def test_results_without_flows_are_rendered_as_before():
    """Older results have none."""
    section = {
        "runs": 1, "import_s": dict.fromkeys(startup.IMPORTS, 1.0), "first_s": 1, "first_cpu_s": 1,
        "later_s": 1, "later_cpu_s": 1, "later_runs": 1,
        "machine": MACHINE, "quiet": {"reasons": []},
    }  # fmt: skip
    table = startup.render_startup(section)
    assert "adds |" not in table
    flows = {name: {"s": 1.0} for name in startup.FLOWS}
    assert startup.render_startup(section | {"flows": flows}).count(" adds ") >= len(flows) - 1


@pytest.mark.parametrize("name", ["file in", "zones"])
def test_a_flow_is_a_program(name):
    """It compiles as Python, and names what its process has."""
    program = startup._FLOW.format(startup.FLOWS[name])
    compile(program, name, "exec")
    assert program.count("numbadp") >= 2
