"""The notebook on the GPU runs where there is no result, and from a result."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

PLOTS = find_spec("matplotlib") is not None  # the extra "notebooks" has it
pytestmark = pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive")
ROOT = Path(__file__).parents[1]


def run_cells(folder, monkeypatch):
    """Run the notebook's code in a folder."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.chdir(folder)
    scope = {}
    for cell in json.loads((ROOT / "notebooks" / "gpu_vs_cpu.ipynb").read_text())["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and (PLOTS or "matplotlib" not in source):
            exec(source, scope)


def test_it_says_what_is_recorded(monkeypatch, capsys):
    """Without figures it claims nothing."""
    run_cells(ROOT, monkeypatch)
    recorded = (ROOT / "bench" / "results" / "gpu.json").is_file()
    assert ("no GPU result is recorded yet" in capsys.readouterr().out) != recorded


def test_it_renders_figures(monkeypatch, capsys, tmp_path):
    """With figures it shows the table and who wins at each size."""
    (tmp_path / "bench" / "results").mkdir(parents=True)
    (tmp_path / "bench" / "gpu.py").write_text("")
    section = {
        "rows": [], "noise": {"per_second": 1e9}, "device": {"name": "a device"}, "rounds": 1,
        "epsilon": 1, "m": 16, "crossover": [{"side": 64, "cpu_ms": 1, "cuda_ms": 2}],
    }  # fmt: skip
    path = tmp_path / "bench" / "results" / "gpu.json"
    path.write_text(json.dumps({"gpu": section}))
    run_cells(tmp_path, monkeypatch)
    out = capsys.readouterr().out
    assert "1e+09 exact samples" in out
    assert "64 px: CPU 1.00 ms, GPU 2.00 ms: CPU" in out or not PLOTS
