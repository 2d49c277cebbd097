"""The notebooks: run them, keep what they print and draw, and take the README's pictures from them.

A cell whose metadata has ``"docs": NAME`` draws the picture docs/NAME.
"""

import base64
import json
from pathlib import Path

from bench.pictures import DOCS, ROOT

NOTEBOOKS = ROOT / "notebooks"
_TIMEOUT = 600  # seconds a cell, on a busy machine that compiles
_IMAGES = {".png": "image/png", ".jpg": "image/jpeg"}


def find_notebooks(names: list[str] | None = None) -> list[Path]:
    """List the notebooks, or those of some names.

    Raises
    ------
    FileNotFoundError
        If there is no notebook of a name.
    """
    paths = {path.stem: path for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
    unknown = [name for name in names or () if name not in paths]
    if unknown:
        raise FileNotFoundError(f"no notebook {unknown}; there are {list(paths)}.")
    return [paths[name] for name in names or paths]


def run_notebook(path: Path) -> None:
    """Run a notebook from top to bottom and keep its outputs, without times or versions."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": str(path.parent)}}
    options = {"timeout": _TIMEOUT, "kernel_name": "python3", "record_timing": False}
    NotebookClient(notebook, resources=place, **options).execute()
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    nbformat.write(notebook, path)


def notebook_pictures(path: Path) -> dict[str, bytes]:
    """Files that the tagged cells of a notebook draw, by name.

    Raises
    ------
    ValueError
        If a tagged cell has not drawn one picture of its name's kind.
    """
    found = {}
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        name = cell["metadata"].get("docs")
        if name:
            kind = _IMAGES[Path(name).suffix]
            drawn = [o["data"][kind] for o in cell["outputs"] if kind in o.get("data", {})]
            if len(drawn) != 1:
                raise ValueError(f"{path.name}: the cell of {name} drew {len(drawn)} pictures.")
            found[name] = base64.b64decode("".join(drawn[0]))
    return found


def save_notebook_pictures(paths: list[Path], folder: Path = DOCS) -> list[Path]:
    """Write the pictures of notebooks as files; returns them."""
    folder.mkdir(parents=True, exist_ok=True)
    done = []
    for path in paths:
        for name, content in notebook_pictures(path).items():
            (folder / name).write_bytes(content)
            done.append(folder / name)
    return done
