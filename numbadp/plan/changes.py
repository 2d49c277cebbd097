"""How much one unit can change the exact numbers of a pool: public facts, in exact numbers.

What each function states is proved in mechanism/pool/images.py, plate.py and visits.py, and tested
there on real neighbours.  Planning pays for it, and files are held against it.
"""

from numbadp.plan.laws import Change

COUNTS_CHANGE = Change(1, 1, 1)  # images.py, step 2


def sums_change(shape: tuple[int, ...], cell: int) -> Change:
    """How much one image changes the centred sums (images.py, step 1).

    Parameters
    ----------
    shape : tuple of int
        H x W or H x W x C.
    cell : int
        Side of a cell.

    Returns
    -------
    Change
        Exact and attained.
    """
    height, width = shape[:2]
    channels = shape[2] if len(shape) == 3 else 1
    squares = [
        sum(min(cell, side - at) ** 2 for at in range(0, side, cell)) for side in (height, width)
    ]
    return Change(
        255 * height * width * channels,
        255**2 * squares[0] * squares[1] * channels,
        255 * min(cell, height) * min(cell, width),
    )


def votes_change(shape: tuple[int, ...], cell: int, event: tuple[int, ...]) -> Change:
    """How much one event changes the votes (plate.py, steps 1 and 2).

    Parameters
    ----------
    shape : tuple of int
        H x W or H x W x C.
    cell : int
        Side of a cell.
    event : tuple of int
        Frames, width and height.

    Returns
    -------
    Change
        Exact and attained.
    """
    frames, width, height = event
    down, across = (
        min(-(-side // cell), -(-(box - 1) // cell) + 1)
        for side, box in zip(shape[:2], (height, width), strict=True)
    )
    touched = down * across * (shape[2] if len(shape) == 3 else 1)
    return Change(2 * frames * touched, 2 * frames**2 * touched, frames)


def visits_change(most: int) -> Change:
    """How much one visitor changes the counts (visits.py, steps 1 and 2).

    Parameters
    ----------
    most : int
        Cells of one visitor that count.

    Returns
    -------
    Change
        Exact and attained.
    """
    return Change(most, most, 1)
