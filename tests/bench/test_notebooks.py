"""The notebooks: as they ran from top to bottom, small, without traces of a machine; their pictures."""

import base64
import copy
import json
import re

import pytest

from bench import notebooks
from bench.pictures import DOCS, ROOT

PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LARGEST = 500_000  # bytes
PLACES = re.compile(
    r"/(home|root|tmp|work|Users|opt|var|usr|mnt)/|\b[A-Z]:\\|site-packages|(?:file|https?)://|localhost"
)
every_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def read(path):
    return json.loads(path.read_text("utf-8"))


def texts(notebook):
    """Everything but the pictures."""
    stripped = copy.deepcopy(notebook)
    for cell in stripped["cells"]:
        for output in cell.get("outputs", []):
            for kind in [k for k in output.get("data", {}) if k.startswith("image/")]:
                del output["data"][kind]
    return json.dumps(stripped, ensure_ascii=False)


def faults(notebook):
    """What is wrong with a notebook that is to be committed."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    outputs = [output for cell in code for output in cell["outputs"]]
    checks = {
        "not run from top to bottom": [c["execution_count"] for c in code]
        == list(range(1, len(code) + 1)),
        "an error": all(output["output_type"] != "error" for output in outputs),
        "a warning": all(output.get("name") != "stderr" for output in outputs),
        "no plot": any("image/" in str(output.get("data", {}).keys()) for output in outputs),
        "a place": not PLACES.search(texts(notebook)),
        "times": not any("execution" in cell["metadata"] for cell in notebook["cells"]),
        "versions": "version" not in notebook["metadata"]["language_info"],
    }
    return [name for name, fine in checks.items() if not fine]


def test_there_are_six_notebooks():
    names = {
        "quickstart",
        "privacy_utility",
        "what_epsilon_means",
        "storage",
        "gpu_vs_cpu",
        "central_images",
    }
    assert {path.stem for path in PATHS} == names == {p.stem for p in notebooks.find_notebooks()}


@every_notebook
def test_notebooks_hold_what_they_printed_and_drew(path):
    assert faults(read(path)) == []
    assert path.stat().st_size < LARGEST


def test_what_must_not_be_committed_is_found():
    plot = {"output_type": "display_data", "data": {"image/png": "/tmp/"}}
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [plot]}
    good = {"cells": [cell], "metadata": {"language_info": {"name": "python"}}}
    assert faults(good) == []

    def broken(**changes):
        return faults({**good, "cells": [{**cell, **changes}]})

    assert broken(execution_count=2) == ["not run from top to bottom"]
    assert broken(outputs=[plot, {"output_type": "error"}]) == ["an error"]
    assert broken(outputs=[plot, {"output_type": "stream", "name": "stderr"}]) == ["a warning"]
    assert broken(outputs=[]) == ["no plot"]
    assert broken(metadata={"execution": {}}) == ["times"]
    for place in ("/home/me/photo.png", "C:\\photos", "http://localhost:8888"):
        assert broken(source=[place]) == ["a place"]
    versions = {"language_info": {"name": "python", "version": "3.11.7"}}
    assert faults({**good, "metadata": versions}) == ["versions"]


@every_notebook
def test_pictures_of_the_readme_are_those_of_the_notebooks(path):
    drawn = notebooks.notebook_pictures(path)
    assert drawn or path.stem == "gpu_vs_cpu", "a notebook draws a picture for docs/"
    for name, content in drawn.items():
        assert (DOCS / name).read_bytes() == content, "run `python -m bench figures`"


def test_a_tagged_cell_must_draw_one_picture_of_its_kind(tmp_path):
    picture = {"data": {"image/png": base64.b64encode(b"png").decode()}}
    cell = {"metadata": {"docs": "a.png"}, "outputs": [picture]}

    def write(*outputs):
        (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [{**cell, "outputs": outputs}]}))
        return tmp_path / "a.ipynb"

    path = write(picture)
    assert notebooks.save_notebook_pictures([path], tmp_path / "docs") == [
        tmp_path / "docs" / "a.png"
    ]
    assert (tmp_path / "docs" / "a.png").read_bytes() == b"png"
    with pytest.raises(ValueError, match="drew 0 pictures"):
        notebooks.notebook_pictures(write({"data": {"image/jpeg": ""}}))


def test_a_notebook_that_is_not_there_is_named():
    with pytest.raises(FileNotFoundError, match="no notebook .'absent'."):
        notebooks.find_notebooks(["absent"])


@pytest.mark.filterwarnings("default")  # of the client's own
def test_notebooks_are_run_without_a_trace_of_the_machine(tmp_path):
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    sources = ["from pathlib import Path", "Path('here').write_text('x'); 6 * 7"]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    notebooks.run_notebook(tmp_path / "a.ipynb")
    found = read(tmp_path / "a.ipynb")
    assert found["cells"][1]["outputs"][0]["data"]["text/plain"] == ["42"]
    assert faults(found) == ["no plot"] and (tmp_path / "here").exists()
