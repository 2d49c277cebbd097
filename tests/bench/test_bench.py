"""The benchmark's own arithmetic: tables, ratios, the case table, and figures never typed by hand."""

import sys
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from bench import (
    bounds,
    machine,
    memory,
    pictures,
    readme,
    rivals,
    tables,
    timing,
    utility,
    vectors,
)
from bench.arrays import account_bytes
from bench.cases import BASE, CASES, STYLES, cases_of
from bench.scene import Scene

QUIET = {"reasons": []}
MACHINE = {
    "cpu": "a cpu",
    "cores": 2,
    "system": "Linux",
    "python": "3.11",
    "numpy": "2",
    "numba": "1",
}


@pytest.fixture
def small_scene(monkeypatch):
    """A scene of a ragged little picture."""
    monkeypatch.setitem(pictures.SIZES, "small", (88, 120))
    return Scene("small")


def test_markdown_tables_are_aligned_and_rectangular():
    table = tables.markdown_table(["what", "ms"], [["a", "1"], ["long name", "22.5"]])
    assert table.splitlines()[1] == "|-----------|-----:|"
    assert len({len(line) for line in table.splitlines()}) == 1
    with pytest.raises(ValueError, match="2 cells"):
        tables.markdown_table(["what", "ms"], [["a"]])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0, "0"),
        (0.99951, "1.00"),
        (12.345, "12.3"),
        (999.6, "1000"),
        (0.01284, "0.0128"),
    ],
)
def test_numbers_have_three_significant_digits(value, text):
    assert tables.number(value) == text


def test_a_ratio_is_the_median_over_common_rounds():
    samples = {"base": {0: 1.0, 1: 2.0, 2: 4.0}, "case": {0: 3.0, 2: 8.0}}
    assert timing.ratio_to(samples, "case", "base") == 2.5
    assert timing.summary_ms({"x": {0: 1e6, 1: 3e6}}, "x")["median_ms"] == 2


def test_rounds_are_interleaved_and_slow_cases_rare(monkeypatch):
    monkeypatch.setattr(timing, "_TURN_CALLS", 1)
    seen = []
    turns = [
        timing.Turn("a", lambda: seen.append("a")),
        timing.Turn("slow", lambda: seen.append("s"), threads=1, every=2),
        timing.Turn("b", lambda: seen.append("b")),
    ]
    samples = timing.run_rounds(turns, 3)
    assert "".join(seen) == "ab" + "aasbb" + "aabb" + "aasbb"  # once to compile; warm, timed
    assert [len(samples[name]) for name in ("a", "slow", "b")] == [3, 2, 3]


def test_the_case_table_is_complete_and_unambiguous():
    ids = [(size, case.id) for size in pictures.SIZES for case in CASES if size in case.sizes]
    assert len(ids) == len(set(ids))
    names = {case.name for case in CASES}
    assert {BASE, "release", "measure", "noise", "reconstruct", "quadtree", "new plan"} <= names
    assert {f"release + {style}" for style in STYLES} <= names
    assert {f"paint {style}" for style in STYLES} <= names
    assert {f"release + {style}, tv" for style in bounds.DRAWN} <= names
    judged = {*bounds.RATIO_LIMITS, *bounds.ONCE_LIMITS, bounds.OPENCV, "ours"}
    assert judged <= names
    both = [case.name for case in CASES if case.group in ("ours", "boxes", "stages")]
    assert all(both.count(name) == 2 for name in both)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.group in ("copy", "plain", "dp-pix")], ids=lambda c: c.id
)
def test_cases_of_others_run_on_ragged_pictures(case, small_scene):
    """The whole picture is made anew, of its size and about as bright; ours are tested elsewhere."""
    if not case.available:
        pytest.skip(f"{case.needs} is not installed")
    small_scene.out[:] = 7
    found = case.build(small_scene)()
    made = small_scene.out if found is None else np.asarray(found)
    assert made.dtype == np.uint8 and made.shape == small_scene.rgb.shape
    drawn = np.asarray(made[-1], int)
    assert (drawn != 7).mean() > 0.5
    # One noisy cell is off by up to hundreds; the mean of all 48 cells is not.
    assert abs(made.mean() - small_scene.rgb.mean()) < 45


