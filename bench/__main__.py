"""Measure numbadp, print Markdown tables, keep results, render README and docs from them."""

import argparse
import sys
from pathlib import Path

from bench.against import measure_against
from bench.attack import EFFORTS, FULL, QUICK, measure_attack
from bench.attack_report import render_attackers
from bench.comparison import measure_methods, render_method_photos
from bench.faces import read_faces
from bench.layouts import RELEASES as LAYOUT_RELEASES
from bench.layouts import measure_layouts
from bench.machine import LOAD_LIMIT, LoadWatch, check_quiet, describe_machine
from bench.memory import measure_memory
from bench.pictures import DOCS, SIZES, find_photos
from bench.readme import (
    ON_REQUEST,
    RENDERERS,
    RESULTS,
    load_results,
    pages,
    save_section,
    update_page,
)
from bench.solid import measure_solid
from bench.speed import ROUNDS, measure_speed
from bench.startup import measure_startup
from bench.storage import measure_storage, render_files
from bench.threads import measure_threads
from bench.utility import RELEASES, measure_utility, render_photos
from bench.vectors import measure_vectors, render_vectors
from bench.video import CLIPS, FRAMES, measure_video

NOT_QUIET = 3
# Sections that have more to say in the terminal than in the README.
_DETAILS = {
    "utility": render_photos, "methods": render_method_photos, "attack": render_attackers,
    "storage": render_files,
}  # fmt: skip
_SIZE_NAMES = {size.lower(): size for size in SIZES}


def main(argv: list[str] | None = None) -> int:
    """Run one subcommand."""
    given = sys.argv[1:] if argv is None else argv
    if given[:1] == ["scale"]:  # has parts and options of its own
        from bench.scale.__main__ import main as scale

        return scale(given[1:])
    options = _parser().parse_args(argv)
    if options.command == "readme":
        return _render_readme(options)
    if options.command == "evidence":
        return _update_advice(options)
    if options.command == "vectors":
        print(render_vectors(measure_vectors()))
        return 0
    if options.command == "faces":
        return _find_faces(options)
    if options.command in ("figures", "notebooks"):
        return _draw(options)
    for name in _sections(options):
        code = _run(name, options)
        if code:
            return code
    return 0


def _sections(options) -> list[str]:
    """Names of the sections that a command measures."""
    everything = [name for name in RENDERERS if name not in ON_REQUEST]
    names = everything if options.command == "all" else [options.command]
    if options.command == "utility":
        names.append("methods")
    for name in ("attack", "solid"):
        if name in names and options.faces is None:
            print(
                f"{name} is left out: pass --faces with a folder for each person", file=sys.stderr
            )
            names.remove(name)
    return names


def _run(name: str, options) -> int:
    """Check, measure, print, save."""
    quiet = check_quiet()
    if not quiet.quiet:
        print(quiet.warning(), file=sys.stderr)
        if options.strict:
            return NOT_QUIET
    print(f"measuring {name} ...", file=sys.stderr)
    watch = LoadWatch()
    section = _measure(name, options)
    section["machine"] = describe_machine()
    section["quiet"] = _findings(quiet, watch.foreign_load())
    if options.json:
        save_section(Path(options.json), name, section)
    print(RENDERERS[name](section), end="\n\n")
    if name in _DETAILS:
        print(_DETAILS[name](section), end="\n\n")
    return 1 if section.get("errors") else 0


def _measure(name: str, options) -> dict:
    if name == "speed":
        sizes = [_SIZE_NAMES[options.size]] if options.size else list(SIZES)
        return measure_speed(sizes, options.rounds, options.buffers)
    if name == "utility":
        photos = find_photos(options.photos)
        return {
            **measure_utility(photos, options.releases),
            "against": measure_against(photos),
        }
    if name == "layouts":
        return measure_layouts(find_photos(options.photos), LAYOUT_RELEASES, ROUNDS)
    if name == "methods":
        return measure_methods(find_photos(options.photos), options.releases)
    if name == "attack":
        return measure_attack(read_faces(options.faces), QUICK if options.quick else FULL)
    if name == "efforts":
        return measure_attack(read_faces(options.faces), EFFORTS)
    if name == "solid":
        return measure_solid(read_faces(options.faces))
    if name == "memory":
        return measure_memory()
    if name == "storage":
        return measure_storage(find_photos(options.photos))
    if name == "gpu":
        from bench.gpu import measure_gpu

        def save(section):
            if options.json:
                kept = section | {"machine": describe_machine()}
                save_section(Path(options.json), "gpu", kept)

        return measure_gpu(rounds=options.rounds, save=save)
    if name == "pool":
        from bench.pool import measure_pool

        return measure_pool(options.images)
    if name == "threads":
        return measure_threads()
    if name == "video":
        return measure_video(Path(options.clips), options.frames)

    return measure_startup()


