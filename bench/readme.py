"""Tables of the README and of the docs, rendered between markers from the committed results."""

import json
import re
from pathlib import Path

from bench.attack_report import render_attack, render_efforts
from bench.comparison import render_methods
from bench.gpu_table import render_gpu
from bench.layouts import render_layouts
from bench.memory import render_memory
from bench.pictures import DOCS, ROOT
from bench.pool import render_pool
from bench.solid import render_solid
from bench.speed import render_speed
from bench.startup import render_startup
from bench.storage import render_storage
from bench.summary import SECTIONS, render_summary
from bench.threads import render_threads
from bench.utility import render_utility
from bench.video import render_video

README = ROOT / "README.md"
RESULTS = ROOT / "bench" / "results" / "cpu.json"
RENDERERS = {
    "speed": render_speed,
    "utility": render_utility,
    "layouts": render_layouts,
    "methods": render_methods,
    "attack": render_attack,
    "efforts": render_efforts,
    "solid": render_solid,
    "memory": render_memory,
    "startup": render_startup,
    "storage": render_storage,
    "gpu": render_gpu,
    "pool": render_pool,
    "threads": render_threads,
    "video": render_video,
}
# Not part of "all": need a machine with a GPU, clips, or minutes more.
ON_REQUEST = ("efforts", "gpu", "pool", "threads", "video")


def load_results(path: Path) -> dict:
    """Read results; none yet is an empty dictionary."""
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def save_section(path: Path, name: str, section: dict) -> None:
    """Put one section into the results, next to those that are there."""
    results = {**load_results(path), name: section}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_rounded(results), indent=1, ensure_ascii=False)
    path.write_text(text + "\n", "utf-8")


def pages() -> list[Path]:
    """The files that have tables: the README, and whatever page of the docs has markers."""
    docs = sorted(DOCS.rglob("*.md"))
    return [path for path in (README, *docs) if marked_sections(path.read_text("utf-8"))]


def rendered(text: str, results: dict) -> str:
    """A page's text with every marked section that there are results for."""
    found = {name: render(results[name]) for name, render in RENDERERS.items() if name in results}
    if all(name in results for name in SECTIONS):
        found["summary"] = render_summary(results)
    for name, table in found.items():
        body = f"<!-- bench:{name} -->\n\n{table}\n\n<!-- /bench:{name} -->"
        text = _section(name).sub(lambda _, body=body: body, text)
    return text


def marked_sections(text: str) -> list[str]:
    """Names of the sections that a text has markers for."""
    return [name for name in (*RENDERERS, "summary") if _section(name).search(text)]


def update_page(page: Path, results: dict) -> list[str]:
    """Rewrite the marked sections of a file; returns which."""
    text = page.read_text("utf-8")
    page.write_text(rendered(text, results), "utf-8")
    return marked_sections(text)


def _section(name: str) -> re.Pattern:
    return re.compile(f"<!-- bench:{name} -->.*?<!-- /bench:{name} -->", re.DOTALL)


def _rounded(value):
    """Six significant digits are plenty, and keep the file's history readable."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value
