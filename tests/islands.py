"""Regions of islands as named data, and what the reference makes of them."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from cases import Case
from hypothesis import strategies as st
from layout_cases import scene
from oracles import islands as oracle

from numbadp.mechanism.planning import build_plan


def ring(size):
    """Cover a ring, and a block inside of it that does not touch it."""
    y, x = np.indices(size)
    far = np.hypot(y - size[0] / 2, x - size[1] / 2) / min(size)
    covered = (far < 0.45) & (far > 0.3)
    covered[size[0] // 2 - 2 : size[0] // 2 + 2, size[1] // 2 - 2 : size[1] // 2 + 1] = True
    return covered


def specks(size):
    """Cover single pixels, pairs that touch at corners, and a bar."""
    covered = np.zeros(size, bool)
    covered[1, 1] = covered[2, 2] = covered[4, 9] = covered[-1, -1] = True
    covered[7:9, 3 : size[1] - 3] = True
    covered[6, 5] = True
    return covered


BOXES = [(-5, -2, 6, 9), (4, 5, 21, 14), (20, 22, 22, 99), (11, 17, 12, 18)]
SMALL = [
    (2 + 9 * i, 3 + 8 * j, 8 + 9 * i - i % 3, 9 + 8 * j - j % 2) for i in range(4) for j in range(3)
]


@dataclass(frozen=True)
class IslandCase:
    """A picture's shape, a region as boxes (or a list a picture) or a mask, and options."""

    id: str
    shape: tuple
    epsilon: str = "1"
    m: int = 1
    options: dict = field(default_factory=dict)
    boxes: list | None = None
    mask: object = None

    @property
    def size(self):
        """Height and width."""
        return self.shape[1:3] if len(self.shape) == 4 else self.shape[:2]

    def plan(self):
        """Return the package's plan."""
        mask = None if self.mask is None else self.mask(self.size)
        return build_plan(
            self.shape, epsilon=self.epsilon, m=self.m, boxes=self.boxes, mask=mask, **self.options
        )

    def masks(self):
        """Return the mask of every picture."""
        batch = self.shape[0] if len(self.shape) == 4 else 1
        if self.mask is not None:
            return [self.mask(self.size)] * batch
        each = self.boxes if isinstance(self.boxes[0], list) else [self.boxes] * batch
        return [covered(self.size, boxes) for boxes in each]

    def oracle_plan(self):
        """Return the reference's plan of one picture; noise is for the picture with most pixels."""
        most = max(int(mask.sum()) for mask in self.masks())
        return Case(
            self.id, self.shape, self.epsilon, min(self.m, most), self.options
        ).oracle_plan()

    def image(self, salt=0):
        """Return a fixed picture of this shape."""
        return scene(self.shape, salt)


def covered(size, boxes):
    """Return the mask of boxes, pixel by pixel."""
    mask = np.zeros(size, bool)
    for left, top, right, bottom in boxes:
        for y in range(max(top, 0), min(bottom, size[0])):
            for x in range(max(left, 0), min(right, size[1])):
                mask[y, x] = True
    return mask