def _findings(quiet, during: float | None) -> dict:
    """What the check found before, and the load of others during the measurement."""
    reasons = list(quiet.reasons)
    if during is not None and during > LOAD_LIMIT:
        reasons.append(f"during the measurement others kept {during:.2f} cores busy")
        print(f"machine was not quiet: {reasons[-1]}", file=sys.stderr)
    return {
        "reasons": reasons,
        "foreign_load_before": quiet.foreign_load,
        "foreign_load_during": during,
        "spin_spread": quiet.spin_spread,
        "copy_spread": quiet.copy_spread,
    }


def _find_faces(options) -> int:
    """Recall of face detectors; 1 if ours misses its bound."""
    from bench.recall import is_met, measure_recall, render_recall

    section = measure_recall(options.data)
    print(render_recall(section))
    return 0 if is_met(section) else 1


def _render_readme(options) -> int:
    results = load_results(Path(options.json or RESULTS))
    if not results:
        print("no results to render; run `python -m bench all --json FILE` first", file=sys.stderr)
        return 1
    for page in pages():
        print(f"rendered: {page.name}: {', '.join(update_page(page, results))}")
    return 0


def _update_advice(options) -> int:
    """Write what the package's advice is read from, and the tables of docs/advice.md."""
    from bench.evidence import PAGE, save_evidence, update_page

    results = load_results(Path(options.json or RESULTS))
    path = save_evidence(results)
    update_page()
    print(f"written: {path.name}, {PAGE.name}")
    return 0


def _draw(options) -> int:
    """Write the README's pictures, from results and from notebooks, which may be run before."""
    from bench.figures import save_figures
    from bench.notebooks import find_notebooks, run_notebook, save_notebook_pictures

    done = []
    if options.command == "figures":
        done += save_figures(load_results(Path(options.json or RESULTS)), Path(options.to))
    paths = find_notebooks(getattr(options, "names", None))
    for path in paths if options.command == "notebooks" else ():
        print(f"running {path.name} ...", file=sys.stderr)
        run_notebook(path)
    for path in (*done, *save_notebook_pictures(paths, Path(options.to))):
        print(f"drawn: {path.name}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    faces = commands.add_parser("faces", help="recall of face detectors on labelled photos")
    text = "folder with faces_in_scenes.json and the photos in scenes/"
    faces.add_argument("--data", required=True, help=text)
    for name in (*RENDERERS, "all", "vectors", "readme", "evidence", "figures", "notebooks"):
        command = commands.add_parser(name)
        if name == "vectors":
            continue
        if name in ("figures", "notebooks"):
            command.add_argument("--to", default=DOCS, help="folder; default: docs/")
        if name == "notebooks":
            command.add_argument("names", nargs="*", help="which to run; default: all")
            continue
        command.add_argument("--json", help="results; readme reads them, others add their section")
        if name not in ("readme", "evidence", "figures"):
            command.add_argument("--strict", action="store_true", help="stop on a busy machine")
        if name in ("speed", "all"):
            command.add_argument("--size", choices=_SIZE_NAMES, help="one size; default both")
            command.add_argument("--rounds", type=int, default=ROUNDS)
            command.add_argument("--buffers", choices=("same", "fresh"), default="same")
        if name == "pool":
            command.add_argument("--images", help="an .npz with images and labels")
        if name == "gpu":
            command.add_argument("--rounds", type=int, default=20)
        if name == "video":
            command.add_argument("--clips", default=CLIPS, help="folder with the two clips")
            command.add_argument("--frames", type=int, default=FRAMES)
        if name in ("attack", "efforts", "solid", "all"):
            text = "folder with a folder of pictures for each person"
            command.add_argument("--faces", required=name != "all", help=text)
        if name in ("attack", "all"):
            command.add_argument("--quick", action="store_true", help="fewer and weaker attacks")
        if name in ("utility", "layouts", "methods", "storage", "all"):
            command.add_argument("--photos", help="folder; default: those of scikit-image's wheel")
        if name in ("utility", "layouts", "methods", "all"):
            command.add_argument("--releases", type=int, default=RELEASES)
    return parser


if __name__ == "__main__":
    sys.exit(main())
