"""What the temporal filter makes of films whose releases live on a GPU, there or in the simulator."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from unittest import mock

import numpy as np

STYLES = ("cells", "mosaic", "smooth", "blocks")


@dataclass(frozen=True)
class Film:
    """Frames of one shape: sides of their cells, which begin a scene, how they are drawn."""

    id: str
    shape: tuple
    cells: tuple = (8, 8)
    cuts: tuple = ()
    how: dict = field(default_factory=dict)
    epsilon: int = 6
    styles: tuple = STYLES

    def releases(self):
        """Yield releases of the same numbers everywhere: something walks, integers made it."""
        from numbadp.accounting.guarantee import guarantee_of
        from numbadp.mechanism.planning import build_plan
        from numbadp.release.release import build_release

        rng = np.random.default_rng(11)
        for t, cell in enumerate(self.cells):
            plan, values = build_plan(self.shape, epsilon=self.epsilon, m=16, cell=cell), []
            for plane in plan.planes:
                y, x = np.indices(plane.grid) * plane.cell // 8
                walks = ((x - t) % 17 < 3) & (x < 34) & (y < 12)
                wall = 40 + 9 * ((x // 3 + y // 2) % 11) + 70 * walks
                if t in self.cuts:
                    wall = 210 - wall
                most = int(2 * plane.scale)
                noise = rng.integers(-most, most + 1, plane.grid)
                noise *= rng.integers(0, 2, plane.grid)
                means = wall if plane.low >= 0 else wall // 8 - 11
                values.append(means * plane.cell**2 * plane.divisor + noise)
            yield build_release(plan, guarantee_of(plan), tuple(values))


FILMS = (
    Film("film-grey", (21, 131), (8, 8, 8, 8), (3,), styles=("cells", "smooth")),
    Film("film-ygo", (21, 141, 3)),
    Film("film-first-version", (11, 131), how={"version": 1}, styles=("mosaic",)),
    Film("film-second-version", (18, 50, 3), how={"version": 2}, styles=("smooth",)),
    Film("film-other-cells", (19, 55), (16, 8, 8, 16), epsilon=1, styles=("smooth",)),
    Film("film-pixels", (6, 9), (1, 1), epsilon=4000, styles=("mosaic",)),
)


def on_device(release, stream=0):
    """Put a release onto the current device."""
    from numbadp.compute.device import frozen, part_of, table
    from numbadp.release.release import build_release

    flat, start, found = table(np.concatenate([v.ravel() for v in release.values])), 0, []
    for value in release.values:
        found.append(frozen(part_of(flat, start, value.shape, stream)))
        start += value.size
    return build_release(release.plan, release.guarantee, tuple(found))


def host(array):
    """An array in host memory, wherever it was."""
    return array.copy_to_host() if hasattr(array, "copy_to_host") else array


def seen_of(film, place=lambda release: release):
    """Everything that a filter shows of a film's frames: numbers, flags, leaves, pictures."""
    import numbadp

    steady, found = numbadp.TemporalFilter(**film.how), {}
    for t, release in enumerate(film.releases()):
        frame = steady.steady(place(release))
        for k, value in enumerate(frame.values):
            found[f"{film.id}/{t}/sums {k}"] = host(value)
        below = frame.to_host()
        for k, grid in enumerate(below._grids):
            found[f"{film.id}/{t}/grid {k}"] = grid
        found[f"{film.id}/{t}/ranges"] = below._thresholds
        found[f"{film.id}/{t}/told"] = np.array([steady.moving, steady.restarted])
    for style in film.styles:
        found[f"{film.id}/{style}"] = host(frame.render(style))
    if "mosaic" in film.styles:
        found[f"{film.id}/levels"] = frame.quadtree().levels
    return found


@contextmanager
def few_iterations():
    """Draw frames with few iterations, in host memory and in the simulator alike."""
    temporal = import_module("numbadp.release.temporal")
    plane = import_module("numbadp.postprocess.steady_plane")
    device = import_module("numbadp.postprocess.steady_denoise_cuda")
    cold = plane.COLD._replace(iterations=3)
    with (
        mock.patch.object(plane, "COLD", cold),
        mock.patch.object(device, "COLD", cold),
        mock.patch.object(temporal, "BY_ROWS", plane.BY_ROWS._replace(iterations=1, more=1)),
        mock.patch.object(temporal, "BY_BLOCKS", plane.BY_BLOCKS._replace(iterations=1, more=1)),
        mock.patch.object(temporal, "BY_TURNS", plane.BY_TURNS._replace(iterations=1, more=1)),
    ):
        yield


def run_temporal(found):
    """All films on the device, as they are drawn there."""
    with few_iterations():
        for film in FILMS:
            found |= seen_of(film, on_device)
    found["film-idle"] = idle_tile()


def idle_tile():
    """What is left of a state where no cell of a tile has turns, or had in the launch before."""
    from numbadp.compute.device import table
    from numbadp.compute.gpu import configured
    from numbadp.postprocess.kernels import steady_denoise_cuda as kernels

    states, out = (table(np.full(16, value, np.float32)) for value in (3, -1))
    fixed, turns = table(np.ones(7, np.float32)), table(np.zeros((1, 1), np.uint8))
    configured(kernels.steady_sweep_cuda, (1, 1), (3, 3), 0, 4 * 8 * 9)(
        states, fixed, turns, 1, 0, 1, 1, out
    )
    return out.copy_to_host()