def test_cases_without_their_module_are_left_out(monkeypatch):
    monkeypatch.setattr("bench.cases.find_spec", lambda name: None if name == "cv2" else name)
    assert bounds.OPENCV not in {case.name for case in cases_of("1080p")}


@pytest.mark.parametrize("module", ["cv2", "PIL"])
def test_plain_pixelation_shows_the_mean_of_every_cell(module):
    """OpenCV rounds exactly, Pillow is at most one level off; half cells included."""
    pytest.importorskip(module)
    picture = pictures.photo_of_size(88, 120)
    make = rivals.opencv_pixelation if module == "cv2" else rivals.pillow_pixelation
    found = np.asarray(make(picture)())[:, :120].astype(int)
    cells = [picture[y : y + 16, x : x + 16] for y in range(0, 88, 16) for x in range(0, 120, 16)]
    means = np.array([cell.mean(axis=(0, 1)) for cell in cells]).reshape(6, 8, 3)
    expected = means.repeat(16, axis=0)[:88].repeat(16, axis=1)[:, :120]
    assert np.abs(found - expected).max() <= (0.5 if module == "cv2" else 1)


def test_textbook_dp_pix_has_the_right_scale_and_shape():
    assert rivals.laplace_scale(1, 16, 3) == 3 * 255 * 16
    picture = pictures.photo_of_size(88, 120)
    near = rivals.numpy_dp_pix(picture, 10**9, 1)()
    out = rivals.naive_dp_pix(picture, np.zeros_like(picture), 10**9, 1)()
    assert near.shape == out.shape == picture.shape
    assert np.abs(near.astype(int) - out).max() <= 1  # means that end in one half


def test_opendp_gives_integers():
    pytest.importorskip("opendp")
    assert len(rivals.opendp_laplace(4080.0, 5)()) == 5


def test_the_quiet_check_returns_and_names_what_it_found(monkeypatch):
    monkeypatch.setattr(machine, "_WATCH_S", 0.01)
    monkeypatch.setattr(machine, "_SPIN_STEPS", 1000)
    found = machine.check_quiet()
    assert found.quiet == (found.warning() == "")
    noisy = machine.Quiet(1.0, 0.0, 0.0, ["others work"])
    assert noisy.warning() == "machine is not quiet: others work"
    assert machine.LoadWatch().foreign_load() is None or sys.platform == "linux"


def test_the_machine_is_described_without_names_or_paths():
    found = machine.describe_machine()
    assert {"cpu", "cores", "python", "threads", "numpy", "numba"} <= found.keys()
    assert not any("/" in str(value) for value in found.values() if value != found["cpu"])


def test_bounds_are_judged_on_parallel_rows():
    row = {
        "case": "release + cells",
        "size": "1080p",
        "parallel": True,
        "ratio": 3.5,
        "median_ms": 1,
    }
    serial = {**row, "parallel": False, "ratio": 1.0}
    found = bounds.judge([row, serial])
    assert [(b["measured"], b["met"]) for b in found] == [(3.5, False)]


def test_the_default_effort_is_judged_against_total_variation():
    rows = [
        {"case": name, "size": "1080p", "parallel": True, "ratio": 20.0, "median_ms": ms}
        for name, ms in (("release + smooth", 3), ("release + smooth, tv", 2),
                         ("release + smooth, best", 30))
    ]  # fmt: skip
    found = {b["bound"]: (b["measured"], b["met"]) for b in bounds.judge(rows)}
    assert found["release + smooth, 1080p: times effort tv"] == (1.5, False)
    assert found["release + smooth, best, 1080p: times np.copyto"] == (20, True)


def _known_errors(shape, *, epsilon, m, layout="free", planes="auto"):
    """A stand-in for `Pixelizer`, off by a known number of levels everywhere."""
    assert layout in ("free", "uniform") and m == 16 and epsilon <= utility.epsilon_of(64)
    errors = {"cells": 10, "mosaic": 8, "smooth": 5 if planes == "auto" else 10}

    def render(style, effort="default"):
        return picture_of[0] + np.uint8(errors[style] - (effort == "best"))

    picture_of = [None]

    def release(picture):
        picture_of[0] = picture
        return SimpleNamespace(render=render)

    return release


