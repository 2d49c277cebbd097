"""Two planned grids, of which one is measured a frame; released numbers choose the next one.

Both are planned before a pixel is read and cost epsilon; exactly one is measured.  The coarse one
is that of a single picture.  The fine one has cells half as wide: where little moves, the filter
averages their noise away.
"""

from numbadp.mechanism import Pixelizer
from numbadp.release.temporal import TemporalFilter

CALM, BUSY = 0.25, 0.4  # shares of moving cells: for the fine grid, for the coarse one
WAIT = 8  # frames between two changes, and after a cut
_FINE_START, _FINE_LEVELS = 4, 64  # noise on a cell's mean that the fine grid accepts


class Grids:
    """The pixelizer of the next frame.

    Parameters
    ----------
    shape : tuple of int
        H x W or H x W x C of a frame.
    choice : {"both", "coarse"}
        Whether there is anything to choose: frames that nobody filters are measured coarsely.
    **options
        Those of `numbadp.Pixelizer`.

    Attributes
    ----------
    coarse : Pixelizer
        What a single picture is measured with.
    fine : Pixelizer
        What a calm scene is measured with; the same where there is nothing to choose.
    current : Pixelizer
        What the next frame is measured with.
    """

    def __init__(self, shape, choice: str = "both", **options):
        self.coarse = self.fine = self.current = Pixelizer(shape, **options)
        plan = self.coarse.plan
        free = options.get("layout", "free") == "free" and options.get("cell", "auto") == "auto"
        if choice == "both" and free and not plan.mixed:
            side = fine_cell(plan)
            if side < plan.planes[0].cell:
                self.fine = Pixelizer(shape, **options | {"cell": side})
        self._calm = self._since = 0

    def look(self, steady: TemporalFilter) -> None:
        """Choose the next grid by what the last frame showed; nothing but released numbers.

        Parameters
        ----------
        steady : TemporalFilter
            After the last frame.
        """
        self._calm = 0 if steady.restarted else self._calm + 1
        self._since += 1
        wanted = self.current
        if steady.moving < CALM and self._calm >= WAIT and self._since >= WAIT:
            wanted = self.fine
        elif self._calm == 0 or (steady.moving > BUSY and self._since >= WAIT):
            wanted = self.coarse
        if wanted is not self.current:
            self.current, self._since = wanted, 0


def fine_cell(plan) -> int:
    """Side of a cell of the fine grid.

    Parameters
    ----------
    plan : Plan
        Of the coarse grid.

    Returns
    -------
    int
        At most that of the coarse grid.
    """
    plane, side = plan.planes[0], _FINE_START
    while side < plane.cell and plane.scale >= _FINE_LEVELS * plane.divisor * side * side:
        side *= 2
    return min(side, plane.cell)
