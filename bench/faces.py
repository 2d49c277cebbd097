"""Faces to attack: a folder for each person, and splits that are the same in every run."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from bench.pictures import SUFFIXES

_SUFFIXES = (*SUFFIXES, ".pgm")


@dataclass(frozen=True)
class Faces:
    """Grey pictures of people, all of one size.

    Attributes
    ----------
    name : str
        Name of the folder.
    pictures : ndarray of uint8, shape (n, H, W)
        The pictures.
    people : ndarray of int, shape (n,)
        Number of the person on each picture.
    """

    name: str
    pictures: np.ndarray
    people: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.pictures.shape[1:]

    @property
    def chance(self) -> float:
        """Accuracy of naming the person with the most pictures, whatever one sees."""
        return float(np.bincount(self.people).max() / len(self.people))


def read_faces(folder: str) -> Faces:
    """Read a folder that has a folder for each person, such as ORL's.

    Raises
    ------
    FileNotFoundError
        If there are fewer than two people with at least two pictures each.
    ValueError
        If the pictures differ in size.
    """
    pictures, people = [], []
    for person in sorted(p for p in Path(folder).iterdir() if p.is_dir()):
        paths = sorted(p for p in person.iterdir() if p.suffix.lower() in _SUFFIXES)
        if len(paths) >= 2:
            pictures += [_read_grey(path) for path in paths]
            people += [max(people, default=-1) + 1] * len(paths)
    if len(set(people)) < 2:
        raise FileNotFoundError(
            f"{folder} has pictures of {len(set(people))} people. Pass --faces with a folder for "
            "each person, and at least two pictures in each."
        )
    sizes = sorted({picture.shape[::-1] for picture in pictures})
    if len(sizes) > 1:
        raise ValueError(f"faces must be of one size; got {sizes} (width, height). Crop them.")
    return Faces(Path(folder).resolve().name, np.stack(pictures), np.array(people))


def split_halves(people: np.ndarray, number: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split every person's pictures in two and use each half once for training, once for tests.

    Parameters
    ----------
    people : ndarray of int
        Person of every picture.
    number : int
        Number of the split; the same number always gives the same split.

    Returns
    -------
    list of (ndarray, ndarray)
        Two pairs of indices (training, test); together the tests cover every picture once.
    """
    generator = np.random.default_rng(number)
    first = np.zeros(len(people), bool)
    for person in np.unique(people):
        own = generator.permutation(np.flatnonzero(people == person))
        first[own[: len(own) // 2]] = True
    halves = np.flatnonzero(first), np.flatnonzero(~first)
    return [halves, halves[::-1]]


def _read_grey(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("L"))
