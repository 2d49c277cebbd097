"""The shared case table: shapes with ragged edges, batches, planes and options, as named data."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from oracles import pipeline

from numbadp.mechanism.entropy import Key
from numbadp.mechanism.planning import build_plan

ONE_EPSILON = "1"


@dataclass(frozen=True)
class Case:
    """A picture's shape and the options that it is released with."""

    id: str
    shape: tuple[int, ...]
    epsilon: str = ONE_EPSILON
    m: int = 16
    options: dict = field(default_factory=dict)

    def plan(self):
        """Return the package's plan."""
        return build_plan(self.shape, epsilon=self.epsilon, m=self.m, **self.options)

    def oracle_plan(self):
        """Return the reference's plan of one picture of the batch."""
        size = self.shape[1:3] if len(self.shape) == 4 else self.shape[:2]
        colour = len(self.shape) > 2 and self.shape[-1] == 3
        options = dict(self.options)
        planes = {None: "ygo", "auto": "ygo", "rgb": "rgb"}[options.pop("planes", None)]
        return pipeline.plan(
            size, self.epsilon, self.m, planes=planes if colour else "grey", **options
        )

    def image(self, salt: int = 0):
        """Return a fixed picture of this shape."""
        return picture(self.shape, salt)


@dataclass(frozen=True)
class ExpectFail:
    """Something that must be refused: with which error, and with which words."""

    id: str
    given: object
    error: type[Exception]
    match: str


# Chroma cells are larger than luma cells wherever a name says "coarse"; "two-blocks" has scales
# that take sixteen words a draw, "mixed-blocks" some planes of either kind.
CASES = (
    Case("grey-one-pixel", (1, 1)),
    Case("grey-row", (1, 23), "20", 1),
    Case("grey-column", (23, 1), "20", 1, {"cell": 2}),
    Case("grey-ragged", (13, 10)),
    Case("grey-with-channel", (9, 11, 1), "1/3", 2, {"cell": 4}),
    Case("grey-cell-1", (7, 9), "0.7", 3, {"cell": 1}),
    Case("grey-cell-256", (259, 300), "0.1", 16, {"cell": 256}),
    Case("grey-cell-512", (530, 12), "0.001", 16, {"cell": 512}),
    Case("grey-uniform", (31, 17), "4", 16, {"layout": "uniform"}),
    Case("grey-two-blocks", (9, 11), "0.001", 16, {"cell": 4}),
    Case("grey-tiny-scale", (9, 11), "500000", 1),
    Case("ygo-one-pixel", (1, 1, 3)),
    Case("ygo-even", (16, 16, 3), "200", 1),
    Case("ygo-coarse-ragged", (37, 29, 3), "2", 1),
    Case("ygo-cell-1", (5, 6, 3), "2", 1, {"cell": 1}),
    Case("ygo-cell-256", (258, 257, 3), "0.05", 16, {"cell": 256}),
    Case("ygo-cell-1024", (5, 1040, 3), "0.01", 16, {"cell": 1024}),
    Case("ygo-cell-256-coarse", (3, 1030, 3), "0.0001", 1, {"cell": 256}),
    Case("ygo-uniform", (33, 18, 3), "6", 4, {"layout": "uniform"}),
    Case("ygo-mixed-blocks", (9, 10, 3), "0.01", 16, {"cell": 8}),
    Case("rgb-ragged", (11, 14, 3), "3", 2, {"planes": "rgb"}),
    Case("rgb-uniform-row", (1, 40, 3), "9", 1, {"planes": "rgb", "layout": "uniform"}),
    Case("batch-grey", (3, 6, 7, 1), "1/7", 1, {"cell": 4}),
    Case("batch-one", (1, 5, 9, 3), "8", 1),
    Case("batch-ygo-coarse", (2, 12, 17, 3), "1/3", 1, {"cell": 4}),
    Case("batch-rgb", (2, 9, 5, 3), "5", 3, {"planes": "rgb", "cell": 2}),
)
BY_ID = {case.id: case for case in CASES}

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)


def some_cases(*ids):
    """Parametrize over a few rows of the table."""
    return pytest.mark.parametrize("case", [BY_ID[i] for i in ids], ids=ids)


def failing(*rows):
    """Parametrize over a table of refusals."""
    return pytest.mark.parametrize("bad", rows, ids=lambda row: row.id)


def picture(shape, salt: int = 0):
    """Return a fixed picture without structure; every pixel value occurs."""
    size = int(np.prod(shape))
    mixed = (np.arange(size, dtype=np.uint64) + np.uint64(salt)) * np.uint64(2654435761)
    return ((mixed >> np.uint64(9)) & np.uint64(255)).astype(np.uint8).reshape(shape)


def fixed_key(salt: int = 0) -> Key:
    """Return a fixed key, for replays."""
    return Key(bytes((7 * i + 13 * salt + 1) % 256 for i in range(32)))


def pictures_of(image):
    """Return the pictures of a batch, or the only one."""
    return list(image) if image.ndim == 4 else [image]


def stacked(planes_of_pictures, image):
    """Join the planes of every picture in the shapes of ``Release.values``."""
    joined = [np.stack(planes) for planes in zip(*planes_of_pictures, strict=True)]
    return joined if image.ndim == 4 else [plane[0] for plane in joined]


def oracle_sums(case: Case, image):
    """Return the reference's exact sums."""
    plan = case.oracle_plan()
    return stacked([pipeline.measure(one, plan) for one in pictures_of(image)], image)


def oracle_noise(case: Case, image, key: Key):
    """Return the reference's noise."""
    plan, words = case.oracle_plan(), key.words.tolist()
    drawn = [pipeline.draw_noise(plan, words, n) for n in range(len(pictures_of(image)))]
    return stacked(drawn, image)


def oracle_release(case: Case, image, key: Key):
    """Return the reference's noisy values."""
    plan, words = case.oracle_plan(), key.words.tolist()
    made = [pipeline.pixelize(one, plan, words, n) for n, one in enumerate(pictures_of(image))]
    return stacked(made, image)


def assert_same(found, expected):
    """Compare two tuples of arrays, bit for bit."""
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
