"""Solid: from which noise on a box of one grey is as close to a face as a release of it.

The faces are those of the attack, the error is the mean over several releases of every picture.
The box is middle grey, which looks at nothing: epsilon is 0.
"""

import numpy as np

from bench.attack import SCALES
from bench.faces import Faces
from bench.scene import M
from bench.tables import markdown_table, number
from bench.utility import epsilon_of
from numbadp import Pixelizer

RELEASES = 5
GREY = 128
STYLES = ("mosaic", "smooth")


def measure_solid(faces: Faces, releases: int = RELEASES, scales=SCALES) -> dict:
    """Compare releases of faces with a box; nothing of this is private."""
    box = _errors(np.full_like(faces.pictures, GREY), faces.pictures)
    return {
        "faces": faces.name, "pictures": len(faces.pictures), "shape": list(faces.shape),
        "m": M, "releases": releases, "grey": GREY, "box": float(box.mean()),
        "rows": [_row(faces, scale, releases) for scale in scales],
    }  # fmt: skip


def _row(faces: Faces, scale: int, releases: int) -> dict:
    batch = faces.pictures[..., None]
    pixelizer = Pixelizer(batch.shape, epsilon=epsilon_of(scale), m=M)
    found = {style: np.zeros(len(batch)) for style in STYLES}
    for _ in range(releases):
        release = pixelizer(batch)
        for style in STYLES:
            found[style] += _errors(release.render(style)[..., 0], faces.pictures) / releases
    return {
        "scale": scale,
        "cell": pixelizer.plan.planes[0].cell,
        "mse": {style: float(each.mean()) for style, each in found.items()},
        "least": {style: float(each.min()) for style, each in found.items()},
        "most": {style: float(each.max()) for style, each in found.items()},
    }


def _errors(pictures: np.ndarray, originals: np.ndarray) -> np.ndarray:
    """Mean squared error of every picture."""
    difference = np.subtract(pictures, originals, dtype=np.float64)
    return (difference**2).mean(axis=(1, 2))


def render_solid(section: dict) -> str:
    """Write the table: mean errors by scale, and the box."""
    height, width = section["shape"]
    header = ["r = 255 m / ε", f"ε of a face, {width} × {height}", "cell"]
    header += [f"{style}: MSE" for style in STYLES]
    lines = []
    for row in section["rows"]:
        epsilon = 255 * height * width / row["scale"]
        errors = [number(row["mse"][style]) for style in STYLES]
        lines.append([str(row["scale"]), number(epsilon), str(row["cell"]), *errors])
    lines.append(["solid box", "0", "–", *[number(section["box"])] * len(STYLES)])
    legend = (
        f"{section['pictures']} faces ({section['faces']}), mean over {section['releases']} "
        f"releases of each. The box has the grey level {section['grey']} everywhere."
    )

    return "\n\n".join([markdown_table(header, lines), legend])