TABLE = (
    IslandCase("boxes-grey", (29, 37), "2", boxes=BOXES),
    IslandCase("boxes-ygo", (33, 26, 3), "0.5", boxes=BOXES),
    IslandCase("boxes-ygo-fine", (33, 26, 3), "30", boxes=BOXES),
    IslandCase("boxes-uniform-rgb", (25, 30, 3), "9", 1, {"planes": "rgb", "layout": "uniform"}, BOXES),
    IslandCase("boxes-cell-1", (19, 23, 3), "90", 1, {"cell": 1}, [(1, 2, 10, 9), (9, 8, 14, 14), (17, 1, 18, 2)]),
    IslandCase("boxes-cell-256", (259, 270), "0.1", 1, {"cell": 256}, [(250, 3, 258, 258)]),
    IslandCase("boxes-many", (30, 40, 3), "4", 2, {"cell": 4}, SMALL),
    IslandCase("boxes-many-grey", (30, 40), "9", 2, {"cell": 2}, SMALL),
    IslandCase("one-pixel", (17, 20, 3), "20", 1, boxes=[(19, 8, 20, 9)]),
    IslandCase("everything", (13, 10), "1", 1, boxes=[(0, 0, 10, 13)]),
    IslandCase("mask-ring", (40, 36, 3), "3", 1, mask=ring),
    IslandCase("mask-ring-grey", (40, 36), "3", 16, mask=ring),
    IslandCase("mask-specks", (19, 25, 1), "2", 1, mask=specks),
    IslandCase("mask-specks-ygo", (19, 25, 3), "90", 1, mask=specks),
    IslandCase("mask-cell-1", (19, 25, 3), "200", 1, {"cell": 1}, mask=specks),
    IslandCase("mask-batch", (3, 24, 21, 3), "9", 1, mask=specks),
    IslandCase("boxes-batch", (2, 24, 21, 1), "9", 1, {"cell": 4}, BOXES[:2]),
    IslandCase("boxes-of-each", (3, 24, 31, 3), "9", 1, {"cell": 4}, [[(1, 2, 9, 9), (20, 3, 29, 22)], [], [(3, 3, 12, 14), (8, 9, 22, 20)]]),
    IslandCase("boxes-of-each-grey", (2, 24, 31, 1), "2", 40, boxes=[[(1, 2, 9, 9)], [(3, 3, 6, 6), (20, 20, 21, 21)]]),
)  # fmt: skip
BY_ID = {case.id: case for case in TABLE}

all_islands = pytest.mark.parametrize("case", TABLE, ids=lambda case: case.id)


def some_islands(*ids):
    """Parametrize over a few rows of the table."""
    return pytest.mark.parametrize("case", [BY_ID[i] for i in ids], ids=ids)


def pictures_of(case, image):
    """Return the pictures of a batch, or the only one, in the shape that the reference takes."""
    each = image if len(case.shape) == 4 else image[None]
    return [picture[..., 0] if picture.shape[2:] == (1,) else picture for picture in each]


def oracle_values(case, image, key):
    """Return the reference's noisy values of every picture: a list of planes each."""
    plan, words = case.oracle_plan(), key.words.tolist()
    return [
        oracle.pixelize(picture, plan, words, mask, n) if mask.any() else [np.zeros(0, np.int64)] * len(plan.planes)
        for n, (picture, mask) in enumerate(zip(pictures_of(case, image), case.masks(), strict=True))
    ]  # fmt: skip


def oracle_render(case, values, image, style):
    """Return the reference's picture of values as `oracle_values` gives them."""
    rows = zip(values, case.masks(), pictures_of(case, image), strict=True)
    made = [oracle.render(case.oracle_plan(), v, mask, picture, style) for v, mask, picture in rows]
    return np.stack(made).reshape(case.shape)


@st.composite
def masks(draw, most=24):
    """Draw a mask that is not empty: boxes, or pixels by chance."""
    height, width = draw(st.integers(1, most)), draw(st.integers(1, most))
    if draw(st.booleans()):
        rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        mask = rng.random((height, width)) < draw(st.sampled_from([0.05, 0.3, 0.6, 0.95]))
    else:
        mask = covered((height, width), draw(boxes_in(height, width)))
    if not mask.any():
        mask[draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))] = True
    return mask


@st.composite
def boxes_in(draw, height, width):
    """Draw boxes of a picture; they overlap, touch, and reach over its edge."""
    found = []
    for _ in range(draw(st.integers(1, 6))):
        left, top = draw(st.integers(-3, width - 1)), draw(st.integers(-3, height - 1))
        right = draw(st.integers(max(left, 0) + 1, width + 4))
        bottom = draw(st.integers(max(top, 0) + 1, height + 4))
        found.append((left, top, right, bottom))
    return found