def test_utility_is_measured_against_the_uniform_mosaic(monkeypatch):
    monkeypatch.setattr(utility, "Pixelizer", _known_errors)
    rgb = np.full((6, 9, 3), 100, np.uint8)
    photo = SimpleNamespace(name="p", grey=rgb[:, :, 1], rgb=rgb, megapixels=2.5)
    section = {**utility.measure_utility([photo], 2), "machine": MACHINE, "quiet": QUIET}
    assert [row["scale"] for row in section["grey"]] == list(utility.SCALES)
    shares = {"mosaic": 0.64, "smooth": 0.25, "mosaic, best": 0.49, "smooth, best": 0.16}
    assert section["grey"][0]["share"] == shares
    assert section["colour"][0]["gain"] == pytest.approx(20 * np.log10(2))
    assert all(bound["met"] for bound in utility.judge_utility(section))
    assert "1 large" in utility.render_utility(section) and "| p" in utility.render_photos(section)


def test_small_photos_are_not_judged():
    row = {"photo": "p", "megapixels": 1.9, "scale": 64, "share": dict.fromkeys(utility.LIMITS, 9)}
    found = utility.judge_utility({"grey": [row], "colour": []})
    assert all(bound["met"] is None for bound in found)


def test_errors_are_exact_sums_of_squares():
    assert utility.epsilon_of(4080) == 1 and utility.epsilon_of(64) == Fraction(255, 4)
    assert utility.mean_squared_error(np.uint8([[0, 255]]), np.uint8([[255, 254]])) == 32513


@pytest.mark.parametrize("size", pictures.SIZES)
def test_the_account_of_memory_meets_its_bounds(size):
    plan = memory.memory_plan(size)
    pixels = plan.height * plan.width * 3
    for style, limit in memory.LIMITS.items():
        assert account_bytes(plan, style, 2) <= (limit or 1) * pixels


@pytest.mark.parametrize(
    ("line", "packed", "bits"),
    [
        ("vpaddw\t%ymm0, %ymm1, %ymm2", 1, 256),
        ("paddd\t%xmm0, %xmm1", 1, 128),
        ("vaddss\t%xmm0, %xmm1, %xmm2", 0, 0),
        ("vmovss\t(%rax), %xmm0", 0, 0),
        ("vmovdqu64\t%zmm0, (%rax)", 1, 512),
        ("vmovd\t%eax, %xmm0", 0, 0),
        ("vcvtsi2sd\t%rax, %xmm0, %xmm0", 0, 0),
        ("addq\t%rax, %rbx", 0, 0),
        ("add\tv0.8h, v1.8h, v2.8h", 1, 128),
    ],
)
def test_packed_instructions_are_told_from_scalars(line, packed, bits):
    assert vectors.count_packed(f"\t{line}\n") == (packed, bits)


def test_results_are_kept_section_by_section(tmp_path):
    path = tmp_path / "results" / "cpu.json"
    readme.save_section(path, "speed", {"rows": [1.23456789]})
    readme.save_section(path, "memory", {"rows": []})
    assert readme.load_results(path) == {"speed": {"rows": [1.23457]}, "memory": {"rows": []}}


def test_only_text_between_markers_is_rendered(monkeypatch):
    monkeypatch.setitem(readme.RENDERERS, "speed", lambda section: section["text"])
    text = "before\n<!-- bench:speed -->\nold\n<!-- /bench:speed -->\nafter\n"
    new = readme.rendered(text, {"speed": {"text": r"new \1"}})
    assert new == text.replace("old", "\nnew \\1\n")
    assert readme.rendered(new, {"speed": {"text": r"new \1"}}) == new
    assert readme.rendered(text, {}) == text


def test_the_tables_of_readme_and_docs_equal_the_committed_results():
    results = readme.load_results(readme.RESULTS)
    pages = readme.pages()
    assert {page.name for page in pages} >= {"README.md", "measured.md"}
    for page in pages:
        text = page.read_text("utf-8")
        assert readme.rendered(text, results) == text, f"{page.name}: run `python -m bench readme`"


def test_every_result_is_shown_somewhere():
    results = readme.load_results(readme.RESULTS)
    shown = {n for page in readme.pages() for n in readme.marked_sections(page.read_text("utf-8"))}
    assert set(results) - {"solid"} <= shown  # what solid boxes tell is in the tables of advice
