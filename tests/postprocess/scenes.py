"""Small released scenes for the temporal filter: noisy cells of something that moves."""

import numpy as np

SIDE = 40
NOISE = 12.0


def scene(frame, shift=0, light=1.0, bright=60):
    """Means of cells of a textured wall and a bright square that walks, as they were."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    wall = 90 + 40 * np.sin((x + shift) / 3.0) + 30 * np.cos(y / 4.0)
    wall[12:20, 5 + frame % 25 : 11 + frame % 25] += bright
    return wall * light


def noisy(means, generator, noise=NOISE):
    """Add Laplace noise of a standard deviation."""
    return means + generator.laplace(0, noise / np.sqrt(2), means.shape)


def story(kind, frames, generator):
    """A list of noisy frames of a story: still, walk, cut, light or pan."""
    found = []
    for t in range(frames):
        late = t >= frames // 2
        made = {
            "still": lambda: scene(0),
            "walk": lambda t=t: scene(t),
            "cut": lambda late=late: 255 - scene(0) if late else scene(0),
            "light": lambda late=late: scene(0, light=1.15 if late else 1.0),
            "pan": lambda t=t: scene(0, shift=1.5 * t),
        }[kind]()
        found.append(noisy(made, generator))
    return found
