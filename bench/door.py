"""A scene whose truth is known: a plain wall and a door full of detail, for zones."""

import numpy as np

HEIGHT, WIDTH = 1024, 1536
ZONE_CELLS = (16, 64)  # cells of the door, and of the wall, in pixels
_LEFT, _TOP, _RIGHT, _BOTTOM = 640, 320, 896, 832


def door_zone() -> tuple[int, int, int, int]:
    """Box of the door: left, top, right, bottom, in pixels."""
    return _LEFT, _TOP, _RIGHT, _BOTTOM


def door_picture() -> np.ndarray:
    """Grey picture: a wall that hardly changes, and a door of boards, panes and ironwork."""
    y, x = np.indices((HEIGHT, WIDTH))
    wall = 150 + 12 * np.sin(x / WIDTH * 2) + 8 * np.cos(y / HEIGHT * 3)
    boards = np.where((x // 16) % 2, 60, 215)
    panes = np.where(((x // 64) + (y // 64)) % 2, boards, 275 - boards)
    ironwork = np.where((y // 16) % 8 == 0, 20, panes)
    inside = (x >= _LEFT) & (x < _RIGHT) & (y >= _TOP) & (y < _BOTTOM)
    return np.clip(np.where(inside, ironwork, wall), 0, 255).astype(np.uint8)
